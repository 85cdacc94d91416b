"""A USB keypad through devices of python-evdev's shape, and through the kernel's own where it can be."""

import importlib.util
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, Self

import pytest

from kiosk.faults import Fault, Part
from kiosk.key_codes import KERNEL_CODES, usb_keys
from kiosk.keypad_settings import UsbSettings
from kiosk.keys import LAYOUTS, Key, KeyEvent, KeypadLost, KeyStuck, Pad, PadEvent, keys_of
from kiosk.usb_keypad import UsbKeypad
from kiosk.usb_search import Node
from tests.fakes.clock import FakeClock
from tests.kiosk.fake_usb import MOUSE_REL, FakeUsb
from tests.waiting import until

OURS = UsbSettings(vendor="2047", product="0301")
POWER_BUTTON = (116,)
REMOTE_CONTROL = tuple(range(0x200, 0x20A))  # KEY_NUMERIC_0 .. 9, as HDMI-CEC sends them


class Rig:
    """A post with USB sockets, looked at in steps of a clock that stands still meanwhile."""

    def __init__(
        self,
        *plugged: FakeUsb,
        wanted: UsbSettings = OURS,
        pad: Pad = Pad.FULL,
        lockout_ms: int = 200,
    ) -> None:
        self.clock = FakeClock()
        self.plugged = list(plugged)
        self.usb = plugged[0] if plugged else FakeUsb()
        self.events: list[PadEvent | Fault] = []
        self.clicks = 0
        self.keypad = UsbKeypad(
            wanted,
            usb_keys(wanted.codes, keys_of(LAYOUTS[pad])),
            lockout_ms=lockout_ms,
            monotonic_ms=self.clock.monotonic_ms,
            put=self.events.append,
            click=self.click,
            paths=lambda: [one.path for one in self.plugged],
            open_node=self.open_node,
        )

    def open_node(self, path: str) -> Node:
        return next(one for one in self.plugged if one.path == path).open()

    def __enter__(self) -> Self:
        self.keypad.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.keypad.close()
        for one in {self.usb, *self.plugged}:
            one.close()

    def click(self) -> None:
        self.clicks += 1
        assert len(self.pressed) == self.clicks - 1

    def look(self, ms: int = 40) -> None:
        for _ in range(0, ms, 5):
            self.clock.advance(5)
            self.keypad.look()

    @property
    def pressed(self) -> list[str]:
        return [e.key for e in self.events if isinstance(e, KeyEvent) and e.down]

    @property
    def faults(self) -> list[Fault]:
        return [event for event in self.events if isinstance(event, Fault)]

    def strike(self, *names: str, ms: int = 40) -> None:
        self.usb.move(*names, value=1)
        self.look(ms)
        self.usb.move(*names, value=0)
        self.look(260)


@pytest.fixture
def rig() -> Iterator[Rig]:
    with Rig(FakeUsb()) as rig:
        yield rig


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("7", "7"),
        ("KP7", "7"),
        ("A", "A"),
        ("LEFTBRACE", "Å"),
        ("APOSTROPHE", "Ä"),
        ("SEMICOLON", "Ö"),
        ("KPENTER", Key.OK),
        ("BACKSPACE", Key.CLEAR),
        ("ESC", Key.CANCEL),
        ("TAB", Key.LANGUAGE),
        ("F1", Key.HELP),
        ("F2", Key.SPEAK),
    ],
)
def test_a_key_is_what_its_cap_says(rig: Rig, name: str, key: str) -> None:
    rig.strike(name)
    assert rig.pressed == [key]
    assert rig.clicks == 1


def held_with_repeats(rig: Rig) -> None:
    rig.usb.move("5", value=1)
    for _ in range(20):
        rig.look(30)
        rig.usb.send(1, KERNEL_CODES["KEY_5"], 2)
        rig.usb.send(0, 0, 1)
    rig.usb.move("5", value=0)
    rig.look()


def stuck(rig: Rig) -> None:
    rig.usb.move("5", value=1)
    rig.look(30_100)
    rig.strike("6")


def loose_again(rig: Rig) -> None:
    stuck(rig)
    rig.usb.move("5", value=0)
    rig.look(1_100)
    rig.strike("5")


def bounce(rig: Rig) -> None:
    for _ in range(4):
        rig.usb.move("5", value=1)
        rig.look(5)
        rig.usb.move("5", value=0)
        rig.look(5)
    rig.look(300)


def slipping(rig: Rig) -> None:
    rig.usb.move("5", value=1)
    rig.look()
    rig.usb.move("6", value=1)
    rig.look()
    rig.usb.move("5", value=0)
    rig.look()
    rig.usb.move("6", value=0)
    rig.look()


