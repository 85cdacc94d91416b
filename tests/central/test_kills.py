"""`kill -9` while arrivals are acknowledged, disks that refuse, and boards that come back.

Everything acknowledged is there once, and nothing is half done.  PORTVAKT_SOAK=1 kills 60 times instead of
6, PORTVAKT_SEED repeats a run.
"""

import os
import random
import shutil
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import msgspec
import pytest
import requests
import sqlalchemy as sa

from central import schema
from central.database.folder import DataFolder
from central.database.store import Store
from central.database.tx import View
from tests.central.crashes import Rush, a_central, arrivals, set_up
from tests.central.power_day import SICK, Acknowledged
from tests.central.test_power_cuts import look
from tests.central.web.served import PASSWORD, Events, Served
from tests.fakes.clock import FakeClock
from tests.fakes.disks import tmpfs
from tests.fakes.straced import refused
from tests.postgres import NoPostgres, Server, a_server
from tests.waiting import until

pytestmark = pytest.mark.processes

KILLS = 60 if os.environ.get("PORTVAKT_SOAK") else 6
WRITES = 1_000
STATIONS = 5
LATEST_S = 0.05
SEED = int(os.environ.get("PORTVAKT_SEED", random.SystemRandom().randrange(10**6)))
NOBODY_SAVED = {"not_saved", "unsure"}


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """Each engine as a station has it: central's own file, and a PostgreSQL that syncs its commits."""
    if request.param == "sqlite":
        yield ""
        return
    with a_server(durable=True) as server:
        yield server.url.render_as_string(hide_password=False)


# -- kill -9 ------------------------------------------------------------------------------------


