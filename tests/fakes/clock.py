"""A clock that stands still until a test moves it."""

from datetime import UTC, datetime, timedelta

MORNING = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)


class FakeClock:
    """Implements `device.clock.Clock`.  Time passes only by `advance`; the wall can jump alone."""

    def __init__(
        self,
        wall: datetime = MORNING,
        *,
        boot_id: str = "boot-1",
        mono_ms: int = 1_000,
        synced: bool = True,
    ) -> None:
        self.boot_id = boot_id
        self.wall = wall
        self.mono_ms = mono_ms
        self.is_synced = synced

    def monotonic_ms(self) -> int:
        return self.mono_ms

    def now(self) -> datetime:
        return self.wall

    def synced(self) -> bool:
        return self.is_synced

    def advance(self, ms: int) -> None:
        """Let *ms* milliseconds pass on both clocks."""
        self.mono_ms += ms
        self.wall += timedelta(milliseconds=ms)

    def set_wall(self, wall: datetime, *, synced: bool = True) -> None:
        """Step the wall clock alone, as a time server or a flat battery does."""
        self.wall = wall
        self.is_synced = synced

    def reboot(self, boot_id: str) -> None:
        """Start the monotonic clock again under a new boot id; the wall goes on."""
        self.boot_id = boot_id
        self.mono_ms = 0
