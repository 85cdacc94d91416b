"""Central's two clocks: wall time for stamps, monotonic time for durations."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


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

    def __init__(self) -> None:
        self.boot_id = _BOOT_ID.read_text().strip()

    def monotonic_ms(self) -> int:
        """Milliseconds since the machine started, time asleep included."""
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000

    def now(self) -> datetime:
        """Wall time in UTC, in whole milliseconds."""
        now = datetime.now(UTC)
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    def synced(self) -> bool:
        """Central believes its own clock: a server has a battery clock and a time service."""
        return True
