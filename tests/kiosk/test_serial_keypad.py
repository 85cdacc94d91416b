"""A serial keypad on a real pseudo-terminal, and on pyserial's own loop."""

import errno
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

import pytest
import serial

from kiosk.faults import Fault, Part
from kiosk.key_codes import serial_keys
from kiosk.keys import LAYOUTS, Key, KeyEvent, KeypadLost, KeyStuck, Pad, PadEvent, keys_of
from kiosk.serial_keypad import SerialKeypad
from tests.fakes.clock import FakeClock
from tests.waiting import until

BAUD = 9600
BYTE_MS = 1  # at 9600 baud
KEYS = serial_keys((), keys_of(LAYOUTS[Pad.PHONE]))


class Rig:
    """A keypad's end of a line (`plug`), and the post at the other, looked at in steps of a still clock."""

    def __init__(self, lockout_ms: int = 200, port: str = "") -> None:
        self.clock = FakeClock()
        self.events: list[PadEvent | Fault] = []
        self.clicks = 0
        self._ends: tuple[int, int] | None = None
        self.keypad = SerialKeypad(
            port or self.plug(),
            BAUD,
            KEYS,
            lockout_ms=lockout_ms,
            monotonic_ms=self.clock.monotonic_ms,
            put=self.events.append,
            click=self.click,
        )

    def plug(self) -> str:
        self._ends = os.openpty()
        return os.ttyname(self._ends[1])

    def unplug(self) -> None:
        if self._ends is not None:
            for end in self._ends:
                os.close(end)
            self._ends = None

    def __enter__(self) -> Self:
        self.keypad.open()
        self.keypad._line.timeout = 0  # no need to wait: `send` sees that the bytes are there
        return self

    def __exit__(self, *_: object) -> None:
        self.keypad.close()
        self.unplug()

    def click(self) -> None:
        self.clicks += 1
        assert len(self.pressed) == self.clicks - 1

    def write(self, data: bytes) -> None:
        assert self._ends is not None
        os.write(self._ends[0], data)

    def send(self, data: bytes, *, then_ms: int = 0) -> None:
        """Let *data* arrive and be read, then time pass."""
        self.write(data)
        until(lambda: self.keypad._line.in_waiting >= len(data), what="the bytes")
        self.keypad.look()
        self.rest(then_ms)

    def rest(self, ms: int) -> None:
        for _ in range(0, ms, 10):
            self.clock.advance(10)
            self.keypad.look()

    def repeat(self, data: bytes, every_ms: int, for_ms: int) -> None:
        for _ in range(0, for_ms, every_ms):
            self.clock.advance(every_ms)
            self.send(data)

    @property
    def pressed(self) -> list[str]:
        return [e.key for e in self.events if isinstance(e, KeyEvent) and e.down]

    @property
    def faults(self) -> list[Fault]:
        return [event for event in self.events if isinstance(event, Fault)]


@pytest.fixture
def rig() -> Iterator[Rig]:
    with Rig() as rig:
        yield rig


def test_a_character_is_a_press_and_clicks_at_once(rig: Rig) -> None:
    rig.send(b"5")
    assert rig.pressed == ["5"]
    assert rig.clicks == 1
    rig.rest(200)
    assert [event.down for event in rig.events if isinstance(event, KeyEvent)] == [True, False]


def test_a_plate_is_typed_in_order(rig: Rig) -> None:
    for key in b"2221237#":
        rig.send(bytes([key]), then_ms=350)
    assert rig.pressed == [*"2221237", Key.OK]


def quick_fingers(rig: Rig) -> None:
    for key in b"123456":
        rig.send(bytes([key]), then_ms=60)


def line_ends(rig: Rig) -> None:
    for key in b"1234567890":
        rig.send(bytes([key, *b"\r\n"]), then_ms=100)


def line_end_and_a_quick_finger(rig: Rig) -> None:
    rig.send(b"\r\n", then_ms=60)
    rig.send(b"5", then_ms=60)


def second_key_beside_a_held_one(rig: Rig) -> None:
    rig.repeat(b"5", 90, 900)
    rig.rest(40)
    rig.send(b"6", then_ms=300)
    rig.send(b"7")


def two_keys_repeating(rig: Rig) -> None:
    for _ in range(20):
        rig.send(b"5", then_ms=30)
        rig.send(b"6", then_ms=30)
    rig.rest(1_500)
    rig.send(b"1")


