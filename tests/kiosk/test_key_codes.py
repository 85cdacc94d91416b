"""What bought keypads send, and the settings that change it."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk.key_codes import KERNEL_CODES, MODIFIERS, SERIAL_KEYS, USB_KEYS, serial_keys, usb_keys
from kiosk.keys import LAYOUTS, SIGNS, Key, Pad, keys_of

PHONE, FULL = keys_of(LAYOUTS[Pad.PHONE]), keys_of(LAYOUTS[Pad.FULL])
HEADER = Path("/usr/include/linux/input-event-codes.h")


@pytest.mark.skipif(not HEADER.exists(), reason="no headers of the kernel here: linux-libc-dev")
def test_the_numbers_are_the_kernels_own() -> None:
    defined = re.findall(r"#define (KEY_\w+)\s+(0x[0-9a-f]+|\d+)\s", HEADER.read_text())
    kernel = {name: int(number, 0) for name, number in defined}
    assert {name: kernel.get(name) for name in KERNEL_CODES} == KERNEL_CODES


@pytest.mark.parametrize(
    ("keys", "pad"), [(usb_keys, PHONE), (usb_keys, FULL), (serial_keys, PHONE)]
)
def test_without_settings_every_key_of_a_pad_can_be_pressed(
    keys: Callable[..., dict[int, str]], pad: frozenset[str]
) -> None:
    missing = pad - set(keys((), pad).values())
    assert missing <= set("ÆØÜ"), "which a Swedish keyboard has not"


def test_a_pad_of_ten_keys_has_no_letters() -> None:
    assert SIGNS & set(usb_keys((), PHONE).values()) == set("0123456789")


def test_shifts_and_locks_are_no_keys() -> None:
    assert KERNEL_CODES["KEY_NUMLOCK"] in MODIFIERS
    assert not MODIFIERS & USB_KEYS.keys()


def test_a_serial_keypad_sends_one_byte_for_a_letter_large_or_small() -> None:
    assert [SERIAL_KEYS[byte] for byte in "Aa7Åå#".encode("latin-1")] == [*"AA7ÅÅ", Key.OK]
    assert max(SERIAL_KEYS) < 0x100


def test_settings_add_change_and_take_away() -> None:
    keys = usb_keys(("KEY_F5=OK", "KEY_RIGHTBRACE=ü", "KEY_TAB=none", "464 = help"), FULL)
    assert keys[KERNEL_CODES["KEY_F5"]] == Key.OK
    assert keys[KERNEL_CODES["KEY_RIGHTBRACE"]] == "Ü"
    assert keys[464] == Key.HELP
    assert KERNEL_CODES["KEY_TAB"] not in keys
    assert serial_keys(("D=ok", "0x01=clear", "==cancel"), PHONE)[ord("=")] == Key.CANCEL


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("KEY_F5", 'must be what the key sends, "=", our key: "KEY_F5=ok"'),
        ("=ok", "must be what the key sends"),
        ("KEY_F5=", "must be what the key sends"),
        ("KEY_F5=okk", "okk is no key; known are the signs of the pad, ok, clear, .*, and none"),
        ("KEY_F5=A", "this pad has no key A; see keypad.pad"),
        ("KEY_ENTR=ok", '"KEY_ENTR" is no key of the kernel .* did you mean KEY_ENTER'),
        ("f77x=ok", "known are KEY_ESC, KEY_1, .* KEY_F24"),
        ("768=ok", "is no key of the kernel"),
        ("0=ok", "is no key of the kernel"),
    ],
)
def test_a_code_that_cannot_be_is_named(code: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        usb_keys((code,), PHONE)


@pytest.mark.parametrize("code", ["AB=ok", "0x100=ok", "0xzz=ok", "€=ok", "0x=ok"])
def test_a_serial_code_is_one_byte(code: str) -> None:
    with pytest.raises(ValueError, match='must be one character, or a byte such as "0x1b"'):
        serial_keys((code,), PHONE)


def test_no_code_is_given_two_keys() -> None:
    with pytest.raises(ValueError, match="names KEY_F5 a second time"):
        usb_keys(("KEY_F5=ok", "KEY_F5=clear"), PHONE)