def numlock_with_each_digit(rig: Rig) -> None:
    # As some number pads send, so that their digits are digits whatever the computer thinks.
    rig.usb.move("NUMLOCK", "KP5", value=1)
    rig.look()
    rig.usb.move("NUMLOCK", "KP5", value=0)
    rig.look()


def shift_held(rig: Rig) -> None:
    rig.usb.move("LEFTSHIFT", value=1)
    rig.look()
    rig.strike("A")
    rig.usb.move("LEFTSHIFT", value=0)


def garbage(rig: Rig) -> None:
    for code in (0, 113, 240, 500, 767):
        rig.usb.send(1, code, 1)
        rig.usb.send(0, 0, 0)
    rig.usb.send(17, 0, 1)  # a lamp was switched
    rig.usb.send(99, 5, -7)
    rig.look()
    rig.strike("5")


def lost_release(rig: Rig) -> None:
    rig.usb.move("5", value=1)
    rig.look()
    rig.usb.down.clear()
    rig.usb.send(0, 3, 0)  # SYN_DROPPED: the kernel's buffer was full, the release is lost
    rig.usb.send(1, KERNEL_CODES["KEY_7"], 1)
    rig.usb.send(0, 0, 0)
    rig.look(300)
    rig.strike("5")


def lost_press(rig: Rig) -> None:
    rig.usb.send(0, 3, 0)
    rig.usb.down.add(KERNEL_CODES["KEY_8"])
    rig.usb.send(0, 0, 0)
    rig.look()


def busy_machine(rig: Rig) -> None:
    rig.usb.move("5", value=1)
    rig.usb.move("5", value=0, after_ms=90)
    rig.usb.move("5", value=1, after_ms=300)
    rig.usb.move("5", value=0, after_ms=90)
    rig.usb.move("6", value=1, after_ms=60)
    rig.clock.advance(900)
    rig.look()


def wall_clock_set(rig: Rig) -> None:
    rig.usb.move("5", value=1)
    rig.usb.move("5", value=0, after_ms=86_400_000)
    rig.look()
    rig.usb.move("6", value=1)
    rig.usb.move("6", value=0, after_ms=-86_400_000)
    rig.look()


@pytest.mark.parametrize(
    ("happens", "pressed", "stuck"),
    [
        (lambda rig: rig.strike("5", "6"), [], []),
        (slipping, ["5"], []),
        (bounce, ["5"], []),
        (held_with_repeats, ["5"], []),
        (stuck, ["5", "6"], [True]),
        (loose_again, ["5", "6", "5"], [True, False]),
        (numlock_with_each_digit, ["5"], []),
        (shift_held, ["A"], []),
        (garbage, ["5"], []),
        (lost_release, ["5", "5"], []),
        (lost_press, ["8"], []),
        (busy_machine, ["5", "5", "6"], []),
        (wall_clock_set, ["5", "6"], []),
    ],
    ids=[
        "two keys at once",
        "a finger slips to the next key",
        "bounce",
        "the kernel repeats a held key",
        "held for half a minute",
        "held for half a minute, then let go",
        "NumLock sent with each digit",
        "a shift key held",
        "codes that no key has",
        "a lost release",
        "a lost press",
        "a busy machine reads five moves at once",
        "the wall clock is set while a key is down",
    ],
)
def test_what_hands_ice_and_noise_do(
    rig: Rig, happens: Callable[[Rig], object], pressed: list[str], stuck: list[bool]
) -> None:
    happens(rig)
    assert rig.pressed == pressed
    assert [event.stuck for event in rig.events if isinstance(event, KeyStuck)] == stuck
    assert rig.faults == []


