"""A central in a process of its own that is killed and started again, and posts that never give up."""

import itertools
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import msgspec

from central.serving.admin import AdminClient, CentralNotRunning
from contract.ids import uuid7
from contract.wire import Arrival, Enrolled
from tests.waiting import until

READY_S = 30
PATIENCE_S = 60
AGAIN_EVERY = 7


@dataclass
class Central:
    """`portvakt central serve` on *data* and *port*; with a *database*, on that one.  It logs to *log*."""

    data: Path
    log: Path
    port: int
    database: str = ""
    process: "subprocess.Popen[str] | None" = None

    @property
    def admin(self) -> AdminClient:
        return AdminClient(self.data / "central.sock")

    def start(self) -> None:
        """Start it and go on at once: whoever asks it waits."""
        command = [sys.executable, "-m", "portvakt", "central", "serve"]
        command += ["--data", str(self.data), "--port", str(self.port)]
        environment = {**os.environ}
        if self.database:
            environment["PORTVAKT_DATABASE"] = self.database
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, env=environment, stdout=log, stderr=log, text=True
            )

    def ready(self) -> None:
        """Wait until it answers."""
        until(self._answers, READY_S, "a central that answers")

    def kill(self) -> None:
        """`kill -9`."""
        self.end(signal.SIGKILL)

    def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Stop it."""
        process, self.process = self.process, None
        if process is not None:
            process.send_signal(number)
            process.wait(READY_S)

    def said(self) -> str:
        """Its log."""
        return self.log.read_text(errors="replace")

    def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.said()
        try:
            self.admin.ask("about")
        except CentralNotRunning:
            return False
        return True


@contextmanager
def a_central(folder: Path, database: str = "", data: Path | None = None) -> Iterator[Central]:
    """A central that answers, and is ended with the block."""
    central = Central(data or folder / "data", folder / "log", a_port(), database)
    try:
        central.start()
        central.ready()
        yield central
    finally:
        central.end(signal.SIGKILL)


def a_port() -> int:
    """A port that is free now, and below the range from which the kernel lends them to others."""
    for port in itertools.count(28_100 + os.getpid() % 1_000):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError


@dataclass
class Post:
    """A post at *station*: it sends each arrival, the same bytes, until central has said that it has it."""

    port: int
    station: str
    token: str
    refusals: list[tuple[int, str]] = field(default_factory=list)
    _connection: HTTPConnection | None = None

    def delivers(self, arrival: Arrival) -> None:
        """Send it until it is acknowledged; fail when that takes more than a minute."""
        until(lambda: self.sends(arrival) in (200, 201), PATIENCE_S, "an acknowledged arrival")

    def sends(self, arrival: Arrival) -> int:
        """Send it once; 0 when there was no answer."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        path = f"/v1/stations/{self.station}/arrivals"
        connection = self._connection or HTTPConnection("127.0.0.1", self.port, timeout=20)
        self._connection = connection
        try:
            connection.request("POST", path, msgspec.json.encode(arrival), headers)
            answer = connection.getresponse()
            body = answer.read()
        except (OSError, HTTPException):
            self.hangs_up()
            return 0
        if answer.status not in (200, 201):
            self.refusals.append((answer.status, msgspec.json.decode(body)["reason"]))
        return answer.status

    def hangs_up(self) -> None:
        """Let the connection go."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def set_up(central: Central, station: str) -> Post:
    """A station with a door and a post."""
    central.admin.ask("create_station", station=station, name=station)
    central.admin.ask("create_bay", station=station, bay="b1", door="1")
    code = central.admin.ask("device_code", station=station, role="post", name="Post")["code"]
    connection = HTTPConnection("127.0.0.1", central.port, timeout=READY_S)
    words = msgspec.json.encode({"code": code})
    headers = {"Content-Type": "application/json"}
    connection.request("POST", f"/v1/stations/{station}/devices/enrol", words, headers)
    token = msgspec.json.decode(connection.getresponse().read(), type=Enrolled).token
    connection.close()
    return Post(central.port, station, token)


def arrivals(count: int, letter: str = "A") -> list[Arrival]:
    """Arrivals of as many plates."""
    now = datetime.now(UTC)
    return [
        Arrival(
            id=uuid7(int(now.timestamp() * 1_000)),
            plate=f"{letter}{number // 1_000:02}{number % 1_000:03}",
            at=now,
            synced=True,
            boot_id="boot",
            mono_ms=number + 1,
        )
        for number in range(count)
    ]


class Rush:
    """Posts that deliver at the same time, each its own cars one after the other."""

    def __init__(self, posts: Sequence[Post], cars: Sequence[Arrival]) -> None:
        self.acknowledged: list[str] = []
        self.failures: list[BaseException] = []
        self._threads = [
            threading.Thread(
                target=self._deliver, args=(post, cars[number :: len(posts)]), daemon=True
            )
            for number, post in enumerate(posts)
        ]

    def begin(self) -> None:
        for thread in self._threads:
            thread.start()

    def wait_for(self, count: int) -> None:
        """Wait until so many are acknowledged."""
        until(lambda: self.failures or len(self.acknowledged) >= count, 2 * PATIENCE_S, f"{count}")
        assert not self.failures, self.failures[0]

    def end(self) -> None:
        for thread in self._threads:
            thread.join()

    def _deliver(self, post: Post, cars: Sequence[Arrival]) -> None:
        try:
            for number, car in enumerate(cars):
                post.delivers(car)
                self.acknowledged.append(car.id)
                if number % AGAIN_EVERY == 0:  # an answer that was lost on its way back
                    post.delivers(car)
        except BaseException as error:  # noqa: BLE001 - told by the test's own thread
            self.failures.append(error)
        finally:
            post.hangs_up()
