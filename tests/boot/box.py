"""A real systemd as PID 1 in a container of its own: it boots in a second or two, on a real ext4.

It shares this machine's kernel, clock and memory: no GPIO, no SPI, no memory limits, no hardware watchdog.
systemd-nspawn(1) starts it without a network of ours and without a word to our own service manager.
"""

import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from tests.boot.cgroups import Cgroup
from tests.boot.disk import Disk
from tests.boot.net import NAMES
from tests.waiting import until

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# systemd(1), SIGNALS: poweroff.target.
_POWER_OFF = signal.SIGRTMIN + 4
BOOT_S = 60.0


class BoxError(Exception):
    """A command in a box failed."""


class Box:
    """One machine.

    Args:
        name: of the box, and of its place in the cgroup tree; short, unique among those that run.
        disk: its disk.
        net: the network namespace that it lives in.
        log: where its console is written to.
    """

    def __init__(self, name: str, disk: Disk, net: str, log: Path) -> None:
        self.name = name
        self.disk = disk
        self.net = net
        self._log = log
        self._cgroup = Cgroup(name)
        self._nspawn: subprocess.Popen[bytes] | None = None
        self._leader = 0

    def start(self) -> float:
        """Switch it on; return the seconds until it was up.

        Raises:
            BoxError: it did not boot.
        """
        begun = time.monotonic()
        self.disk.mount()
        self._cgroup.make()
        with self._log.open("ab") as log:
            self._nspawn = subprocess.Popen(
                self._cgroup.joined(*self._words()),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={"PATH": PATH, "SYSTEMD_LOG_LEVEL": "warning", **_layout(self.disk.root)},
            )
        try:
            self._leader = until(self._first_process, BOOT_S, "the first process of the box")
            until(self._is_up, BOOT_S, "the end of the boot")
        except AssertionError as error:
            self._end()
            raise BoxError(f"{self.name} did not boot: {self._last_words()}") from error
        return time.monotonic() - begun

    def run(self, command: str, timeout_s: float = 60, stdin: str = "") -> str:
        """Run a shell command in it, as root; return what it wrote.

        Raises:
            BoxError: it failed.
        """
        done = self.attempt(command, timeout_s, stdin)
        if done.returncode != 0:
            raise BoxError(f"{command!r} ended with {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout

    def attempt(
        self, command: str, timeout_s: float = 60, stdin: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """Run a shell command in it, as root; the caller looks at the result."""
        return subprocess.run(
            [*self.entered(), "/bin/sh", "-c", command],
            input=stdin,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout_s,
            check=False,
        )

    def entered(self) -> list[str]:
        """What stands before the words of a program, so that it runs in the box."""
        nsenter = ["nsenter", "--target", str(self._leader), "--all"]
        return [*nsenter, "env", "-i", f"PATH={PATH}", "HOME=/root", "LC_ALL=C.UTF-8"]

    def path(self, place: str) -> Path:
        """A file of its disk, as we see it; what lies in its /run or /tmp only it sees."""
        return self.disk.root / place.lstrip("/")

    def cut(self) -> None:
        """Pull its plug: every process is gone, and so is what was not on the disk."""
        self.disk.cut()
        self._end()

    def stop(self) -> bool:
        """Shut it down as a person would; false when it had to be killed."""
        with suppress(ProcessLookupError):
            os.kill(self._leader, _POWER_OFF)
        try:
            until(lambda: self._process.poll() is not None, 30, "the end of the box")
            clean = True
        except AssertionError:
            clean = False
        self._end()
        return clean

    def end(self) -> None:
        """Take it away, whatever state it is in."""
        if self._nspawn is not None:
            self._end()

    @property
    def _process(self) -> subprocess.Popen[bytes]:
        if self._nspawn is None:
            raise BoxError(f"{self.name} is off")
        return self._nspawn

    def _words(self) -> list[str]:
        return [
            "systemd-nspawn",
            "--quiet",
            "--register=no",
            "--keep-unit",
            "--directory",
            os.fspath(self.disk.root),
            f"--machine={self.name}",
            "--console=read-only",
            "--resolv-conf=off",
            "--timezone=off",
            f"--network-namespace-path={NAMES / self.net}",
            "--boot",
        ]

    def _first_process(self) -> int:
        """The box's systemd; before it there are children that only prepare it."""
        self._must_live()
        parent = self._process.pid
        for child in Path(f"/proc/{parent}/task/{parent}/children").read_text("ascii").split():
            with suppress(OSError):  # it has ended meanwhile
                if Path(f"/proc/{child}/comm").read_text("ascii").strip() == "systemd":
                    return int(child)
        return 0

    def _is_up(self) -> bool:
        self._must_live()
        # Not is-system-running: it says "starting" for as long as the updater watches a trial.
        return self.attempt("systemctl is-active multi-user.target").stdout.strip() == "active"

    def _must_live(self) -> None:
        if self._process.poll() is not None:
            raise BoxError(f"{self.name} did not boot: {self._last_words()}")

    def _end(self) -> None:
        self._cgroup.end()
        self._process.wait()
        self._nspawn = None
        self._leader = 0
        self.disk.unmount()

    def _last_words(self) -> str:
        return self._log.read_text("utf-8", "replace")[-600:].strip()


def _layout(root: Path) -> dict[str, str]:
    """systemd from 256 on knows the unified tree alone, so the box gets one whatever this machine has."""
    name = (root / "usr/lib/os-release").read_text("utf-8")
    return {} if "bookworm" in name else {"SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"}