def test_unknown_codes_are_counted_and_never_named(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(12):
        rig.strike("LEFTSHIFT", "F9")
    assert [record.message for record in caplog.records] == [
        "keypad sends what no key has times=1",
        "keypad sends what no key has times=10",
    ]
    assert rig.keypad._reports.strange == 12, "a shift key is not strange"


def test_a_letter_on_a_pad_of_ten_keys_types_nothing() -> None:
    with Rig(FakeUsb(), pad=Pad.PHONE) as rig:
        rig.strike("A")
        rig.strike("2")
        assert rig.pressed == ["2"]


def test_the_settings_change_what_a_key_means() -> None:
    wanted = UsbSettings(codes=("KEY_F9=ok", "KEY_KPSLASH=none", "240=cancel"))
    with Rig(FakeUsb(), wanted=wanted) as rig:
        rig.strike("F9")
        rig.strike("KPSLASH")
        rig.usb.send(1, 240, 1)
        rig.usb.send(0, 0, 0)
        rig.look()
        assert rig.pressed == [Key.OK, Key.CANCEL]


def test_the_keypad_is_ours_alone_while_it_is_read() -> None:
    with Rig(FakeUsb()) as rig:
        assert rig.usb.grabbed
        rig.keypad.close()
        assert not rig.usb.grabbed


def test_every_node_of_the_keypad_is_taken_and_no_other() -> None:
    volume = FakeUsb("/dev/input/event4", codes=(113, 114, 115), more={3: [32]})
    button = FakeUsb("/dev/input/event0", port="LNXPWRBN", codes=POWER_BUTTON)
    with Rig(FakeUsb(), volume, button, wanted=UsbSettings()) as rig:
        assert (rig.usb.grabbed, volume.grabbed, button.grabbed) == (True, True, False)
        assert [one.opened for one in (rig.usb, volume, button)] == [1, 1, 0]
        volume.send(1, 114, 1)
        volume.send(0, 0, 0)
        rig.look()
        rig.strike("5")
        assert rig.pressed == ["5"]


def test_lost_events_of_one_node_are_not_believed_when_another_reports() -> None:
    more = FakeUsb("/dev/input/event4", codes=(113,))
    with Rig(FakeUsb(), more) as rig:
        rig.usb.send(0, 3, 0)  # SYN_DROPPED
        rig.usb.send(1, KERNEL_CODES["KEY_7"], 1)
        rig.look(5)
        more.send(1, 113, 1)
        more.send(0, 0, 0)
        rig.look()
        rig.usb.send(0, 0, 0)
        rig.look()
        assert rig.pressed == []


def test_a_key_that_is_down_when_the_keypad_is_found_types_nothing() -> None:
    usb = FakeUsb()
    usb.down.add(KERNEL_CODES["KEY_5"])
    with Rig(usb) as rig:
        rig.look()
        rig.usb.move("5", value=0)
        rig.look()
        assert rig.pressed == []
        rig.strike("5")
        assert rig.pressed == ["5"]


def taken() -> FakeUsb:
    usb = FakeUsb()
    usb.taken = True
    return usb


def forbidden() -> FakeUsb:
    usb = FakeUsb()
    usb.forbidden = True
    return usb


def twin(serial: str) -> FakeUsb:
    return FakeUsb("/dev/input/event5", serial=serial, port="usb-1.4")


@pytest.mark.parametrize(
    ("plugged", "wanted", "words"),
    [
        ([], OURS, "The USB keypad 2047:0301 is not there; plug it in, or check keypad.usb."),
        ([], UsbSettings(), "The USB keypad is not there; plug it in, or check keypad.usb."),
        ([FakeUsb(vendor=0x46D)], OURS, "The USB keypad 2047:0301 is not there"),
        ([FakeUsb(serial="A1")], UsbSettings(serial="B2"), "The USB keypad B2 is not there"),
        ([FakeUsb(more=MOUSE_REL)], OURS, "2047:0301 at usb-1.2 has no key for every digit"),
        ([FakeUsb(codes=REMOTE_CONTROL)], OURS, "has no key for every digit"),
        ([FakeUsb(codes=POWER_BUTTON)], OURS, "has no key for every digit"),
        (
            [FakeUsb(serial="A1"), twin("A2")],
            OURS,
            r"fit \(2047:0301 serial A1 at usb-1.2 and 2047:0301 serial A2 at usb-1.4\); name one",
        ),
        (
            [FakeUsb(port=""), FakeUsb("/dev/input/event5", port="")],
            OURS,
            "fit .2047:0301 at /dev/input/event3 and 2047:0301 at /dev/input/event5.; name one",
        ),
        ([FakeUsb(product=0x0302)], OURS, "The USB keypad 2047:0301 is not there"),
        ([taken()], OURS, "Another program keeps the USB keypad Keypad 12 to itself"),
        (
            [forbidden()],
            OURS,
            "event3 may not be read, .* run the post in the group input, and allow char-input",
        ),
    ],
)
def test_a_keypad_that_cannot_be_used_is_told_in_a_sentence(
    plugged: list[FakeUsb], wanted: UsbSettings, words: str
) -> None:
    rig = Rig(*plugged, wanted=wanted)
    with pytest.raises(KeypadLost, match=words):
        rig.keypad.open()
    rig.__exit__()


def test_of_two_alike_the_serial_number_tells_which() -> None:
    with Rig(FakeUsb(serial="A1"), twin("A2"), wanted=UsbSettings(serial="A2")) as rig:
        assert [one.grabbed for one in rig.plugged] == [False, True]


def test_without_evdev_the_sentence_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "evdev", None)
    keypad = UsbKeypad(
        OURS,
        {},
        lockout_ms=0,
        monotonic_ms=FakeClock().monotonic_ms,
        put=bool,
        click=bool,
        paths=lambda: ["/dev/input/event0"],
    )
    with pytest.raises(KeypadLost, match=r"needs the package evdev .* install the role post again"):
        keypad.open()


