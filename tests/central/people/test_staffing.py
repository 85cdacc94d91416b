"""What a manager and the office do to accounts, and what becomes of those who are signed in."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from central.database.store import Store
from central.errors import AlreadyThere, NotPossible, NotThere
from central.people.people import People, Person, SignedIn, session_key
from central.people.staffing import Staffing
from contract.accounts import PersonChange, PersonRow
from contract.problems import Problem
from tests.central import quick_passwords
from tests.central.yards import PITEA, Station

PASSWORD, NEW = "correct horse", "another long horse"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    quick_passwords.use(monkeypatch)


@pytest.fixture
def people(station: Station) -> People:
    station.yard.places.create_station("lulea", "Luleå", "Europe/Stockholm")
    return station.yard.people


@pytest.fixture
def staffing(station: Station, people: People) -> Staffing:
    del people
    return station.yard.staffing


@pytest.fixture
def office(people: People) -> Person:
    return people.create_user("Office 1", PASSWORD, ["*"], "office")


@pytest.fixture
def manager(people: People, office: Person) -> Person:
    del office
    return people.create_user("Manager 1", PASSWORD, [PITEA], "manager")


def reason(error: pytest.ExceptionInfo[Problem]) -> str:
    return error.value.kind.reason


def told(station: Station, at: str = PITEA) -> list[tuple[str, str, str]]:
    """What the station's log says of accounts: by whom, to whom, what."""
    return [
        (event.actor, str(event.data["person"]), str(event.data["what"]))
        for event in station.yard.events_after(at, 0)
        if event.kind == "person_changed"
    ]


def names(rows: list[PersonRow]) -> list[str]:
    return [row.name for row in rows]


# -- an account's life --------------------------------------------------------------------------


def test_somebody_new_is_invited_sets_a_password_and_signs_in(
    station: Station, people: People, staffing: Staffing, manager: Person
) -> None:
    invitation = staffing.add(manager, " Desk 2 ", "staff", [PITEA])
    row = invitation.person
    assert ("Desk 2", "staff", [PITEA], False) == (
        row.name,
        row.role,
        row.stations,
        row.has_password,
    )
    invited = people.sign_in_by_code(invitation.code.lower().replace("-", " "))
    assert invited.sets_password
    found = people.session(invited.token)
    assert found is not None
    assert found.sets_password
    settled = people.set_password(invited, NEW)
    assert not settled.sets_password
    assert people.session(invited.token) is None
    assert people.sign_in("Desk 2", NEW).person == settled.person
    assert [("Manager 1", "Desk 2", "added"), ("Desk 2", "Desk 2", "password")] == told(station)


def test_an_invitation_works_once_for_48_hours_and_the_newest_alone(
    station: Station, people: People, staffing: Staffing, manager: Person
) -> None:
    first = staffing.add(manager, "Desk 2", "staff", [PITEA])
    second = staffing.invite(manager, PITEA, first.person.id)
    assert people.sign_in_by_code(second.code).sets_password
    third = staffing.invite(manager, PITEA, first.person.id)
    station.minutes(48 * 60)
    for code in (first.code, second.code, third.code):
        with pytest.raises(Problem) as refused:
            people.sign_in_by_code(code)
        assert "wrong_sign_in" == reason(refused)


def test_neither_name_nor_role_nor_station_may_be_made_up(
    staffing: Staffing, manager: Person, office: Person
) -> None:
    with pytest.raises(AlreadyThere, match="Manager 1"):
        staffing.add(manager, "Manager 1", "staff", [PITEA])
    with pytest.raises(NotPossible, match="no role king"):
        staffing.add(manager, "Desk 2", "king", [PITEA])
    with pytest.raises(NotThere, match="no station kiruna"):
        staffing.add(office, "Desk 2", "staff", ["kiruna"])
    with pytest.raises(NotPossible, match="Give the person's name"):
        staffing.add(office, "  ", "staff", [PITEA])


def test_the_list_shows_who_works_there_and_nobody_else(
    people: People, staffing: Staffing, manager: Person
) -> None:
    people.create_user("Desk 1", PASSWORD, [PITEA, "lulea"])
    people.create_user("Desk 9", PASSWORD, ["lulea"])
    people.sign_in("Desk 1", PASSWORD)
    assert ["Desk 1", "Manager 1", "Office 1"] == names(staffing.at(PITEA))
    assert ["Desk 1", "Desk 9", "Office 1"] == names(staffing.at("lulea"))
    seen = {row.name: row.seen_at is not None for row in staffing.at(PITEA)}
    assert {"Desk 1": True, manager.name: False, "Office 1": False} == seen


# -- who may what -------------------------------------------------------------------------------


