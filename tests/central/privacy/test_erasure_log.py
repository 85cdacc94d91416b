"""What was erased on request stays erased when an older backup comes back."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from central.database.folder import DataFolder
from central.privacy.erasure_log import FILE, KEPT, ErasureLog
from contract.plate import Plate
from tests.central.privacy.yards import PLATE, booked, days, helped, said_anywhere, whole_visit
from tests.central.yards import PITEA, Station
from tests.fakes.clock import MORNING

ABC = Plate(PLATE)


@pytest.fixture
def log(tmp_path: Path) -> ErasureLog:
    with DataFolder(tmp_path / "folder") as folder:
        return ErasureLog(folder)


def replayed(station: Station, log: ErasureLog, *, taken_days_ago: float) -> int:
    now = station.clock.now()
    taken_at = now - timedelta(days=taken_days_ago)
    return station.store.write(lambda tx: log.replay(tx, taken_at, now))


def test_a_backup_from_before_is_erased_again(station: Station, log: ErasureLog) -> None:
    whole_visit(station)
    whole_visit(station, "XYZ789")
    log.add(PITEA, ABC, station.clock.now())
    days(station, 1)
    assert replayed(station, log, taken_days_ago=2) == 1
    assert said_anywhere(station, PLATE) == set()
    assert "visit" in said_anywhere(station, "XYZ789")


def test_a_backup_from_after_keeps_who_came_again(station: Station, log: ErasureLog) -> None:
    log.add(PITEA, ABC, station.clock.now())
    days(station, 1)
    whole_visit(station)
    assert replayed(station, log, taken_days_ago=0) == 0
    assert "visit" in said_anywhere(station, PLATE)


def test_who_stood_in_the_yard_of_the_backup_stands_there_no_longer(
    station: Station, log: ErasureLog
) -> None:
    station.comes(PLATE)
    station.calls(PLATE)
    log.add(PITEA, ABC, station.clock.now())
    days(station, 1)
    replayed(station, log, taken_days_ago=2)
    station.restart()
    assert station.queue().line == []
    assert station.comes("XYZ789").place == 1
    assert station.calls("XYZ789").bay == "1"


def test_another_station_s_request_erases_nothing_here(station: Station, log: ErasureLog) -> None:
    whole_visit(station)
    log.add("luleaa", ABC, station.clock.now())
    days(station, 1)
    assert replayed(station, log, taken_days_ago=2) == 0


def test_the_list_holds_no_plate_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    with DataFolder(tmp_path / "folder") as folder:
        ErasureLog(folder).add(PITEA, ABC, MORNING)
        file = folder.path / FILE
        assert b"ABC" not in file.read_bytes()
        assert file.stat().st_mode & 0o077 == 0


def test_an_old_request_is_forgotten_itself(tmp_path: Path) -> None:
    with DataFolder(tmp_path / "folder") as folder:
        log = ErasureLog(folder)
        log.add(PITEA, ABC, MORNING)
        log.add(PITEA, Plate("XYZ789"), MORNING + KEPT)
        assert len((folder.path / FILE).read_bytes().splitlines()) == 1


def test_two_at_once_are_both_written_down(tmp_path: Path) -> None:
    """Each request has a thread of its own, and each makes its own list of the same folder."""
    folder = DataFolder(tmp_path)

    def one(number: int) -> None:
        ErasureLog(folder).add(PITEA, Plate(f"ABC{number:03}"), MORNING)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(one, range(40)))
    assert len((tmp_path / FILE).read_bytes().splitlines()) == 40


def test_who_only_called_for_help_is_found_too(station: Station, log: ErasureLog) -> None:
    helped(station, PLATE)
    log.add(PITEA, ABC, station.clock.now())
    days(station, 1)
    assert replayed(station, log, taken_days_ago=2) == 1
    assert said_anywhere(station, PLATE) == set()


def test_a_booking_to_come_stays_and_is_no_reason_to_write_a_copy_anew(
    station: Station, log: ErasureLog
) -> None:
    booked(station, in_days=30)
    log.add(PITEA, ABC, station.clock.now())
    days(station, 1)
    assert replayed(station, log, taken_days_ago=2) == 0
    assert "booking" in said_anywhere(station, PLATE)


def test_asked_for_again_it_counts_from_the_later_moment(station: Station, log: ErasureLog) -> None:
    log.add(PITEA, ABC, station.clock.now())
    whole_visit(station)
    days(station, 2)
    log.add(PITEA, ABC, station.clock.now())
    assert replayed(station, log, taken_days_ago=1) == 1
