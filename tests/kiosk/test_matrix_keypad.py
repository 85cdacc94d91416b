"""The GPIO keypad through gpiozero's own mock pins: rows, columns, closed keys, ghosts, bounce, shorts."""

import sys
import threading
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any, Self

import pytest
from gpiozero import DigitalOutputDevice
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.fake_matrix import Chatter, FakeBoard, FakeMatrix, ShortCircuit, _nets
from kiosk.faults import Fault, Part
from kiosk.keys import PHONE_LAYOUT, Key, KeyEvent, KeyStuck, PadEvent
from kiosk.matrix_keypad import HelpKey, MatrixKeypad
from tests.fakes.clock import FakeClock
from tests.waiting import until

ROWS, COLUMNS, HELP = (5, 6, 13, 19), (12, 16, 20, 21), 26
ALL_KEYS = [key for row in PHONE_LAYOUT for key in row] + [Key.HELP]
SCAN_MS = 5
WORST_MS = 6.2  # of 16 kinds of switch (Ganssle, "A Guide to Debouncing")
BAD_SWITCH_MS = 157  # two kinds more that he left out of his figures


class Rig:
    """A wired keypad and somebody's fingers."""

    def __init__(
        self, *, chatter_ms: float = 0, seed: int = 0, lockout_ms: int = 200, on_help: bool = False
    ) -> None:
        self.clock = FakeClock()
        chatter = Chatter(chatter_ms, self.clock.monotonic_ms, seed) if chatter_ms else None
        self.board = FakeBoard(chatter)
        self.matrix = FakeMatrix(self.board, ROWS, COLUMNS, PHONE_LAYOUT, HELP)
        self.events: list[PadEvent | Fault] = []
        self.clicks = 0
        rest: dict[str, Any] = {
            "lockout_ms": lockout_ms,
            "monotonic_ms": self.clock.monotonic_ms,
            "put": self.events.append,
            "click": self.click,
            "factory": self.board,
        }
        self.keypad = (
            HelpKey(HELP, **rest)
            if on_help
            else MatrixKeypad(ROWS, COLUMNS, PHONE_LAYOUT, HELP, **rest)
        )

    def __enter__(self) -> Self:
        self.keypad.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.keypad.close()
        self.board.close()

    def click(self) -> None:
        # The beep comes at the first edge, before anybody decides what the key means.
        self.clicks += 1
        assert len(self.pressed) == self.clicks - 1

    def scan(self, ms: int = 25) -> None:
        for _ in range(0, ms, SCAN_MS):
            self.clock.advance(SCAN_MS)
            self.keypad.scan()

    @property
    def pressed(self) -> list[str]:
        return [e.key for e in self.events if isinstance(e, KeyEvent) and e.down]

    @property
    def faults(self) -> list[Fault]:
        return [event for event in self.events if isinstance(event, Fault)]

    def hold(self, *keys: str) -> None:
        for key in keys:
            self.matrix.close(key)

    def leave(self, *keys: str) -> None:
        for key in keys:
            self.matrix.open(key)

    def strike(self, *keys: str, ms: int = 25) -> None:
        self.hold(*keys)
        self.scan(ms)
        self.leave(*keys)
        self.scan(250 + ms)


@pytest.fixture
def rig() -> Iterator[Rig]:
    with Rig() as rig:
        yield rig


@pytest.mark.parametrize("key", ALL_KEYS)
def test_every_key_is_read_as_itself(rig: Rig, key: str) -> None:
    rig.strike(key)
    assert rig.pressed == [key]
    assert rig.clicks == 1


def test_a_row_of_keys_comes_in_order(rig: Rig) -> None:
    rig.strike("2")
    rig.strike("2")
    rig.strike(Key.OK)
    assert rig.pressed == ["2", "2", Key.OK]


def test_keys_on_three_corners_close_the_fourth_and_none_is_taken(rig: Rig) -> None:
    rig.hold("1", "2", "4")
    assert sorted(rig.keypad._closed()) == ["1", "2", "4", "5"]
    rig.scan(100)
    assert rig.pressed == []


def leaning(rig: Rig) -> None:
    rig.hold("1", "2")
    rig.scan()
    rig.strike(Key.HELP)


def stuck(rig: Rig) -> None:
    rig.hold("1")
    rig.scan(31_000)
    rig.strike("5")


def stuck_on_a_rectangle(rig: Rig) -> None:
    rig.hold("1")
    rig.scan(31_000)
    rig.strike("2", "4")  # the fourth corner, 5, closes too
    rig.strike("6")


def loose_again(rig: Rig) -> None:
    rig.hold("1")
    rig.scan(31_000)
    rig.leave("1")
    rig.scan(1_100)
    rig.strike("1")


