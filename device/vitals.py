"""How the machine under us is: what a heartbeat tells and `portvakt check` asks.

Whatever cannot be read is None, never an error: a machine without a sensor is no broken machine.
"""

import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from contract.release import running
from device.clock import Clock
from device.files import write_whole

PROC = Path("/proc")
SYS = Path("/sys")
STARTS = "starts"

_MB = 1_000_000
# Bits of the firmware's throttling word: the supply sags now, or has since the boot
# (Raspberry Pi documentation, `vcgencmd get_throttled`).
_SAGS_NOW, _HAS_SAGGED = 1 << 0, 1 << 16
_FIRMWARE = "devices/platform/soc/soc:firmware/get_throttled"


@dataclass(frozen=True, slots=True)
class Vitals:
    """One look at the machine and at our own process; None where the machine cannot tell."""

    uptime_s: int | None
    process_s: int
    restarts: int
    clock_synced: bool
    under_voltage: bool | None
    temperature_c: float | None
    disk_free_mb: int | None


class Machine:
    """The machine that a process of ours runs on; made when the process starts.

    *folder* is the process's own state; *proc* and *sys* are the kernel's folders.
    """

    def __init__(self, clock: Clock, folder: Path, proc: Path = PROC, sys: Path = SYS) -> None:
        self._clock = clock
        self._folder = folder
        self._proc = proc
        self._sys = sys
        self._begun_ms = clock.monotonic_ms()
        self._restarts: int | None = None

    def look(self) -> Vitals:
        """Say how all of it is now; the first look counts the start, for a sign is dark before it writes."""
        if self._restarts is None:
            self._restarts = count_start(self._folder / STARTS, self._clock.boot_id)
        return Vitals(
            uptime_s=uptime_s(self._proc),
            process_s=(self._clock.monotonic_ms() - self._begun_ms) // 1000,
            restarts=self._restarts,
            clock_synced=self._clock.synced(),
            under_voltage=under_voltage(self._sys),
            temperature_c=temperature_c(self._sys),
            disk_free_mb=disk_free_mb(self._folder),
        )


def release() -> str:
    """The release that runs, as its folder names it; outside of one, the version of the package."""
    return running()


def uptime_s(proc: Path = PROC) -> int | None:
    """Seconds since the boot."""
    return _number(proc / "uptime", whole=True)


def temperature_c(sys: Path = SYS) -> float | None:
    """Degrees of the processor, which are those inside of the housing and some 20 more."""
    milli = _number(sys / "class/thermal/thermal_zone0/temp")
    return None if milli is None else milli / 1000


def under_voltage(sys: Path = SYS) -> bool | None:
    """Whether the supply sags: a weak one looks like a fault of the software."""
    for sensor in _listed(sys / "class/hwmon"):
        if _text(sensor / "name") == "rpi_volt":  # the kernel's driver raspberrypi-hwmon
            alarm = _number(sensor / "in0_lcrit_alarm")
            return None if alarm is None else bool(alarm)
    # Kernels before that driver; newer ones call this file deprecated and log a warning for each look.
    with suppress(ValueError):
        return bool(int(_text(sys / _FIRMWARE), 16) & (_SAGS_NOW | _HAS_SAGGED))
    return None


def disk_free_mb(folder: Path) -> int | None:
    """Room for *folder*, in millions of bytes."""
    try:
        return shutil.disk_usage(folder).free // _MB
    except OSError:
        return None


def count_start(path: Path, boot_id: str) -> int:
    """Count one more start of a process in this boot, in *path*; give how many came before it.

    A file that cannot be read counts as none, and one that cannot be written is forgotten.
    """
    words = _text(path).split()
    known = len(words) == 2 and words[0] == boot_id and words[1].isdecimal()  # noqa: PLR2004 - boot and count
    before = int(words[1]) if known else 0
    with suppress(OSError):
        write_whole(path, f"{boot_id} {before + 1}\n".encode())
    return before


def _listed(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _number(path: Path, *, whole: bool = False) -> int | None:
    """The first number in a file of the kernel's, without its decimals."""
    words = _text(path).split()
    try:
        return int(float(words[0])) if whole else int(words[0])
    except (ValueError, IndexError, OverflowError):
        return None


def _text(path: Path) -> str:
    try:
        return path.read_text("ascii", "replace").strip()
    except OSError:
        return ""
