"""What central acknowledges is on disk; what it could not save it says, and goes on."""

import os
import resource
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from central import schema
from central.database import engines
from central.database.folder import DataFolder
from central.database.store import Store
from central.database.tx import Tx, View
from central.errors import FolderTaken
from central.migrations import migrate
from central.serving.ticker import Ticker
from contract.problems import Problem
from tests.central.yards import Station, breaks_the_commit, together
from tests.fakes.clock import FakeClock
from tests.fakes.disks import tmpfs
from tests.waiting import until

REMEMBER = sa.insert(schema.meta)
OF_ALL = ("epoch", "reads_from")
NAMES = sa.select(schema.meta.c.name).where(schema.meta.c.name.not_in(OF_ALL))


def remember(name: str, value: str = "") -> "sa.Executable":
    return REMEMBER.values(name=name, value=value)


def names(store: Store) -> set[str]:
    return store.read(lambda view: {row.name for row in view.all(NAMES)})


@contextmanager
def files_no_longer_than(size: int) -> Iterator[None]:
    """Let every write beyond *size* fail; SQLite takes that for a broken disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def url(tmp_path: Path) -> str:
    url = DataFolder(tmp_path).url
    migrate(url)
    return url


# -- one group, one commit ----------------------------------------------------------------------


def test_a_job_that_refuses_takes_nothing_with_it_but_itself(url: str) -> None:
    def refuse(tx: Tx) -> None:
        tx.run(remember("half done"))
        raise LookupError("no such car")

    store = Store(url, FakeClock())
    first, second, third = together(
        store, lambda tx: tx.run(remember("a")), refuse, lambda tx: tx.run(remember("b"))
    )
    assert [1, 1] == [first.result(), third.result()]
    assert isinstance(second.exception(), LookupError)
    assert {"a", "b"} == names(store)
    store.close()


def test_a_failed_commit_acknowledges_nobody_and_the_writer_goes_on(url: str) -> None:
    store = Store(url, FakeClock())
    losses: list[str] = []
    store.losses.add(lambda: losses.append("lost"))
    futures = together(store, lambda tx: tx.run(remember("a")), breaks_the_commit)
    problems = [future.exception() for future in futures]
    assert all(isinstance(problem, Problem) for problem in problems)
    assert ["not_saved"] * 2 == [p.kind.reason for p in problems if isinstance(p, Problem)]
    assert ["lost"] == losses
    assert set() == names(store)
    store.write(lambda tx: tx.run(remember("b")))
    assert {"b"} == names(store)
    store.close()


def test_a_commit_that_the_disk_breaks_off_is_known_to_nobody(url: str) -> None:
    """A failed write is no refusal: what stands in the file may come to light after a crash."""
    store = Store(url, FakeClock())
    losses: list[str] = []
    store.losses.add(lambda: losses.append("lost"))
    store.write(lambda tx: tx.run(remember("a")))
    with files_no_longer_than(Path(f"{make_url(url).database}-wal").stat().st_size):
        future = store.submit(lambda tx: tx.run(remember("b", "x" * 9_000)))
        problem = future.exception()
    assert isinstance(problem, Problem)
    assert "unsure" == problem.kind.reason
    assert ["lost"] == losses
    store.write(lambda tx: tx.run(remember("c")))
    assert {"a", "c"} == names(store)
    store.close()


def test_a_database_that_somebody_else_writes_to_is_given_up_in_time(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "_BUSY_MS", 200)
    store = Store(url, FakeClock())
    with closing(sqlite3.connect(str(make_url(url).database), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Problem) as error:
            store.write(lambda tx: tx.run(remember("a")))
        assert "not_saved" == error.value.kind.reason
        other.execute("ROLLBACK")
    store.write(lambda tx: tx.run(remember("b")))
    assert {"b"} == names(store)
    store.close()


def test_hints_and_deeds_come_after_the_commit(station: Station) -> None:
    seen: list[set[str]] = []

    def job(tx: Tx) -> None:
        tx.run(remember("a"))
        tx.after_commit(lambda: seen.append(names(station.store)))

    station.store.write(job)
    until(lambda: seen, what="the deed after the commit")
    assert [{"a"}] == seen


def test_a_listener_that_fails_stops_nobody(station: Station) -> None:
    heard: list[int] = []

    def fail(_station: str, _seq: int) -> None:
        raise RuntimeError("a stream broke")

    station.store.hints.add(fail)
    station.store.hints.add(lambda _station, seq: heard.append(seq))
    station.comes("ABC123")
    station.comes("DEF456")
    until(lambda: len(heard) == 2, what="both hints")


def test_a_reader_cannot_write(url: str) -> None:
    store = Store(url, FakeClock())
    with pytest.raises(OperationalError, match="readonly"):
        store.read(lambda view: view._connection.execute(remember("a")))
    store.close()


def test_a_read_is_one_moment(station: Station) -> None:
    store = station.store

    def twice(view: View) -> tuple[int, int]:
        before = len(view.all(NAMES))
        store.write(lambda tx: tx.run(remember("a")))
        return before, len(view.all(NAMES))

    assert (0, 0) == store.read(twice)
    assert {"a"} == names(store)


def test_a_closed_store_saves_nothing_and_says_so(station: Station) -> None:
    store = station.store
    store.close()
    assert not store.alive
    for job in (store.write, lambda job: store.submit(job).result()):
        with pytest.raises(Problem) as error:
            job(lambda tx: tx.run(remember("a")))
        assert "not_saved" == error.value.kind.reason


def test_a_store_that_closes_does_what_was_handed_in_and_refuses_what_comes_then(
    station: Station,
) -> None:
    store, in_it, may_go = station.store, threading.Event(), threading.Event()

    def slow(tx: Tx) -> None:
        in_it.set()
        may_go.wait(10)
        tx.run(remember("first"))

    first, second = store.submit(slow), store.submit(lambda tx: tx.run(remember("second")))
    in_it.wait(10)
    with ThreadPoolExecutor(1) as pool:
        closing = pool.submit(store._writing.finish)
        try:
            until(lambda: not store.alive, what="a store that takes no more jobs")
            with pytest.raises(Problem, match="shutting down"):
                store.submit(lambda tx: tx.run(remember("late"))).result(5)
            with pytest.raises(Problem, match="shutting down"):
                store.write(lambda tx: tx.run(remember("late")))
        finally:
            may_go.set()
        closing.result()
    for one in (first, second):
        one.result()
    assert {"first", "second"} == names(store)


@contextmanager
def away(store: Store, url: str) -> Iterator[None]:
    """Nobody finds the file of the database, nor what has been read of it."""
    folder = Path(str(make_url(url).database)).parent
    store._reading.dispose()
    elsewhere = folder.rename(folder.with_name("elsewhere"))
    try:
        yield
    finally:
        elsewhere.rename(folder)


def test_a_file_that_cannot_be_read_is_a_refusal_that_passes(sqlite_station: Station) -> None:
    with away(sqlite_station.store, sqlite_station.url):
        with pytest.raises(Problem, match="cannot be read just now") as error:
            sqlite_station.queue()
        assert (503, "not_saved") == (error.value.kind.status, error.value.kind.reason)
    assert [] == sqlite_station.waiting()


def test_a_file_that_is_none_is_the_same_refusal(sqlite_station: Station) -> None:
    store, path = sqlite_station.store, Path(str(make_url(sqlite_station.url).database))
    store.close()
    path.write_bytes(b"no database" * 1_000)
    with pytest.raises(Problem, match="look at the disk"):
        store.read(lambda view: view.all(NAMES))


def test_the_ticker_outlives_a_file_that_cannot_be_read(
    sqlite_station: Station, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "central.serving.ticker")
    with ExitStack() as parts:
        lost = parts.enter_context(ExitStack())
        lost.enter_context(away(sqlite_station.store, sqlite_station.url))
        ticker = parts.enter_context(Ticker(sqlite_station.yard.tick, 0.01))
        until(lambda: "tick lost" in caplog.text or not ticker.alive, what="the loss")
        lost.close()
        until(lambda: "tick back" in caplog.text or not ticker.alive, what="the return")
        assert ticker.alive


def test_a_look_that_was_wrong_itself_is_no_refusal(station: Station) -> None:
    with pytest.raises(DBAPIError, match="no_such_table"):
        station.store.read(lambda view: view.all(sa.text("SELECT * FROM no_such_table")))


def test_writes_are_synced_to_the_disk(url: str) -> None:
    store = Store(url, FakeClock())
    modes = store.write(
        lambda tx: [
            tx.one(sa.text(f"PRAGMA {word}"))[0]
            for word in ("journal_mode", "synchronous", "foreign_keys")
        ]
    )
    assert ["wal", 2, 1] == modes
    store.close()


# -- disks --------------------------------------------------------------------------------------


def fill(store: Store) -> list[str]:
    """Write until it is refused; give what was acknowledged."""
    saved: list[str] = []
    while len(saved) < 2_000:
        name = f"row {len(saved)}"
        future = store.submit(partial(Tx.run, statement=remember(name, "x" * 4_000)))
        problem = future.exception()
        if isinstance(problem, Problem):
            assert "not_saved" == problem.kind.reason
            return saved
        saved.append(name)
    raise AssertionError("the disk never got full")


def test_a_full_disk_refuses_and_keeps_all_that_was_acknowledged(tmp_path: Path) -> None:
    folder = tmp_path / "disk"
    folder.mkdir()
    with tmpfs(folder, 2_000):
        url = DataFolder(folder).url
        migrate(url)
        store = Store(url, FakeClock())
        saved = fill(store)
        assert set(saved) == names(store)
        store.close()
        again = Store(url, FakeClock())
        assert set(saved) == names(again)
        again.close()


def test_a_database_that_reached_its_limit_refuses_and_goes_on_when_there_is_room(
    url: str,
) -> None:
    """`max_page_count` makes SQLite answer as a full disk does."""
    store = Store(url, FakeClock())
    pages = store.write(lambda tx: tx.one(sa.text("PRAGMA page_count"))[0])
    store.write(lambda tx: tx.all(sa.text(f"PRAGMA max_page_count={pages + 20}")))
    saved = fill(store)
    assert set(saved) == names(store)
    store.write(lambda tx: tx.all(sa.text("PRAGMA max_page_count=100000")))
    store.write(lambda tx: tx.run(remember("room again", "x" * 9_000)))
    assert {*saved, "room again"} == names(store)
    store.close()


WRITER = """
import sys
from pathlib import Path
import sqlalchemy as sa
from central import schema
from central.clock import SystemClock
from central.database.folder import DataFolder
from central.database.store import Store

