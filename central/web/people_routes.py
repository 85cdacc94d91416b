"""The people of a station, for whoever is in charge; and everybody's own password."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from flask import Blueprint, Response, request

from central.errors import AlreadyThere, NotPossible, NotThere
from central.people.people import Person
from central.people.staffing import Deed, Staffing
from central.web.cookies import Cookies
from central.web.gate import person as signed_in
from central.web.reading import Nothing
from central.web.replies import empty
from central.web.routes import IN_CHARGE, SIGNED_IN, Each, Gives, blueprint, route
from central.web.signing_in import SigningIn
from contract import problems
from contract.accounts import Invitation, PasswordWords, PersonChange, PersonRow, PersonWords
from contract.problems import Problem

_PEOPLE = "/v1/stations/<station>/people"
_REFUSES = (problems.PERSON_REFUSED, problems.VALUE_REFUSED)
_DEEDS = {
    "disable": "Let somebody sign in no longer: their sessions, codes and boards end at once.",
    "enable": "Let somebody sign in again.",
    "unlock": "Take away the lock that wrong passwords of strangers have made.",
}


class PeopleRoutes:
    """Nobody makes more of somebody than they are, nor touches who is more or works elsewhere."""

    def __init__(self, staffing: Staffing, signing_in: SigningIn, cookies: Cookies) -> None:
        self._staffing = staffing
        self._signing_in = signing_in
        self._cookies = cookies

    def blueprint(self) -> Blueprint:
        """Collect the routes."""
        return blueprint(self, "people")

    @route("GET", _PEOPLE, IN_CHARGE)
    def people(self, station: str) -> list[PersonRow]:
        """Give everybody who may sign in at the station, by name."""
        return self._staffing.at(station)

    @route("POST", _PEOPLE, IN_CHARGE, status={201: "The code, shown this once."}, refuses=_REFUSES)
    def add_person(self, station: str, words: PersonWords) -> Invitation:
        """Write down somebody new at the station, and invite them.

        The code works once, within 48 hours; with it they set their own password at `/login`.
        """
        with _explained():
            return self._staffing.add(_who(), words.name, words.role, [station])

    @route("PUT", f"{_PEOPLE}/<person>", IN_CHARGE, refuses=_REFUSES)
    def change_person(self, station: str, person: str, words: PersonChange) -> PersonRow:
        """Give somebody another role or other stations; their sessions end, so that it holds at once."""
        with _explained():
            return self._staffing.change(_who(), station, person, words)

    @route(
        "POST",
        f"{_PEOPLE}/<person>/<deed>",
        IN_CHARGE,
        each=Each("deed", _DEEDS, name="{}_person"),
        refuses=_REFUSES,
    )
    def do_to_person(self, station: str, person: str, deed: str, words: Nothing) -> PersonRow:  # noqa: ARG002 - read, and empty
        """Disable somebody, let them in again, or unlock them."""
        return self._staffing.do(_who(), station, person, cast("Deed", deed))

    @route("POST", f"{_PEOPLE}/<person>/invite", IN_CHARGE, refuses=_REFUSES)
    def invite_person(self, station: str, person: str, words: Nothing) -> Invitation:  # noqa: ARG002 - the same
        """Let somebody set a password anew, with a code that works once, within 48 hours."""
        return self._staffing.invite(_who(), station, person)

    @route(
        "POST",
        "/v1/session/password",
        SIGNED_IN,
        invited=True,
        gives=Gives(204, headers={"Set-Cookie": "The new session."}),
        refuses=(problems.VALUE_REFUSED, problems.TOO_MANY),
    )
    def set_password(self, words: PasswordWords) -> Response:
        """Change one's own password.

        All other sessions of this person end; the answer brings the cookie of a new one, and its `csrf`
        is another.
        """
        browser = self._cookies.browser_of(request.headers.get("Cookie", ""))
        session = self._signing_in.set_password(signed_in(), words.new, words.old, browser)
        answer = empty()
        self._cookies.keep(answer, session)
        return answer


def _who() -> Person:
    return signed_in().person


@contextmanager
def _explained() -> Iterator[None]:
    """What the command line is told in a sentence becomes a refusal."""
    try:
        yield
    except AlreadyThere as error:
        raise Problem(problems.PERSON_REFUSED, str(error)) from error
    except (NotThere, NotPossible) as error:
        raise Problem(problems.VALUE_REFUSED, str(error), path="$") from error
