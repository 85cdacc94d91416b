"""Buzzer and lamps through gpiozero's mock pins, and lines that fail."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from gpiozero import DigitalOutputDevice

from kiosk.fake_lamp import FakeHallLamp
from kiosk.fake_matrix import FakeBoard, WiredPin
from kiosk.faults import Fault, Part
from kiosk.outputs import Outputs
from kiosk.screen import Lamp
from tests.waiting import until

BUZZER, LAMP, HALL, SENSE = 18, 17, 22, 23


class FailingPin(WiredPin):
    """A line that the kernel may take away: each use raises then, as a driver does."""

    def _set_state(self, value: float) -> None:
        self._may_fail()
        super()._set_state(value)

    def _get_state(self) -> Any:
        self._may_fail()
        return super()._get_state()

    def _may_fail(self) -> None:
        self.factory.uses[self.info.name] += 1
        if self.info.name in self.factory.broken:
            raise OSError(5, "Input/output error")


class Rig:
    """A board with everything wired, somebody who looks and listens, and lines that can fail."""

    def __init__(self) -> None:
        self.board = FakeBoard()
        self.board.pin_class = FailingPin
        self.board.broken = set()
        self.board.uses = Counter()
        self.beeps: list[bool] = []
        self.lamp: list[bool] = []
        self.board.watch(BUZZER, self.beeps.append)
        self.board.watch(LAMP, self.lamp.append)
        self.hall_lamp = FakeHallLamp(self.board, HALL, SENSE)
        self.faults: list[Fault] = []
        self.now_s = 0.0
        self.outputs = Outputs(
            BUZZER,
            LAMP,
            HALL,
            SENSE,
            put=self.faults.append,
            factory=self.board,
            now_s=lambda: self.now_s,
        )

    def breaks(self, pin: int) -> None:
        self.board.broken.add(f"GPIO{pin}")


@pytest.fixture
def rig() -> Iterator[Rig]:
    rig = Rig()
    yield rig
    rig.board.broken.clear()
    rig.outputs.close()
    rig.board.close()


def test_a_key_that_was_taken_is_one_beep_and_its_first_edge_comes_at_once(rig: Rig) -> None:
    rig.outputs.click()
    assert rig.beeps[:1] == [True]
    until(lambda: rig.beeps == [True, False], what="one beep")


def test_a_key_that_did_nothing_is_two_beeps(rig: Rig) -> None:
    rig.outputs.refuse()
    until(lambda: rig.beeps == [True, False, True, False], what="two beeps")


def test_two_keys_soon_after_each_other_are_two_beeps(rig: Rig) -> None:
    rig.outputs.click()
    rig.outputs.click()
    until(lambda: rig.beeps == [True, False, True, False], what="two beeps")


def test_the_lamp_of_the_help_key_is_dark_blinks_or_shines(rig: Rig) -> None:
    rig.outputs.show(Lamp.ON)
    assert rig.lamp == [True]
    rig.outputs.show(Lamp.ON)
    rig.outputs.show(Lamp.OFF)
    assert rig.lamp == [True, False]
    rig.outputs.show(Lamp.TRYING)
    until(lambda: len(rig.lamp) >= 5, what="blinking")
    rig.outputs.show(Lamp.OFF)
    assert not rig.lamp[-1]


def test_the_lamp_in_the_hall_says_itself_that_it_shines(rig: Rig) -> None:
    assert rig.outputs.hall_is_lit() is False
    rig.outputs.hall(True)
    assert rig.hall_lamp.shines
    assert rig.outputs.hall_is_lit() is True
    rig.outputs.hall(False)
    assert not rig.hall_lamp.shines
    assert rig.outputs.hall_is_lit() is False


def test_a_broken_bulb_is_sensed_as_dark_until_it_is_changed(rig: Rig) -> None:
    rig.outputs.hall(True)
    rig.hall_lamp.break_bulb()
    assert rig.outputs.hall_is_lit() is False
    rig.hall_lamp.change_bulb()
    assert rig.outputs.hall_is_lit() is True


def test_without_a_sense_line_nobody_claims_that_the_lamp_shines() -> None:
    board = FakeBoard()
    lamp = FakeHallLamp(board, HALL, None)
    outputs = Outputs(BUZZER, LAMP, HALL, put=bool, factory=board)
    outputs.hall(True)
    assert lamp.shines
    assert outputs.hall_is_lit() is None
    outputs.close()
    board.close()


def test_a_post_that_stops_is_silent_and_dark() -> None:
    rig = Rig()
    rig.outputs.hall(True)
    rig.outputs.show(Lamp.TRYING)
    rig.outputs.click()
    rig.outputs.close()
    assert not rig.hall_lamp.shines
    assert not rig.beeps[-1]
    assert not rig.lamp[-1]
    rig.board.close()


def test_a_post_without_buzzer_and_lamps_is_silent() -> None:
    outputs = Outputs(None, None, put=bool)
    outputs.click()
    outputs.refuse()
    outputs.show(Lamp.ON)
    outputs.hall(True)
    assert outputs.hall_is_lit() is None
    outputs.close()


@pytest.mark.parametrize("pin", [BUZZER, LAMP, HALL, SENSE])
def test_a_line_that_fails_is_a_fault_once_and_stops_nobody(rig: Rig, pin: int) -> None:
    rig.breaks(pin)
    for lamp in (Lamp.ON, Lamp.TRYING, Lamp.ON):
        rig.outputs.click()
        rig.outputs.show(lamp)
        rig.outputs.hall(True)
        assert rig.outputs.hall_is_lit() is {SENSE: None, HALL: False}.get(pin, True)
    setting = {BUZZER: "buzzer", LAMP: "lamp", HALL: "hall_lamp", SENSE: "hall_sense"}[pin]
    assert [(fault.part, fault.present) for fault in rig.faults] == [(Part.SIGNALS, True)]
    assert (
        f"signals.{setting} cannot be used ([Errno 5] Input/output error)" in rig.faults[0].reason
    )


def test_a_line_that_works_again_ends_its_fault(rig: Rig) -> None:
    rig.breaks(BUZZER)
    rig.outputs.click()
    rig.board.broken.clear()
    rig.outputs.click()
    until(lambda: rig.beeps[-2:] == [True, False], what="a beep")
    assert rig.faults[-1] == Fault(Part.SIGNALS, False)


def hall_each_tick(rig: Rig, ticks: int) -> int:
    """Ask for the lamp in the hall at every tick of 100 ms; how often its line was used for that."""
    before: int = rig.board.uses[f"GPIO{HALL}"]
    for _ in range(ticks):
        rig.now_s += 0.1
        rig.outputs.hall(True)
    after: int = rig.board.uses[f"GPIO{HALL}"]
    return after - before


def test_a_lamp_that_could_not_be_lit_is_lit_as_soon_as_its_line_obeys(rig: Rig) -> None:
    rig.breaks(HALL)
    rig.outputs.hall(True)
    rig.board.broken.clear()
    hall_each_tick(rig, 11)
    assert rig.hall_lamp.shines
    assert rig.faults[-1] == Fault(Part.SIGNALS, False)


def test_a_line_that_fails_is_tried_once_a_second_not_at_every_tick(rig: Rig) -> None:
    rig.breaks(HALL)
    one_try = hall_each_tick(rig, 1)
    assert one_try
    assert hall_each_tick(rig, 5) == 0
    assert 8 * one_try <= hall_each_tick(rig, 100) <= 10 * one_try
    assert len(rig.faults) == 1


def test_a_change_does_not_wait_for_the_next_try(rig: Rig) -> None:
    rig.outputs.hall(True)
    rig.breaks(HALL)
    rig.outputs.hall(False)
    rig.outputs.hall(True)
    rig.board.broken.clear()
    rig.outputs.hall(False)
    assert not rig.hall_lamp.shines


def test_a_lamp_that_is_lit_costs_nothing_at_a_tick(rig: Rig) -> None:
    rig.outputs.hall(True)
    assert hall_each_tick(rig, 100) == 0


def test_a_line_that_somebody_else_has_is_a_fault_and_the_others_work() -> None:
    board = FakeBoard()
    faults: list[Fault] = []
    hall = FakeHallLamp(board, HALL, SENSE)
    with (
        DigitalOutputDevice(BUZZER, pin_factory=board),
        DigitalOutputDevice(SENSE, pin_factory=board),
    ):
        outputs = Outputs(BUZZER, LAMP, HALL, SENSE, put=faults.append, factory=board)
        outputs.click()
        outputs.hall(True)
        assert hall.shines
        assert outputs.hall_is_lit() is None
        assert "signals.buzzer" in faults[-1].reason
        assert "signals.hall_sense" in faults[-1].reason
        outputs.close()
    board.close()


@pytest.mark.parametrize("pin", [BUZZER, LAMP, HALL, SENSE])
def test_a_line_that_was_busy_at_the_start_is_claimed_when_it_is_free(pin: int) -> None:
    board = FakeBoard()
    hall = FakeHallLamp(board, HALL, SENSE)
    faults: list[Fault] = []
    seconds = [0.0]
    board.break_line(pin, OSError(16, "GPIO busy"))
    outputs = Outputs(
        BUZZER, LAMP, HALL, SENSE, put=faults.append, factory=board, now_s=lambda: seconds[0]
    )
    outputs.show(Lamp.ON)
    outputs.hall(True)
    board.mend_line(pin)
    lamp: list[bool] = []
    board.watch(LAMP, lamp.append)
    outputs.hall(True)
    assert faults[-1].present, "a line is not claimed at every tick"
    seconds[0] += 1.0
    outputs.hall(True)
    assert faults[-1] == Fault(Part.SIGNALS, False)
    assert hall.shines
    assert outputs.hall_is_lit() is True
    assert lamp == ([True] if pin == LAMP else [])
    outputs.close()
    assert not hall.shines
    assert faults[-1] == Fault(Part.SIGNALS, False)
    board.close()
