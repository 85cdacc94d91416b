"""Who may sign in, and for how long."""

import pytest

from central.errors import AlreadyThere, NotPossible, NotThere
from central.words import Actor
from contract.problems import Problem
from tests.central.yards import PITEA, Station

NAME, PASSWORD = "Desk 1", "correct horse"


@pytest.fixture
def staffed(station: Station) -> Station:
    station.yard.people.create_user(NAME, PASSWORD, [PITEA])
    return station


def reason(error: pytest.ExceptionInfo[Problem]) -> str:
    return error.value.kind.reason


def test_name_and_password_begin_a_session(staffed: Station) -> None:
    people = staffed.yard.people
    begun = people.sign_in(NAME, PASSWORD)
    found = people.session(begun.token)
    assert found == begun
    assert frozenset({PITEA}) == begun.person.stations
    assert Actor("staff", begun.person.id, NAME) == begun.person.actor


@pytest.mark.parametrize(("name", "password"), [(NAME, "wrong horse"), ("Nobody", PASSWORD)])
def test_a_wrong_name_and_a_wrong_password_sound_the_same(
    staffed: Station, name: str, password: str
) -> None:
    with pytest.raises(Problem) as error:
        staffed.yard.people.sign_in(name, password)
    assert "wrong_sign_in" == reason(error)
    assert "The name or the password is not right; try again." == error.value.detail


def test_a_session_ends_by_signing_out_by_rest_and_by_age(staffed: Station) -> None:
    people = staffed.yard.people
    out, rested, old = (people.sign_in(NAME, PASSWORD).token for _ in range(3))
    people.sign_out(out)
    assert people.session(out) is None
    for _ in range(6):
        staffed.minutes(115)
        assert people.session(old) is not None
        # The stamp is on its way, and this stands behind it.
        staffed.store.submit(lambda _: None).result()
    assert people.session(rested) is None
    staffed.minutes(45)
    assert people.session(old) is None, "twelve hours is a long shift"


def test_a_made_up_token_is_nobody(staffed: Station) -> None:
    assert staffed.yard.people.session("made up") is None


def test_a_sign_in_code_works_once_and_for_ten_minutes(staffed: Station) -> None:
    people = staffed.yard.people
    code, late = people.sign_in_code(NAME), people.sign_in_code(NAME)
    assert NAME == people.sign_in_by_code(code).person.name
    staffed.minutes(10)
    for used_up in (code, late, "made up"):
        with pytest.raises(Problem) as error:
            people.sign_in_by_code(used_up)
        assert "wrong_sign_in" == reason(error)


def test_what_cannot_be_set_up_is_said_in_a_sentence(staffed: Station) -> None:
    people = staffed.yard.people
    with pytest.raises(AlreadyThere, match="somebody called Desk 1 already"):
        people.create_user(NAME, PASSWORD, [PITEA])
    with pytest.raises(NotThere, match="no station lulea"):
        people.create_user("Desk 2", PASSWORD, ["lulea"])
    with pytest.raises(Problem, match="at least 12"):
        people.create_user("Desk 2", "short", [PITEA])
    with pytest.raises(NotPossible, match="no role king"):
        people.create_user("Desk 2", PASSWORD, [PITEA], "king")
    with pytest.raises(NotPossible, match="Only somebody of the office works at every station"):
        people.create_user("Desk 2", PASSWORD, ["*"], "manager")
    with pytest.raises(NotThere, match="nobody called Desk 9"):
        people.sign_in_code("Desk 9")


def test_neither_passwords_nor_tokens_are_on_the_disk(sqlite_station: Station) -> None:
    people = sqlite_station.yard.people
    people.create_user(NAME, PASSWORD, [PITEA])
    session, code = people.sign_in(NAME, PASSWORD), people.sign_in_code(NAME)
    sqlite_station.store.close()
    path = sqlite_station.url.removeprefix("sqlite:///")
    with open(path, "rb") as file:  # noqa: PTH123 - the path is a string in the address
        kept = file.read()
    for secret in (PASSWORD, session.token, code):
        assert secret.encode() not in kept
    assert b"$argon2id$v=19$m=19456,t=2,p=1$" in kept