def test_a_manager_changes_nobody_above_or_elsewhere_and_finds_no_stranger(
    people: People, staffing: Staffing, manager: Person, office: Person
) -> None:
    elsewhere = people.create_user("Desk 2", PASSWORD, [PITEA, "lulea"])
    stranger = people.create_user("Desk 3", PASSWORD, ["lulea"])
    for whom, why in ((office, "not_allowed"), (elsewhere, "not_allowed"), (stranger, "not_found")):
        with pytest.raises(Problem) as disabling:
            staffing.do(manager, PITEA, whom.id, "disable")
        with pytest.raises(Problem) as inviting:
            staffing.invite(manager, PITEA, whom.id)
        with pytest.raises(Problem) as changing:
            staffing.change(manager, PITEA, whom.id, PersonChange(role="staff"))
        assert [why] * 3 == [reason(one) for one in (disabling, inviting, changing)]
    assert people.sign_in("Desk 2", PASSWORD).person == elsewhere


@pytest.mark.parametrize(
    "words",
    [
        PersonChange(role="office"),
        PersonChange(role="technician"),
        PersonChange(stations=["lulea"]),
        PersonChange(stations=[PITEA, "lulea"]),
        PersonChange(role="manager", stations=[PITEA, "lulea"]),
    ],
)
def test_a_manager_makes_nobody_more_than_they_are(
    people: People, staffing: Staffing, manager: Person, words: PersonChange
) -> None:
    desk = people.create_user("Desk 2", PASSWORD, [PITEA])
    with pytest.raises(Problem) as refused:
        staffing.change(manager, PITEA, desk.id, words)
    assert "not_allowed" == reason(refused)
    assert people.sign_in("Desk 2", PASSWORD).person == desk


def test_nobody_takes_away_the_last_of_the_office(
    people: People, staffing: Staffing, office: Person
) -> None:
    """Not the command line either; and who never came does not count."""
    staffing.add(office, "Office 2", "office", ["*"])
    with pytest.raises(Problem) as refused:
        staffing.do(None, "", office.id, "disable")
    assert "person_refused" == reason(refused)
    with pytest.raises(Problem) as refused:
        staffing.change(None, "", office.id, PersonChange(role="staff", stations=[PITEA]))
    assert "person_refused" == reason(refused)
    second = people.create_user("Office 3", PASSWORD, [PITEA], "office")
    assert staffing.do(None, "", office.id, "disable").disabled
    with pytest.raises(Problem) as refused:
        staffing.do(None, "", second.id, "disable")
    assert "person_refused" == reason(refused)


def test_two_of_the_office_who_disable_each_other_at_once_do_not_both(
    postgres_station: Station,
) -> None:
    """In two processes: one of them stays."""
    url, clock = postgres_station.url, postgres_station.clock
    people = postgres_station.yard.people
    pair = [people.create_user(f"Office {n}", PASSWORD, ["*"], "office") for n in (1, 2)]
    stores = [Store(url, clock) for _ in pair]
    both = threading.Barrier(2)

    def disable(store: Store, who: Person, whom: Person) -> bool:
        staffing = Staffing(store, People(store, clock))
        both.wait(10)
        try:
            return staffing.do(who, "", whom.id, "disable").disabled
        except Problem as refused:
            assert refused.kind.reason == "person_refused"  # noqa: PT017 - of one of two threads
            return False

    with ThreadPoolExecutor(2) as threads:
        done = list(threads.map(disable, stores, pair, reversed(pair)))
    for store in stores:
        store.close()
    assert [False, True] == sorted(done)


# -- sessions end -------------------------------------------------------------------------------


def signed_in_twice(people: People, name: str) -> list[SignedIn]:
    return [people.sign_in(name, PASSWORD) for _ in range(2)]


@pytest.mark.parametrize("deed", ["disable", "role", "stations", "password"])
def test_whatever_changes_what_somebody_may_ends_their_sessions_and_streams(
    station: Station, people: People, staffing: Staffing, manager: Person, deed: str
) -> None:
    people.create_user("Desk 1", PASSWORD, [PITEA, "lulea"])
    desk = people.create_user("Desk 2", PASSWORD, [PITEA])
    sessions = signed_in_twice(people, "Desk 2")
    other = people.sign_in("Desk 1", PASSWORD)
    ended: list[str] = []
    people.signed_out.add(ended.append)
    match deed:
        case "disable":
            staffing.do(manager, PITEA, desk.id, "disable")
        case "role":
            staffing.change(manager, PITEA, desk.id, PersonChange(role="manager"))
        case "stations":
            staffing.change(None, PITEA, desk.id, PersonChange(stations=[PITEA, "lulea"]))
        case "password":
            people.set_password(sessions[0], NEW, PASSWORD)
    # Whoever hears of it does so behind the commit; this stands behind both.
    station.store.submit(lambda _: None).result()
    assert [None, None] == [people.session(one.token) for one in sessions]
    assert {session_key(one.token) for one in sessions} == set(ended)
    assert people.session(other.token) is not None, "nobody else's"
    assert ("Desk 2") in [person for _, person, _ in told(station)]
    if deed == "stations":
        assert [("Command line", "Desk 2", "changed")] == told(station, "lulea")