def stone_on_help(rig: Rig) -> None:
    rig.hold(Key.HELP)
    rig.scan(31_000)
    rig.strike("5")


def slipping(rig: Rig) -> None:
    rig.hold("1")
    rig.scan()
    rig.hold("2")
    rig.scan()
    rig.leave("1")
    rig.scan(100)
    rig.leave("2")
    rig.scan(50)


@pytest.mark.parametrize(
    ("happens", "pressed", "stuck"),
    [
        (lambda rig: rig.strike("1", "2"), [], []),
        (slipping, ["1"], []),
        (lambda rig: rig.strike("1", "2", "4"), [], []),
        (leaning, [Key.HELP], []),
        (lambda rig: rig.strike(*ALL_KEYS), [Key.HELP], []),
        (stuck, ["1", "5"], [("1", True)]),
        (stuck_on_a_rectangle, ["1", "6"], [("1", True)]),
        (loose_again, ["1", "1"], [("1", True), ("1", False)]),
        (stone_on_help, [Key.HELP, "5"], [(Key.HELP, True)]),
    ],
    ids=[
        "two keys at once",
        "a finger slips to the next key",
        "a rectangle of three",
        "something leans on two keys while help is pressed",
        "every key at once",
        "held for half a minute",
        "held for half a minute, then a ghost",
        "held for half a minute, then let go",
        "a stone on the help key",
    ],
)
def test_what_hands_and_ice_do(
    rig: Rig,
    happens: Callable[[Rig], object],
    pressed: list[str],
    stuck: list[tuple[str, bool]],
) -> None:
    happens(rig)
    assert rig.pressed == pressed
    assert stuck == [(e.key, e.stuck) for e in rig.events if isinstance(e, KeyStuck)]
    assert rig.faults == []


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    ("chatter_ms", "lockout_ms"), [(WORST_MS, 0), (WORST_MS, 200), (BAD_SWITCH_MS, 200)]
)
def test_contacts_that_chatter_give_one_press_each(
    chatter_ms: float, lockout_ms: int, seed: int
) -> None:
    with Rig(chatter_ms=chatter_ms, seed=seed, lockout_ms=lockout_ms) as rig:
        for key in ("2", "2", "6", Key.HELP, Key.OK):
            rig.hold(key)
            rig.scan(200)
            rig.leave(key)
            rig.scan(400)
        assert rig.pressed == ["2", "2", "6", Key.HELP, Key.OK]
        assert rig.clicks == 5


def test_a_bad_switch_does_chatter_here() -> None:
    with Rig(chatter_ms=BAD_SWITCH_MS, lockout_ms=0) as rig:
        rig.hold("5")
        seen = []
        for _ in range(30):
            rig.clock.advance(SCAN_MS)
            seen.append("5" in rig.keypad._closed())
        assert {True, False} == set(seen)
        rig.clock.advance(BAD_SWITCH_MS)
        assert rig.keypad._closed() == ["5"]


@pytest.mark.parametrize(
    ("lockout_ms", "pause_ms", "presses"),
    [(0, 30, 2), (500, 450, 1), (500, 520, 2), (1000, 980, 1)],
)
def test_the_same_key_is_locked_as_long_as_the_settings_say(
    lockout_ms: int, pause_ms: int, presses: int
) -> None:
    with Rig(lockout_ms=lockout_ms) as rig:
        for _ in range(2):
            rig.hold("5")
            rig.scan(50)
            rig.leave("5")
            rig.scan(pause_ms)
        assert rig.pressed == ["5"] * presses


def test_another_key_is_taken_at_once_under_the_longest_lockout() -> None:
    with Rig(lockout_ms=1_000) as rig:
        for key in "5658":
            rig.hold(key)
            rig.scan(50)
            rig.leave(key)
            rig.scan(30)
        assert "".join(rig.pressed) == "5658"


MOVES = st.lists(st.tuples(st.sampled_from(ALL_KEYS), st.integers(0, 6)), max_size=40)


@given(MOVES, st.sampled_from([0, WORST_MS, BAD_SWITCH_MS]), st.integers(0, 9))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_keys_held_together_short_a_line_or_make_two_presses_at_once(
    moves: list[tuple[str, int]], chatter_ms: float, seed: int
) -> None:
    with Rig(chatter_ms=chatter_ms, seed=seed) as rig:  # a short raises ShortCircuit in the scan
        held: set[str] = set()
        for key, scans in moves:
            (rig.leave if key in held else rig.hold)(key)
            held ^= {key}
            rig.scan(scans * SCAN_MS)
            assert sum(rig.board.pin(row).function == "output" for row in ROWS) == 0
        down = ""
        for event in rig.events:
            if isinstance(event, KeyEvent) and event.key != Key.HELP:
                assert down == ("" if event.down else event.key)
                down = event.key if event.down else ""


