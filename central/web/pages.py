"""The pages: signing in and out, the board, and the board's files."""

import re
from html import escape
from pathlib import Path
from urllib.parse import urlsplit

from flask import Blueprint, Response, redirect, request, send_from_directory
from msgspec import Struct
from werkzeug.wrappers import Response as AnyResponse

from central.people import People, SignedIn
from central.web import reading
from central.web.answers import HTML
from central.web.door import COOKIE, session_token
from central.web.reading import FORM
from central.web.replies import empty
from central.web.routes import SIGNED_IN, Body, Gives, Who, blueprint, route
from central.web.signing_in import SigningIn
from contract import problems
from contract.problems import Problem

BOARD = Path(__file__).parent.parent / "board"
SESSION_S = 12 * 60 * 60
_OWN_PAGE = re.compile(r"/board(\?[A-Za-z0-9=&_.%-]*)?")
_ON_THE_FORM = (problems.WRONG_SIGN_IN, problems.TOO_MANY)
_FORM_AGAIN = "; for a browser the form again, with the reason in it."
_ALERT = 'role="alert"></p>'


class SignInForm(Struct, frozen=True):
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
        secure_cookie: bool,
    ) -> None:
        self._people = people
        self._signing_in = signing_in
        self._secure_cookie = secure_cookie

    def blueprint(self) -> Blueprint:
        """Collect the routes."""
        return blueprint(self, "pages")

    @route("GET", "/login", Who.ANYBODY, gives=Gives(200, str, HTML, "The form."))
    def login_page(self) -> AnyResponse:
        """Show the form."""
        return send_from_directory(BOARD, "login.html")

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
            session = self._session(request.form.get("code", ""), request.remote_addr or "unknown")
        except Problem as refused:
            if request.accept_mimetypes.best == "text/html":
                return self._form_again(refused)
            raise
        answer = redirect(_next_page(request.form.get("next", "")), 303)
        answer.set_cookie(
            COOKIE,
            session.token,
            max_age=SESSION_S,
            httponly=True,
            samesite="Lax",
            path="/",
            secure=self._secure_cookie,
        )
        return answer

    @route("POST", "/logout", SIGNED_IN, gives=Gives(204, says="The session is over."))
    def sign_out(self) -> AnyResponse:
        """End the session, and its streams with it."""
        self._people.sign_out(session_token(request.headers.get("Cookie", "")))
        answer = empty()
        answer.delete_cookie(COOKIE, path="/")
        return answer

    @route("GET", "/board", SIGNED_IN, page=True, call=False)
    def board(self) -> AnyResponse:
        """Show the board."""
        return send_from_directory(BOARD, "board.html")

    @route("GET", "/board/static/<path:name>", Who.ANYBODY, call=False)
    def static_file(self, name: str) -> AnyResponse:
        """Give one of the board's files; pages are not among them."""
        if name.endswith(".html"):
            raise Problem(problems.NOT_FOUND, "There is no such file.")
        return send_from_directory(BOARD, name)

    def _session(self, code: str, address: str) -> SignedIn:
        if code:
            return self._signing_in.by_code(code, address)
        name, password = request.form.get("login", ""), request.form.get("password", "")
        return self._signing_in.by_password(name, password, address)

    def _form_again(self, refused: Problem) -> Response:
        """The form with the reason in it, for a browser that runs no script."""
        page = (BOARD / "login.html").read_text(encoding="utf-8")
        said = page.replace(_ALERT, _ALERT.replace("></p>", f">{escape(refused.detail)}</p>"))
        return Response(said, refused.kind.status, content_type=HTML)


def to_sign_in() -> AnyResponse:
    """Send a stranger to the form."""
    return redirect("/login", 303)


def refuse_strange_pages() -> None:
    """Let no page of another site sign somebody in as somebody else (login CSRF)."""
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        raise Problem(problems.CSRF, "Sign in on Portvakt's own page.")
    origin = request.headers.get("Origin")
    # Ports do not part sites: the demo's page and the board are neighbours on one address.
    if origin is not None and urlsplit(origin).hostname != urlsplit(request.host_url).hostname:
        raise Problem(problems.CSRF, "Sign in on Portvakt's own page.")


def _next_page(asked: str) -> str:
    return asked if _OWN_PAGE.fullmatch(asked) else "/board"
