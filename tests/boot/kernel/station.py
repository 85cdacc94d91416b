"""The machine under test as a post, a sign and a central, and the people around it."""

import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from tests.boot.kernel.agent import Done
from tests.boot.kernel.machine import Machine
from tests.boot.kernel.panel import Panel

T = TypeVar("T")

OURS = ("portvakt-central", "portvakt-kiosk", "portvakt-sign")
PYTHON = "/opt/portvakt/current/venv/bin/python"
UPTIME = "cut -d' ' -f1 /proc/uptime"
PRETEND = "/opt/pretend"
SCREEN_S = 180
LOOK_S = 1.0


class NotSeen(AssertionError):
    """What should have been seen was not."""


@dataclass
class Station:
    """All that a scene needs.  `password` is the one of "Desk 1", made for this run."""

    machine: Machine
    panel: Panel = field(init=False)
    password: str = field(default_factory=lambda: secrets.token_urlsafe(18), repr=False)

    def __post_init__(self) -> None:
        self.panel = Panel(self.machine)

    def run(self, command: str, seconds: float = 300, stdin: str = "") -> Done:
        """Run *command* in the machine, as root."""
        return self.machine.run(command, seconds, stdin.encode())

    def press(self, *keys: str) -> list[int]:
        """Press keys of the matrix one after the other; the milliseconds that each took."""
        said = self.run(f"python3 {PRETEND}/finger.py {' '.join(keys)}").well()
        return [int(line.split()[1]) for line in said.splitlines()]

    def screen(self, *names: str) -> Any:
        """The post's screen, once it is one of *names*."""
        said = self.run(f"python3 {PRETEND}/screen.py {SCREEN_S} {' '.join(names)}")
        return json.loads(said.well())

    def desk(self, *words: str) -> Any:
        """Do what "Desk 1" does at the board; give the yard as it is then."""
        command = f"python3 {PRETEND}/desk.py {' '.join(words) or 'queue'}"
        return json.loads(self.run(command, stdin=self.password).well())

    def visit(self, plate: str) -> Any:
        """The row of *plate* in the line; None when it is not there."""
        return next((one for one in self.desk()["line"] if one["plate"] == plate), None)

    def shown(self, unit: str, name: str) -> str:
        """One property of a unit."""
        return self.run(f"systemctl show -P {name} {unit}").well().strip()

    def said(self, unit: str) -> str:
        """All that a service has logged since the machine started."""
        return self.run(f"journalctl -b -o cat --no-pager -u {unit}").well()

    def wait(self, what: str, ready: Callable[[], T | None], seconds: float = SCREEN_S) -> T:
        """Look until *ready* says something.

        Raises:
            NotSeen: it did not in *seconds*.
        """
        end_s = time.monotonic() + seconds
        while not (answer := ready()):
            if time.monotonic() > end_s:
                raise NotSeen(f"{what}: not within {seconds:.0f} s; last seen: {answer!r}")
            time.sleep(LOOK_S)
        return answer

    def uptime_ns(self) -> int:
        """The machine's monotonic clock, by hundredths of a second."""
        return uptime_ns(self.run(UPTIME).well())


def uptime_ns(said: str) -> int:
    """What UPTIME printed, in nanoseconds."""
    return round(float(said) * 1e9)


def see(is_so: object, otherwise: str) -> None:
    """Say *otherwise* when it is not so.

    Raises:
        NotSeen: always then.
    """
    if not is_so:
        raise NotSeen(otherwise)