class Running:
    """The keypad's own thread."""

    def __init__(self, rig: Rig) -> None:
        self._stopping = threading.Event()
        self._rig = rig
        self._thread = threading.Thread(target=rig.keypad.run, args=(self._stopping,))

    def __enter__(self) -> Rig:
        self._thread.start()
        return self._rig

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join(10)
        assert not self._thread.is_alive()
        for one in {self._rig.usb, *self._rig.plugged}:
            one.close()


def test_a_keypad_that_is_unplugged_with_a_key_down_lets_it_go_and_comes_back() -> None:
    with Running(Rig(FakeUsb())) as rig:
        until(lambda: rig.usb.grabbed, what="the grab")
        rig.usb.move("5", value=1)
        until(lambda: rig.pressed == ["5"], what="the press")
        rig.usb.unplug()
        (fault,) = until(lambda: list(rig.faults), what="the fault")
        assert fault == Fault(
            Part.KEYPAD, True, "The USB keypad was unplugged (No such device); plug it in again."
        )
        released = [e for e in rig.events if isinstance(e, KeyEvent) and not e.down]
        assert [event.key for event in released] == ["5"]
        rig.usb.plug_in()
        until(lambda: len(rig.faults) == 2, what="the keypad to come back")
        assert rig.faults[1] == Fault(Part.KEYPAD, False)
        rig.usb.move("6", value=1)
        until(lambda: rig.pressed == ["5", "6"], what="a press after that")


def test_a_keypad_that_is_not_there_at_start_is_found_when_it_is_plugged_in() -> None:
    usb = FakeUsb()
    with Running(Rig()) as rig:
        until(lambda: rig.faults, what="the fault")
        rig.plugged.append(usb)
        until(lambda: usb.grabbed, what="the keypad")
        assert [fault.present for fault in rig.faults] == [True, False]


NO_KERNEL = (
    "python-evdev is not installed, so only its own fake was used"
    if importlib.util.find_spec("evdev") is None
    else "/dev/uinput is not here or may not be written, so only evdev's own fake was used"
    if not os.access("/dev/uinput", os.W_OK)
    else ""
)


@pytest.mark.skipif(bool(NO_KERNEL), reason=NO_KERNEL)
def test_a_keypad_of_the_kernel_is_found_held_and_read() -> None:
    evdev: Any = importlib.import_module("evdev")
    events: list[PadEvent | Fault] = []
    codes = sorted(set(KERNEL_CODES.values()))
    with evdev.UInput({1: codes}, name="Portvakt test", vendor=0x2047, product=0x0301) as device:
        keypad = UsbKeypad(
            OURS,
            usb_keys((), keys_of(LAYOUTS[Pad.FULL])),
            lockout_ms=0,
            monotonic_ms=lambda: time.monotonic_ns() // 1_000_000,
            put=events.append,
            click=bool,
        )
        stopping = threading.Event()
        thread = threading.Thread(target=keypad.run, args=(stopping,))
        thread.start()
        try:
            until(lambda: not keypad_free(evdev, device), what="the grab")
            for name, value in (("A", 1), ("A", 0)):
                device.write(1, KERNEL_CODES[f"KEY_{name}"], value)
                device.syn()
            until(lambda: [e.key for e in events if isinstance(e, KeyEvent)] == ["A", "A"])
        finally:
            stopping.set()
            thread.join(10)


def keypad_free(evdev: Any, device: Any) -> bool:
    """Whether nobody else has taken the device."""
    other = evdev.InputDevice(device.device.path)
    try:
        other.grab()
    except OSError:
        return False
    else:
        return True
    finally:
        other.close()


@pytest.mark.skipif(importlib.util.find_spec("evdev") is None, reason="evdev is not installed")
def test_evdev_has_the_shape_that_the_fake_has() -> None:
    evdev: Any = importlib.import_module("evdev")
    for name in ("capabilities", "fileno", "grab", "read", "active_keys", "close"):
        assert callable(getattr(evdev.InputDevice, name))
    assert {"path", "info", "name", "phys", "uniq"} <= set(evdev.InputDevice.__slots__)
    assert {name: evdev.ecodes.ecodes[name] for name in KERNEL_CODES} == KERNEL_CODES


@pytest.mark.parametrize(
    ("taken", "words"),
    [(False, "was unplugged .*; plug it in again"), (True, "Another program keeps")],
)
def test_a_keypad_that_goes_while_it_is_opened_is_not_kept_by_another_program(
    taken: bool, words: str
) -> None:
    usb = FakeUsb()
    usb.taken, usb.unplugged = taken, not taken
    rig = Rig(usb)
    with pytest.raises(KeypadLost, match=words):
        rig.keypad.open()
    rig.__exit__()
