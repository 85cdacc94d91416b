"""The page on which the first person of a new central makes their own account."""

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from central.people.first_person import FirstPerson
from central.web import reading
from central.web.answers import HTML
from central.web.asker import asker_address
from central.web.cookies import Cookies
from central.web.login_page import form_page
from central.web.pages import BOARD, refuse_strange_pages, wants_page
from central.web.reading import FORM
from central.web.routes import Body, Gives, Who, blueprint, route
from central.web.signing_in import SigningIn
from contract import problems
from contract.problems import Problem
from contract.secrecy import Discreet

_PAGE = BOARD / "first.html"
_ON_THE_FORM = (problems.WRONG_SIGN_IN, problems.VALUE_REFUSED, problems.TOO_MANY)


class FirstForm(Discreet, frozen=True):
    """The code that stands in the file `first-person.code`, one's own name, and a new password."""

    code: str = ""
    login: str = ""
    password: str = ""


class FirstRoutes:
    """The way in while there is nobody; once there is somebody it leads to signing in."""

    def __init__(self, first: FirstPerson | None, signing_in: SigningIn, cookies: Cookies) -> None:
        self._first = first
        self._signing_in = signing_in
        self._cookies = cookies

    def blueprint(self) -> Blueprint:
        """Collect the routes."""
        return blueprint(self, "first")

    @route(
        "GET",
        "/first",
        Who.ANYBODY,
        gives=(Gives(200, str, HTML, "The form."), Gives(303, says="There is somebody: sign in.")),
    )
    def first_page(self) -> Response:
        """Show the form, while there is nobody."""
        if self._first is None or not self._first.is_awaited:
            return redirect("/login", 303)
        return form_page(_PAGE)

    @route(
        "POST",
        "/first",
        Who.ANYBODY,
        takes=Body(FORM, FirstForm),
        gives=(
            Gives(303, says="The session's cookie, and the way to the office."),
            *(Gives(kind.status, str, HTML, kind.title + ".") for kind in _ON_THE_FORM),
        ),
        refuses=(*_ON_THE_FORM, problems.CSRF, problems.NOT_FOUND),
    )
    def become_first(self) -> Response:
        """Make the first person, of the office and of every station; 404 once there is somebody."""
        refuse_strange_pages()
        reading.sized_form(request)
        try:
            return self._let_in()
        except Problem as refused:
            if not wants_page():
                raise
            if refused.kind is problems.NOT_FOUND:
                return redirect("/login", 303)
            return form_page(_PAGE, refused.kind.status, said=refused.detail)

    def _let_in(self) -> Response:
        if self._first is None:
            raise Problem(problems.NOT_FOUND, "There is somebody already; sign in at /login.")
        form, browser = request.form, self._cookies.browser_of(request.headers.get("Cookie", ""))
        with self._signing_in.turn(asker_address()):
            session = self._first.begin(
                form.get("code", ""), form.get("login", ""), form.get("password", ""), browser
            )
        # Nothing is set up yet: the office is where the first person has something to do.
        answer = redirect("/office", 303)
        self._cookies.keep(answer, session)
        return answer
