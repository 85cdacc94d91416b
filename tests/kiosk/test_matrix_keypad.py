"""The GPIO keypad through gpiozero's own mock pins: rows, columns, closed keys, ghosts, shorts."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from gpiozero import DigitalOutputDevice

from kiosk.fake_matrix import FakeBoard, FakeMatrix, ShortCircuit, _nets
from kiosk.keys import PHONE_LAYOUT, Key, KeyEvent, PadEvent
from kiosk.matrix_keypad import MatrixKeypad
from kiosk.outputs import Outputs
from kiosk.screen import Lamp
from tests.fakes.clock import FakeClock
from tests.waiting import until

ROWS, COLUMNS, HELP, BUZZER, LAMP = (5, 6, 13, 19), (12, 16, 20, 21), 26, 18, 17
ALL_KEYS = [key for row in PHONE_LAYOUT for key in row] + [Key.HELP]


class Rig:
    """A wired keypad and somebody's fingers."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.board = FakeBoard()
        self.matrix = FakeMatrix(self.board, ROWS, COLUMNS, PHONE_LAYOUT, HELP)
        self.events: list[PadEvent] = []
        self.clicks = 0
        self.keypad = MatrixKeypad(
            ROWS,
            COLUMNS,
            PHONE_LAYOUT,
            HELP,
            lockout_ms=200,
            monotonic_ms=self.clock.monotonic_ms,
            put=self.events.append,
            click=self.click,
            factory=self.board,
        )
        self.keypad.open()

    def click(self) -> None:
        # The beep comes at the first edge, before anybody decides what the key means.
        self.clicks += 1
        assert len(self.pressed) == self.clicks - 1

    def scan(self, times: int = 5) -> None:
        for _ in range(times):
            self.clock.advance(5)
            self.keypad.scan()

    @property
    def pressed(self) -> list[str]:
        return [e.key for e in self.events if isinstance(e, KeyEvent) and e.down]

    def strike(self, *keys: str) -> None:
        for key in keys:
            self.matrix.close(key)
        self.scan()
        for key in keys:
            self.matrix.open(key)
        self.scan(50)


@pytest.fixture
def rig() -> Iterator[Rig]:
    rig = Rig()
    yield rig
    rig.keypad.close()
    rig.board.close()


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
    for key in "124":
        rig.matrix.close(key)
    assert sorted(rig.keypad._closed()) == ["1", "2", "4", "5"]
    rig.scan(20)
    assert rig.pressed == []


def test_the_help_key_works_while_something_leans_on_the_others(rig: Rig) -> None:
    rig.matrix.close("1")
    rig.matrix.close("2")
    rig.scan()
    rig.strike(Key.HELP)
    assert rig.pressed == [Key.HELP]


def test_every_key_held_at_once_shorts_nothing(rig: Rig) -> None:
    for key in ALL_KEYS:
        rig.matrix.close(key)
    rig.scan()
    assert rig.pressed == [Key.HELP]


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


def test_rows_are_inputs_between_scans(rig: Rig) -> None:
    rig.scan()
    assert {rig.board.pin(row).function for row in ROWS} == {"input"}


def test_the_buzzer_and_the_lamp_hang_on_their_lines(rig: Rig) -> None:
    beeps: list[bool] = []
    lamp: list[bool] = []
    rig.board.watch(BUZZER, beeps.append)
    rig.board.watch(LAMP, lamp.append)
    with closing(Outputs(BUZZER, LAMP, rig.board)) as outputs:
        outputs.click()
        until(lambda: beeps == [True, False], what="one beep")
        outputs.show(Lamp.ON)
        assert lamp == [True]
        outputs.show(Lamp.OFF)
        assert lamp == [True, False]
        outputs.show(Lamp.TRYING)
        until(lambda: len(lamp) >= 4, what="blinking")


def test_a_post_without_buzzer_and_lamp_is_silent() -> None:
    with closing(Outputs(None, None)) as outputs:
        outputs.click()
        outputs.refuse()
        outputs.show(Lamp.ON)
