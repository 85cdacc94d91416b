"""Central believes its clock only when the kernel says that somebody has set it."""

from pathlib import Path

import pytest

from central import clock
from central.clock import SystemClock


@pytest.mark.parametrize(("state", "synced"), [(0, True), (1, True), (4, True), (5, False)])
def test_the_kernel_is_asked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, state: int, synced: bool
) -> None:
    """adjtimex(2): 5 is TIME_ERROR, and all others only tell of leap seconds."""
    monkeypatch.setattr(clock, "kernel_clock_state", lambda: state)
    assert synced == SystemClock(tmp_path / "stamp").synced()


def test_where_the_kernel_may_not_be_asked_the_time_service_s_stamp_counts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(clock, "kernel_clock_state", lambda: None)
    stamp = tmp_path / "synchronized"
    assert not SystemClock(stamp).synced()
    stamp.touch()
    assert SystemClock(stamp).synced()


def test_asking_changes_nothing_and_gives_a_state_or_none() -> None:
    assert clock.kernel_clock_state() in {None, 0, 1, 2, 3, 4, 5}
