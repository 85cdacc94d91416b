"""Which keys and signals a post has: wired ones, a demo's fake ones, or a terminal."""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Event
from typing import Any, Protocol

from device.clock import Clock
from kiosk.espeak import Espeak
from kiosk.faults import Fault
from kiosk.finger import Finger
from kiosk.keypads import key_sources
from kiosk.keys import KeySource, Put
from kiosk.screen import Lamp, Screen
from kiosk.screen_guard import ScreenGuard
from kiosk.settings import PostSettings
from kiosk.showing import Showing
from kiosk.terminal_keypad import LEGEND, TerminalKeypad, print_screen
from kiosk.voice import Mute, Voice


class Signals(Protocol):
    """What the post says without its screen."""

    def click(self) -> None:
        """A key was taken."""

    def refuse(self) -> None:
        """A key did nothing."""

    def show(self, lamp: Lamp) -> None:
        """Set the lamp of the help key."""

    def hall(self, on: bool) -> None:
        """Switch the lamp in the hall."""

    def hall_is_lit(self) -> bool | None:
        """Whether it shines, by its own circuit; None where no sense line tells."""


class Guard(Protocol):
    """Has a body for a worker of its own, which it is named after."""

    name: str

    def run(self, stopping: Event) -> None:
        """Work until *stopping* is set."""


@dataclass(frozen=True, slots=True)
class Hardware:
    """The parts of one post; `finger` presses fake keys, `shown` is told each screen too.

    Each of `keys` and `guards` wants a worker.
    """

    keys: tuple[KeySource, ...]
    signals: Signals
    voice: Voice
    guards: tuple[Guard, ...]
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

    def hall(self, on: bool) -> None:
        pass

    def hall_is_lit(self) -> bool | None:
        return None


def connect(settings: PostSettings, clock: Clock, showing: Showing, put: Put) -> Hardware:
    """Choose the drivers that *settings* name; the keys are opened later, by their own thread."""
    if settings.keypad.kind == "terminal":
        print(LEGEND)  # noqa: T201 - the terminal is the post
        keys = TerminalKeypad(put, clock.monotonic_ms, settings.keypad.pad)
        voice, guards = _voice(settings, put)
        return Hardware((keys,), _Silent(), voice, guards, None, print_screen, voice.close)
    return _on_pins(settings, clock, showing, put)


def _on_pins(settings: PostSettings, clock: Clock, showing: Showing, put: Put) -> Hardware:
    # Only now: a post on a terminal needs no gpiozero.
    from kiosk.outputs import Outputs  # noqa: PLC0415

    pad, pins = settings.keypad, settings.signals
    factory: Any = None
    finger = None
    if settings.demo:
        factory, finger = _fake(settings, clock, showing)
    outputs = Outputs(
        pins.buzzer, pins.lamp, pins.hall_lamp, pins.hall_sense, put=put, factory=factory
    )
    keys = key_sources(pad, clock.monotonic_ms, put, outputs.click, factory)
    voice, guards = _voice(settings, put)
    if settings.screen.guard and not settings.demo:
        guards += (ScreenGuard(put, connector=settings.screen.connector),)

    def close() -> None:
        voice.close()
        outputs.close()

    return Hardware(keys, outputs, voice, guards, finger, bool, close)


def _voice(
    settings: PostSettings, put: Callable[[Fault], object]
) -> tuple[Voice, tuple[Guard, ...]]:
    wanted = settings.speech
    if not wanted.on:
        return Mute(), ()
    voice = Espeak(
        put,
        settings.languages,
        program=wanted.program,
        rate_wpm=wanted.rate_wpm,
        device=wanted.device,
    )
    return voice, (voice,)


def _fake(settings: PostSettings, clock: Clock, showing: Showing) -> tuple[Any, Finger]:
    from kiosk.fake_lamp import FakeHallLamp  # noqa: PLC0415
    from kiosk.fake_matrix import FakeBoard, FakeMatrix  # noqa: PLC0415

    pad, pins = settings.keypad, settings.signals
    board = FakeBoard()
    # The page shows what the lines do, not what the program meant to do.
    board.watch(pins.buzzer, showing.beep)
    board.watch(pins.lamp, showing.light)
    if pins.hall_lamp is not None:
        FakeHallLamp(board, pins.hall_lamp, pins.hall_sense, showing.light_hall)
    matrix = FakeMatrix(board, pad.rows, pad.columns, pad.layout, pad.help)
    return board, Finger(matrix, pad.lockout_ms, clock.monotonic_ms)
