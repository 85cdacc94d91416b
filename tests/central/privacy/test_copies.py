"""Copies forget whatever happens in between: a disk that is away, a crash, another machine, an upgrade."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from central import migrations
from central.copies import aging, leftovers, loading
from central.copies.backup import one_at_a_time
from central.copies.leftovers import Copies
from central.copies.restore import Asked, restore
from central.database import engines
from central.database.folder import DataFolder
from central.privacy import owing
from central.privacy.personal_data import PersonalData
from central.serving import serve as serving
from central.serving import ticker
from central.serving.ticker import Ticker
from central.troubles import TickLost
from contract import problems
from contract.plate import Plate
from contract.problems import Problem
from tests.central.copies.restoring import quiet, reopened, take
from tests.central.privacy.searching import files_that_say
from tests.central.privacy.yards import NUMBER, PLATE, days, whole_visit
from tests.central.yards import DESK_1, PITEA, Station
from tests.waiting import until

ABC = Plate(PLATE)


class Machine:
    """A central beside the station's own, on the same database: its folder, and its night."""

    def __init__(self, station: Station, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self.folder, self._station = folder, station
        self.copies = Copies(DataFolder(folder), station.store, station.clock)
        self.data = PersonalData(station.store, station.yard._known, self.copies)

    @property
    def backups(self) -> Path:
        return self.folder / "backups"

    def takes(self) -> Path:
        made = Path(take(self._station, self.backups).file)
        self._station.minutes(1)
        return made


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One for each backup that was loaded to be aged."""
    loads: list[int] = []
    load = loading.load

    def counted(*words: Any) -> Any:
        loads.append(1)
        return load(*words)

    monkeypatch.setattr(loading, "load", counted)
    return loads


@pytest.fixture
def one(sqlite_station: Station, tmp_path: Path) -> Machine:
    return Machine(sqlite_station, tmp_path / "one")


def test_each_machine_ages_its_own_copies_whoever_erased_the_rows(
    station: Station, tmp_path: Path
) -> None:
    one, two = (Machine(station, tmp_path / name) for name in ("one", "two"))
    whole_visit(station)
    one.takes()
    two.takes()
    days(station, 8)
    one.data.night()
    two.data.night()
    assert files_that_say(one.backups, PLATE, NUMBER) == []
    assert files_that_say(two.backups, PLATE, NUMBER) == []


def test_a_request_to_one_machine_reaches_the_copies_of_the_other_a_minute_later(
    station: Station, tmp_path: Path
) -> None:
    one, two = (Machine(station, tmp_path / name) for name in ("one", "two"))
    two.data.night()
    whole_visit(station)
    whole_visit(station, "DEF456")
    two.takes()
    one.data.erase(PITEA, DESK_1, ABC)
    station.minutes(1)
    two.data.night()
    assert files_that_say(two.backups, PLATE) == []
    assert files_that_say(two.backups, "DEF456"), "the others are still there"


def test_who_was_killed_between_erasing_and_aging_ages_after_the_start(
    sqlite_station: Station, one: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one.data.night()
    whole_visit(sqlite_station)
    one.takes()

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(aging, "age_backups", killed)
        with pytest.raises(KeyboardInterrupt):
            one.data.erase(PITEA, DESK_1, ABC)
    assert files_that_say(one.backups, PLATE)
    again = Machine(sqlite_station, tmp_path / "one")
    again.data.night()
    assert files_that_say(one.backups, PLATE) == []


def test_what_was_refused_leaves_nothing_to_be_done(
    sqlite_station: Station, one: Machine, opened: list[int]
) -> None:
    whole_visit(sqlite_station)
    one.takes()
    one.data.night()
    opened.clear()
    refused = Problem(problems.WRONG_STATE, "It has just come.")
    with pytest.raises(Problem), one.copies.request(PITEA, ABC, 1.0):
        raise refused
    one.data.night()
    assert opened == []


def test_a_backup_from_just_before_the_commit_is_erased_when_it_is_restored(
    sqlite_station: Station, one: Machine, tmp_path: Path
) -> None:
    """It was taken by another machine after the request was written down, and before it was done."""
    whole_visit(sqlite_station)
    sqlite_station.minutes(5)
    with one.copies.request(PITEA, ABC, 1.0) as request:
        sqlite_station.clock.advance(1_000)
        made = take_elsewhere(sqlite_station, tmp_path)
        sqlite_station.clock.advance(1_000)
        request.erased(lambda _: 0, quiet)
    sqlite_station.minutes(5)

    restore(Asked(file=made, data=one.folder), sqlite_station.clock, quiet)
    assert files_that_say(made.parent, PLATE)
    assert "central.db" not in files_that_say(one.folder, PLATE)
    with reopened(sqlite_station, one.folder) as again:
        assert again.store.read(owing.owed), "what lay in the file for a moment is to be wiped"


def take_elsewhere(station: Station, tmp_path: Path) -> Path:
    one_at_a_time.release()  # another machine has a turn of its own
    try:
        return Path(take(station, tmp_path / "elsewhere").file)
    finally:
        one_at_a_time.acquire()


def test_a_disk_that_cannot_be_read_ends_no_night_and_hides_no_other_folder(
    sqlite_station: Station, one: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole_visit(sqlite_station)
    one.copies.note(tmp_path / "stale")
    one.takes()
    is_dir = Path.is_dir

    def broken(path: Path) -> bool:
        if path.name == "stale":
            raise OSError(5, "Input/output error")
        return is_dir(path)

    monkeypatch.setattr(Path, "is_dir", broken)
    days(sqlite_station, 8)
    turns: list[int] = []

    def night() -> None:
        try:
            one.data.night()
        finally:
            turns.append(1)

    with Ticker(night, 0.01, "night") as nights:
        until(lambda: len(turns) > 2, what="three turns")
        assert nights.alive
    assert files_that_say(one.backups, PLATE) == []


def test_whatever_breaks_in_the_copies_does_not_keep_the_files_from_being_wiped(
    sqlite_station: Station, one: Machine
) -> None:
    class Broken(Copies):
        def age(self, *_: object) -> None:
            raise OSError(5, "Input/output error")

    whole_visit(sqlite_station)
    days(sqlite_station, 8)
    one.data.leftovers = Broken(DataFolder(one.folder), sqlite_station.store, sqlite_station.clock)
    with Ticker(one.data.night, 0.01, "night") as nights:
        until(lambda: sqlite_station.store.read(owing.owed) is None, what="the wipe")
        assert nights.alive


def test_a_damaged_copy_kept_aside_is_named_and_hides_no_other(
    sqlite_station: Station, one: Machine
) -> None:
    whole_visit(sqlite_station)
    one.takes()
    (one.folder / "central.db.before-2026-11-22T080000Z").write_bytes(b"no database" * 1_000)
    done = one.data.erase(PITEA, DESK_1, ABC)
    assert [Path(name).name for name in done.backups_failed] == [
        "central.db.before-2026-11-22T080000Z"
    ]
    assert done.backups == 1


def test_a_copy_kept_aside_before_an_upgrade_forgets_too(
    sqlite_station: Station, one: Machine, tmp_path: Path
) -> None:
    whole_visit(sqlite_station)
    kept = one.folder / "central.db.before-2026-11-22T080000Z"
    with closing(sqlite3.connect(tmp_path / "old.db")) as old:
        engine = engines.migrating_engine(f"sqlite:///{tmp_path / 'old.db'}")
        with engine.begin() as connection:
            migrations.upgrade(connection, "0005")
        engine.dispose()
        old.execute("ATTACH DATABASE ? AS new", [sqlite_station.url.removeprefix("sqlite:///")])
        tables = old.execute("SELECT name FROM main.sqlite_schema WHERE type = 'table'").fetchall()
        for (name,) in tables:
            if name not in {"alembic_version", "meta"}:
                columns = ", ".join(
                    row[1] for row in old.execute(f"PRAGMA main.table_info({name})")
                )
                old.execute(f"INSERT INTO main.{name} SELECT {columns} FROM new.{name}")
        old.commit()
    (tmp_path / "old.db").rename(kept)
    assert files_that_say(one.folder, PLATE)
    done = one.data.erase(PITEA, DESK_1, ABC)
    assert (done.backups_failed, done.backups) == ([], 1)
    assert files_that_say(one.folder, PLATE) == []


def test_a_station_at_which_something_fails_has_no_backup_opened_again(
    sqlite_station: Station, one: Machine, opened: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    one.takes()
    opened.clear()

    def fails(*_: object) -> None:
        raise ValueError

    monkeypatch.setattr(one.data, "_erase_due", fails)
    for _ in range(5):
        sqlite_station.minutes(1)
        with pytest.raises(TickLost):
            one.data.night()
    assert len(opened) == 1


def test_a_backup_in_which_nothing_will_be_due_is_opened_once(
    sqlite_station: Station, one: Machine, opened: list[int]
) -> None:
    whole_visit(sqlite_station)
    one.takes()
    opened.clear()
    for _ in range(12):
        one.data.night()
        days(sqlite_station, 1)
    assert files_that_say(one.backups, PLATE, NUMBER) == []
    assert len(opened) <= 4, "the first night, and about when the week is over"


def test_a_request_opens_only_backups_in_which_the_plate_stands(
    sqlite_station: Station, one: Machine, opened: list[int]
) -> None:
    whole_visit(sqlite_station, "DEF456")
    one.takes()
    whole_visit(sqlite_station)
    one.takes()
    opened.clear()
    assert one.data.erase(PITEA, DESK_1, ABC).backups == 1
    assert len(opened) == 1


def test_whoever_waits_for_an_erasure_hears_of_its_progress(
    sqlite_station: Station, one: Machine
) -> None:
    whole_visit(sqlite_station)
    one.takes()
    heard: list[tuple[int, int]] = []
    one.data.erase(PITEA, DESK_1, ABC, lambda done, of: heard.append((done, of)))
    assert heard


def test_who_has_left_does_not_keep_it_from_being_done(
    sqlite_station: Station, one: Machine
) -> None:
    whole_visit(sqlite_station)
    one.takes()

    def left(_done: int, _of: int) -> None:
        raise BrokenPipeError

    assert one.data.erase(PITEA, DESK_1, ABC, left).backups_failed == []
    assert files_that_say(one.backups, PLATE) == []


def test_after_an_upgrade_the_way_back_stays_and_is_named(
    sqlite_station: Station,
    one: Machine,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    whole_visit(sqlite_station)
    made = one.takes()
    before = made.read_bytes()
    upgraded = ["next", *migrations.revisions()]
    monkeypatch.setattr(migrations, "revisions", lambda: upgraded)
    for _ in range(2):
        days(sqlite_station, 8)
        one.data.night()
    assert made.read_bytes() == before
    said = [one for one in caplog.messages if "older release" in one]
    assert said == [f"backup of an older release left alone file={made}"]


def test_a_request_names_the_backup_of_an_older_release_that_holds_the_plate(
    sqlite_station: Station, one: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole_visit(sqlite_station)
    made = one.takes()
    upgraded = ["next", *migrations.revisions()]
    monkeypatch.setattr(migrations, "revisions", lambda: upgraded)
    assert one.data.erase(PITEA, DESK_1, ABC).backups_failed == [str(made)]


def test_a_backup_that_is_written_anew_keeps_its_mode(
    sqlite_station: Station, one: Machine
) -> None:
    whole_visit(sqlite_station)
    made = one.takes()
    made.chmod(0o640)
    one.data.erase(PITEA, DESK_1, ABC)
    assert made.stat().st_mode & 0o777 == 0o640


def test_what_is_erased_while_a_wipe_runs_is_wiped_too(
    sqlite_station: Station, one: Machine
) -> None:
    class Meanwhile(Copies):
        wipes = 0

        def wipe(self) -> bool:
            self.wipes += 1
            if self.wipes == 1:
                sqlite_station.store.write(owing.mark)
            return True

    copies = Meanwhile(DataFolder(one.folder), sqlite_station.store, sqlite_station.clock)
    one.data.leftovers = copies
    whole_visit(sqlite_station)
    one.data.erase(PITEA, DESK_1, ABC)
    one.data.night()
    assert copies.wipes == 2
    assert sqlite_station.store.read(owing.owed) is None


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_night_that_has_died_ends_the_process_to_be_started_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(_: PersonalData) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(PersonalData, "night", dies)
    monkeypatch.setattr(serving, "NIGHT_EVERY_S", 0.01)
    assert serving.serve(serving.ServeSettings(data=tmp_path / "data", port=0)) == 1


def test_no_wipe_keeps_the_line_for_as_long_as_the_service_manager_waits() -> None:
    """30 s without a turn of the second hand, and the service manager ends the process."""
    watchdog_s = 30
    assert ticker.STUCK_S + leftovers.QUIET_S < watchdog_s