def test_a_thousand_arrivals_and_kill_after_kill(tmp_path: Path, database: str) -> None:
    print(f"seed {SEED}: repeat with PORTVAKT_SEED={SEED}")  # noqa: T201 - shown when it fails
    dice = random.Random(SEED)
    cars = arrivals(WRITES)
    with a_central(tmp_path, database) as central:
        posts = [set_up(central, f"hall-{number}") for number in range(STATIONS)]
        rush = Rush(posts, cars)
        rush.begin()
        for count in sorted(dice.sample(range(WRITES // 20, WRITES - WRITES // 20), KILLS)):
            rush.wait_for(count)
            threading.Event().wait(dice.uniform(0, LATEST_S))
            central.kill()
            central.start()
        rush.wait_for(WRITES)
        rush.end()
        central.ready()
        central.end()
    assert all(status == 503 for post in posts for status, _ in post.refusals)
    counts_once(database or DataFolder(tmp_path / "data").url, [car.id for car in cars])


def test_arrivals_while_the_database_itself_is_killed(tmp_path: Path) -> None:
    with a_server(durable=True) as server:
        url, cars = server.url.render_as_string(hide_password=False), arrivals(WRITES // 4)
        with a_central(tmp_path, url) as central:
            posts = [set_up(central, f"hall-{number}") for number in range(STATIONS)]
            rush = Rush(posts, cars)
            rush.begin()
            rush.wait_for(len(cars) // 3)
            server.stop(signal.SIGKILL)
            until(lambda: _started(server), 30, "a PostgreSQL that starts again")
            rush.wait_for(len(cars))
            rush.end()
            central.end()
        refusals = [refusal for post in posts for refusal in post.refusals]
        assert {reason for _, reason in refusals} <= NOBODY_SAVED, refusals
        assert {status for status, _ in refusals} <= {503}
        counts_once(url, [car.id for car in cars])


def _started(server: Server) -> bool:
    """Try: those that the dead one left behind keep its memory until they have noticed."""
    try:
        server.start()
    except NoPostgres:
        return False
    return True


def counts_once(url: str, ids: list[str]) -> None:
    """Every arrival is there once, as one visit and one event, and no number was left out."""

    def count(view: View) -> None:
        kept = view.all(sa.select(schema.arrival))
        visits = view.all(sa.select(schema.visit))
        events = view.all(sa.select(schema.event).order_by(schema.event.c.seq))
        assert sorted(ids) == sorted(row.id for row in kept)
        assert len({row.plate for row in kept}) == len(visits) == len({row.id for row in visits})
        came = sorted(event.visit for event in events if event.kind == "arrived")
        assert came == sorted(row.visit for row in kept) == sorted(row.id for row in visits)
        for station in view.all(sa.select(schema.station)):
            seqs = [event.seq for event in events if event.station == station.id]
            assert list(range(1, station.seq + 1)) == seqs

    with closing(Store(url, FakeClock())) as store:
        store.read(count)


# -- disks that refuse ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault", ["fdatasync:error=EIO:when=9+11", "pwrite64:error=EIO:when=99+61"]
)
def test_a_disk_that_fails_now_and_then_takes_nothing_that_was_acknowledged(
    tmp_path: Path, model_station: Path, fault: str
) -> None:
    folder, said = tmp_path / "day", tmp_path / "said"
    shutil.copytree(model_station, folder)
    program = [sys.executable, "-m", "tests.central.power_day", str(folder), str(said)]
    with refused([*program, "on_a_sick_disk"], fault) as process:
        told = process.communicate(timeout=60)[0].split()
    assert 0 == process.returncode
    assert len(told) > 2, "the disk never failed"
    assert set(told) <= NOBODY_SAVED
    words = [msgspec.json.decode(line, type=Acknowledged) for line in said.read_bytes().split()]
    with closing(Store(DataFolder(folder).url, FakeClock())) as store:
        found = store.read(look)
    assert len(words) == SICK
    assert [] == [word for word in words if found.misses(word)]


@contextmanager
def no_room(folder: Path) -> Iterator[None]:
    """The disk of *folder* is full to the last byte."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (65_536, 4_096, 1):
            with suppress(OSError):
                while True:
                    file.write(bytes(size))
    yield
    ballast.unlink()


def test_a_full_disk_is_a_clear_503_and_works_again_when_there_is_room(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    with tmpfs(disk, 8_000), a_central(tmp_path, data=disk / "data") as central:
        post, cars = set_up(central, "hall"), arrivals(50)
        with no_room(disk):
            taken = [car for car in cars if post.sends(car) == 201]
            refused_cars = [car for car in cars if car not in taken]
            assert refused_cars, "there was room after all"
            assert {(503, "not_saved")} == set(post.refusals)
        for car in refused_cars:
            assert 201 == post.sends(car)
        for car in taken:
            assert 200 == post.sends(car)
        post.hangs_up()
        central.end()
        counts_once(DataFolder(central.data).url, [car.id for car in cars])


# -- boards ---------------------------------------------------------------------------------------


class Board(threading.Thread):
    """A board as a browser is one: it comes back with the last id that it has."""

    def __init__(self, desk: requests.Session, url: str) -> None:
        super().__init__(daemon=True)
        self._desk = desk
        self._url = url
        self._over = threading.Event()
        self.ids: list[str] = []
        self.snapshots = 0

    def run(self) -> None:
        while not self._over.wait(0.05):
            last = {"Last-Event-ID": self.ids[-1]} if self.ids else {}
            with (
                suppress(requests.RequestException, EOFError),
                closing(Events(self._desk, self._url, **last)) as events,
            ):
                self._listen(events)

    def goes(self) -> None:
        """Turn it off, once its stream has ended."""
        self._over.set()
        self.join()
        self._desk.close()

    def _listen(self, events: Events) -> None:
        while True:
            event = events.next()
            self.snapshots += event["event"] == "snapshot"
            if "id" in event:
                self.ids.append(event["id"])


def test_a_board_that_was_open_through_kills_misses_nothing_and_sees_nothing_twice(
    tmp_path: Path,
) -> None:
    cars = arrivals(60)
    with a_central(tmp_path) as central:
        post = set_up(central, "hall")
        central.admin.ask("create_user", name="Desk 1", password=PASSWORD, stations=["hall"])
        assert central.process is not None
        served = Served(central.process, central.data, f"http://127.0.0.1:{central.port}")
        board = Board(served.person(), served.url("events"))
        board.start()
        until(lambda: board.ids, what="the snapshot")
        for begin in (0, 20, 40):
            for car in cars[begin : begin + 20]:
                post.delivers(car)
            central.kill()
            central.start()
        central.ready()
        epoch, first = board.ids[0].rsplit("-", 1)
        wanted = [f"{epoch}-{int(first) + number}" for number in range(len(cars) + 1)]
        until(lambda: len(board.ids) >= len(wanted), what="every arrival")
        assert wanted == board.ids
        assert 1 == board.snapshots
        post.hangs_up()
        central.kill()
        board.goes()
