"""A keypad of rows and columns on GPIO lines, and the help key on a line of its own.

Columns are inputs with pull-ups.  One row at a time is an output at 0 V, the others are inputs: two
rows are never outputs together, so no keys that are held at once can short one against another
(brettmclean/pad4pi issue 16 is that fault).
"""

from collections.abc import Callable
from contextlib import ExitStack
from threading import Event
from typing import Any

from gpiozero import GPIODevice, GPIOZeroError, InputDevice

from kiosk.keys import Key, KeyEvent, KeypadLost, Layout, PadEvent, Put
from kiosk.scan import SCAN_MS, Scanner


class MatrixKeypad:
    """Scans every SCAN_MS; calls *click* at the first edge of an accepted key, before *put* is told.

    *rows* and *columns* are GPIO numbers; *layout* names the key at each crossing ("" for none).
    *factory* is gpiozero's pin factory, None for the machine's own.
    """

    def __init__(
        self,
        rows: tuple[int, ...],
        columns: tuple[int, ...],
        layout: Layout,
        help_pin: int,
        *,
        lockout_ms: int,
        monotonic_ms: Callable[[], int],
        put: Put,
        click: Callable[[], object],
        factory: Any = None,  # noqa: ANN401 - gpiozero has no types
    ) -> None:
        self._pins = rows, columns, help_pin
        self._layout = layout
        self._factory = factory
        self._now = monotonic_ms
        self._put = put
        self._click = click
        self._matrix = Scanner(lockout_ms)
        self._help = Scanner(lockout_ms)
        self._devices = ExitStack()
        self._rows: list[Any] = []
        self._columns: list[Any] = []
        self._help_key: Any = None

    def run(self, stopping: Event) -> None:
        """Scan until *stopping* is set.

        Raises:
            KeypadLost: a GPIO line cannot be claimed or read.
        """
        try:
            with self._devices:
                self.open()
                while not stopping.wait(SCAN_MS / 1000):
                    self.scan()
        except (GPIOZeroError, OSError) as error:
            raise KeypadLost(
                f"The keypad cannot be read ({error}); check keypad.rows and keypad.columns."
            ) from error

    def open(self) -> None:
        """Claim the lines."""
        rows, columns, help_pin = self._pins
        pins = {"pin_factory": self._factory}
        self._rows = [self._devices.enter_context(GPIODevice(pin, **pins)) for pin in rows]
        self._columns = [
            self._devices.enter_context(InputDevice(pin, pull_up=True, **pins)) for pin in columns
        ]
        self._help_key = self._devices.enter_context(InputDevice(help_pin, pull_up=True, **pins))

    def close(self) -> None:
        """Let go of the lines."""
        self._devices.close()

    def scan(self) -> None:
        """Look at every key once; report what a hand did."""
        now_ms = self._now()
        closed = self._closed()
        pressed_help = [Key.HELP] if self._help_key.is_active else []
        # The help key has its own line and scanner, so it works whatever leans on the other keys.
        for event in self._help.see(pressed_help, now_ms) + self._matrix.see(closed, now_ms):
            self._report(event)

    def _report(self, event: PadEvent) -> None:
        if isinstance(event, KeyEvent) and event.down:
            self._click()
        self._put(event)

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
