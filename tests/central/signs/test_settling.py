"""After a restore a sign may show what the database has forgotten: nothing is lit before it is dark."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from central.signs.settling import SETTLE_MS
from contract.transitions import Verb
from contract.wire import LEASE_TTL_MAX_MS
from tests.central.copies.restoring import reopened, restored, take
from tests.central.yards import Sign, Station


@contextmanager
def after_a_restore(station: Station, folder: Path, *, settled: bool = False) -> Iterator[Station]:
    """ABC 123 was in line when the backup was taken, and lit at door 1 when the machine died."""
    for sign in (station.sign_1, station.sign_2):
        sign.wakes()
    station.comes("ABC123")
    made = take(station, folder / "backups")
    station.calls("ABC123", "1")
    assert station.sign_1.lit() == "ABC 123"
    station.store.close()

    restored(station, made, folder / "new")
    with reopened(station, folder / "new") as again:
        if settled:
            again.clock.advance(SETTLE_MS)
            again.yard.tick()
        yield again


def same_sign(old: Sign, station: Station) -> Sign:
    """The very sign on the wall, which now speaks to the restored central."""
    old.yard = station.yard
    return old


def test_no_plate_is_on_two_doors(sqlite_station: Station, tmp_path: Path) -> None:
    """Sign 1 hears nothing any more and shows ABC 123 until its lease has run out."""
    with after_a_restore(sqlite_station, tmp_path) as again:
        sign_2 = same_sign(sqlite_station.sign_2, again)
        assert sign_2.dark() == "other_epoch"
        again.calls("ABC123", "2")
        waited_ms = 0
        while waited_ms < SETTLE_MS:
            again.yard.tick()
            assert sign_2.dark() == "settling"
            again.clock.advance(500)
            waited_ms += 500
        again.yard.tick()

        assert waited_ms > LEASE_TTL_MAX_MS, "the lease of door 1 and the slowest panel are over"
        assert sign_2.lit() == "ABC 123"


def test_without_the_wait_it_would_be(sqlite_station: Station, tmp_path: Path) -> None:
    """Control: the same, one moment after the restart, by a central that does not know of the restore."""
    with after_a_restore(sqlite_station, tmp_path) as again:
        again.yard._known.settling._until_ms = None
        sign_2 = same_sign(sqlite_station.sign_2, again)
        sign_2.dark()
        again.calls("ABC123", "2")
        assert sign_2.lit() == "ABC 123"
        assert sqlite_station.sign_1.shows is not None, "and door 1 is still lit"


def test_who_is_called_meanwhile_is_lit_as_soon_as_it_is_over(
    sqlite_station: Station, tmp_path: Path
) -> None:
    with after_a_restore(sqlite_station, tmp_path) as again:
        again.sign_2.wakes()
        again.calls("ABC123", "2")
        again.nudges.clear()
        again.clock.advance(SETTLE_MS)
        again.yard.tick()

        assert {nudge.device for nudge in again.nudges} == {
            again.sign_1.device.id,
            again.sign_2.device.id,
        }
        assert again.sign_2.lit() == "ABC 123"


def test_a_sign_that_is_not_called_hears_the_ordinary_reason(
    sqlite_station: Station, tmp_path: Path
) -> None:
    with after_a_restore(sqlite_station, tmp_path) as again:
        again.sign_1.ask()
        assert again.sign_1.dark() == "no_call"


def test_it_settles_once_and_a_restart_in_the_middle_begins_again(
    sqlite_station: Station, tmp_path: Path
) -> None:
    with after_a_restore(sqlite_station, tmp_path) as again:
        again.calls("ABC123", "2")
        again.clock.advance(SETTLE_MS - 1)
        again.yard.tick()
        again.restart()
        again.sign_2.wakes()
        again.clock.advance(SETTLE_MS - 1)
        assert again.sign_2.dark() == "settling"
        again.clock.advance(1)
        again.yard.tick()
        assert again.sign_2.lit() == "ABC 123"

        again.does(Verb.PUT_BACK, "ABC123")
        again.sign_2.ask()
        again.restart()
        again.calls("ABC123", "2")
        assert again.sign_2.lit() == "ABC 123", "the next start waits for nothing"


def test_a_backup_taken_while_it_settles_can_be_restored_too(
    sqlite_station: Station, tmp_path: Path
) -> None:
    with after_a_restore(sqlite_station, tmp_path) as again:
        made = take(again, tmp_path / "backups")
        restored(again, made, tmp_path / "newer")
    with reopened(sqlite_station, tmp_path / "newer") as newest:
        assert newest.yard._known.settling.lasts


def test_two_centrals_wait_each_by_its_own_clock(
    postgres_station: Station, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """The second one starts later, and the first has noted the end before."""
    made = take(postgres_station, tmp_path / "backups")
    databases = request.getfixturevalue("postgres")
    url = databases.new()
    restored(postgres_station, made, tmp_path / "new", url)
    with reopened(postgres_station, tmp_path, url) as first:
        first.clock.advance(SETTLE_MS // 2)
        with reopened(postgres_station, tmp_path, url) as second:
            first.clock.advance(SETTLE_MS // 2)
            first.yard.tick()
            second.yard.tick()
            assert not first.yard._known.settling.lasts
            assert second.yard._known.settling.lasts, "it has not waited itself"
        with reopened(postgres_station, tmp_path, url) as third:
            assert not third.yard._known.settling.lasts
    databases.drop(url)
