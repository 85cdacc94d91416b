"""The demo as a process of its own, as a newcomer starts it."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any, Self

import requests

from portvakt.demo.staff import Staff
from tests.waiting import until

READY_S = 40
STOP_S = 20
DEMO = (sys.executable, "-m", "portvakt", "demo", "--no-open")
FIRST_PORT, LAST_PORT = 20_000, 28_000  # below the range from which the kernel lends ports


@dataclass
class RunningDemo:
    """A demo on *port* and the two after it; `with` starts it, waits until all of it stands, and ends it."""

    port: int
    arguments: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    printed: str = ""

    @property
    def url(self) -> str:
        """The demo's page."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def central_url(self) -> str:
        """The board and the queue."""
        return f"http://127.0.0.1:{self.port + 1}"

    @property
    def post_url(self) -> str:
        """The post's own page."""
        return f"http://127.0.0.1:{self.port + 2}"

    def __enter__(self) -> Self:
        self.process = subprocess.Popen(
            [*DEMO, "--port", str(self.port), *self.arguments],
            env={**os.environ, **self.environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert self.process.stdout is not None
        self.printed = self.process.stdout.readline()
        if not self.printed.startswith("Portvakt demo: open"):
            said = self.printed + self.process.communicate()[0]
            raise AssertionError(f"the demo did not start: {said}")
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self, how: signal.Signals = signal.SIGINT) -> int:
        """End it as Ctrl-C does; its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(how)
            try:
                self.printed += self.process.communicate(timeout=STOP_S)[0]
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.printed += self.process.communicate()[0]
        return self.process.wait()

    def state(self) -> dict[str, Any]:
        """What the demo's page is told."""
        state: dict[str, Any] = requests.get(f"{self.url}/state", timeout=5).json()
        return state

    def rows(self, door: str) -> tuple[str, ...]:
        """What stands on the panel above *door*."""
        return next(tuple(sign["rows"]) for sign in self.state()["signs"] if sign["door"] == door)

    def pid(self, part: str) -> int | None:
        """The process of *part* if it is ready now."""
        health = self.state()["parts"][part]
        return health["pid"] if health["state"] == "ready" else None

    def wait_ready(self) -> None:
        """Wait until every part is ready."""
        until(
            lambda: all(part["state"] == "ready" for part in self.state()["parts"].values()),
            READY_S,
            "a ready station",
        )

    def kill(self, part: str) -> int:
        """`kill -9` the process of *part*; its number."""
        pid: int | None = until(lambda: self.pid(part), READY_S, f"a running {part}")
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        return pid

    @contextmanager
    def staff_session(self) -> Iterator[Staff]:
        """Somebody signed in as "Desk 1", by the same way as the page."""
        answer = requests.post(f"{self.url}/desk-code", headers={"Origin": self.url}, timeout=5)
        staff = Staff(self.central_url, answer.json()["code"])
        try:
            yield staff
        finally:
            staff.close()


def free_ports() -> int:
    """The first of three neighbouring free ports; other than the tests beside us would pick."""
    start = FIRST_PORT + os.getpid() * 3 % (LAST_PORT - FIRST_PORT)
    for first in chain(range(start, LAST_PORT, 3), range(FIRST_PORT, start, 3)):
        if all(_free(port) for port in range(first, first + 3)):
            return first
    raise AssertionError("no three free ports")


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def processes_below(pid: int) -> set[int]:
    """Every process that descends from *pid* now."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        parents[int(stat.parent.name)] = int(fields[1])
    found, new = set[int](), {pid}
    while new:
        found |= new
        new = {child for child, parent in parents.items() if parent in new} - found
    return found - {pid}
