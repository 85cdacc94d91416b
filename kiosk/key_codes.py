"""What the keys of bought keypads send, and the `codes` of the settings that add to it or change it."""

import difflib
from collections.abc import Callable, Iterable, Mapping

from kiosk.keys import SIGNS, Key

NOTHING = "none"  # in `codes`: this key of the keypad does nothing
_KEY_MAX, _BYTE_MAX = 0x2FF, 0xFF


def _counted(first: int, names: str) -> dict[str, int]:
    return {f"KEY_{name}": first + at for at, name in enumerate(names.split())}


# The kernel's numbers, include/uapi/linux/input-event-codes.h: they never change.
KERNEL_CODES = {
    **_counted(1, "ESC 1 2 3 4 5 6 7 8 9 0 MINUS EQUAL BACKSPACE TAB"),
    **_counted(16, "Q W E R T Y U I O P LEFTBRACE RIGHTBRACE ENTER LEFTCTRL"),
    **_counted(30, "A S D F G H J K L SEMICOLON APOSTROPHE GRAVE LEFTSHIFT BACKSLASH"),
    **_counted(44, "Z X C V B N M COMMA DOT SLASH RIGHTSHIFT KPASTERISK LEFTALT SPACE CAPSLOCK"),
    **_counted(59, "F1 F2 F3 F4 F5 F6 F7 F8 F9 F10 NUMLOCK SCROLLLOCK"),
    **_counted(71, "KP7 KP8 KP9 KPMINUS KP4 KP5 KP6 KPPLUS KP1 KP2 KP3 KP0 KPDOT"),
    **_counted(86, "102ND F11 F12"),
    **_counted(96, "KPENTER RIGHTCTRL KPSLASH SYSRQ RIGHTALT LINEFEED HOME UP PAGEUP LEFT RIGHT"),
    **_counted(107, "END DOWN PAGEDOWN INSERT DELETE"),
    **_counted(117, "KPEQUAL KPPLUSMINUS PAUSE SCALE KPCOMMA"),
    **_counted(125, "LEFTMETA RIGHTMETA COMPOSE"),
    **_counted(138, "HELP MENU"),
    **_counted(183, "F13 F14 F15 F16 F17 F18 F19 F20 F21 F22 F23 F24"),
}

# Some number pads send NumLock with every digit; a lock or a shift is never a key of ours, nor a second one.
MODIFIERS = frozenset(
    KERNEL_CODES[f"KEY_{side}{name}"]
    for side in ("LEFT", "RIGHT")
    for name in ("CTRL", "SHIFT", "ALT", "META")
) | {KERNEL_CODES[f"KEY_{name}LOCK"] for name in ("CAPS", "NUM", "SCROLL")}

_USB_DEEDS = {
    "ENTER KPENTER": Key.OK,
    "BACKSPACE DELETE KPMINUS": Key.CLEAR,
    "ESC": Key.CANCEL,
    "TAB KPASTERISK": Key.LANGUAGE,
    "F1 HELP KPSLASH": Key.HELP,
    "F2 KPDOT KPCOMMA": Key.SPEAK,
    "F3 KPPLUS": Key.OTHER,
}
_SWEDISH = {"LEFTBRACE": "Å", "APOSTROPHE": "Ä", "SEMICOLON": "Ö"}  # as their caps are printed
_PLAIN = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

USB_KEYS: dict[int, str] = {
    **{KERNEL_CODES[f"KEY_{sign}"]: sign for sign in _PLAIN},
    **{KERNEL_CODES[f"KEY_KP{digit}"]: digit for digit in _PLAIN[:10]},
    **{KERNEL_CODES[f"KEY_{name}"]: sign for name, sign in _SWEDISH.items()},
    **{
        KERNEL_CODES[f"KEY_{name}"]: key
        for names, key in _USB_DEEDS.items()
        for name in names.split()
    },
}

_SERIAL_DEEDS = {
    "\r\n#": Key.OK,
    "\b\x7f*-": Key.CLEAR,
    "\x1b": Key.CANCEL,
    "\t": Key.LANGUAGE,
    "?/": Key.HELP,
    ".,": Key.SPEAK,
    "+": Key.OTHER,
}

# One byte each, ISO 8859-1: a keypad that sends one character a press sends no UTF-8.
SERIAL_KEYS: dict[int, str] = {
    **{
        ord(form): sign
        for sign in SIGNS
        for form in (sign, sign.lower())
        if len(form.encode("latin-1", "ignore")) == 1
    },
    **{ord(char): key for chars, key in _SERIAL_DEEDS.items() for char in chars},
}

Table = dict[int, str]


def usb_keys(codes: Iterable[str], on_pad: Iterable[str]) -> Table:
    """Give the key of each kernel code: the usual table, changed by *codes*, less what is not *on_pad*.

    Raises:
        ValueError: one of *codes* cannot be read, names a key twice, or names one that is not there.
    """
    return _table(USB_KEYS, codes, set(on_pad), _kernel_code, "KEY_F5=ok")


def serial_keys(codes: Iterable[str], on_pad: Iterable[str]) -> Table:
    """Give the key of each byte: the usual table, changed by *codes*, less what is not *on_pad*.

    Raises:
        ValueError: as `usb_keys`.
    """
    return _table(SERIAL_KEYS, codes, set(on_pad), _byte, "0x1b=cancel")


def _table(
    usual: Mapping[int, str],
    codes: Iterable[str],
    on_pad: set[str],
    read: Callable[[str], int],
    example: str,
) -> Table:
    own: Table = {}
    for text in codes:
        sent, equals, name = text.rpartition("=")
        if not equals or not sent or not name:
            raise ValueError(
                f'codes: "{text}" must be what the key sends, "=", our key: "{example}"'
            )
        code, key = read(sent.strip()), _key(name.strip(), text, on_pad)
        if code in own:
            raise ValueError(f'codes: "{text}" names {sent.strip()} a second time')
        own[code] = key
    table = {**usual, **own}
    return {code: key for code, key in table.items() if key in on_pad}


def _key(name: str, text: str, on_pad: set[str]) -> str:
    key = name.upper() if name.upper() in SIGNS else name.lower()
    if key in on_pad or key == NOTHING:
        return key
    if key in SIGNS or key in set(Key):
        raise ValueError(f'codes: "{text}": this pad has no key {key}; see keypad.pad')
    deeds = ", ".join(one for one in Key if one in on_pad)
    raise ValueError(
        f'codes: "{text}": {name} is no key; known are the signs of the pad, {deeds}, and {NOTHING}'
    )


def _kernel_code(name: str) -> int:
    if name in KERNEL_CODES:
        return KERNEL_CODES[name]
    if name.isascii() and name.isdecimal() and 0 < int(name) <= _KEY_MAX:
        return int(name)
    near = difflib.get_close_matches(name.upper(), KERNEL_CODES, n=3)
    known = f"did you mean {' or '.join(near)}?" if near else f"known are {', '.join(KERNEL_CODES)}"
    raise ValueError(f'codes: "{name}" is no key of the kernel (nor its number); {known}')


def _byte(sent: str) -> int:
    if len(sent) == 1 and ord(sent) <= _BYTE_MAX:
        return ord(sent)
    try:
        value = int(sent, 16) if sent.lower().startswith("0x") else -1
    except ValueError:
        value = -1
    if not 0 <= value <= _BYTE_MAX:
        raise ValueError(f'codes: "{sent}" must be one character, or a byte such as "0x1b"')
    return value
