"""The lamp in the hall: what it was told against what it does."""

from kiosk.alarms import Alarms
from kiosk.faults import Fault, Part
from kiosk.hall_lamp import DARK, FLASHES, LIT, SETTLE_MS, HallWatch
from kiosk.happenings import HallLamp
from tests.fakes.clock import FakeClock


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
    assert hall.passes(2.5, on=False, lit=False) == [Fault(Part.HALL_LAMP, False)]


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
    assert hall.passes(1, on=True, lit=True) == [], "a moment of light is no proof"
    assert hall.passes(1.5, on=True, lit=True) == [Fault(Part.HALL_LAMP, False)]


def test_two_faults_are_told_apart_and_both_must_go() -> None:
    hall = Hall()
    hall.passes(4, on=True, lit=False)
    assert hall.passes(4, on=False, lit=True) == [Fault(Part.HALL_LAMP, True, f"{DARK} {LIT}")]
    assert len(hall.news[-1].reason) <= 200
    assert hall.passes(2.5, on=True, lit=True) == [Fault(Part.HALL_LAMP, True, LIT)]
    assert hall.passes(2.5, on=False, lit=False) == [Fault(Part.HALL_LAMP, False)]


def test_without_a_sense_line_nothing_is_judged() -> None:
    hall = Hall()
    assert hall.passes(10, on=True, lit=None) == []


def flashing(hall: Hall, seconds: int, *, on: bool = True, dark_s: float = 0.5) -> list[Fault]:
    """Let it flash once a second, or more slowly."""
    news = []
    for _ in range(round(seconds / (0.5 + dark_s))):
        news += hall.passes(0.5, on=on, lit=True) + hall.passes(dark_s, on=on, lit=False)
    return news


def test_a_beacon_is_a_fault_said_once_until_it_has_been_steady() -> None:
    hall = Hall()
    assert flashing(hall, 60) == [Fault(Part.HALL_LAMP, True, FLASHES)]
    assert hall.passes(19, on=True, lit=True) == []
    assert hall.passes(2, on=True, lit=True) == [Fault(Part.HALL_LAMP, False)]


def test_a_lamp_that_flashes_slowly_is_not_dark_and_well_by_turns() -> None:
    hall = Hall()
    news = flashing(hall, 60, dark_s=4)
    assert news[-1] == Fault(Part.HALL_LAMP, True, FLASHES)
    assert all(one.present for one in news)


def test_a_lamp_that_flashes_unasked_is_the_same_fault_and_is_named_once() -> None:
    hall = Hall()
    flashing(hall, 10)
    flashing(hall, 10, on=False)
    assert [one.reason for one in hall.news] == [FLASHES, FLASHES]
    assert len(f"{FLASHES} {LIT}") <= 200


def test_one_break_in_a_minute_is_no_fault() -> None:
    hall = Hall()
    for _ in range(10):
        assert hall.passes(59, on=True, lit=True) == []
        assert hall.passes(0.2, on=True, lit=False) == []


class Told:
    """What the screens hear of a lamp that is switched on."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.news: list[bool | None] = []
        self.alarms = Alarms(self.clock, self.hear, None)

    def hear(self, news: Fault | HallLamp) -> None:
        if isinstance(news, HallLamp):
            self.news.append(news.lit)

    def passes(self, seconds: float, lit: bool | None) -> list[bool | None]:
        for _ in range(round(seconds * 10)):
            self.clock.advance(100)
            self.alarms.lamp(True, lit)
        return self.news


def test_the_screen_says_lit_after_two_steady_seconds_and_dark_at_once() -> None:
    told = Told()
    assert told.passes(2, True) == [False]
    assert told.passes(0.2, True) == [False, True]
    assert told.passes(0.1, False) == [False, True, False]
    assert told.passes(0.1, None) == [False, True, False, None]


def test_a_lamp_that_flashes_changes_no_screen() -> None:
    told = Told()
    for _ in range(20):
        told.passes(0.5, True)
        told.passes(0.5, False)
    assert told.news == [False]
    assert told.passes(10, True) == [False], "it has flashed too lately to be trusted"
