"""Kept backups forget too: each is written anew under its own name, or is named as one that was not."""

import gzip
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from central.copies import aging
from central.copies.backup import one_at_a_time
from central.copies.backup_file import Reading
from central.copies.copies_tasks import OnePlate
from central.copies.leftovers import Copies
from central.copies.scratch import scratch
from central.database import swap
from central.database.folder import DataFolder
from central.database.tx import Tx
from central.privacy import personal_data
from central.privacy.personal_data import Aged, Erase
from contract.plate import Plate
from contract.problems import Problem
from tests.central.copies.restoring import reopened, restored, take
from tests.central.privacy.searching import files_that_say
from tests.central.privacy.yards import NUMBER, PLATE, days, said_anywhere, whole_visit
from tests.central.yards import DESK_1, PITEA, Station


@pytest.fixture
def kept(sqlite_station: Station, tmp_path: Path) -> Path:
    """The data folder, with backups and all; the nights of the station look after it."""
    folder = tmp_path / "kept"
    looks_after(sqlite_station, folder)
    return folder


def looks_after(station: Station, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    copies = Copies(DataFolder(folder), station.store, station.clock)
    station.yard.personal_data.leftovers = copies
    station.yard.backs_up.add(copies.note)


def aged_by(station: Station, folder: Path, erase: Erase) -> Aged:
    turn = partial(aging.in_turn, 1.0)
    task = OnePlate(PLATE, erase)
    return aging.age_backups([folder], task, station.clock.now(), turn, lambda *_: None)


def test_a_night_writes_the_backups_anew_and_they_stay_of_their_time(
    station: Station, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    looks_after(station, kept)
    whole_visit(station)
    made = take(station, kept / "backups")
    before = Reading(Path(made.file)).header()
    assert files_that_say(kept, PLATE, NUMBER)
    days(station, 8)
    station.yard.personal_data.night()

    assert files_that_say(kept, PLATE, NUMBER) == []
    after = Reading(Path(made.file)).header()
    assert (before.at, before.epoch) == (after.at, after.epoch)
    assert [Path(made.file)] == list((kept / "backups").iterdir()), "nothing lies beside it"
    assert Path(made.file).stat().st_mode & 0o777 == 0o600


def test_what_was_written_anew_can_be_restored(
    sqlite_station: Station, kept: Path, tmp_path: Path
) -> None:
    visit = whole_visit(sqlite_station)
    made = take(sqlite_station, kept / "backups")
    days(sqlite_station, 8)
    sqlite_station.yard.personal_data.night()

    restored(sqlite_station, made, tmp_path / "again")
    with reopened(sqlite_station, tmp_path / "again") as again:
        assert again.yard.timeline(PITEA, visit)


def test_an_erase_on_request_reaches_every_folder_that_was_ever_named(
    sqlite_station: Station, kept: Path, tmp_path: Path
) -> None:
    whole_visit(sqlite_station)
    whole_visit(sqlite_station, "DEF456")
    for folder in (kept / "backups", tmp_path / "usb", tmp_path / "gone"):
        take(sqlite_station, folder)
    (tmp_path / "gone").rename(tmp_path / "taken away")
    again = Copies(DataFolder(kept), sqlite_station.store, sqlite_station.clock)
    sqlite_station.yard.personal_data.leftovers = again

    done = sqlite_station.yard.personal_data.erase(PITEA, DESK_1, Plate(PLATE))

    assert (done.backups, done.backups_failed) == (2, [])
    assert files_that_say(kept, PLATE) == files_that_say(tmp_path / "usb", PLATE) == []
    assert files_that_say(tmp_path / "usb", "DEF456"), "the others are still there"


def test_a_damaged_or_a_foreign_file_is_left_alone_and_named(
    sqlite_station: Station, kept: Path
) -> None:
    whole_visit(sqlite_station)
    folder = kept / "backups"
    take(sqlite_station, folder)
    damaged, foreign = folder / "damaged.jsonl.gz", folder / "foreign.jsonl.gz"
    damaged.write_bytes(next(folder.glob("portvakt-*")).read_bytes()[:-40])
    foreign.write_bytes(gzip.compress(b"somebody else's"))
    were = damaged.read_bytes(), foreign.read_bytes()
    days(sqlite_station, 8)

    done = sqlite_station.yard.personal_data.erase(PITEA, DESK_1, Plate(PLATE))

    assert done.backups == 1
    assert done.backups_failed == [str(damaged), str(foreign)]
    assert (damaged.read_bytes(), foreign.read_bytes()) == were


def test_a_backup_in_which_nothing_is_due_is_not_touched(
    sqlite_station: Station, kept: Path
) -> None:
    whole_visit(sqlite_station)
    made = Path(take(sqlite_station, kept / "backups").file)
    before = made.stat()
    days(sqlite_station, 2)
    sqlite_station.yard.personal_data.night()
    assert (before.st_ino, before.st_mtime_ns) == (made.stat().st_ino, made.stat().st_mtime_ns)


def test_whatever_breaks_leaves_the_old_file(sqlite_station: Station, kept: Path) -> None:
    whole_visit(sqlite_station)
    made = Path(take(sqlite_station, kept / "backups").file)
    before = made.read_bytes()

    def breaks(_: Tx) -> int:
        raise OSError(28, "No space left on device")

    aged = aged_by(sqlite_station, made.parent, breaks)

    assert (aged.rewritten, aged.failed) == (0, [str(made)])
    assert made.read_bytes() == before
    assert [made] == list(made.parent.iterdir())


def test_a_folder_in_which_somebody_else_writes_is_named(
    sqlite_station: Station, kept: Path
) -> None:
    folder = Path(take(sqlite_station, kept / "backups").file).parent
    with scratch(folder):
        assert aged_by(sqlite_station, folder, lambda _: 0).failed == [str(folder)]
    assert aged_by(sqlite_station, folder, lambda _: 0).failed == []


def test_while_a_backup_is_taken_nothing_is_erased_and_somebody_is_told_to_wait(
    sqlite_station: Station, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(personal_data, "REQUEST_WAITS_S", 0.01)
    whole_visit(sqlite_station)
    take(sqlite_station, kept / "backups")
    with one_at_a_time, pytest.raises(Problem, match="Try again in a few minutes"):
        sqlite_station.yard.personal_data.erase(PITEA, DESK_1, Plate(PLATE))
    assert "visit" in said_anywhere(sqlite_station, PLATE)


def test_a_night_in_which_a_backup_takes_too_long_ages_the_others_a_minute_later(
    sqlite_station: Station, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(personal_data, "NIGHT_WAITS_S", 0.01)
    whole_visit(sqlite_station)
    made = Path(take(sqlite_station, kept / "backups").file)
    days(sqlite_station, 8)
    with one_at_a_time:
        sqlite_station.yard.personal_data.night()
    before = made.stat().st_ino
    sqlite_station.minutes(1)
    sqlite_station.yard.personal_data.night()
    assert made.stat().st_ino != before


def test_a_database_kept_aside_forgets_on_request_and_goes_after_a_week(
    sqlite_station: Station, tmp_path: Path
) -> None:
    whole_visit(sqlite_station)
    whole_visit(sqlite_station, "DEF456")
    made = take(sqlite_station, tmp_path / "usb")
    sqlite_station.store.close()
    data = tmp_path / "data"
    aside = restored(sqlite_station, made, data, replace=True).aside
    assert aside is not None
    now = swap.replaced_at(aside)
    assert files_that_say(data, PLATE)
    with reopened(sqlite_station, data) as again:
        copies = Copies(DataFolder(data), again.store, again.clock)
        again.yard.personal_data.leftovers = copies
        again.yard.personal_data.erase(PITEA, DESK_1, Plate(PLATE))
        assert files_that_say(data, PLATE) == []
        assert [aside.name] == [name for name in files_that_say(data, "DEF456") if "before" in name]

        later = now + timedelta(days=8)
        aging.age_aside(data, OnePlate(PLATE, lambda _: 0), later, now + timedelta(days=1))
        assert swap.aside(data) == []
