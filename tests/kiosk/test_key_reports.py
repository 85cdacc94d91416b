"""A keypad that cannot be read is told once and tried again, sooner at first and then every five seconds."""

import threading

from kiosk.faults import Fault, Part
from kiosk.key_reports import KeyReports, keep_reading
from kiosk.keys import KeyEvent, KeypadLost, PadEvent
from tests.fakes.clock import FakeClock


class Stopping(threading.Event):
    """Time passes in its waits; it is set after the last of *tries*."""

    def __init__(self, clock: FakeClock, tries: int) -> None:
        super().__init__()
        self._clock = clock
        self._tries = tries
        self.waited: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout is not None
        self._clock.advance(round(timeout * 1000))
        self.waited.append(timeout)
        if len(self.waited) == self._tries:
            self.set()
        return self.is_set()


class Keypad:
    """Is read for some seconds at each try, then lost for a reason; or lost before it could be opened."""

    def __init__(self, reads_s: list[float | None], reasons: list[str]) -> None:
        self.clock = FakeClock()
        self.told: list[PadEvent | Fault] = []
        self.stopping = Stopping(self.clock, len(reads_s))
        self._reads_s = iter(reads_s)
        self._reasons = iter(reasons)
        self.reports = KeyReports(200, self.clock.monotonic_ms, self.told.append, bool)
        keep_reading(self.read, self.reports, self.stopping)

    def read(self, _: threading.Event) -> None:
        seconds = next(self._reads_s)
        if seconds is not None:
            self.reports.begin()
            self.clock.advance(round(seconds * 1000))
            self.reports.see({"5"})
        raise KeypadLost(next(self._reasons))


def test_it_is_tried_again_after_half_a_second_then_ever_less_often() -> None:
    keypad = Keypad([None] * 6, ["away"] * 6)
    assert keypad.stopping.waited == [0.5, 1, 2, 4, 5, 5]
    assert keypad.told == [Fault(Part.KEYPAD, True, "away")]


def test_a_loose_plug_is_not_tried_twice_a_second_but_a_steady_keypad_is() -> None:
    assert Keypad([None, 0.1, 0.1, 3600, None], ["away"] * 5).stopping.waited == [0.5, 1, 2, 0.5, 1]


def test_a_new_reason_is_told_and_what_was_held_is_let_go_first() -> None:
    told = Keypad([None, None, 1.0], ["not there", "taken", "unplugged"]).told
    assert [event for event in told if isinstance(event, Fault)] == [
        Fault(Part.KEYPAD, True, "not there"),
        Fault(Part.KEYPAD, True, "taken"),
        Fault(Part.KEYPAD, False),
        Fault(Part.KEYPAD, True, "unplugged"),
    ]
    assert [event.down for event in told if isinstance(event, KeyEvent)] == [True, False]
    assert isinstance(told[-1], Fault)
