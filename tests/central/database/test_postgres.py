"""PostgreSQL goes away, says no, or says nothing: what was acknowledged is there, and nothing else."""

import re
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import IntegrityError

from central import schema
from central.database import postgres
from central.database.store import Store
from central.database.tx import Tx
from central.migrations import migrate
from central.web.lanes import Lane
from contract.problems import Problem
from tests.central.yards import PITEA, Station
from tests.fakes.clock import FakeClock
from tests.fakes.postgres_proxy import LossyCable, lossy
from tests.postgres import Databases, Server, a_server
from tests.waiting import until

# What the database says of itself is not what a test wrote.
OWN = ("epoch", "reads_from")
NAMES = sa.select(schema.meta.c.name).where(schema.meta.c.name.not_in(OWN))
PID = sa.text("SELECT pg_backend_pid()")
# Threads that may each hold a connection to write.
ASKERS = sum(lane.threads for lane in Lane if lane is not Lane.HEALTH)


def remember(tx: Tx, name: str, value: str = "") -> None:
    tx.run(sa.insert(schema.meta), name=name, value=value)


def names(store: Store) -> set[str]:
    return store.read(lambda view: {row.name for row in view.all(NAMES)})


def reason(job: Callable[[], object]) -> str:
    with pytest.raises(Problem) as error:
        job()
    return error.value.kind.reason


class Cut:
    """A job that writes `a`, then `b`, and loses its connection in between as often as it is told."""

    def __init__(self, databases: Databases, times: int) -> None:
        self._databases = databases
        self._times = times
        self.runs = 0

    def __call__(self, tx: Tx) -> str:
        self.runs += 1
        remember(tx, "a")
        if self.runs <= self._times:
            self._databases.ask("SELECT pg_terminate_backend(%s, 5000)", tx.one(PID)[0])
        remember(tx, "b")
        return "done"


def test_a_connection_lost_inside_a_job_leaves_nothing_half_done_and_the_second_try_is_whole(
    postgres_station: Station, postgres: Databases
) -> None:
    job = Cut(postgres, 1)
    assert "done" == postgres_station.store.write(job, PITEA)
    assert 2 == job.runs
    assert {"a", "b"} == names(postgres_station.store)


def test_a_connection_lost_twice_is_not_saved(
    postgres_station: Station, postgres: Databases
) -> None:
    job = Cut(postgres, 2)
    assert "not_saved" == reason(lambda: postgres_station.store.write(job, PITEA))
    assert 2 == job.runs
    assert set() == names(postgres_station.store)
    assert postgres_station.comes("ABC123").place == 1


def test_a_read_survives_the_death_of_its_pooled_connection(
    postgres_station: Station, postgres: Databases
) -> None:
    pid = postgres_station.store.read(lambda view: view.one(PID)[0])
    postgres.ask("SELECT pg_terminate_backend(%s, 5000)", pid)
    assert [] == postgres_station.waiting()


@pytest.fixture
def cable(postgres_station: Station) -> Iterator[LossyCable]:
    with (
        tempfile.TemporaryDirectory(prefix="pv-") as folder,
        lossy(Path(folder), postgres_station.url) as cable,
    ):
        yield cable


def test_when_the_answer_to_a_commit_is_lost_nobody_claims_to_know_and_sending_again_is_safe(
    postgres_station: Station, cable: LossyCable
) -> None:
    station = Station(Path(), postgres_station.clock, cable.url).find()
    losses: list[str] = []
    station.store.losses.add(lambda: losses.append("lost"))
    arrival = station.typed("ABC123")
    cable.lose_next_commit()
    assert "unsure" == reason(lambda: station.deliver(arrival))
    assert cable.lost.is_set()
    assert ["lost"] == losses
    again = station.deliver(arrival)
    assert "ABC123" == again.plate
    assert ["ABC123"] == postgres_station.waiting()
    assert 1 == postgres_station.happened().count("arrived")
    station.store.close()


def test_a_commit_that_the_server_refuses_is_not_saved(postgres_station: Station) -> None:
    store, losses = postgres_station.store, []
    store.losses.add(lambda: losses.append("lost"))

    def breaks_at_the_commit(tx: Tx) -> None:
        tx.run(
            sa.text("CREATE TABLE other (name text REFERENCES meta DEFERRABLE INITIALLY DEFERRED)")
        )
        remember(tx, "a")
        tx.run(sa.text("INSERT INTO other VALUES ('nobody')"))

    assert "not_saved" == reason(lambda: store.write(breaks_at_the_commit))
    assert ["lost"] == losses
    assert set() == names(store)


def test_two_that_wait_for_each_other_are_both_done(postgres_station: Station) -> None:
    store, both = postgres_station.store, threading.Barrier(2)
    for name in ("a", "b"):
        store.write(partial(remember, name=name))
    runs: list[str] = []

    def touch(first: str, second: str) -> None:
        def job(tx: Tx) -> None:
            runs.append(first)
            for name in (first, second):
                tx.run(sa.update(schema.meta).where(schema.meta.c.name == name).values(value=first))
                if len(runs) <= 2 and name == first:
                    both.wait(10)

        store.write(job)

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(touch, "a", "b"), pool.submit(touch, "b", "a")]:
            done.result()
    assert 3 == len(runs), "the one that was given up for the other ran again"


