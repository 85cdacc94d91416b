"""Doors of the bench's station: a real sign's process above each, and a panel that notes when it changed."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from portvakt.bench.server import Bench, BenchFailed
from portvakt.demo.fake_panel import FakePanel
from portvakt.demo.panel_socket import PanelSocket

READY_S = 60
LOOK_S = 0.001
BETWEEN_PAGES_S = 0.3
MODULES = 6
CONFIG = """
[central]
url = "{url}"
station = "{station}"
[identity]
token_file = "{folder}/token.json"
code_file = "{folder}/code"
[panel]
kind = "max7219"
modules = {modules}
bus = "unix:{folder}/panel"
[self_test]
at_start = false
at = ""
"""


class Door:
    """One bay, its sign's process and its panel.

    `changed_ns` is CLOCK_MONOTONIC when the panel last went dark or lit up: with the last byte of it.
    """

    def __init__(self, bay: str, folder: Path) -> None:
        self.bay = bay
        self.folder = folder
        self.changed_ns = 0
        self._is_lit = False
        self._panel = FakePanel(MODULES, keep=100)
        self._panel.listeners.append(self._changed)
        self._socket = PanelSocket(folder / "panel", self._panel)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def is_lit(self) -> bool:
        """Whether anything can be seen on it."""
        return self._is_lit

    @property
    def is_out(self) -> bool:
        """Whether it went dark and stayed so; from page to page it is dark for a moment too."""
        gone_ns = time.monotonic_ns() - self.changed_ns
        return not self._is_lit and gone_ns > BETWEEN_PAGES_S * 1e9

    def start(self) -> None:
        """Start the sign's service."""
        argv = [sys.executable, "-m", "portvakt", "sign", "run", "--config"]
        with (self.folder / "log").open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own command
                [*argv, str(self.folder / "sign.toml")], stderr=log, stdout=log
            )

    def close(self) -> None:
        """End the process and pull the cable."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(READY_S)
        self._socket.close()

    def _changed(self) -> None:
        is_lit = bool(self._panel.lit)
        if is_lit != self._is_lit:
            self.changed_ns, self._is_lit = time.monotonic_ns(), is_lit


@contextmanager
def doors(bench: Bench, station: str, count: int) -> Iterator[list[Door]]:
    """Open *count* doors with a sign above each, all of them enrolled and heard of by central."""
    with ExitStack() as stack:
        made = [_door(bench, station, f"d{number + 2}", stack) for number in range(count)]
        for door in made:
            door.start()
        wait_until(
            lambda: all((door.folder / "token.json").exists() for door in made),
            "A sign did not enrol; look at its log.",
        )
        yield made


def wait_until(there: Callable[[], bool], otherwise: str, within_s: float = READY_S) -> None:
    """Wait for a state; BenchFailed with the sentence *otherwise* when it does not come."""
    deadline_s = time.monotonic() + within_s
    while not there():
        if time.monotonic() > deadline_s:
            raise BenchFailed(otherwise)
        time.sleep(LOOK_S)


def _door(bench: Bench, station: str, bay: str, stack: ExitStack) -> Door:
    bench.admin.ask("create_bay", station=station, bay=bay, door=bay[1:])
    folder = bench.folder / bay
    folder.mkdir()
    asked: dict[str, Any] = {"station": station, "role": "sign", "name": f"sign {bay}", "bay": bay}
    (folder / "code").write_text(bench.admin.ask("device_code", **asked)["code"])
    (folder / "sign.toml").write_text(
        CONFIG.format(url=bench.url, station=station, folder=folder, modules=MODULES)
    )
    door = Door(bay, folder)
    stack.callback(door.close)
    return door