with DataFolder(Path(sys.argv[1])) as folder:
    store = Store(folder.url, SystemClock())
    for number in range(1_000_000):
        name = f"row {number}"
        store.write(lambda tx: tx.run(sa.insert(schema.meta), name=name, value=""))
        print(name, flush=True)
"""


def test_a_killed_writer_has_lost_nothing_that_it_acknowledged(tmp_path: Path, url: str) -> None:
    """The kill shows that a crash loses nothing; a power cut is another test's business."""
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    said = [writer.stdout.readline() for _ in range(50)]
    os.kill(writer.pid, signal.SIGKILL)
    said += writer.stdout.readlines()
    writer.wait()
    writer.stdout.close()
    store = Store(url, FakeClock())
    acknowledged = {line.strip() for line in said if line.endswith("\n")}
    assert len(acknowledged) >= 50
    assert acknowledged <= names(store)
    assert "ok" == store.read(lambda view: view.one(sa.text("PRAGMA integrity_check"))[0])
    store.close()


# -- the data folder ----------------------------------------------------------------------------


def test_a_folder_in_use_is_refused_with_the_process_s_number(tmp_path: Path) -> None:
    with DataFolder(tmp_path / "data") as held:
        with pytest.raises(FolderTaken) as error, DataFolder(held.path):
            pass
        assert str(os.getpid()) in str(error.value)
        assert "--data" in str(error.value)
    with DataFolder(tmp_path / "data"):
        pass