def test_what_two_wrote_at_once_is_looked_at_again(postgres_station: Station) -> None:
    """Nobody has locked anything for these: the second to write finds what the first has written."""
    store, first_is_in, first_may_go = postgres_station.store, threading.Event(), threading.Event()

    def only_once(tx: Tx) -> bool:
        if tx.first(NAMES) is not None:
            return False
        remember(tx, "a")
        return True

    def slow(tx: Tx) -> bool:
        done = only_once(tx)
        first_is_in.set()
        first_may_go.wait(10)
        return done

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(store.write, slow)
        first_is_in.wait(10)
        second = pool.submit(store.write, only_once)
        until(lambda: _waiting(postgres_station), what="the second, which waits for the first")
        first_may_go.set()
        assert [True, False] == [first.result(), second.result()]


def _waiting(station: Station) -> bool:
    waits = sa.text("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'transactionid'")
    return bool(station.store.read(lambda view: view.one(waits)[0]))


def test_a_station_that_somebody_holds_is_given_up_in_time(
    postgres_station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "_LOCK_MS", 200)
    other = Store(postgres_station.url, FakeClock())
    in_it, may_go = threading.Event(), threading.Event()

    def holds(_: Tx) -> None:
        in_it.set()
        may_go.wait(10)

    with ThreadPoolExecutor(1) as pool:
        holding = pool.submit(postgres_station.store.write, holds, PITEA)
        in_it.wait(10)
        assert "not_saved" == reason(lambda: other.write(lambda tx: remember(tx, "a"), PITEA))
        other.write(lambda tx: remember(tx, "b"))
        may_go.set()
        holding.result()
    assert {"b"} == names(other)
    other.close()


def test_when_all_connections_are_taken_the_next_is_refused_in_time(
    postgres_station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "POOL_WAIT_S", 0.2)
    monkeypatch.setattr(postgres, "WRITERS", 1)
    store = Store(postgres_station.url, FakeClock())
    in_it, may_go = threading.Event(), threading.Event()

    def holds(_: Tx) -> None:
        in_it.set()
        may_go.wait(10)

    with ThreadPoolExecutor(1) as pool:
        holding = pool.submit(store.write, holds)
        in_it.wait(10)
        assert "not_saved" == reason(lambda: store.write(lambda tx: remember(tx, "a")))
        may_go.set()
        holding.result()
    store.close()


