"""The safety line through gpiozero's mock pins, and a timer at its end that takes the light away."""

from collections.abc import Iterator
from typing import Any

import pytest
from gpiozero import DigitalOutputDevice
from gpiozero.pins.mock import MockFactory, MockPin

from signage.timer_line import OVERDUE_MS, TimerLine, wants_kick

PIN = 24
TURN_MS = 50
HOLD_MS = 2_000


class TimedPin(MockPin):  # type: ignore[misc] # gpiozero has no types
    """A line with a retriggerable timer behind it; one that the kernel may take away."""

    def _set_state(self, value: float) -> None:
        if self.factory.broken:
            raise OSError(5, "Input/output error")
        super()._set_state(value)

    def _change_state(self, value: bool) -> bool:
        changed = bool(super()._change_state(value))
        if changed:
            self.factory.edges.append(self.factory.now_ms)
            self.factory.levels.append(value)
        return changed


class Bench:
    """A board, a clock and a timer that holds the panel's supply for 2 s from each edge."""

    def __init__(self) -> None:
        self.factory: Any = MockFactory(pin_class=TimedPin)
        self.factory.broken = False
        self.factory.edges = []
        self.factory.levels = []
        self.factory.now_ms = 0
        self.line = TimerLine(PIN, self.factory)

    def turns(self, ms: int, *, kicks: bool = True) -> None:
        for _ in range(ms // TURN_MS):
            self.factory.now_ms += TURN_MS
            if kicks:
                self.line.kick(self.factory.now_ms)

    @property
    def edges(self) -> list[int]:
        edges: list[int] = self.factory.edges
        return edges

    @property
    def is_powered(self) -> bool:
        return bool(self.edges) and self.factory.now_ms - self.edges[-1] < HOLD_MS


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.factory.broken = False
    bench.line.close()
    bench.factory.reset()


def test_each_turn_is_one_edge(bench: Bench) -> None:
    bench.turns(500)
    assert bench.edges == list(range(TURN_MS, 501, TURN_MS))
    assert bench.is_powered


def test_when_nobody_kicks_the_panel_loses_its_supply_within_two_seconds(bench: Bench) -> None:
    bench.turns(500)
    bench.turns(HOLD_MS - TURN_MS, kicks=False)
    assert bench.is_powered
    bench.turns(TURN_MS, kicks=False)
    assert not bench.is_powered
    bench.turns(TURN_MS)
    assert bench.is_powered


@pytest.mark.parametrize("turns", [1, 2])
def test_close_leaves_it_low_whatever_it_was(bench: Bench, turns: int) -> None:
    bench.turns(turns * TURN_MS)
    bench.line.close()
    assert not bench.factory.levels[-1]
    DigitalOutputDevice(PIN, pin_factory=bench.factory).close()  # and the line is free


def test_nothing_is_touched_before_the_first_kick_or_without_a_pin(bench: Bench) -> None:
    bench.line.close()
    none = TimerLine(None, bench.factory)
    none.kick(0)
    none.close()
    assert bench.factory.pins == {}
    assert none.fault == ""


def test_a_line_that_another_program_has_is_a_fault_until_it_lets_go(bench: Bench) -> None:
    other = DigitalOutputDevice(PIN, pin_factory=bench.factory)
    bench.turns(500)
    assert bench.edges == []
    assert bench.line.fault.startswith("timer.pin = 24 cannot be used (")
    assert bench.line.fault.endswith(
        "): check its GPIO; until then the timer keeps the panel dark."
    )
    other.close()
    bench.turns(1_000)
    assert bench.line.fault == ""
    assert bench.is_powered


def test_a_line_that_cannot_be_written_is_tried_each_second_and_comes_back(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    bench.turns(100)
    bench.factory.broken = True
    bench.turns(5_000)
    assert "Input/output error" in bench.line.fault
    assert not bench.is_powered
    bench.factory.broken = False
    bench.turns(1_000)
    assert bench.line.fault == ""
    assert bench.is_powered
    lost, back = caplog.messages
    assert lost.startswith("timer line lost reason=")
    assert back.startswith("timer line back after_s=5 missed=5")


def test_a_line_that_cannot_be_left_low_is_let_go_all_the_same(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    bench.turns(TURN_MS)
    bench.factory.broken = True
    bench.line.close()
    assert "timer line not left low" in caplog.text
    bench.factory.broken = False
    DigitalOutputDevice(PIN, pin_factory=bench.factory).close()


@pytest.mark.parametrize(
    ("differs_since_ms", "kicks"),
    [(None, True), (9_000, True), (10_000 - OVERDUE_MS, True), (10_000 - OVERDUE_MS - 1, False)],
)
def test_the_panel_stays_on_while_no_write_is_overdue(
    differs_since_ms: int | None, kicks: bool
) -> None:
    assert wants_kick(differs_since_ms, 10_000) is kicks
