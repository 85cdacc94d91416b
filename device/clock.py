"""Two clocks: durations are monotonic, stamps are wall time with a flag that says whether to believe them."""

import ctypes
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
# systemd-timesyncd makes this file when it has set the clock in this boot (systemd-timesyncd.service(8)).
TIMESYNC_STAMP = Path("/run/systemd/timesync/synchronized")

_TIME_ERROR = 5  # adjtimex(2): the clock is not synchronised
_TIMEX_BYTES = 256  # struct timex is 208 bytes on 64-bit machines; all zero means "only read"
_NS_PER_MS = 1_000_000


class Clock(Protocol):
    """What a device asks the time.  Always an argument, never a global, so that tests can hold it still."""

    @property
    def boot_id(self) -> str:
        """Names one run of the monotonic clock; two of its readings compare only under the same id."""

    def monotonic_ms(self) -> int:
        """Milliseconds that never jump; they count through suspend."""

    def now(self) -> datetime:
        """Wall time in UTC; believe it only while `synced()`."""

    def synced(self) -> bool:
        """Whether the wall clock has been set by a time server since this boot."""


class SystemClock:
    """The machine's own clocks."""

    def __init__(self, boot_id_file: Path = BOOT_ID, stamp: Path = TIMESYNC_STAMP) -> None:
        self.boot_id = boot_id_file.read_text("ascii").strip()
        self._stamp = stamp

    def monotonic_ms(self) -> int:
        """CLOCK_BOOTTIME, which a suspended machine does not stop."""
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // _NS_PER_MS

    def now(self) -> datetime:
        """The wall clock, in UTC."""
        return datetime.now(UTC)

    def synced(self) -> bool:
        """Ask the kernel; where a sandbox forbids that, look for timesyncd's stamp."""
        state = kernel_clock_state()
        if state is None:
            return self._stamp.exists()
        return state != _TIME_ERROR


def kernel_clock_state() -> int | None:
    """What adjtimex(2) says about the clock, or None where it may not be asked.

    `ProtectClock=yes` refuses the call even when it only reads, so None is the usual answer in a unit.
    """
    answer = int(
        ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES))
    )
    return None if answer < 0 else answer
