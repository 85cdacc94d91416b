"""Time for a driver that waits by itself: it passes only while somebody sleeps."""


class StillClock:
    """A monotonic clock in seconds; `slept` is every wait so far."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def now_s(self) -> float:
        return self.now

    def sleep_s(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
