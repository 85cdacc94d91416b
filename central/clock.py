"""Central's two clocks: wall time for stamps, monotonic time for durations."""

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


class Clock(Protocol):
    """What time it is, and how long things take."""

    @property
    def boot_id(self) -> str:
        """Names the boot within which `monotonic_ms` counts."""
        ...

    def monotonic_ms(self) -> int:
        """Milliseconds that only grow, time asleep included."""
        ...

    def now(self) -> datetime:
        """Wall time in UTC, in whole milliseconds."""
        ...

    def synced(self) -> bool:
        """Whether wall time can be believed."""
        ...


class SystemClock:
    """The machine's own clocks."""

    def __init__(self, stamp: Path = TIMESYNC_STAMP) -> None:
        self.boot_id = BOOT_ID.read_text("ascii").strip()
        self._stamp = stamp

    def monotonic_ms(self) -> int:
        """Milliseconds since the machine started, time asleep included."""
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000

    def now(self) -> datetime:
        """Wall time in UTC, in whole milliseconds."""
        now = datetime.now(UTC)
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    def synced(self) -> bool:
        """Ask the kernel; where a sandbox forbids that, look for timesyncd's stamp."""
        state = kernel_clock_state()
        if state is None:
            return self._stamp.exists()
        return state != _TIME_ERROR


def kernel_clock_state() -> int | None:
    """What adjtimex(2) says about the clock, or None where it may not be asked.

    `ProtectClock=yes` in a unit refuses the call even when it only reads.
    """
    answer = int(_adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES)))
    return None if answer < 0 else answer


_adjtimex = ctypes.CDLL(None, use_errno=True).adjtimex