def stuck(rig: Rig) -> None:
    rig.repeat(b"5", 90, 30_500)
    rig.rest(30)
    rig.send(b"6", then_ms=50)


def loose_again(rig: Rig) -> None:
    stuck(rig)
    rig.rest(1_500)
    rig.send(b"5")


def noise(rig: Rig) -> None:
    rig.send(bytes(range(256)) * 4)
    rig.rest(500)
    rig.send(b"1", then_ms=1_500)
    rig.send(b"2")


FLOODED = "more than a hand can press; check keypad.serial.baud, the cable, and its ground"


@pytest.mark.parametrize(
    ("happens", "pressed", "stuck", "fault"),
    [
        (quick_fingers, [*"123456"], [], ""),
        (lambda rig: rig.send(b"56", then_ms=200), ["5"], [], ""),
        (lambda rig: rig.send(b"555", then_ms=200), ["5"], [], ""),
        (lambda rig: rig.repeat(b"5", 15, 90), ["5"], [], ""),
        (lambda rig: rig.repeat(b"5", 33, 3_000), ["5"], [], ""),
        (second_key_beside_a_held_one, ["5", "7"], [], ""),
        (two_keys_repeating, None, [], FLOODED),
        (stuck, ["5", "6"], [True], ""),
        (loose_again, ["5", "6", "5"], [True, False], ""),
        (line_ends, [*"1234567890"], [], ""),
        (lambda rig: rig.send(b"\r\n", then_ms=200), [Key.OK], [], ""),
        (line_end_and_a_quick_finger, [Key.OK, "5"], [], ""),
        (lambda rig: rig.send(b"\x00\xff@", then_ms=200), [], [], ""),
        (noise, ["2"], [], FLOODED),
    ],
    ids=[
        "quick fingers",
        "two keys at once",
        "one press sent three times",
        "bounce",
        "a held key repeats",
        "a second key beside a held one",
        "two held keys repeat in turn",
        "held for half a minute",
        "held for half a minute, then let go",
        "each press ends with a line end",
        "OK sends a line end",
        "OK sends a line end and another key follows soon",
        "characters that no key has",
        "a kilobyte of noise",
    ],
)
def test_what_hands_ice_and_noise_do(
    rig: Rig,
    happens: Callable[[Rig], object],
    pressed: list[str] | None,
    stuck: list[bool],
    fault: str,
) -> None:
    happens(rig)
    if pressed is None:
        assert len(rig.pressed) <= 14, "until it is known that no hand does that"
        assert rig.pressed[-1] == "1", "and the keypad works again after that"
    else:
        assert rig.pressed == pressed
    assert [event.stuck for event in rig.events if isinstance(event, KeyStuck)] == stuck
    assert [one.present for one in rig.faults] == ([True, False] if fault else [])
    assert all(fault in one.reason for one in rig.faults if one.present)


def test_without_a_lockout_a_held_key_is_still_one_press() -> None:
    with Rig(lockout_ms=0) as rig:
        rig.repeat(b"5", 90, 1_000)
        assert rig.pressed == ["5"]


@pytest.mark.parametrize(("every_ms", "pressed"), [(210, 10), (250, 10), (320, 10), (180, 1)])
def test_the_lockout_counts_from_the_character(rig: Rig, every_ms: int, pressed: int) -> None:
    for _ in range(10):
        rig.send(b"2", then_ms=every_ms)
    assert len(rig.pressed) == pressed


def test_a_lockout_of_half_a_second_lets_no_calm_hand_wait_for_ever() -> None:
    """EN 301 549, 5.8."""
    with Rig(lockout_ms=500) as rig:
        for _ in range(10):
            rig.send(b"2", then_ms=300)
        assert len(rig.pressed) == 5


def test_a_second_key_clicks_with_its_own_character(rig: Rig) -> None:
    rig.send(b"5", then_ms=30)
    rig.send(b"6")
    assert rig.pressed == ["5", "6"]
    assert rig.clicks == 2


def test_a_key_without_an_assignment_may_be_pressed_as_often_as_one_likes(rig: Rig) -> None:
    for _ in range(10):
        for key in (b"Q", b"W", b"Q"):
            rig.send(key, then_ms=200)
    assert rig.faults == []