def test_a_central_that_stops_in_the_middle_of_a_job_holds_its_station_no_longer_than_agreed(
    postgres_station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its machine sleeps, and wakes when another has done its work: then it begins that job anew."""
    monkeypatch.setattr(postgres, "IDLE_MS", 200)
    frozen = Store(postgres_station.url, FakeClock())
    in_it, wakes = threading.Event(), threading.Event()

    def stops(tx: Tx) -> set[str]:
        remember(tx, "before")
        in_it.set()
        wakes.wait(10)
        remember(tx, "after")
        return {row.name for row in tx.all(NAMES)}

    with ThreadPoolExecutor(1) as pool:
        stopped = pool.submit(frozen.write, stops, PITEA)
        in_it.wait(10)
        postgres_station.store.write(lambda tx: remember(tx, "b"), PITEA)
        assert {"b"} == names(postgres_station.store)
        wakes.set()
        assert {"b", "before", "after"} == stopped.result(10)
    frozen.close()


TOLD = sa.text(
    "SELECT current_setting('idle_in_transaction_session_timeout'),"
    " current_setting('statement_timeout'),"
    " inet_server_addr() IS NULL OR current_setting('tcp_user_timeout') <> '0'"
)


def test_who_writes_is_given_up_when_it_stops_and_who_reads_long_is_not(
    postgres_station: Station,
) -> None:
    store = postgres_station.store
    assert ("15s", "10s", True) == tuple(store.write(lambda tx: tx.one(TOLD)))
    assert ("0", "10s") == tuple(store.read(lambda view: view.one(TOLD)))[:2]
    with postgres.connect(make_url(postgres_station.url)) as connection:
        assert ("0", "0", True) == connection.execute(str(TOLD)).fetchone()


class OnTheNetwork(Server):
    """A server that listens on a port of this machine too."""

    def __init__(self) -> None:
        super().__init__()
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self._settings += ["listen_addresses=127.0.0.1", f"port={self.port}"]

    @property
    def url(self) -> URL:
        return super().url.set(port=self.port)


NETWORK = sa.text(
    r"SELECT setting FROM pg_settings WHERE name LIKE 'tcp\_%' AND context = 'user' ORDER BY name"
)


def _settings_of_a_connection_of_its_own(url: URL) -> list[str]:
    with postgres.connect(url) as connection:
        return [row[0] for row in connection.execute(str(NETWORK))]


def test_over_the_network_a_machine_that_is_gone_is_given_up_within_seconds(
    postgres: Databases,  # which skips this where there is no PostgreSQL
) -> None:
    server = OnTheNetwork()
    try:
        server.start()
        url = make_url(f"postgresql://postgres@127.0.0.1:{server.port}/postgres")
        engine = postgres_engine(url)
        with engine.connect() as connection:
            pool = [row.setting for row in connection.execute(NETWORK)]
        engine.dispose()
        own = _settings_of_a_connection_of_its_own(url)
    finally:
        server.end()
    assert ["3", "5", "2", "8000"] == pool == own, "count, idle, interval, user timeout"


def test_when_all_requests_write_the_ticker_and_the_command_line_still_can(
    postgres_station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "POOL_WAIT_S", 0.2)
    store = Store(postgres_station.url, FakeClock())
    all_in, may_go = threading.Barrier(ASKERS + 1), threading.Event()

    def holds(_: Tx) -> None:
        all_in.wait(10)
        may_go.wait(10)

    with ThreadPoolExecutor(ASKERS) as pool:
        holding = [pool.submit(store.write, holds) for _ in range(ASKERS)]
        all_in.wait(10)
        try:
            store.write(lambda tx: remember(tx, "the ticker"))
            store.submit(lambda tx: remember(tx, "the later writer")).result()
        finally:
            may_go.set()
        for one in holding:
            one.result()
    assert {"the ticker", "the later writer"} == names(store)
    store.close()


def test_a_reader_cannot_write(postgres_station: Station) -> None:
    with pytest.raises(sa.exc.InternalError, match="read-only"):
        postgres_station.store.read(
            lambda view: view.all(sa.text("INSERT INTO meta VALUES ('a', '') RETURNING 1"))
        )


def test_what_is_acknowledged_is_on_disk_whatever_the_server_was_told(
    postgres_station: Station,
) -> None:
    told = sa.text("SELECT setting, reset_val FROM pg_settings WHERE name = 'synchronous_commit'")
    assert "on" == postgres_station.store.write(lambda tx: tx.one(told).setting)


def test_an_error_never_tells_what_stood_in_the_row(postgres_station: Station) -> None:
    postgres_station.comes("ABC123")

    def twice(tx: Tx) -> None:
        row = dict(tx.one(sa.select(schema.arrival))._mapping)
        tx.run(sa.insert(schema.arrival), **row)

    with pytest.raises(IntegrityError) as error:
        postgres_station.store.write(twice, PITEA)
    assert "arrival_pkey" in str(error.value)
    arrival = postgres_station.store.read(lambda view: view.one(sa.select(schema.arrival))).id
    assert arrival not in str(error.value)


def test_the_migrations_make_the_tables_that_the_code_uses(postgres_station: Station) -> None:
    engine = postgres.writing_engine(make_url(postgres_station.url))
    with engine.connect() as connection:
        assert [] == compare_metadata(MigrationContext.configure(connection), schema.metadata)
    engine.dispose()


# -- the server stops ---------------------------------------------------------------------------


@pytest.fixture
def own_server() -> Iterator[Server]:
    with a_server(durable=True) as server:
        yield server


def test_when_the_server_stops_all_is_refused_at_once_and_when_it_is_back_all_goes_on(
    own_server: Server,
) -> None:
    url = own_server.url.render_as_string(hide_password=False)
    migrate(url)
    station = Station(Path(), FakeClock(), url).set_up()
    station.comes("ABC123")
    own_server.stop()
    assert "not_saved" == reason(lambda: station.comes("DEF456"))
    assert "not_saved" == reason(station.queue)
    assert "not_saved" == reason(station.yard.tick)
    assert station.store.alive
    own_server.start()
    assert ["ABC123"] == station.waiting()
    station.comes("GHJ789")
    assert ["ABC123", "GHJ789"] == station.waiting()
    station.store.close()


def test_after_an_outage_no_sign_is_called_silent_that_could_not_be_heard(
    own_server: Server,
) -> None:
    url = own_server.url.render_as_string(hide_password=False)
    migrate(url)
    station = Station(Path(), FakeClock(), url).set_up()
    station.sign_1.wakes()
    own_server.stop()
    for _ in range(6):
        station.clock.advance(10_000)
        assert "not_saved" == reason(station.sign_1.ask)
        assert "not_saved" == reason(station.yard.tick)
    own_server.start()
    station.yard.tick()
    assert "sign_silent" not in station.happened()
    station.clock.advance(31_000)
    station.yard.tick()
    assert 1 == station.happened().count("sign_silent"), "and then it is one that is silent"
    station.store.close()


def test_an_address_s_password_is_in_no_word_that_people_read(postgres: Databases) -> None:
    url = make_url(postgres.new())
    secret = url.set(password="geheim", query={"host": "/nowhere"})
    with pytest.raises(sa.exc.OperationalError) as error:
        postgres_engine(secret).connect()
    assert not re.search("geheim", str(error.value))


def postgres_engine(url: sa.URL) -> sa.Engine:
    return postgres.writing_engine(url)
