"""Which of the machine's input devices are the keypad: values of evdev's shape in, a choice out."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, Protocol

from kiosk.key_codes import Table
from kiosk.keypad_settings import UsbSettings
from kiosk.keys import KeypadLost

# include/uapi/linux/input-event-codes.h
EV_SYN, EV_KEY, EV_REL, EV_ABS = 0, 1, 2, 3
SYN_REPORT, SYN_DROPPED = 0, 3
_DIGITS = frozenset("0123456789")


class Info(Protocol):
    """Numbers of a device, as `evdev.device.DeviceInfo`."""

    @property
    def vendor(self) -> int:
        """Who made it."""

    @property
    def product(self) -> int:
        """What it is."""


class InputEvent(Protocol):
    """One event, as `evdev.InputEvent`; the time is the kernel's wall clock."""

    sec: int
    usec: int
    type: int
    code: int
    value: int


class Node(Protocol):
    """One /dev/input/event*, as `evdev.InputDevice`; it raises OSError once it is unplugged.

    `phys` is where it is plugged in, `uniq` its serial number, both perhaps empty.
    """

    path: str
    name: str
    phys: str
    uniq: str

    @property
    def info(self) -> Info:
        """Whose it is."""

    def capabilities(self, *, absinfo: bool) -> dict[int, list[int]]:
        """What it can send: codes by type of event."""

    def fileno(self) -> int:
        """Its file, for select(2)."""

    def grab(self) -> None:
        """Take all its events for us alone."""

    def read(self) -> Iterable[InputEvent]:
        """What came since the last time."""

    def active_keys(self) -> list[int]:
        """Codes of the keys that are down now."""

    def close(self) -> None:
        """Let go of it; a second time does nothing."""


class Opened(NamedTuple):
    """The nodes that could be opened, and the paths that we may not."""

    nodes: list[Node]
    forbidden: list[str]


def open_all(paths: Iterable[str], open_node: Callable[[str], Node]) -> Opened:
    """Open every node of *paths* that is there."""
    opened = Opened([], [])
    for path in paths:
        try:
            opened.nodes.append(open_node(path))
        except PermissionError:
            opened.forbidden.append(path)
        except OSError:
            continue  # it was unplugged between the look at the folder and now
    return opened


def ours(opened: Opened, wanted: UsbSettings, table: Table) -> list[Node]:
    """Choose all nodes of the one device that fits *wanted* and has a key for every digit.

    A keypad may show itself as several nodes (keys, volume, power); all are its own.

    Raises:
        KeypadLost: no device fits, or more than one does.
    """
    fitting = [node for node in opened.nodes if _fits(node, wanted)]
    found = sorted({_device(node) for node in fitting if _is_keypad(node, table)})
    if not found:
        raise KeypadLost(_missing(opened, wanted, fitting))
    if len(found) > 1:
        names = " and ".join(_described(_first(fitting, device)) for device in found)
        raise KeypadLost(
            f"Several USB keypads fit ({names}); name one in keypad.usb, or unplug the others."
        )
    return [node for node in fitting if _device(node) == found[0]]


def _fits(node: Node, wanted: UsbSettings) -> bool:
    return (
        (not wanted.vendor or node.info.vendor == int(wanted.vendor, 16))
        and (not wanted.product or node.info.product == int(wanted.product, 16))
        and (not wanted.serial or node.uniq == wanted.serial)
    )


def _is_keypad(node: Node, table: Table) -> bool:
    """Tell keys from mice, touch screens, power buttons and remote controls of televisions."""
    can = node.capabilities(absinfo=False)
    if EV_REL in can or EV_ABS in can:
        return False
    return {table[code] for code in can.get(EV_KEY, ()) if code in table} >= _DIGITS


def _device(node: Node) -> str:
    """Where the device is plugged in: `usb-1.2/input0` and `usb-1.2/input1` are one."""
    return node.phys.rpartition("/input")[0] or node.path


def _first(nodes: Sequence[Node], device: str) -> Node:
    return next(node for node in nodes if _device(node) == device)


def _described(node: Node) -> str:
    serial = f" serial {node.uniq}" if node.uniq else ""
    return f"{node.info.vendor:04x}:{node.info.product:04x}{serial} at {_device(node)}"


def _missing(opened: Opened, wanted: UsbSettings, fitting: Sequence[Node]) -> str:
    if opened.forbidden and not fitting:
        return (
            f"{opened.forbidden[0]} may not be read, so the USB keypad cannot be found; "
            "run the post in the group input, and allow char-input with DeviceAllow in "
            "portvakt-kiosk.service."
        )
    if fitting:
        return (
            f"The USB device {_described(fitting[0])} has no key for every digit; "
            "check keypad.usb.vendor, product and codes."
        )
    return f"The USB keypad{_named(wanted)} is not there; plug it in, or check keypad.usb."


def _named(wanted: UsbSettings) -> str:
    parts = [wanted.vendor and f"{wanted.vendor}:{wanted.product or '*'}", wanted.serial]
    words = " ".join(part for part in parts if part)
    return f" {words}" if words else ""
