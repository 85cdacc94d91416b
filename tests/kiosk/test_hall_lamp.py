"""The lamp in the hall: what it was told against what it does."""

from kiosk.faults import Fault, Part
from kiosk.hall_lamp import DARK, LIT, SETTLE_MS, HallWatch


class Hall:
    """A watch that looks ten times a second."""

    def __init__(self) -> None:
        self.watch = HallWatch()
        self.now_ms = 50_000
        self.news: list[Fault] = []

    def passes(self, seconds: float, *, on: bool, lit: bool | None) -> list[Fault]:
        """Let time pass; the news of it."""
        before = len(self.news)
        for _ in range(round(seconds * 10)):
            fault = self.watch.see(on, lit, self.now_ms)
            self.news += [fault] if fault is not None else []
            self.now_ms += 100
        return self.news[before:]


def test_a_lamp_that_does_as_it_is_told_is_no_news() -> None:
    hall = Hall()
    for on in (False, True, False):
        assert hall.passes(10, on=on, lit=on) == []


def test_a_lamp_that_stays_dark_for_three_seconds_is_a_fault_said_once() -> None:
    hall = Hall()
    assert hall.passes(SETTLE_MS / 1000, on=True, lit=False) == []
    assert hall.passes(60, on=True, lit=False) == [Fault(Part.HALL_LAMP, True, DARK)]


def test_a_lamp_that_shines_unasked_is_a_fault() -> None:
    hall = Hall()
    assert hall.passes(4, on=False, lit=True) == [Fault(Part.HALL_LAMP, True, LIT)]
    assert hall.passes(1, on=False, lit=False) == [Fault(Part.HALL_LAMP, False)]


def test_a_slow_lamp_is_no_fault() -> None:
    hall = Hall()
    for on in (True, False, True, False):
        assert hall.passes(2.9, on=on, lit=not on) == []
        assert hall.passes(1, on=on, lit=on) == []


def test_time_in_the_wrong_state_does_not_add_up_over_commands() -> None:
    hall = Hall()
    hall.passes(2, on=False, lit=True)
    assert hall.passes(2, on=True, lit=False) == []


def test_switching_a_broken_bulb_off_does_not_mend_it() -> None:
    hall = Hall()
    hall.passes(4, on=True, lit=False)
    assert hall.passes(10, on=False, lit=False) == []
    assert hall.passes(1, on=True, lit=True) == [Fault(Part.HALL_LAMP, False)]


def test_two_faults_are_told_apart_and_both_must_go() -> None:
    hall = Hall()
    hall.passes(4, on=True, lit=False)
    assert hall.passes(4, on=False, lit=True) == [Fault(Part.HALL_LAMP, True, f"{DARK} {LIT}")]
    assert len(hall.news[-1].reason) <= 200
    assert hall.passes(1, on=True, lit=True) == [Fault(Part.HALL_LAMP, True, LIT)]
    assert hall.passes(1, on=False, lit=False) == [Fault(Part.HALL_LAMP, False)]


def test_without_a_sense_line_nothing_is_judged() -> None:
    hall = Hall()
    assert hall.passes(10, on=True, lit=None) == []
