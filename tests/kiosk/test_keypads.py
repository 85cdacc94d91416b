"""Who brings the keys, by the settings of the post."""

import threading

import pytest

from kiosk.fake_matrix import GROUND, FakeBoard
from kiosk.faults import Fault, Part
from kiosk.keypad_settings import KeypadSettings, SerialSettings
from kiosk.keypads import key_sources
from kiosk.keys import Key, KeyEvent, PadEvent
from kiosk.matrix_keypad import HelpKey, MatrixKeypad
from kiosk.serial_keypad import SerialKeypad
from kiosk.usb_keypad import UsbKeypad
from tests.fakes.clock import FakeClock
from tests.waiting import until


@pytest.mark.parametrize(
    ("kind", "help_pin", "sources"),
    [
        ("matrix", 26, [MatrixKeypad]),
        ("usb", 26, [UsbKeypad, HelpKey]),
        ("serial", 26, [SerialKeypad, HelpKey]),
        ("usb", None, [UsbKeypad]),
        ("serial", None, [SerialKeypad]),
    ],
)
def test_a_keypad_that_is_not_on_gpio_has_its_help_key_beside_it(
    kind: str, help_pin: int | None, sources: list[type]
) -> None:
    pad = KeypadSettings(kind=kind, help=help_pin)
    made = key_sources(pad, FakeClock().monotonic_ms, bool, bool)
    assert [type(source) for source in made] == sources


def test_help_can_be_called_while_the_keypad_is_unplugged() -> None:
    board = FakeBoard()
    events: list[PadEvent | Fault] = []
    pad = KeypadSettings(kind="serial", serial=SerialSettings(port="/dev/no-such-keypad"))
    sources = key_sources(pad, FakeClock().monotonic_ms, events.append, bool, board)
    stopping = threading.Event()
    threads = [threading.Thread(target=source.run, args=(stopping,)) for source in sources]
    for thread in threads:
        thread.start()
    try:
        (fault,) = until(lambda: [e for e in events if isinstance(e, Fault)], what="the fault")
        assert fault.part is Part.KEYPAD
        until(lambda: board.pin(26).pull == "up", what="the line of the help key")
        board.join(26, GROUND)
        until(lambda: [e.key for e in events if isinstance(e, KeyEvent)] == [Key.HELP])
    finally:
        stopping.set()
        for thread in threads:
            thread.join(10)
        board.close()
