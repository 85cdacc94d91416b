"""The first person of a new central: whoever has a hand on its machine."""

import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from central.database.store import Store
from central.people.elsewhere import Claim
from central.people.first_person import FILE, FirstPerson
from central.people.people import People
from contract.problems import Problem
from tests.central import quick_passwords
from tests.central.yards import Station
from tests.waiting import until

PASSWORD = "correct horse"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    quick_passwords.use(monkeypatch)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / FILE


def reason(error: pytest.ExceptionInfo[Problem]) -> str:
    return error.value.kind.reason


def test_whoever_reads_the_code_becomes_somebody_of_the_office_everywhere(
    station: Station, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    first = FirstPerson(station.yard.people, file)
    code = file.read_text().strip()
    assert 0o600 == stat.S_IMODE(file.stat().st_mode)
    assert str(file) in caplog.text
    assert code not in caplog.text
    session = first.begin(code.lower(), "Office 1", PASSWORD)
    assert ("Office 1", "office", frozenset({"*"})) == (
        session.person.name,
        session.person.role,
        session.person.stations,
    )
    assert station.yard.people.session(session.token) is not None
    assert not file.exists()
    assert not first.is_awaited
    with pytest.raises(Problem) as refused:
        first.begin(code, "Office 2", PASSWORD)
    assert "not_found" == reason(refused)


@pytest.mark.parametrize("code", ["", "K7QF-93TM-XW2P-5HRD", "ä"])
def test_without_the_code_nobody_is_first(station: Station, file: Path, code: str) -> None:
    first = FirstPerson(station.yard.people, file)
    with pytest.raises(Problem) as refused:
        first.begin(code, "Office 1", PASSWORD)
    assert "wrong_sign_in" == reason(refused)
    assert first.is_awaited
    assert file.exists()


def test_a_password_that_is_too_easy_uses_nothing_up(station: Station, file: Path) -> None:
    first = FirstPerson(station.yard.people, file)
    code = file.read_text()
    with pytest.raises(Problem) as refused:
        first.begin(code, "Office 1", "office 1")
    assert "value_refused" == reason(refused)
    assert first.begin(code, "Office 1", PASSWORD).person.name == "Office 1"


def test_a_new_start_makes_a_new_code_while_there_is_nobody(station: Station, file: Path) -> None:
    FirstPerson(station.yard.people, file)
    old = file.read_text()
    again = FirstPerson(station.yard.people, file)
    with pytest.raises(Problem):
        again.begin(old, "Office 1", PASSWORD)
    assert again.begin(file.read_text(), "Office 1", PASSWORD)


def test_somebody_made_by_the_command_line_closes_that_way(station: Station, file: Path) -> None:
    first = FirstPerson(station.yard.people, file)
    code = file.read_text()
    station.yard.people.create_user("Desk 1", PASSWORD, ["pitea"])
    assert not file.exists()
    with pytest.raises(Problem) as refused:
        first.begin(code, "Office 1", PASSWORD)
    assert "not_found" == reason(refused)


def test_somebody_whom_a_provider_names_closes_that_way(station: Station, file: Path) -> None:
    first = FirstPerson(station.yard.people, file)
    claim = Claim("https://id.example", "1", "Office 1", "office", frozenset({"*"}))
    assert station.yard.people.by_claim(claim).person.name == "Office 1"
    assert not first.is_awaited
    # Who waits for a write and who hears of it are told at the same time.
    until(lambda: not file.exists(), what="the end of the file")


def test_where_somebody_is_no_file_is_made_and_an_old_one_goes(
    station: Station, file: Path
) -> None:
    file.write_text("left over")
    station.yard.people.create_user("Desk 1", PASSWORD, ["pitea"])
    assert not FirstPerson(station.yard.people, file).is_awaited
    assert not file.exists()


def test_of_two_processes_one_has_the_first_person(
    postgres_station: Station, tmp_path: Path
) -> None:
    """Each with a code of its own, and both right."""
    stores = [Store(postgres_station.url, postgres_station.clock) for _ in range(2)]
    files = [tmp_path / str(number) for number in range(2)]
    ways = [
        FirstPerson(People(store, postgres_station.clock), file)
        for store, file in zip(stores, files, strict=True)
    ]
    both = threading.Barrier(2)

    def begin(number: int) -> str:
        code = files[number].read_text()
        both.wait(10)
        try:
            return ways[number].begin(code, f"Office {number}", PASSWORD).person.role
        except Problem as refused:
            return refused.kind.reason

    with ThreadPoolExecutor(2) as threads:
        heard = sorted(threads.map(begin, range(2)))
    for store in stores:
        store.close()
    assert ["not_found", "office"] == heard
    assert [False, False] == [file.exists() for file in files]


def test_a_file_that_cannot_be_removed_opens_nothing(
    station: Station, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / FILE
    first = FirstPerson(station.yard.people, file)
    code = file.read_text()
    file.unlink()
    file.mkdir()
    assert first.begin(code, "Office 1", PASSWORD)
    assert "file not removed" in caplog.text
    with pytest.raises(Problem) as refused:
        first.begin(code, "Office 2", PASSWORD)
    assert "not_found" == reason(refused)