def test_many_different_signs_that_no_key_has_are_noise(rig: Rig) -> None:
    for key in b"EFGHIJKLMNOP":
        rig.send(bytes([key]), then_ms=200)
    (fault,) = rig.faults
    assert "what no key has" in fault.reason


def test_the_key_that_heals_the_line_counts(rig: Rig) -> None:
    for _ in range(12):
        rig.send(b"\xfe", then_ms=200)
    rig.events.clear()
    rig.send(b"5")
    assert rig.events[0] == Fault(Part.KEYPAD, False), "an entry out of order takes no key"
    assert rig.pressed == ["5"]


def test_a_keypad_at_another_speed_is_a_fault_until_it_sends_a_key(rig: Rig) -> None:
    for _ in range(12):
        rig.send(b"\xfe", then_ms=200)
    (fault,) = rig.faults
    assert fault.part is Part.KEYPAD
    assert "check keypad.serial.baud and keypad.serial.codes" in fault.reason
    rig.send(b"5")
    assert rig.pressed == ["5"]
    assert rig.faults[1:] == [Fault(Part.KEYPAD, False)]


def test_garbage_is_counted_and_never_named(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(11):
        rig.send(b"Q", then_ms=100)
    assert [record.message for record in caplog.records] == [
        "keypad sends what no key has times=1",
        "keypad sends what no key has times=10",
    ]


def test_what_was_typed_before_the_post_looked_does_not_count() -> None:
    rig = Rig()
    rig.write(b"123")
    with rig:
        rig.rest(50)
        assert rig.pressed == []


@pytest.mark.parametrize("way", ["not there", "taken by another program", "no serial line"])
def test_a_line_that_cannot_be_opened_is_told_in_a_sentence(tmp_path: Path, way: str) -> None:
    rig = Rig()
    other = None
    if way == "not there":
        rig.keypad._port = str(tmp_path / "ttyUSB0")
        words = "The serial keypad is not at .*ttyUSB0; plug it in, or check keypad.serial.port"
    elif way == "taken by another program":
        other = serial.Serial(rig.keypad._port, exclusive=True)
        words = "Another program reads the serial keypad at .*; stop that program"
    else:
        rig.keypad._port = "/dev/null"
        words = "cannot be read .*; plug it in again"
    with pytest.raises(KeypadLost, match=words):
        rig.keypad.open()
    rig.__exit__()
    if other is not None:
        other.close()


@pytest.mark.parametrize("number", [errno.EACCES, errno.EPERM], ids=["by its group", "by its unit"])
def test_a_line_that_may_not_be_opened_says_who_may(number: int) -> None:
    error = serial.SerialException(number, "could not open port")
    keypad = Rig(port="/dev/ttyS0").keypad
    assert str(keypad._lost(error)) == (
        "/dev/ttyS0 may not be opened; run the post in the group dialout, "
        "and name the device with DeviceAllow in portvakt-kiosk.service."
    )


def test_an_unplugged_keypad_lets_its_key_go_and_comes_back(tmp_path: Path) -> None:
    port = tmp_path / "keypad"  # as udev names it
    rig = Rig(port=str(port))
    port.symlink_to(rig.plug())
    stopping = threading.Event()
    thread = threading.Thread(target=rig.keypad.run, args=(stopping,))
    thread.start()
    try:
        until(lambda: rig.keypad._line is not None, what="the line")
        rig.write(b"5")
        until(lambda: rig.pressed == ["5"], what="the press")
        port.unlink()
        rig.unplug()
        (fault,) = until(lambda: list(rig.faults), what="the fault")
        assert (fault.part, fault.present) == (Part.KEYPAD, True)
        assert "plug it in again" in fault.reason
        assert [e.key for e in rig.events if isinstance(e, KeyEvent) and not e.down] == ["5"]
        until(lambda: "is not at" in rig.faults[-1].reason, what="the next try")
        port.symlink_to(rig.plug())
        until(lambda: not rig.faults[-1].present, what="the keypad to come back")
        rig.write(b"6")
        until(lambda: rig.pressed == ["5", "6"], what="a press after that")
    finally:
        stopping.set()
        thread.join(10)
        rig.unplug()
    assert not thread.is_alive()


def test_it_reads_any_line_that_pyserial_can_open() -> None:
    with Rig(port="loop://") as rig:
        rig.keypad._line.write(b"7")
        rig.keypad.look()
        assert rig.pressed == ["7"]
