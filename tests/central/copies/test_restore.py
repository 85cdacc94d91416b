"""A restored database is the one that was backed up, under another name, and nothing happens twice."""

import gzip
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from central import deeds, schema
from central.copies import backup_file
from central.copies.backup import LEFT_OUT, BackupMade
from central.copies.backup_file import BackupBroken, Header, Kind, Table
from central.copies.restore import RestoreFailed
from central.database import engines, swap
from central.database.folder import DataFolder
from central.database.presence import Presence
from central.database.tx import Row
from central.errors import FolderTaken, NotPossible, StoreAway, StoreTaken, StoreUnfit
from central.line.closing import SWEEP
from central.migrations import migrate
from central.privacy.erasure_log import ErasureLog
from contract.plate import Plate
from contract.problems import Problem
from contract.wire import DeviceFault, Heartbeat
from tests.central.copies.restoring import PASSWORD, a_morning, reopened, restored, somebody, take
from tests.central.privacy.yards import PLATE, whole_visit
from tests.central.yards import PITEA, Station
from tests.fakes.clock import MORNING
from tests.fakes.disks import tmpfs
from tests.postgres import Databases

CHANGED = {"meta", "station", "event", "deed", "heartbeat", *LEFT_OUT}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The data folder of another machine."""
    return tmp_path / "other"


@pytest.fixture
def made(station: Station, tmp_path: Path) -> BackupMade:
    a_morning(station)
    return take(station, tmp_path / "backups")


@pytest.fixture
def file(sqlite_station: Station, tmp_path: Path) -> BackupMade:
    """The same, where it does not matter which database it comes from."""
    a_morning(sqlite_station)
    return take(sqlite_station, tmp_path / "backups")


@pytest.fixture
def past(sqlite_station: Station, tmp_path: Path) -> BackupMade:
    """A day on which somebody has come and gone, and others have come."""
    whole_visit(sqlite_station, PLATE)
    sqlite_station.comes("XYZ789")
    return take(sqlite_station, tmp_path / "backups")


@pytest.fixture(params=["into sqlite", "into postgres"])
def database(request: pytest.FixtureRequest) -> Iterator[str | None]:
    """Where it goes: the folder's own file, or an empty PostgreSQL."""
    if request.param == "into sqlite":
        yield None
        return
    databases: Databases = request.getfixturevalue("postgres")
    url = databases.new()
    yield url
    databases.drop(url)


