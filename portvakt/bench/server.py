"""A central of the bench's own: a real process on a temporary folder, with stations and posts."""

import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from central.serving.admin import AdminClient, CentralNotRunning
from contract.errors import PortvaktError
from contract.reading import from_json
from contract.wire import Enrolled
from portvakt.bench.wire import Connection, request

READY_S = 30


class BenchFailed(PortvaktError):
    """The bench could not measure; the text says why."""


@dataclass(frozen=True, slots=True)
class Bench:
    """The address of the process, where its data lie, and one post's token at each station."""

    port: int
    folder: Path
    tokens: dict[str, str]
    pid: int

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def admin(self) -> AdminClient:
        """Its local socket."""
        return AdminClient(self.folder / "central.sock")


@contextmanager
def running(stations: int) -> Iterator[Bench]:
    """Start central, set up *stations* stations with a post each, and stop it at the end."""
    with tempfile.TemporaryDirectory(prefix="portvakt-bench-") as name:
        folder = Path(name)
        argv = [sys.executable, "-m", "portvakt", "central", "serve", "--data", name, "--port", "0"]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(argv, stderr=log, stdout=log)  # noqa: S603 - our own command
            try:
                admin = AdminClient(folder / "central.sock")
                port = _port(admin, process)
                tokens = dict(_enrolled(admin, port, number) for number in range(stations))
                yield Bench(port, folder, tokens, process.pid)
            finally:
                process.send_signal(signal.SIGTERM)
                process.wait(READY_S)


def _port(admin: AdminClient, process: "subprocess.Popen[bytes]") -> int:
    """Wait until the service answers and say where."""
    for _ in range(READY_S * 20):
        try:
            address: str = admin.ask("about")["address"]
        except CentralNotRunning:
            try:
                process.wait(0.05)
            except subprocess.TimeoutExpired:
                continue
            break
        return int(address.rsplit(":", 1)[1])
    raise BenchFailed("Central did not start; run `portvakt central serve` by hand to see why.")


def _enrolled(admin: AdminClient, port: int, number: int) -> tuple[str, str]:
    """Set up one station and enrol its post; give the station's id and the post's token."""
    station = f"bench-{number}"
    admin.ask("create_station", station=station, name=station)
    admin.ask("create_bay", station=station, bay="b1", door="1")
    return station, enrolled(admin, port, station, role="post", name="post").token


def enrolled(admin: AdminClient, port: int, station: str, **what: Any) -> Enrolled:  # noqa: ANN401 - JSON words
    """Enrol one more device of *station*; *what* are the words of `device_code`."""
    code = admin.ask("device_code", station=station, **what)["code"]
    path = f"/v1/stations/{station}/devices/enrol"
    connection = Connection(port)
    status, body = connection.ask(request("POST", path, {}, msgspec.json.encode({"code": code})))
    connection.close()
    if status not in (200, 201):
        raise BenchFailed(f"A device could not be enrolled (HTTP {status}): {body.decode()[:200]}")
    return from_json(body, Enrolled)
