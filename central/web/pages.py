"""The pages: signing in and out, the board, and the board's files."""

import re
from pathlib import Path
from urllib.parse import quote, urlsplit

from flask import Blueprint, Response, redirect, request, send_from_directory
from werkzeug.wrappers import Response as AnyResponse

from central.people.first_person import FirstPerson
from central.people.people import People, SignedIn
from central.web import reading
from central.web.answers import HTML
from central.web.asker import asker_address
from central.web.cookies import Cookies
from central.web.login_page import Doors, login_page
from central.web.reading import FORM
from central.web.replies import empty
from central.web.routes import FITTERS, SIGNED_IN, Body, Gives, Who, blueprint, route
from central.web.signing_in import SigningIn
from contract import problems
from contract.problems import Problem
from contract.secrecy import Discreet

BOARD = Path(__file__).parent.parent / "board"
BOARD_PAGE = "/board"
_OWN_PAGE = re.compile(r"/(board|office|office/fleet)(\?[A-Za-z0-9=&_.%-]*)?")
_ON_THE_FORM = (problems.WRONG_SIGN_IN, problems.TOO_MANY)
_FORM_AGAIN = "; for a browser the form again, with the reason in it."


class SignInForm(Discreet, frozen=True):
    """A name and a password, or a one-time code; `next` is the page of the board that comes then."""

    login: str = ""
    password: str = ""
    code: str = ""
    next: str = ""


class PageRoutes:
    """What a browser opens."""

    def __init__(
        self,
        people: People,
        signing_in: SigningIn,
        *,
        cookies: Cookies,
        first: FirstPerson | None = None,
        doors: Doors | None = None,
    ) -> None:
        self._people = people
        self._doors = doors or Doors()
        self._signing_in = signing_in
        self._cookies = cookies
        self._first = first

    def blueprint(self) -> Blueprint:
        """Collect the routes."""
        return blueprint(self, "pages")

    @route("GET", "/login", Who.ANYBODY, gives=Gives(200, str, HTML, "The form."))
    def login_page(self) -> AnyResponse:
        """Show the form; while there is nobody who could sign in, the way for the first."""
        if self._first is not None and self._first.is_awaited:
            return redirect("/first", 303)
        return login_page(self._doors, why=request.args.get("elsewhere", ""))

    @route(
        "POST",
        "/login",
        Who.ANYBODY,
        takes=Body(FORM, SignInForm),
        gives=(
            Gives(
                303,
                says="The session's cookie, and the way to the board.",
                headers={
                    "Location": "The board.",
                    "Set-Cookie": "The session; it lives 12 hours, or 2 without a question.",
                },
            ),
            *(Gives(kind.status, str, HTML, kind.title + _FORM_AGAIN) for kind in _ON_THE_FORM),
        ),
        refuses=(*_ON_THE_FORM, problems.CSRF),
    )
    def sign_in(self) -> AnyResponse:
        """Begin a session by `login` and `password`, or by a one-time `code`; then show the board."""
        refuse_strange_pages()
        reading.sized_form(request)
        try:
            session = self._session()
        except Problem as refused:
            if wants_page():
                return self._form_again(refused)
            raise
        self._end_session()
        onward = "/password" if session.sets_password else next_page(request.form.get("next", ""))
        answer = redirect(onward, 303)
        self._cookies.keep(answer, session)
        return answer

    @route(
        "POST", "/logout", SIGNED_IN, invited=True, gives=Gives(204, says="The session is over.")
    )
    def sign_out(self) -> AnyResponse:
        """End the session, and its streams with it."""
        self._end_session()
        answer = empty()
        self._cookies.drop(answer)
        return answer

    @route("GET", "/password", SIGNED_IN, page=True, invited=True, call=False)
    def password_page(self) -> AnyResponse:
        """Show the form for one's own new password."""
        return send_from_directory(BOARD, "password.html")

    @route("GET", "/board", SIGNED_IN, page=True, call=False)
    def board(self) -> AnyResponse:
        """Show the board."""
        return send_from_directory(BOARD, "board.html")

    @route("GET", "/office", SIGNED_IN, page=True, call=False)
    def office(self) -> AnyResponse:
        """Show the office: devices, people, tokens, who looked, personal data, one's own password."""
        return send_from_directory(BOARD / "office", "office.html")

    @route("GET", "/office/fleet", FITTERS, page=True, call=False)
    def fleet_page(self) -> AnyResponse:
        """Show every machine, what it runs and what it should run."""
        return send_from_directory(BOARD / "office", "fleet.html")

    @route("GET", "/board/static/<path:name>", Who.ANYBODY, call=False)
    def static_file(self, name: str) -> AnyResponse:
        """Give one of the board's files; pages are not among them."""
        if name.endswith(".html"):
            raise Problem(problems.NOT_FOUND, "There is no such file.")
        return send_from_directory(BOARD, name)

    def _session(self) -> SignedIn:
        form, address = request.form, asker_address()
        browser = self._cookies.browser_of(request.headers.get("Cookie", ""))
        if form.get("code"):
            return self._signing_in.by_code(form["code"], address, browser)
        name, password = form.get("login", ""), form.get("password", "")
        return self._signing_in.by_password(name, password, address, browser)

    def _end_session(self) -> None:
        """No token outlives a sign-in: whoever planted one in this browser would be signed in by it."""
        token = self._cookies.session_token(request.headers.get("Cookie", ""))
        if token:
            self._people.sign_out(token)

    def _form_again(self, refused: Problem) -> Response:
        """The form with the reason in it, for a browser that runs no script."""
        return login_page(self._doors, refused.kind.status, said=refused.detail)


def to_sign_in() -> AnyResponse:
    """Send a stranger to the form, and from it to the page that they asked for, if it is one of ours."""
    asked = request.full_path.removesuffix("?")
    onward = asked if next_page(asked) == asked else BOARD_PAGE
    return redirect("/login" if onward == BOARD_PAGE else f"/login?next={quote(onward)}", 303)


def to_set_password() -> AnyResponse:
    """Send somebody who was invited to the form for their password."""
    return redirect("/password", 303)


def wants_page() -> bool:
    """Whether a browser sent the form itself, without the page's script."""
    # The best alone would be what is most particular: Chromium also names signed exchanges, with a version.
    takes = request.accept_mimetypes
    return bool(takes["text/html"] > takes["application/json"])


def refuse_strange_pages() -> None:
    """Let no page of another site sign somebody in as somebody else (login CSRF)."""
    site = request.headers.get("Sec-Fetch-Site")
    if site == "cross-site":
        raise Problem(problems.CSRF, "Sign in on Portvakt's own page.")
    origin = request.headers.get("Origin")
    if origin == "null" and site == "same-origin":
        return  # a browser that tells nobody where it comes from says so of our own page too
    # Ports do not part sites: the demo's page and the board are neighbours on one address.
    if origin is not None and urlsplit(origin).hostname != urlsplit(request.host_url).hostname:
        raise Problem(problems.CSRF, "Sign in on Portvakt's own page.")


def next_page(asked: str) -> str:
    """Give the page that somebody is on the way to, if it is one of ours; else the board."""
    return asked if _OWN_PAGE.fullmatch(asked) else BOARD_PAGE
