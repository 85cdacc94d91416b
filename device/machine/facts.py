"""How this machine is: what its heartbeat says, gathered without privileges."""

import platform
import re
import sys
from collections.abc import Callable
from pathlib import Path

from contract.fleet import MachineSaid, UnitFacts
from contract.release import facts_in, release_in
from device.clock import Clock
from device.machine.places import Places
from device.machine.records import bad_releases, standing
from device.machine.units import ours, unit_facts
from device.vitals import disk_free_mb, temperature_c, under_voltage, uptime_s

_NAME = re.compile(r"[0-9][0-9A-Za-z.]{0,31}(-[0-9a-f]{8})?")
_NO_NAME = "0"
_LARGEST_32_BIT = 2**32
MOST_ROLES = 8

AskUnits = Callable[[list[str]], list[UnitFacts]]


class Machine:
    """This machine, and the release that runs on it when this process begins."""

    def __init__(self, places: Places, clock: Clock, ask_units: AskUnits = unit_facts) -> None:
        facts = facts_in(places.release)
        release = release_in(places.release)
        # A package that is not installed has no version; the wire takes names of releases alone.
        self.release = release if _NAME.fullmatch(release) else _NO_NAME
        self._platform = str(facts.get("platform") or this_platform())
        self._roles = _words(facts.get("roles"))[:MOST_ROLES]
        self._units = ours(_words(facts.get("units")))
        self._places = places
        self._clock = clock
        self._ask_units = ask_units

    def said(self) -> MachineSaid:
        """Say how it is now."""
        places, update = self._places, standing(self._places, self.release)
        return MachineSaid(
            release=self.release,
            platform=self._platform,
            boot=self._clock.boot_id,
            roles=self._roles,
            phase=update.phase,
            about=update.about,
            why=update.why,
            bad=bad_releases(places),
            units=self._ask_units(self._units),
            clock_synced=self._clock.synced(),
            root_writable=is_root_writable(places.proc),
            under_voltage=under_voltage(places.sys),
            temperature_c=temperature_c(places.sys),
            disk_free_mb=disk_free_mb(places.releases),
            uptime_s=uptime_s(places.proc) or 0,
        )


def this_platform() -> str:
    """Python and processor as wheels name them: `cp311-aarch64`."""
    major, minor = sys.version_info[:2]
    # A 32-bit system may run on the 64-bit kernel, whose word the processor's name is.
    bits = "" if sys.maxsize > _LARGEST_32_BIT else "_32"
    return f"cp{major}{minor}-{platform.machine()}{bits}"


def is_root_writable(proc: Path) -> bool:
    """Whether the file system of / takes writes: a kernel that finds a bad card refuses them from then on.

    Our own sandbox mounts it read-only too, so the file system's own options count, which stand after the
    dash (proc_pid_mountinfo(5)), not those of the mount.
    """
    try:
        lines = (proc / "self/mountinfo").read_text("utf-8", "replace").splitlines()
    except OSError:
        return True
    for line in lines:
        mount, _, disk = line.partition(" - ")
        if mount.split()[4:5] == ["/"]:
            options = disk.split()[2:3]
            return not options or "ro" not in options[0].split(",")
    return True


def _words(found: object) -> list[str]:
    return [str(one) for one in found] if isinstance(found, list) else []