def test_what_changes_nothing_ends_nothing(
    people: People, staffing: Staffing, manager: Person
) -> None:
    desk = people.create_user("Desk 2", PASSWORD, [PITEA])
    session = people.sign_in("Desk 2", PASSWORD)
    staffing.change(manager, PITEA, desk.id, PersonChange(role="staff", stations=[PITEA]))
    assert people.session(session.token) is not None


def test_who_is_disabled_comes_in_by_no_way_until_they_are_let_in_again(
    people: People, staffing: Staffing, manager: Person
) -> None:
    desk = people.create_user("Desk 2", PASSWORD, [PITEA])
    people.link("Desk 2", "https://id.example", "d2")
    code, invitation = people.sign_in_code("Desk 2"), staffing.invite(manager, PITEA, desk.id)
    known = people.sign_in("Desk 2", PASSWORD).browser
    assert staffing.do(manager, PITEA, desk.id, "disable").disabled
    for way, why in (
        (lambda: people.sign_in("Desk 2", PASSWORD, known), "wrong_sign_in"),
        (lambda: people.sign_in_by_code(code), "wrong_sign_in"),
        (lambda: people.sign_in_by_code(invitation.code), "wrong_sign_in"),
        (lambda: people.sign_in_by_code(people.sign_in_code("Desk 2")), "wrong_sign_in"),
        (lambda: people.by_subject("https://id.example", "d2"), "not_allowed"),
        (lambda: staffing.invite(manager, PITEA, desk.id), "person_refused"),
    ):
        with pytest.raises(Problem) as refused:
            way()
        assert why == reason(refused)
    assert not people.knows("Desk 2", known)
    assert not staffing.do(manager, PITEA, desk.id, "enable").disabled
    assert people.sign_in("Desk 2", PASSWORD).person == desk


# -- one's own password -------------------------------------------------------------------------


def test_a_new_password_needs_the_old_one_and_makes_strangers_of_other_browsers(
    people: People,
) -> None:
    people.create_user("Desk 2", PASSWORD, [PITEA])
    here, there = signed_in_twice(people, "Desk 2")
    with pytest.raises(Problem) as refused:
        people.set_password(here, NEW, "not the old one", here.browser)
    assert ("value_refused", "$.old") == (reason(refused), refused.value.members["path"])
    with pytest.raises(Problem) as refused:
        people.set_password(here, "desk 2", PASSWORD, here.browser)
    assert ("value_refused", "$.new") == (reason(refused), refused.value.members["path"])
    again = people.set_password(here, NEW, PASSWORD, here.browser)
    assert here.browser == again.browser
    assert [True, False] == [people.knows("Desk 2", b) for b in (here.browser, there.browser)]
    with pytest.raises(Problem):
        people.sign_in("Desk 2", PASSWORD)
    assert people.sign_in("Desk 2", NEW).person == again.person


def test_a_stolen_session_cannot_guess_the_old_password_for_ever(people: People) -> None:
    people.create_user("Desk 2", PASSWORD, [PITEA])
    stolen = people.sign_in("Desk 2", PASSWORD)
    heard = []
    for _ in range(11):
        with pytest.raises(Problem) as refused:
            people.set_password(stolen, NEW, "a wrong guess", stolen.browser)
        heard.append(reason(refused))
    assert ["value_refused"] * 10 + ["too_many"] == heard


def test_a_session_that_ended_meanwhile_sets_no_password(
    people: People, staffing: Staffing, manager: Person
) -> None:
    invitation = staffing.add(manager, "Desk 2", "staff", [PITEA])
    invited = people.sign_in_by_code(invitation.code)
    staffing.do(manager, PITEA, invitation.person.id, "disable")
    with pytest.raises(Problem) as refused:
        people.set_password(invited, NEW)
    assert "not_signed_in" == reason(refused)


# -- accounts elsewhere -------------------------------------------------------------------------


def test_who_is_linked_signs_in_by_their_account_elsewhere(
    station: Station, people: People, staffing: Staffing
) -> None:
    desk = people.create_user("Desk 2", PASSWORD, [PITEA])
    people.link("Desk 2", "https://id.example", "d2")
    session = people.by_subject("https://id.example", "d2")
    assert (desk, "") == (session.person, session.browser)
    assert people.session(session.token) is not None
    assert [("Command line", "Desk 2", "linked")] == told(station)
    assert [True] == [row.signs_in_elsewhere for row in staffing.at(PITEA)]
    for issuer, subject in (("https://id.example", "d3"), ("https://other.example", "d2")):
        with pytest.raises(Problem) as refused:
            people.by_subject(issuer, subject)
        assert "not_allowed" == reason(refused)


def test_one_account_elsewhere_is_one_person_here(people: People) -> None:
    for name in ("Desk 2", "Desk 3"):
        people.create_user(name, PASSWORD, [PITEA])
    people.link("Desk 2", "https://id.example", "d2")
    with pytest.raises(AlreadyThere, match="Desk 2"):
        people.link("Desk 3", "https://id.example", "d2")
    with pytest.raises(NotThere, match="nobody called Desk 9"):
        people.link("Desk 9", "https://id.example", "d9")
