import ctypes
from datetime import UTC
from pathlib import Path

import pytest

from device import clock
from device.clock import Clock, SystemClock
from tests.fakes.clock import FakeClock


def test_the_system_clock_counts_up_and_names_its_boot() -> None:
    system: Clock = SystemClock()

    first = system.monotonic_ms()

    assert system.monotonic_ms() >= first > 0
    assert system.now().tzinfo is UTC
    assert len(system.boot_id) == 36


@pytest.mark.parametrize(("state", "synced"), [(0, True), (1, True), (5, False)])
def test_the_kernel_says_whether_the_clock_was_set(
    state: int, synced: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "kernel_clock_state", lambda: state)

    assert SystemClock().synced() is synced


def test_a_sandbox_that_hides_the_kernels_answer_leaves_timesyncds_stamp(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ProtectClock=yes refuses adjtimex(2) even when it only reads."""
    monkeypatch.setattr(clock, "kernel_clock_state", lambda: None)
    stamp = tmp_path / "synchronized"
    system = SystemClock(stamp=stamp)

    assert not system.synced()
    stamp.touch()
    assert system.synced()


def test_the_kernels_struct_fits_the_buffer() -> None:
    """adjtimex writes 208 bytes; a buffer that is too small would be overrun, not refused."""
    buffer = ctypes.create_string_buffer(b"\0" * 208 + b"\xaa" * (clock._TIMEX_BYTES - 208))

    ctypes.CDLL(None).adjtimex(buffer)

    assert buffer.raw[208:255] == b"\xaa" * 47


def test_a_fake_clock_moves_only_when_told() -> None:
    fake: Clock = FakeClock()
    before = fake.now()
    assert isinstance(fake, FakeClock)

    fake.advance(1_500)

    assert fake.monotonic_ms() == 2_500
    assert (fake.now() - before).total_seconds() == 1.5
