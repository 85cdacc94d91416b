"""The machine as the updater sees it: systemd, what our services say of themselves, the clocks."""

import json
import logging
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from deploy.switch.health import ACTIVE, STARTING, Look
from deploy.switch.links import current_folder, read_mark
from deploy.switch.place import Place, last_line

log = logging.getLogger("switch")

RUN = "/run"
REACHED = "/run/portvakt-heartbeat/reached"
REACH_UNIT = "portvakt-reach.service"
# Users, folders and device rules need more rights than the updater has.
APPLY_UNIT = "portvakt-apply.service"
REACHED_LATELY_S = 300.0
SAID_LATELY_S = 120.0
_LARGEST_STATE = 64 * 1024
# A start waits for READY, and central's may take five minutes after a migration.
_RESTART_S = 360.0
_BOOT_ID = "/proc/sys/kernel/random/boot_id"
_TIMESYNC_STAMP = "/run/systemd/timesync/synchronized"


class Machine(Protocol):
    """What the updater asks of the machine, so that a test can be one."""

    def look(self, units: Sequence[str], since: float | None, *, ask_network: bool) -> Look:
        """See how *units* are.  *since*: wall time from which on central must have been reached."""

    def instances(self, templates: Sequence[str]) -> list[str]:
        """The instances that a person has made of units such as `portvakt-central@.service`."""

    def reload(self) -> None:
        """Let systemd read the units again, and make what the release needs: users, folders, rules."""

    def boot_id(self) -> str:
        """The kernel's id of this boot."""

    def restart(self, units: Sequence[str]) -> None:
        """Start *units* anew; how that went is seen by looking."""

    def stop(self, units: Sequence[str]) -> None:
        """Stop *units*."""

    def wait(self, seconds: float) -> None:
        """Let time pass."""

    def now_s(self) -> float:
        """Seconds that only grow."""

    def wall(self) -> float:
        """Wall time, in seconds since 1970."""

    def synced(self) -> bool:
        """Whether the wall time can be believed."""


