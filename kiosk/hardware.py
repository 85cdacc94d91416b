"""Which keys and signals a post has: wired ones, a demo's fake ones, or a terminal."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from device.clock import Clock
from kiosk.finger import Finger
from kiosk.keys import KeySource, Put
from kiosk.screen import Lamp, Screen
from kiosk.settings import PostSettings
from kiosk.showing import Showing
from kiosk.terminal_keypad import LEGEND, TerminalKeypad, print_screen


class Signals(Protocol):
    """What the post says without its screen."""

    def click(self) -> None:
        """A key was taken."""

    def refuse(self) -> None:
        """A key did nothing."""

    def show(self, lamp: Lamp) -> None:
        """Set the lamp of the help key."""


@dataclass(frozen=True, slots=True)
class Hardware:
    """The parts of one post; `finger` presses fake keys, `shown` is told each screen too."""

    keys: KeySource
    signals: Signals
    finger: Finger | None
    shown: Callable[[Screen], object]
    close: Callable[[], object]


class _Silent:
    def click(self) -> None:
        pass

    def refuse(self) -> None:
        pass

    def show(self, lamp: Lamp) -> None:
        pass


def connect(settings: PostSettings, clock: Clock, showing: Showing, put: Put) -> Hardware:
    """Choose the drivers that *settings* name; the keys are opened later, by their own thread."""
    if settings.keypad.kind == "terminal":
        print(LEGEND)  # noqa: T201 - the terminal is the post
        keys = TerminalKeypad(put, clock.monotonic_ms)
        return Hardware(keys, _Silent(), None, print_screen, bool)
    return _on_pins(settings, clock, showing, put)


def _on_pins(settings: PostSettings, clock: Clock, showing: Showing, put: Put) -> Hardware:
    # Only now: a post on a terminal needs no gpiozero.
    from kiosk.matrix_keypad import MatrixKeypad  # noqa: PLC0415
    from kiosk.outputs import Outputs  # noqa: PLC0415

    pad, pins = settings.keypad, settings.signals
    lockout_ms = round(pad.lockout_s * 1000)
    factory: Any = None
    finger = None
    if settings.demo:
        factory, finger = _fake(settings, clock, showing, lockout_ms)
    outputs = Outputs(pins.buzzer, pins.lamp, factory)
    keys = MatrixKeypad(
        pad.rows,
        pad.columns,
        pad.layout,
        pad.help,
        lockout_ms=lockout_ms,
        monotonic_ms=clock.monotonic_ms,
        put=put,
        click=outputs.click,
        factory=factory,
    )
    return Hardware(keys, outputs, finger, bool, outputs.close)


def _fake(
    settings: PostSettings, clock: Clock, showing: Showing, lockout_ms: int
) -> tuple[Any, Finger]:
    from kiosk.fake_matrix import FakeBoard, FakeMatrix  # noqa: PLC0415

    pad, pins = settings.keypad, settings.signals
    board = FakeBoard()
    # The page shows what the lines do, not what the program meant to do.
    board.watch(pins.buzzer, showing.beep)
    board.watch(pins.lamp, showing.light)
    matrix = FakeMatrix(board, pad.rows, pad.columns, pad.layout, pad.help)
    return board, Finger(matrix, lockout_ms, clock.monotonic_ms)
