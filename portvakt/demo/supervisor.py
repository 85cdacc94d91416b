"""Stands in for systemd: starts the parts, waits for READY, brings back what dies, stops in order."""

import contextlib
import os
import selectors
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import IO

RESTART_MIN_S, RESTART_MAX_S = 0.5, 5.0
STOP_GRACE_S = 10.0
AFTER_DEATH_S = 10.0
_NOTICE_BYTES = 4096


class PartState(StrEnum):
    """How a part is, as its notices and its death tell."""

    STARTING = "starting"
    READY = "ready"
    DOWN = "down"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Part:
    """One program of the station.  `after_death` runs after any end of it, as `ExecStopPost` would."""

    name: str
    title: str
    argv: list[str]
    after_death: list[str] | None = None
    environment: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Health:
    """What is known of a part; `pid` is None while there is no process."""

    state: PartState
    pid: int | None = None
    restarts: int = 0


class Keeper:
    """Keeps one part running, in a thread of its own.

    *folder* holds its notify socket and its log; *say* gets one sentence when the part is lost and one
    when it is back; *changed* is called after each change of `health`.
    """

    def __init__(
        self, part: Part, folder: Path, say: Callable[[str], None], changed: Callable[[], None]
    ) -> None:
        self.part = part
        self.health = Health(PartState.STOPPED)
        self.log = folder / f"{part.name}.log"
        self._notices_path = folder / f"{part.name}.notify"
        self._say = say
        self._changed = changed
        self._state = threading.Condition()
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._said_lost = False
        self._thread = threading.Thread(target=self._run, name=f"keeper {part.name}")

    def start(self) -> None:
        """Start the part; returns at once."""
        self._thread.start()

    def wait_ready(self, timeout_s: float) -> bool:
        """Wait for READY; false when it did not come within *timeout_s*, or the part was stopped."""
        with self._state:
            self._state.wait_for(
                lambda: self.health.state is PartState.READY or self._stopping.is_set(), timeout_s
            )
            return self.health.state is PartState.READY

    def stop(self, grace_s: float = STOP_GRACE_S) -> None:
        """Ask the part to end (SIGTERM), end it by force after *grace_s*, and wait for its last deed."""
        with self._state:
            self._stopping.set()
            self._state.notify_all()
            self._signal(subprocess.Popen.terminate)
        if self._thread.ident is None:
            return
        self._thread.join(grace_s)
        if self._thread.is_alive():
            self._signal(subprocess.Popen.kill)
            self._thread.join()

    def last_words(self) -> str:
        """The last line that the part wrote, "" when it wrote none."""
        with contextlib.suppress(OSError):
            lines = self.log.read_text(encoding="utf-8", errors="replace").split("\n")
            return next((line.strip() for line in reversed(lines) if line.strip()), "")
        return ""

    def _signal(self, how: Callable[[subprocess.Popen[bytes]], None]) -> None:
        if self._process is not None:
            how(self._process)

    def _run(self) -> None:
        pause_s = RESTART_MIN_S
        notices = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        with notices, self.log.open("ab") as log:
            self._notices_path.unlink(missing_ok=True)
            notices.bind(str(self._notices_path))
            while (process := self._begin(log)) is not None:
                was_ready = self._watch(process, notices)
                process.wait()
                self._after_death(process.returncode, log)
                pause_s = RESTART_MIN_S if was_ready else min(pause_s * 2, RESTART_MAX_S)
                self._stopping.wait(pause_s)
        self._notices_path.unlink(missing_ok=True)
        self._now(PartState.STOPPED)

    def _begin(self, log: IO[bytes]) -> subprocess.Popen[bytes] | None:
        with self._state:
            if self._stopping.is_set():
                return None
            self._process = subprocess.Popen(  # noqa: S603 - our own programs
                _bound_to_us(self.part.argv),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**self._environment(), "NOTIFY_SOCKET": str(self._notices_path)},
                # Ctrl-C in the terminal is ours alone: the parts are stopped in order, not all at once.
                process_group=0,
            )
        self._now(PartState.STARTING, self._process.pid)
        return self._process

    def _environment(self) -> dict[str, str]:
        return {**os.environ, "PYTHONUNBUFFERED": "1", **self.part.environment}

    def _watch(self, process: subprocess.Popen[bytes], notices: socket.socket) -> bool:
        """Follow the notices of *process* until it ends; whether it was ever ready."""
        ready = False
        ended = os.pidfd_open(process.pid)
        try:
            with selectors.DefaultSelector() as turn:
                turn.register(ended, selectors.EVENT_READ)
                turn.register(notices, selectors.EVENT_READ)
                while all(key.fileobj is notices for key, _ in turn.select()):
                    if b"READY=1" in notices.recv(_NOTICE_BYTES).split(b"\n"):
                        ready = True
                        self._now(PartState.READY, process.pid)
                        self._say_back()
        finally:
            os.close(ended)
        return ready

    def _after_death(self, code: int, log: IO[bytes]) -> None:
        if not self._stopping.is_set():
            self._now(PartState.DOWN)
            self._say_lost(code)
        if self.part.after_death is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                subprocess.run(  # noqa: S603 - our own blanker
                    self.part.after_death,
                    check=False,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    env=self._environment(),
                    process_group=0,
                    timeout=AFTER_DEATH_S,
                )

    def _say_lost(self, code: int) -> None:
        if not self._said_lost:
            self._said_lost = True
            how = f"was ended by signal {-code}" if code < 0 else f"ended with {code}"
            words = self.last_words()
            said = f" Its last words: {words}" if code > 0 and words else ""
            self._say(f"{self.part.title} {how}; starting it again.{said}")

    def _say_back(self) -> None:
        if self._said_lost:
            self._said_lost = False
            self._say(f"{self.part.title} is back.")

    def _now(self, state: PartState, pid: int | None = None) -> None:
        with self._state:
            again = state is PartState.STARTING and self.health.state is PartState.DOWN
            self.health = Health(state, pid, self.health.restarts + again)
            self._state.notify_all()
        self._changed()


class Supervisor:
    """All parts of one demo.  They are stopped in the order in which they were given."""

    def __init__(
        self,
        folder: Path,
        say: Callable[[str], None] = print,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self._folder = folder
        self._say = say
        self._changed = changed
        self._keepers: dict[str, Keeper] = {}

    def start(self, part: Part) -> Keeper:
        """Start *part*; returns at once."""
        keeper = Keeper(part, self._folder, self._say, self._changed)
        self._keepers[part.name] = keeper
        keeper.start()
        return keeper

    def health(self) -> dict[str, Health]:
        """How each part is."""
        return {name: keeper.health for name, keeper in list(self._keepers.items())}

    def stop(self, first: list[str]) -> None:
        """Stop the parts named in *first* side by side, then the others one by one, last started first."""
        together = [self._keepers.pop(name) for name in first if name in self._keepers]
        threads = [threading.Thread(target=keeper.stop) for keeper in together]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        while self._keepers:
            self._keepers.popitem()[1].stop()


def _bound_to_us(argv: list[str]) -> list[str]:
    """Have the kernel end the part when the demo itself is killed, so that no port stays taken."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "TERM", "--", *argv] if setpriv else argv
