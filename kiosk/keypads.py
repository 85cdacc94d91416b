"""Who brings the keys of a post, by its settings."""

from collections.abc import Callable
from typing import Any, TypedDict

from kiosk.keypad_settings import KeypadSettings
from kiosk.keys import KeySource, Put


class _Rest(TypedDict):
    lockout_ms: int
    monotonic_ms: Callable[[], int]
    put: Put
    click: Callable[[], object]


def key_sources(
    pad: KeypadSettings,
    monotonic_ms: Callable[[], int],
    put: Put,
    click: Callable[[], object],
    factory: Any = None,  # noqa: ANN401 - gpiozero has no types
) -> tuple[KeySource, ...]:
    """Make the sources that *pad* asks for; each wants a thread.  *factory* is gpiozero's."""
    rest = _Rest(lockout_ms=pad.lockout_ms, monotonic_ms=monotonic_ms, put=put, click=click)
    if pad.kind == "usb":
        return _usb(pad, rest), *_help_key(pad, rest, factory)
    if pad.kind == "serial":
        return _serial(pad, rest), *_help_key(pad, rest, factory)
    return (_matrix(pad, rest, factory),)


# Each library is imported only on a post that has such keys.


def _matrix(pad: KeypadSettings, rest: _Rest, factory: Any) -> KeySource:  # noqa: ANN401 - as above
    from kiosk.matrix_keypad import MatrixKeypad  # noqa: PLC0415

    return MatrixKeypad(pad.rows, pad.columns, pad.layout, pad.help, factory=factory, **rest)


def _usb(pad: KeypadSettings, rest: _Rest) -> KeySource:
    from kiosk.usb_keypad import UsbKeypad  # noqa: PLC0415

    return UsbKeypad(pad.usb, pad.usb_keys(), **rest)


def _serial(pad: KeypadSettings, rest: _Rest) -> KeySource:
    from kiosk.serial_keypad import SerialKeypad  # noqa: PLC0415

    return SerialKeypad(pad.serial.port, pad.serial.baud, pad.serial_keys(), **rest)


def _help_key(pad: KeypadSettings, rest: _Rest, factory: Any) -> tuple[KeySource, ...]:  # noqa: ANN401
    if pad.help is None:
        return ()
    from kiosk.matrix_keypad import HelpKey  # noqa: PLC0415

    return (HelpKey(pad.help, factory=factory, **rest),)