class RealMachine:
    """This one."""

    def __init__(self, place: Place) -> None:
        self._place = place

    def look(self, units: Sequence[str], since: float | None, *, ask_network: bool) -> Look:
        """See how *units* are, and what all our services say of themselves."""
        states, restarts = self._units(units)
        mark = read_mark(self._place, current_folder(self._place)) or {}
        said = dict(self._said())
        reached = self._reached(since)
        busy = any(_small_json(path).get("busy") is True for path in self._state_files())
        return Look(
            states,
            restarts,
            faults=frozenset(
                f"{who}: {part}" for who, (_, parts) in said.items() for part in parts
            ),
            speaks=frozenset(who for who, (rel, _) in said.items() if rel == mark.get("release")),
            reached=reached,
            answers=None if reached or not ask_network else self._answers(),
            busy=busy,
        )

    def instances(self, templates: Sequence[str]) -> list[str]:
        """Those that systemd has loaded."""
        patterns = [name.replace("@.", "@*.") for name in templates]
        if not patterns or self._place.root != Path("/"):
            return []
        words = ("systemctl", "list-units", "--all", "--plain", "--no-legend", "--no-pager")
        done = self._place.run(*words, *patterns, timeout_s=60.0)
        return sorted(line.split()[0] for line in done.stdout.splitlines() if line.strip())

    def reload(self) -> None:
        """Let systemd read the units again, and make what the release needs, by a unit of its own."""
        self._place.run("systemctl", "daemon-reload", timeout_s=_RESTART_S)
        done = self._place.run("systemctl", "start", APPLY_UNIT, timeout_s=_RESTART_S)
        if done.returncode != 0:
            log.warning("%s did not end well: %s", APPLY_UNIT, last_line(done))

    def boot_id(self) -> str:
        """The kernel's id of this boot (random(4)), and when systemd began.

        Both, because a container that boots again has the same kernel.
        """
        began = self._place.run("systemctl", "show", "-p", "UserspaceTimestampMonotonic", "--value")
        try:
            kernel = self._place.path(_BOOT_ID).read_text("ascii").strip()
        except OSError:
            kernel = ""
        return f"{kernel} {began.stdout.strip()[:40]}"

    def restart(self, units: Sequence[str]) -> None:
        """Start *units* anew, also those that systemd gave up."""
        if units:
            self._place.run("systemctl", "reset-failed", *units, timeout_s=_RESTART_S)
            self._place.run("systemctl", "restart", *units, timeout_s=_RESTART_S)

    def stop(self, units: Sequence[str]) -> None:
        """Stop *units*."""
        if units:
            self._place.run("systemctl", "stop", *units, timeout_s=_RESTART_S)

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        time.sleep(seconds)

    def now_s(self) -> float:
        """Monotonic time."""
        return time.monotonic()

    def wall(self) -> float:
        """Wall time, in seconds since 1970."""
        return time.time()

    def synced(self) -> bool:
        """Ask timesyncd's stamp, then the kernel (systemd-timesyncd.service(8), adjtimex(2))."""
        if self._place.path(_TIMESYNC_STAMP).exists():
            return True
        done = self._place.run("timedatectl", "show", "-p", "NTPSynchronized", "--value")
        return done.stdout.strip() == "yes"

    def _units(self, units: Sequence[str]) -> tuple[dict[str, str], dict[str, int]]:
        names = ("Id", "ActiveState", "SubState", "NRestarts", "Job")
        wanted = [word for name in names for word in ("-p", name)]
        done = self._place.run("systemctl", "show", *wanted, "--", *units, timeout_s=60.0)
        states, restarts = {}, {}
        for block in done.stdout.split("\n\n"):
            facts = dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
            if "Id" in facts:
                states[facts["Id"]] = _state(facts)
                restarts[facts["Id"]] = int(facts.get("NRestarts") or 0)
        return states, restarts

    def _said(self) -> Iterator[tuple[str, tuple[str, list[str]]]]:
        for path in self._state_files():
            found = _small_json(path)
            parts = found.get("faults", [])
            if isinstance(parts, list):
                yield path.parent.name, (str(found.get("release")), [str(one) for one in parts])

    def _state_files(self) -> list[Path]:
        """Those that are kept up to date: what a service said long ago says nothing of it now."""
        found = sorted(self._place.path(RUN).glob("portvakt-*/state.json"))
        return [path for path in found if self.wall() - path.lstat().st_mtime < SAID_LATELY_S]

    def _reached(self, since: float | None) -> bool:
        try:
            at = self._place.path(REACHED).stat().st_mtime
        except OSError:
            return False
        return at > (self.wall() - REACHED_LATELY_S if since is None else since)

    def _answers(self) -> bool:
        """A unit of its own asks, because ours has no network."""
        done = self._place.run("systemctl", "start", REACH_UNIT, timeout_s=60.0)
        # Its "no" is no fault of the machine, which a technician would look for.
        self._place.run("systemctl", "reset-failed", REACH_UNIT, timeout_s=60.0)
        return done.returncode == 0


def _state(facts: dict[str, str]) -> str:
    state, sub = facts.get("ActiveState", ""), facts.get("SubState", "")
    if state in (ACTIVE, "reloading"):
        return ACTIVE
    # A unit that waits for another one, as the heartbeat does for central, has a job.
    waits = facts.get("Job", "0") not in ("", "0")
    return STARTING if waits or sub.startswith("start") else sub or state


def _small_json(path: Path) -> dict[str, object]:
    """A service's file, which we as root read with care: no link is followed, nothing large is taken."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(handle, "rb") as file:
            found = json.loads(file.read(_LARGEST_STATE))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def stamp(machine: Machine) -> str:
    """Wall time as it is written down."""
    return datetime.fromtimestamp(machine.wall(), UTC).isoformat(timespec="seconds")


def running(units: Iterable[str], look: Look) -> list[str]:
    """Those of *units* that are to be restarted: a person may have stopped the others."""
    return [unit for unit in units if look.states.get(unit, "dead") not in ("dead", "inactive")]