def test_a_folder_that_cannot_be_made_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FolderTaken, match="cannot be written"), DataFolder(tmp_path / "file" / "d"):
        pass


def test_the_folder_is_its_owner_s_alone(tmp_path: Path) -> None:
    with DataFolder(tmp_path / "data") as folder:
        assert 0o700 == folder.path.stat().st_mode & 0o777


# -- the tables ---------------------------------------------------------------------------------


def test_the_migrations_make_the_tables_that_the_code_uses(url: str) -> None:
    engine = engines.writing_engine(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert [] == compare_metadata(context, schema.metadata)
    engine.dispose()


def test_migrating_twice_keeps_the_epoch(url: str) -> None:
    first = Store(url, FakeClock())
    first.close()
    migrate(url)
    second = Store(url, FakeClock())
    second.close()
    assert first.epoch == second.epoch
    assert 16 == len(first.epoch)


def test_two_writers_are_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    engines.check_sqlite(1)
    assert [] == caplog.messages
    engines.check_sqlite(2)
    assert "several writers" in caplog.text


# -- what the database itself refuses -----------------------------------------------------------


def doubled(table: sa.Table, **changes: object) -> Callable[[Tx], None]:
    """A job that copies the only row of *table* with *changes*."""

    def job(tx: Tx) -> None:
        row = dict(tx.one(sa.select(table))._mapping)
        tx.run(sa.insert(table), **(row | changes))

    return job


@pytest.mark.parametrize(
    ("table", "changes"),
    [
        (schema.claim, {"visit": "other"}),
        (schema.visit, {"id": "other"}),
        (schema.call, {"id": "other", "visit": "other"}),
        (schema.call, {"id": "other", "bay": "2"}),
        (schema.lit, {"device": "other", "bay": "2"}),
        (schema.lit, {"device": "other", "match_key": "OTHER"}),
        (schema.arrival, {}),
    ],
    ids=[
        "two open visits of a plate",
        "two called visits at a bay",
        "two standing calls at a bay",
        "two standing calls of a visit",
        "a plate lit on two doors",
        "two plates lit on a door",
        "an arrival's id twice",
    ],
)
def test_the_database_refuses(
    station: Station, table: sa.Table, changes: dict[str, object]
) -> None:
    station.sign_1.wakes()
    station.comes("ABC123")
    station.calls("ABC123", "1")
    station.sign_1.lit()
    with pytest.raises(IntegrityError, match=r"UNIQUE|duplicate key"):
        station.store.write(doubled(table, **changes))


def test_eight_threads_write_and_every_number_is_given_once(station: Station) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: station.comes(f"CAR{n:03d}"), range(80)))
    seqs = [event.seq for event in station.yard.events_after("pitea", 0)]
    assert list(range(1, len(seqs) + 1)) == seqs
    assert 80 == len(station.waiting())
