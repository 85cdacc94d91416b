"""What the processes of a post and of a sign weigh, and what their start costs the processor."""

import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from contract.errors import PortvaktError
from portvakt.bench.figure import Figure, figure
from portvakt.demo.fake_panel import FakePanel
from portvakt.demo.panel_socket import PanelSocket

START_TARGET_S = 1.5
READY_S = 60
_MB = 1_024 / 1e6  # of a KiB
_RUN = "import sys; from pathlib import Path; from {module} import run; sys.exit(run(Path(sys.argv[1])))"
_POST = """
state_dir = "{folder}"
demo = true
[central]
url = "http://127.0.0.1:9"
station = "pitea"
[identity]
token_file = "{folder}/token"
[page]
port = {port}
"""
_SIGN = """
[central]
url = "http://127.0.0.1:9"
station = "pitea"
[identity]
token_file = "{folder}/token"
[panel]
kind = "max7219"
bus = "unix:{folder}/panel"
"""


@dataclass(frozen=True, slots=True)
class _Service:
    """One kind of device: its name, its module, its settings, and what it may weigh in MB."""

    name: str
    module: str
    config: str
    most_mb: float


SERVICES = (
    _Service("post", "kiosk.service", _POST, 45.0),
    _Service("sign", "signage.service", _SIGN, 40.0),
)

Progress = Callable[[str], None]


class NotReady(PortvaktError):
    """The service did not start; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Weight:
    """One start: memory in KiB, processor time in seconds."""

    pss_kib: int
    own_kib: int
    start_s: float


def measure(passes: int, progress: Progress) -> Iterator[Figure]:
    """Yield what a device weighs that has just become ready, and its processor time until then."""
    for service in SERVICES:
        found = []
        for number in range(passes):
            progress(f"a {service.name}'s start, {number + 1} of {passes}")
            with tempfile.TemporaryDirectory(prefix="portvakt-bench-") as name:
                found.append(_weighed(service, Path(name)))
        yield from _figures(service, found)


def _figures(service: _Service, found: list[Weight]) -> Iterator[Figure]:
    own = statistics.median(one.own_kib for one in found) * _MB
    yield figure(
        f"memory of the {service.name}'s process (PSS)",
        [one.pss_kib * _MB for one in found],
        "MB",
        target=service.most_mb,
        detail=f"{own:.1f} MB of it shared with nobody",
    )
    yield figure(
        f"processor time of the {service.name} until it is ready",
        [one.start_s for one in found],
        "s",
        target=START_TARGET_S,
    )


def rollup(process: int | str = "self") -> dict[str, int]:
    """The sums over all memory of a process, in KiB, by the kernel's names (proc(5), smaps_rollup).

    `Pss` is what it has alone and its part of what it shares.
    """
    text = Path(f"/proc/{process}/smaps_rollup").read_text("ascii")
    return {name: int(kib) for name, kib in re.findall(r"^(\w+):\s+(\d+) kB$", text, re.MULTILINE)}


def _weighed(service: _Service, folder: Path) -> Weight:
    """Start a device as systemd would, and look when it says that it is ready (sd_notify(3))."""
    config, address = folder / "settings.toml", folder / "notify"
    config.write_text(service.config.format(folder=folder, port=_free_port()))
    with (
        closing(PanelSocket(folder / "panel", FakePanel())),
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line,
        (folder / "log").open("wb") as log,
    ):
        line.bind(str(address))
        line.settimeout(READY_S)
        process = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-c", _RUN.format(module=service.module), str(config)],
            stderr=log,
            env={**os.environ, "NOTIFY_SOCKET": str(address)},
        )
        try:
            _ready(line)
            start_s = _processor_s(process.pid)
            for _ in range(10):  # the watchdog's pings: its threads have all begun by then
                line.recv(256)
            weights = rollup(process.pid)
        finally:
            process.terminate()
            process.wait(READY_S)
    own = weights["Private_Clean"] + weights["Private_Dirty"]
    return Weight(weights["Pss"], own, start_s)


def _ready(line: socket.socket) -> None:
    try:
        while b"READY=1" not in line.recv(256):
            pass
    except TimeoutError as late:
        raise NotReady("A device did not become ready; run it by hand to see why.") from late


def _processor_s(process: int) -> float:
    """User and system time of all its threads (proc(5): stat, fields 14 and 15)."""
    fields = Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _free_port() -> int:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return int(line.getsockname()[1])
