"""Whether the keys are there, by looks only: the running service has them."""

import stat
import struct
from pathlib import Path

from device.check import Answer, Roots, fault, note, ok
from kiosk.keypad_settings import UsbSettings
from kiosk.settings import PostSettings

# Bits of a device's `key` bitmap, linux/input-event-codes.h: the digit 1 of the upper row, and of the
# block at the right.
_KEY_1, _KEY_KP1 = 2, 79
_BITS = 8 * struct.calcsize("l")


def keys_answer(settings: PostSettings, roots: Roots) -> Answer:
    """Whether what the settings name is plugged in."""
    if settings.demo:
        return note("the keys are the demo's own; a post outside has others.")
    if settings.keypad.kind == "terminal":
        return note("the keys are those of a terminal; a post outside has none.")
    if not list(roots.dev.glob("gpiochip*")):
        return fault(
            f"there is no GPIO chip ({roots.dev}/gpiochip*), so neither help key nor buzzer.",
            "Check that this is a Raspberry Pi with its own kernel.",
        )
    if settings.keypad.kind == "usb":
        return _usb(settings.keypad.usb, roots.sys)
    if settings.keypad.kind == "serial":
        return _serial(Path(settings.keypad.serial.port))
    count = len(settings.keypad.rows) * len(settings.keypad.columns)
    return ok(f"the GPIO chip of the {count} keys is there; only pressing them proves the wires.")


def _serial(port: Path) -> Answer:
    if not port.exists():
        return fault(
            f"there is no serial keypad at {port}.",
            "Plug it in; `ls /dev/tty*` before and after shows its name for keypad.serial.port.",
        )
    if not stat.S_ISCHR(port.stat().st_mode):
        return fault(f"{port} is no serial line.", "Check keypad.serial.port.")
    return ok(f"the serial line {port} is there; only pressing the keys proves the keypad.")


def _usb(wanted: UsbSettings, sys: Path) -> Answer:
    keypads = [folder for folder in (sys / "class/input").glob("event*") if _has_digits(folder)]
    ours = [folder for folder in keypads if _fits(folder, wanted)]
    if ours:
        return ok(f"the USB keypad is there: {_name(ours[0])}.")
    name = ":".join(part or "any" for part in (wanted.vendor, wanted.product))
    others = ", ".join(sorted(map(_name, keypads)))
    return fault(
        f"no USB keypad {name} is plugged in{f', only {others}' if others else ''}.",
        "Plug it in; `lsusb` shows vendor and product for [keypad.usb].",
    )


def _has_digits(folder: Path) -> bool:
    """Whether the device can send a digit, which a mouse or a power button cannot."""
    words = _text(folder, "capabilities/key").split()
    bits = 0
    for word in words:  # the highest word first, each as wide as the machine's
        bits = bits << _BITS | int(word, 16)
    return bool(bits >> _KEY_1 & 1 or bits >> _KEY_KP1 & 1)


def _fits(folder: Path, wanted: UsbSettings) -> bool:
    pairs = (
        (wanted.vendor, "id/vendor"),
        (wanted.product, "id/product"),
        (wanted.serial, "uniq"),
    )
    return all(
        not wish or wish.casefold() == _text(folder, file).casefold() for wish, file in pairs
    )


def _name(folder: Path) -> str:
    ids = f"{_text(folder, 'id/vendor')}:{_text(folder, 'id/product')}"
    return f"{_text(folder, 'name') or 'a device without a name'} ({ids})"


def _text(folder: Path, file: str) -> str:
    try:
        return (folder / "device" / file).read_text("utf-8", "replace").strip()
    except OSError:
        return ""
