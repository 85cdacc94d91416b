"""Somebody signs in while their password is changed: the old one opens nothing afterwards."""

import threading
from concurrent.futures import ThreadPoolExecutor, wait

import pytest

from central.database.tx import Row, Tx
from central.people import sessions
from central.people.sessions import SignedIn
from contract.problems import Problem
from tests.central import quick_passwords
from tests.central.yards import PITEA, Station

NAME, OLD, NEW = "Desk 1", "correct horse", "a completely new one"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    quick_passwords.use(monkeypatch)


def test_no_session_that_began_by_the_old_password_outlives_it(
    postgres_station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sign-in has begun its session, and commits only when the change is under way."""
    people = postgres_station.yard.people
    people.create_user(NAME, OLD, [PITEA])
    mine = people.sign_in(NAME, OLD)
    begun, commits = threading.Event(), threading.Event()
    start = sessions.start

    def slow(tx: Tx, row: Row, browser: str = "", *, sets_password: bool = False) -> SignedIn:
        session = start(tx, row, browser, sets_password=sets_password)
        if threading.current_thread().name.startswith("thief"):
            begun.set()
            commits.wait(10)
        return session

    monkeypatch.setattr(sessions, "start", slow)
    with (
        ThreadPoolExecutor(1, thread_name_prefix="thief") as thief,
        ThreadPoolExecutor(1, thread_name_prefix="owner") as owner,
    ):
        stolen = thief.submit(people.sign_in, NAME, OLD)
        assert begun.wait(10)
        changed = owner.submit(people.set_password, mine, NEW, OLD)
        wait([changed], 0.5)  # it comes through in that time unless it waits for the thief
        commits.set()
        assert people.session(changed.result(10).token) is not None
        assert people.session(stolen.result(10).token) is None
    with pytest.raises(Problem):
        people.sign_in(NAME, OLD)