def test_the_fake_tells_a_short_circuit() -> None:
    board = FakeBoard()
    with (
        DigitalOutputDevice(5, pin_factory=board),
        DigitalOutputDevice(6, initial_value=True, pin_factory=board),
    ):
        board.join(5, 12)
        with pytest.raises(ShortCircuit):
            board.join(6, 12)
    board.close()


def test_a_contact_between_two_nets_makes_them_one() -> None:
    contacts = [frozenset({5, 12}), frozenset({6, 16}), frozenset({12, 16})]
    assert _nets(contacts, ()) == [{5, 12, 6, 16}]


def test_a_key_that_is_down_when_the_post_starts_types_nothing() -> None:
    rig = Rig()
    rig.hold("5", Key.HELP)
    with rig:
        rig.scan(100)
        assert rig.pressed == []
        rig.leave("5", Key.HELP)
        rig.scan(50)
        rig.strike("5")
        assert rig.pressed == ["5"]


class LgpioError(Exception):
    """As lgpio's own, which has no base but Exception."""


@pytest.fixture
def lgpio(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "lgpio", SimpleNamespace(error=LgpioError))


class Running:
    """A keypad in a thread of its own, in real time."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=rig.keypad.run, args=(self._stopping,))

    def __enter__(self) -> Rig:
        self._thread.start()
        return self.rig

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join(10)
        assert not self._thread.is_alive()
        self.rig.board.close()


@pytest.mark.usefixtures("lgpio")
@pytest.mark.parametrize(
    ("pin", "error", "at_start", "on_help", "part", "words"),
    [
        (16, LgpioError("GPIO busy"), True, False, Part.KEYPAD, "GPIO busy"),
        (
            13,
            LgpioError("GPIO busy"),
            True,
            False,
            Part.KEYPAD,
            "no other program uses these lines",
        ),
        (26, OSError(16, "Device or resource busy"), True, False, Part.KEYPAD, "keypad.help"),
        (12, OSError(5, "Input/output error"), False, False, Part.KEYPAD, "Input/output error"),
        (19, LgpioError("unknown handle"), False, False, Part.KEYPAD, "keypad.rows"),
        (26, LgpioError("GPIO busy"), True, True, Part.HELP_KEY, "The help key on GPIO"),
        (26, OSError(5, "Input/output error"), False, True, Part.HELP_KEY, "check keypad.help"),
    ],
)
def test_a_line_that_fails_is_a_fault_and_comes_back(
    pin: int, error: Exception, at_start: bool, on_help: bool, part: Part, words: str
) -> None:
    rig = Rig(on_help=on_help)
    key = Key.HELP if on_help else "5"
    if at_start:
        rig.board.break_line(pin, error)
    with Running(rig):
        if not at_start:
            scans = rig.board.driven[f"GPIO{ROWS[-1]}"]
            until(lambda: on_help or rig.board.driven[f"GPIO{ROWS[-1]}"] > scans + 2, what="scans")
            rig.hold(key)
            until(lambda: rig.pressed, what="a press")
            rig.board.break_line(pin, error)
        (fault,) = until(lambda: list(rig.faults), what="the fault")
        assert (fault.part, fault.present) == (part, True)
        assert words in fault.reason
        rig.leave(key)
        rig.board.mend_line(pin)
        until(lambda: len(rig.faults) == 2, what="the keypad to come back")
        assert rig.faults[1] == Fault(part, False)
        rig.hold("6" if not on_help else Key.HELP)
        until(lambda: len(rig.pressed) == (1 if at_start else 2), what="a press after that")
    if not at_start:
        released = [e for e in rig.events if isinstance(e, KeyEvent) and not e.down]
        assert released[0].key == key, "what was held is let go before the fault is told"
        assert rig.events.index(released[0]) < rig.events.index(fault)


def test_a_keypad_without_a_help_key_claims_no_line_for_it() -> None:
    board = FakeBoard()
    events: list[PadEvent | Fault] = []
    keypad = MatrixKeypad(
        ROWS,
        COLUMNS,
        PHONE_LAYOUT,
        None,
        lockout_ms=0,
        monotonic_ms=FakeClock().monotonic_ms,
        put=events.append,
        click=bool,
        factory=board,
    )
    matrix = FakeMatrix(board, ROWS, COLUMNS, PHONE_LAYOUT, None)
    board.break_line(HELP, OSError(16, "Device or resource busy"))
    keypad.open()
    matrix.close("5")
    keypad.scan()
    assert Key.HELP not in matrix
    assert [e.key for e in events if isinstance(e, KeyEvent)] == ["5"]
    keypad.close()
    board.close()
