"""Whoever guesses passwords is locked out; whoever works at the desk is not."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from central import schema
from central.database.store import Store
from central.people.lock_out import LOCKED, WRONG, Tries, locked_until, one_more
from central.people.people import People
from central.people.staffing import Staffing
from contract.problems import Problem
from tests.central import quick_passwords
from tests.central.yards import PITEA, Station

NAME, PASSWORD = "Desk 1", "correct horse"
NINE = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    quick_passwords.use(monkeypatch)


@pytest.fixture
def staffed(station: Station) -> Station:
    station.yard.people.create_user(NAME, PASSWORD, [PITEA])
    return station


def answer(people: People, password: str, browser: str = "", name: str = NAME) -> Problem | None:
    """What somebody hears who tries; None when they are let in."""
    try:
        people.sign_in(name, password, browser)
    except Problem as refused:
        return refused
    return None


def guess(people: People, times: int, browser: str = "", name: str = NAME) -> list[str]:
    """The reasons that a guesser hears, one after the other."""
    heard = [answer(people, "a wrong guess", browser, name) for _ in range(times)]
    return [refused.kind.reason for refused in heard if refused is not None]


# -- decisions ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tries", "after", "until"),
    [
        (Tries(), timedelta(0), None),
        (Tries(WRONG - 1, NINE), timedelta(0), None),
        (Tries(WRONG, NINE), timedelta(0), NINE + LOCKED),
        (Tries(WRONG, NINE), LOCKED - timedelta(milliseconds=1), NINE + LOCKED),
        (Tries(WRONG, NINE), LOCKED, None),
    ],
)
def test_ten_wrong_tries_lock_for_a_quarter_of_an_hour(
    tries: Tries, after: timedelta, until: datetime | None
) -> None:
    assert until == locked_until(tries, NINE + after)


@pytest.mark.parametrize(
    ("before", "after", "count"),
    [
        (Tries(), timedelta(0), 1),
        (Tries(3, NINE), timedelta(minutes=14), 4),
        (Tries(3, NINE), LOCKED, 1),
        (Tries(WRONG, NINE), LOCKED, 1),
    ],
)
def test_what_was_wrong_long_ago_counts_no_more(
    before: Tries, after: timedelta, count: int
) -> None:
    assert Tries(count, NINE + after) == one_more(before, NINE + after)


# -- strangers and the desk ---------------------------------------------------------------------


def test_after_ten_wrong_tries_a_stranger_is_refused_even_with_the_right_password(
    staffed: Station,
) -> None:
    people = staffed.yard.people
    assert ["wrong_sign_in"] * WRONG == guess(people, WRONG)
    refused = answer(people, PASSWORD)
    assert refused is not None
    assert ("too_many", 900) == (refused.kind.reason, refused.members["retry_after_s"])
    staffed.minutes(14.9)
    assert ["too_many"] == guess(people, 1), "a refused try does not make the lock longer"
    staffed.minutes(0.2)
    assert answer(people, PASSWORD) is None


def test_whoever_guesses_for_ever_never_locks_the_desks_own_browser_out(staffed: Station) -> None:
    people = staffed.yard.people
    desk = people.sign_in(NAME, PASSWORD).browser
    for _ in range(3):
        assert "too_many" in guess(people, WRONG + 1)
        assert answer(people, PASSWORD, desk) is None
        assert answer(people, PASSWORD) is not None
        staffed.minutes(16)


def test_a_known_browser_has_ten_tries_of_its_own(staffed: Station) -> None:
    people = staffed.yard.people
    stolen = people.sign_in(NAME, PASSWORD).browser
    assert "too_many" == guess(people, WRONG + 1, stolen)[-1]
    assert answer(people, PASSWORD, stolen) is not None
    assert answer(people, PASSWORD) is None, "the person themselves are not locked out by it"


def test_one_browser_is_known_for_each_who_works_at_it_and_for_nobody_else(
    staffed: Station,
) -> None:
    people = staffed.yard.people
    for name in ("Desk 2", "Desk 3"):
        people.create_user(name, PASSWORD, [PITEA])
    desk = people.sign_in(NAME, PASSWORD).browser
    assert desk == people.sign_in("Desk 2", PASSWORD, desk).browser
    assert [True, True, False] == [people.knows(n, desk) for n in (NAME, "Desk 2", "Desk 3")]


def test_a_browser_that_nobody_used_for_half_a_year_is_a_stranger(staffed: Station) -> None:
    people = staffed.yard.people
    desk = people.sign_in(NAME, PASSWORD).browser
    staffed.minutes(180 * 24 * 60)
    assert not people.knows(NAME, desk)


def test_the_value_of_no_cookie_of_ours_makes_a_browser_known(staffed: Station) -> None:
    people = staffed.yard.people
    for made_up in ("", "desk", "x" * 5_000):
        given = people.sign_in(NAME, PASSWORD, made_up).browser
        assert given != made_up
        assert len(given) == 43, "256 random bits"
        assert not people.knows(NAME, made_up)


def test_the_right_password_starts_the_count_again(staffed: Station) -> None:
    people = staffed.yard.people
    for _ in range(2):
        guess(people, WRONG - 1)
        assert answer(people, PASSWORD) is None


# -- nobody learns who there is -------------------------------------------------------------------


@pytest.mark.parametrize("name", [NAME, "Nobody", "Desk disabled", "Desk invited"])
def test_the_answers_tell_nothing_of_who_there_is(staffed: Station, name: str) -> None:
    staffing, people = staffed.yard.staffing, staffed.yard.people
    disabled = people.create_user("Desk disabled", PASSWORD, [PITEA]).id
    staffing.do(None, PITEA, disabled, "disable")
    staffing.add(None, "Desk invited", "staff", [PITEA])
    guessed = PASSWORD if name != NAME else "a wrong guess"
    heard = [answer(people, guessed, name=name) for _ in range(WRONG + 1)]
    said = {(refused.kind.reason, refused.detail) for refused in heard[:-1] if refused}
    assert {("wrong_sign_in", "The name or the password is not right; try again.")} == said
    assert heard[-1] is not None
    assert ("too_many", {"retry_after_s": 900}) == (heard[-1].kind.reason, heard[-1].members)


def test_a_name_is_one_name_however_it_is_written(staffed: Station) -> None:
    for written in ("desk 1", " DESK 1 ", "Desk 1"):
        guess(staffed.yard.people, 4, name=written)
    assert ["too_many"] == guess(staffed.yard.people, 1)


def test_an_unknown_name_is_as_much_work_as_a_known_one(staffed: Station) -> None:
    """As many statements, and a row on disk for each."""
    counts = {}
    for name in (NAME, "Nobody"):
        guess(staffed.yard.people, 1, name=name)
        with _counted() as statements:
            guess(staffed.yard.people, 1, name=name)
        counts[name] = [words.split()[0] for words in statements]
    assert counts[NAME] == counts["Nobody"] != []
    assert "UPDATE" in counts[NAME]


def test_made_up_names_do_not_stay(staffed: Station) -> None:
    for number in range(3):
        guess(staffed.yard.people, 1, name=f"Nobody {number}")
    staffed.minutes(15.1)
    guess(staffed.yard.people, 1, name="Nobody 9")
    rows = staffed.store.read(lambda view: view.all(sa.select(schema.tried_name)))
    assert len(rows) == 1


# -- who unlocks, and what is remembered --------------------------------------------------------


def test_strangers_who_guess_at_a_name_keep_nobody_from_changing_what_they_guess_at(
    staffed: Station,
) -> None:
    people = staffed.yard.people
    mine = people.sign_in(NAME, PASSWORD)
    guess(people, WRONG)
    assert ["too_many"] == guess(people, 1)
    changed = people.set_password(mine, "a completely new one", PASSWORD)
    assert people.session(changed.token) is not None
    assert people.session(mine.token) is None


def test_who_has_somebody_s_session_has_ten_tries_at_their_old_password(staffed: Station) -> None:
    people = staffed.yard.people
    mine, other = people.sign_in(NAME, PASSWORD), people.sign_in(NAME, PASSWORD)
    heard = []
    for _ in range(WRONG + 1):
        with pytest.raises(Problem) as refused:
            people.set_password(mine, "a completely new one", "a wrong guess")
        heard.append(refused.value.kind.reason)
    assert ["value_refused"] * WRONG + ["too_many"] == heard
    with pytest.raises(Problem):
        people.set_password(mine, "a completely new one", PASSWORD)
    assert answer(people, PASSWORD) is None, "it locks nobody else out"
    assert people.set_password(other, "a completely new one", PASSWORD)


def test_somebody_in_charge_unlocks(staffed: Station) -> None:
    people, staffing = staffed.yard.people, staffed.yard.staffing
    browser = people.sign_in(NAME, PASSWORD).browser
    guess(people, WRONG)
    guess(people, WRONG, browser)
    [row] = staffing.at(PITEA)
    assert row.locked_until is not None
    assert staffing.do(None, PITEA, row.id, "unlock").locked_until is None
    assert answer(people, PASSWORD, browser) is None
    assert answer(people, PASSWORD) is None


def test_a_restart_forgets_no_lock_and_no_browser(staffed: Station) -> None:
    desk = staffed.yard.people.sign_in(NAME, PASSWORD).browser
    guess(staffed.yard.people, WRONG)
    guess(staffed.yard.people, WRONG, name="Nobody")
    staffed.restart()
    assert ["too_many"] == guess(staffed.yard.people, 1)
    assert ["too_many"] == guess(staffed.yard.people, 1, name="Nobody")
    assert answer(staffed.yard.people, PASSWORD, desk) is None


def test_two_processes_count_together(postgres_station: Station) -> None:
    here = postgres_station.yard.people
    here.create_user(NAME, PASSWORD, [PITEA])
    store = Store(postgres_station.url, postgres_station.clock)
    there = People(store, postgres_station.clock)
    for name in (NAME, "Nobody"):
        for _ in range(WRONG // 2):
            guess(here, 1, name=name)
            guess(there, 1, name=name)
        assert ["too_many"] == guess(here, 1, name=name) == guess(there, 1, name=name)
    Staffing(store, there).do(None, PITEA, Staffing(store, there).id_of(NAME), "unlock")
    assert answer(here, PASSWORD) is None
    store.close()


@contextmanager
def _counted() -> Iterator[list[str]]:
    """The statements that are run meanwhile, as the database hears them."""
    heard: list[str] = []

    def hear(*words: object) -> None:
        heard.append(str(words[2]))

    sa.event.listen(sa.Engine, "before_cursor_execute", hear)
    try:
        yield heard
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", hear)