def everything(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables, in the order of their keys."""
    engine = engines.reading_engine(url)
    with engine.connect() as connection:
        found = {
            name: [tuple(row) for row in connection.execute(sa.select(table))]
            for name, table in schema.metadata.tables.items()
        }
    engine.dispose()
    return {name: sorted(rows, key=str) for name, rows in found.items()}


def tables(url: str) -> list[str]:
    """The tables that are there."""
    engine = engines.reading_engine(url)
    try:
        return sa.inspect(engine).get_table_names()
    finally:
        engine.dispose()


def folders_url(data: Path, database: str | None) -> str:
    return database or DataFolder(data).url


# -- the same -------------------------------------------------------------------------------------


def test_every_row_comes_back_on_either_database(
    station: Station, made: BackupMade, data: Path, database: str | None
) -> None:
    before = everything(station.url)
    restored(station, made, data, database)
    after = everything(folders_url(data, database))

    for name in schema.metadata.tables.keys() - CHANGED:
        assert after[name] == before[name], name
    assert before["visit"], "there was something to compare"
    assert [event for event in after["event"] if event in before["event"]] == before["event"]
    if database is None:
        assert stat.S_IMODE((data / "central.db").stat().st_mode) == 0o600


def test_it_has_another_name_and_says_from_where_it_comes_in_the_next_event(
    station: Station, made: BackupMade, data: Path, database: str | None
) -> None:
    newest = station.yard.cursor(PITEA)[1]
    station.minutes(30)
    what = restored(station, made, data, database)

    with reopened(station, data, database) as again:
        epoch, seq = again.yard.cursor(PITEA)
        (event,) = again.yard.events_after(PITEA, newest)
    assert epoch == what.epoch != station.store.epoch
    assert (event.seq, event.kind, event.actor) == (newest + 1, "restored", "Command line")
    assert seq == newest + 1
    assert event.data == {
        "from_epoch": station.store.epoch,
        "taken_at": what.taken_at.isoformat(),
        "after": newest,
    }


def test_how_devices_were_when_the_backup_was_taken_is_not_said_of_now(
    station: Station, made: BackupMade, data: Path, database: str | None
) -> None:
    """What fails still says so within a minute, and what was mended is named no more."""
    assert len(station.queue().devices) == len(station.yard.devices.all(PITEA))
    restored(station, made, data, database)
    with reopened(station, data, database) as again:
        assert [None] == list({row.heard_at for row in again.yard.heartbeats.rows(PITEA)})
        assert again.queue().devices == []
        (post, *_) = again.yard.devices.all(PITEA)
        ill = Heartbeat(release="26.11.2", boot="b1", faults=[DeviceFault(part="keypad")])
        again.yard.heartbeats.hear(post, ill)
        assert [post.name] == [notice.name for notice in again.queue().devices]


def test_a_post_that_is_dead_since_before_the_restore_is_missed_three_minutes_after_the_start(
    station: Station, made: BackupMade, data: Path, database: str | None
) -> None:
    station.clock.advance(600_000)
    station.yard.tick()
    restored(station, made, data, database)
    station.clock.advance(3_600_000)
    with reopened(station, data, database) as again:
        again.yard.tick()
        assert again.queue().devices == []
        again.clock.advance(181_000)
        again.yard.tick()
        missed = again.queue().devices
        assert [("Post 1", True, []), ("Post 2", True, [])] == [
            (notice.name, notice.silent, notice.faults) for notice in missed
        ]
        assert ["device_silent"] * 2 == again.happened()[-2:]
        says = [row.says for row in again.yard.heartbeats.rows(PITEA) if row.silent]
        assert ["Post 1 has not been heard for 3 minutes or more."] == says[0]
        again.yard.heartbeats.hear(
            again.yard.devices.all(PITEA)[0], Heartbeat(release="1", boot="b")
        )
        assert "device_back" == again.happened()[-1]


def test_the_line_goes_on(
    station: Station, made: BackupMade, data: Path, database: str | None
) -> None:
    restored(station, made, data, database)
    with reopened(station, data, database) as again:
        assert again.waiting() == ["GHJ789", "ÅÄÖ12A"]
        again.comes("KLM456")
        assert again.comes("ABC123").again, "who is called is known"
        assert again.calls("GHJ789", "2").state == "called"


# -- and nothing twice ----------------------------------------------------------------------------


def test_codes_and_sessions_from_before_work_no_longer_and_passwords_do(
    sqlite_station: Station, tmp_path: Path, data: Path, database: str | None
) -> None:
    station = sqlite_station
    token, code = somebody(station)
    restored(station, take(station, tmp_path / "backups"), data, database)

    with reopened(station, data, database) as again:
        assert again.yard.people.session(token) is None
        with pytest.raises(Problem):
            again.yard.people.sign_in_by_code(code)
        assert again.yard.people.sign_in("Desk 1", PASSWORD).token
    found = everything(folders_url(data, database))
    assert [found["sign_in_code"], found["device_code"]] == [[], []]


def test_no_old_text_is_sent_and_the_closing_is_still_swept(
    sqlite_station: Station, tmp_path: Path, data: Path, database: str | None
) -> None:
    station = sqlite_station
    soon = station.clock.now() + timedelta(hours=8)
    for kind, cause in ((SWEEP, "today"), ("text", "waiting"), ("text", "claimed")):
        station.store.write(partial(deeds.plan, station=PITEA, kind=kind, cause=cause, due_at=soon))
    claim = sa.text(
        "UPDATE deed SET state = 'claimed', claimed_by = 'dead' WHERE cause <> 'waiting'"
    )
    station.store.write(lambda tx: tx.run(claim))
    restored(station, take(station, tmp_path / "backups"), data, database)

    with reopened(station, data, database) as again:
        rows = again.store.read(lambda view: view.all(sa.select(schema.deed)))
    assert {(row.kind, row.cause): (row.state, row.claimed_by) for row in rows} == {
        (SWEEP, "today"): ("pending", None),
        ("text", "waiting"): ("void", None),
        ("text", "claimed"): ("void", "dead"),
    }


def test_what_has_grown_too_old_is_erased_before_anybody_can_see_it(
    sqlite_station: Station, past: BackupMade, data: Path
) -> None:
    sqlite_station.minutes(8 * 24 * 60)
    restored(sqlite_station, past, data)

    with reopened(sqlite_station, data) as again:
        assert {row.plate for row in ended_visits(again)} == {""}
        assert again.queue().line  # who has not left is not forgotten


def test_a_clock_that_nobody_has_set_erases_nothing_by_a_restore(
    sqlite_station: Station, past: BackupMade, data: Path
) -> None:
    sqlite_station.minutes(8 * 24 * 60)
    sqlite_station.clock.is_synced = False
    restored(sqlite_station, past, data)

    with reopened(sqlite_station, data) as again:
        assert "" not in {row.plate for row in ended_visits(again)}


def test_what_was_erased_on_request_since_does_not_come_back(
    sqlite_station: Station, past: BackupMade, data: Path
) -> None:
    sqlite_station.minutes(1)
    with DataFolder(data) as folder:
        ErasureLog(folder).add(PITEA, Plate(PLATE), sqlite_station.clock.now())
    restored(sqlite_station, past, data)

    with reopened(sqlite_station, data) as again:
        assert PLATE not in {row.plate for row in ended_visits(again)}


def ended_visits(station: Station) -> Sequence[Row]:
    ended = sa.select(schema.visit).where(schema.visit.c.ended_at.is_not(None))
    return station.store.read(lambda view: view.all(ended))


# -- what is refused ------------------------------------------------------------------------------


def test_a_folder_that_a_central_serves_is_refused(
    sqlite_station: Station, file: BackupMade, data: Path
) -> None:
    with DataFolder(data), pytest.raises(FolderTaken, match="in use by another Portvakt"):
        restored(sqlite_station, file, data)


def test_a_folder_that_holds_a_station_is_refused_and_left_as_it_was(
    sqlite_station: Station, file: BackupMade, tmp_path: Path
) -> None:
    sqlite_station.store.close()
    before = everything(sqlite_station.url)

    with pytest.raises(NotPossible, match="give --replace to keep that database aside"):
        restored(sqlite_station, file, tmp_path / "data")
    assert everything(sqlite_station.url) == before


def test_replace_keeps_the_old_database_aside(
    sqlite_station: Station, file: BackupMade, tmp_path: Path
) -> None:
    sqlite_station.comes("KLM456")
    sqlite_station.store.close()
    what = restored(sqlite_station, file, tmp_path / "data", replace=True)

    assert what.aside is not None
    assert what.aside.name.startswith("central.db.before-")
    old = everything(f"sqlite:///{what.aside}")["visit"]
    new = everything(sqlite_station.url)["visit"]
    assert (len(old), len(new)) == (5, 4)


def test_a_database_that_is_damaged_can_be_replaced_and_is_not_taken_for_empty(
    sqlite_station: Station, file: BackupMade, data: Path
) -> None:
    data.mkdir()
    (data / "central.db").write_bytes(b"\xa5" * 8192)

    with pytest.raises(NotPossible, match="--replace"):
        restored(sqlite_station, file, data)
    restored(sqlite_station, file, data, replace=True)
    with reopened(sqlite_station, data) as again:
        assert again.waiting() == ["GHJ789", "ÅÄÖ12A"]


def test_a_database_that_was_set_up_and_never_used_is_as_good_as_none(
    sqlite_station: Station, file: BackupMade, data: Path, database: str | None
) -> None:
    """Somebody has started central once, by mistake."""
    data.mkdir()
    migrate(folders_url(data, database))
    what = restored(sqlite_station, file, data, database)

    with reopened(sqlite_station, data, database) as again:
        assert again.store.epoch == what.epoch


def test_a_postgresql_that_holds_a_station_is_never_replaced(
    sqlite_station: Station, postgres_station: Station, file: BackupMade, data: Path
) -> None:
    before = everything(postgres_station.url)

    with pytest.raises(NotPossible, match="is not empty: make a new database"):
        restored(sqlite_station, file, data, postgres_station.url)
    with pytest.raises(NotPossible, match="never replaced: make a new one"):
        restored(sqlite_station, file, data, postgres_station.url, replace=True)
    assert everything(postgres_station.url) == before


def test_a_postgresql_that_is_away_is_said_in_a_sentence(
    sqlite_station: Station, file: BackupMade, data: Path
) -> None:
    nowhere = "postgresql://portvakt@/nothing?host=/nowhere"

    with pytest.raises(StoreAway, match="look whether PostgreSQL runs"):
        restored(sqlite_station, file, data, nowhere)


def test_a_postgresql_that_somebody_serves_is_refused(
    sqlite_station: Station, file: BackupMade, data: Path, postgres: Databases
) -> None:
    url = postgres.new()
    with Presence(url), pytest.raises(StoreTaken, match="stop it first"):
        restored(sqlite_station, file, data, url)
    postgres.drop(url)


def test_a_file_of_a_newer_release_is_refused(
    sqlite_station: Station, file: BackupMade, data: Path
) -> None:
    with gzip.open(file.file) as packed:
        first, *lines = packed
    words = {**json.loads(first), "revision": "9999", "release": "99.1"}
    with gzip.open(file.file, "wb") as packed:
        packed.writelines([json.dumps(words).encode() + b"\n", *lines])

    with pytest.raises(StoreUnfit, match=r"newer Portvakt \(99.1\)"):
        restored(sqlite_station, file, data)
    assert not data.exists()


def test_a_broken_file_is_refused_before_anything_is_touched(
    sqlite_station: Station, file: BackupMade, tmp_path: Path
) -> None:
    sqlite_station.store.close()
    before = everything(sqlite_station.url)
    path = Path(file.file)
    path.write_bytes(path.read_bytes()[:-20])

    with pytest.raises(BackupBroken, match="its end is missing"):
        restored(sqlite_station, file, tmp_path / "data", replace=True)
    assert everything(sqlite_station.url) == before


def test_rows_that_break_a_rule_are_refused_whole(
    sqlite_station: Station, data: Path, database: str | None
) -> None:
    """A file that is well written and wrong: two stations of one name."""
    with pytest.raises(BackupBroken, match="breaks a rule"):
        restored(sqlite_station, of_the_first_release(data, ["pitea", "pitea"]), data, database)
    if database is not None:
        assert tables(database) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="gives a folder to somebody else")
def test_only_the_owner_of_the_folder_may(
    sqlite_station: Station, file: BackupMade, data: Path
) -> None:
    data.mkdir()
    os.chown(data, 65534, 65534)

    with pytest.raises(NotPossible, match="sudo -u nobody portvakt central restore"):
        restored(sqlite_station, file, data)


# -- files of older releases ----------------------------------------------------------------------


def of_the_first_release(folder: Path, stations: list[str]) -> BackupMade:
    """A file whose tables are those of revision 0001, with one station that has one car."""
    path = folder.with_name("first.jsonl.gz")
    at = "2026-11-23T07:30:00Z"
    visit = {
        "id": "v1", "station": "pitea", "plate": "ABC123", "match_key": "ABC123", "kind": "full",
        "source": "post", "state": "waiting", "version": 1, "arrived_at": at, "turn_at": at,
        "rule": "drop_in", "calls": 0,
    }  # fmt: skip
    kinds = {"version": Kind.NUMBER, "calls": Kind.NUMBER, "seq": Kind.NUMBER}
    kinds |= {"arrived_at": Kind.TIME, "turn_at": Kind.TIME}
    tables: dict[str, list[dict[str, Any]]] = {
        "meta": [{"name": "epoch", "value": "first"}],
        "station": [
            {"id": one, "name": "Piteå", "time_zone": "Europe/Stockholm", "seq": 0}
            for one in stations
        ],
        "visit": [visit],
    }
    header = Header(
        portvakt_backup=1,
        revision="0001",
        release="26.11.0",
        epoch="first",
        at=MORNING,
        rows={name: len(rows) for name, rows in tables.items()},
        newest={},
    )
    with backup_file.writing(path) as lines:
        lines.head(header)
        for name, rows in tables.items():
            columns = [(column, kinds.get(column, Kind.TEXT)) for column in rows[0]]
            lines.table(Table(table=name, columns=columns))
            lines.rows([list(row.values()) for row in rows])
    return BackupMade(file=str(path), rows=3, bytes=0, restored=False, removed=[])


def test_a_file_of_an_older_release_is_brought_up_to_date(
    sqlite_station: Station, data: Path, database: str | None
) -> None:
    restored(sqlite_station, of_the_first_release(data, ["pitea"]), data, database)

    found = everything(folders_url(data, database))
    assert [row[:3] for row in found["claim"]] == [("pitea", "ABC123", 0)], "made by a later step"
    assert found["station"][0][:3] == ("pitea", "Piteå", "Europe/Stockholm")


# -- in the middle of it --------------------------------------------------------------------------


KILLED = """
    import json, os, signal, sys
    from pathlib import Path
    from central.copies import restore
    from central.database import swap
    from central.clock import SystemClock
    from central.copies.restore import Asked

    file, database, *tries = sys.argv[1:]
    sync = swap._sync

    def one(data, kind, moment):
        steps = {"rows": 0, "disk": 0}

        def step(what):
            if what == kind and steps[what] == int(moment):
                os.kill(os.getpid(), signal.SIGKILL)
            steps[what] += 1

        swap._sync = lambda path: (step("disk"), sync(path), step("disk"))
        asked = Asked(
            file=Path(file), data=Path(data), database=database, replace=not database
        )
        restore.restore(asked, SystemClock(), lambda _done, _of: step("rows"))

    ends = []
    for words in tries:
        child = os.fork()
        if not child:
            one(*words.split(","))
            os._exit(0)
        ends.append(os.waitpid(child, 0)[1])
    print(json.dumps(ends))
"""


def killed(file: BackupMade, database: str, *tries: tuple[Path, str, int]) -> list[bool]:
    """Restore in processes that kill themselves at a moment each; whether they did before their end."""
    words = [f"{data},{what},{moment}" for data, what, moment in tries]
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(KILLED), file.file, database, *words],
        capture_output=True,
        text=True,
        check=False,
    )
    ends = json.loads(done.stdout)
    assert set(ends) <= {0, int(signal.SIGKILL)}, done.stderr
    return [end != 0 for end in ends]


@pytest.mark.processes
def test_killed_at_any_moment_it_leaves_the_old_database_or_the_new_one(
    sqlite_station: Station, file: BackupMade, tmp_path: Path
) -> None:
    sqlite_station.comes("KLM456")
    sqlite_station.store.close()
    old = everything(sqlite_station.url)
    moments = [("rows", 2), ("rows", 6), *(("disk", number) for number in range(12))]
    tries = [(tmp_path / f"{what}-{moment}", what, moment) for what, moment in moments]
    for folder, _, _ in tries:
        shutil.copytree(tmp_path / "data", folder)

    ended_early = killed(file, "", *tries)

    is_old = []
    for folder, _, _ in tries:
        with DataFolder(folder):
            """Whoever comes next carries it to its end."""
        now = everything(DataFolder(folder).url)
        is_old.append(now == old)
        assert is_old[-1] or len(now["visit"]) == len(old["visit"]) - 1, folder.name
        assert not list(folder.glob("*.restor*")), "nothing half lies about"
    assert is_old == sorted(is_old, reverse=True), "once it counts, it counts"
    assert {True, False} == set(is_old)
    assert ended_early == sorted(ended_early, reverse=True)
    assert not ended_early[-1], "no moment is left out"


@pytest.mark.processes
def test_killed_in_the_middle_postgresql_holds_nothing(
    file: BackupMade, data: Path, postgres: Databases
) -> None:
    url = postgres.new()
    assert killed(file, url, (data, "rows", 4)) == [True]
    assert tables(url) == []
    assert killed(file, url, (data, "rows", 8), (data, "rows", 999)) == [True, False]
    assert "visit" in tables(url)
    postgres.drop(url)


def test_a_power_cut_during_the_exchange_is_made_good_by_the_next_start(tmp_path: Path) -> None:
    """The old file is aside already, and the new one has not got its name yet."""
    swap.building(tmp_path).write_bytes(b"new")
    swap.is_whole(tmp_path)
    (tmp_path / "central.db-wal").write_bytes(b"of the old")

    with DataFolder(tmp_path):
        assert (tmp_path / "central.db").read_bytes() == b"new"
        assert not (tmp_path / "central.db-wal").exists(), "it would be played into the new one"


def test_a_disk_without_room_leaves_everything_as_it_was(
    sqlite_station: Station, file: BackupMade, data: Path
) -> None:
    data.mkdir()
    with tmpfs(data, 200) as small:
        with pytest.raises(RestoreFailed, match="everything is as it was"):
            restored(sqlite_station, file, small)
        assert [path.name for path in small.iterdir()] == ["central.lock"]
