"""A keypad of rows and columns on GPIO lines, and the help key on a line of its own.

Columns are inputs with pull-ups.  One row at a time is an output at 0 V, the others are inputs: two
rows are never outputs together, so no keys that are held at once can short one against another
(brettmclean/pad4pi issue 16 is that fault).
"""

import sys
from collections.abc import Callable
from contextlib import ExitStack, closing
from threading import Event
from typing import Any

from gpiozero import GPIODevice, GPIOZeroError, InputDevice

from kiosk.faults import Part
from kiosk.key_reports import KeyReports, keep_reading
from kiosk.keys import Key, KeypadLost, Layout, Put
from kiosk.scan import SCAN_MS

ON_GPIO = (
    "The {what} on GPIO cannot be read ({error}); check {settings}, the cable, "
    "and that no other program uses these lines."
)


class MatrixKeypad:
    """Scans every SCAN_MS; calls *click* at the first edge of an accepted key, before *put* is told.

    *rows* and *columns* are GPIO numbers; *layout* names the key at each crossing ("" for none);
    *help_pin* is None where no help key is wired.  *factory* is gpiozero's pin factory, None for the
    machine's own.
    """

    what = "keypad"
    settings = "keypad.rows, keypad.columns and keypad.help"
    part = Part.KEYPAD

    def __init__(
        self,
        rows: tuple[int, ...],
        columns: tuple[int, ...],
        layout: Layout,
        help_pin: int | None,
        *,
        lockout_ms: int,
        monotonic_ms: Callable[[], int],
        put: Put,
        click: Callable[[], object],
        factory: Any = None,  # noqa: ANN401 - gpiozero has no types
    ) -> None:
        self._pins = rows, columns, () if help_pin is None else (help_pin,)
        self._layout = layout
        self._factory = factory
        self._matrix = KeyReports(lockout_ms, monotonic_ms, put, click, self.part)
        # The help key has its own line and scanner, so it works whatever leans on the other keys.
        self._help = KeyReports(lockout_ms, monotonic_ms, put, click, self.part)
        self._devices = ExitStack()
        self._rows: list[Any] = []
        self._columns: list[Any] = []
        self._help_lines: list[Any] = []

    def run(self, stopping: Event) -> None:
        """Scan until *stopping* is set; a line that cannot be claimed or read is tried again."""
        keep_reading(self._read, self._matrix, stopping)

    def open(self) -> None:
        """Claim the lines; keys that are down already count when they are pressed anew."""
        rows, columns, help_pins = self._pins
        pins = {"pin_factory": self._factory}
        self._rows = [self._devices.enter_context(GPIODevice(pin, **pins)) for pin in rows]
        self._columns, self._help_lines = (
            [self._devices.enter_context(InputDevice(pin, pull_up=True, **pins)) for pin in some]
            for some in (columns, help_pins)
        )
        self._help.begin(self._held_help())
        self._matrix.begin(self._closed())

    def close(self) -> None:
        """Let go of the lines."""
        self._devices.close()

    def scan(self) -> None:
        """Look at every key once; report what a hand did."""
        closed = self._closed()
        self._help.see(self._held_help())
        self._matrix.see(closed)

    def _read(self, stopping: Event) -> None:
        try:
            with closing(self):
                self.open()
                while not stopping.wait(SCAN_MS / 1000):
                    self.scan()
        except _failures() as error:
            self._help.let_go()
            text = ON_GPIO.format(what=self.what, settings=self.settings, error=error)
            raise KeypadLost(text) from error

    def _held_help(self) -> list[str]:
        return [Key.HELP for line in self._help_lines if line.is_active]

    def _closed(self) -> list[str]:
        found = []
        for device, keys in zip(self._rows, self._layout, strict=True):
            device.pin.output_with_state(0)
            found += [
                key
                for column, key in zip(self._columns, keys, strict=True)
                if key and column.is_active
            ]
            device.pin.function = "input"
        return found


class HelpKey(MatrixKeypad):
    """The help key alone on its line, beside a keypad that is not on GPIO."""

    what = "help key"
    settings = "keypad.help"
    part = Part.HELP_KEY

    def __init__(
        self,
        pin: int,
        *,
        lockout_ms: int,
        monotonic_ms: Callable[[], int],
        put: Put,
        click: Callable[[], object],
        factory: Any = None,  # noqa: ANN401 - gpiozero has no types
    ) -> None:
        super().__init__(
            (),
            (),
            (),
            pin,
            lockout_ms=lockout_ms,
            monotonic_ms=monotonic_ms,
            put=put,
            click=click,
            factory=factory,
        )


def _failures() -> tuple[type[BaseException], ...]:
    """What a GPIO library raises: lgpio's own error has no base but Exception.

    lgpio is not imported for that: it makes a pipe in the working folder when it is (joan2937/lg).
    """
    lgpio = sys.modules.get("lgpio")
    own = (lgpio.error,) if lgpio is not None else ()
    return (GPIOZeroError, OSError, ImportError, *own)
