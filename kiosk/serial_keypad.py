"""A keypad on a serial line, read by pyserial: one character a press, and no word of the release."""

import errno
import termios
from collections.abc import Callable
from contextlib import closing
from threading import Event
from typing import Any

import serial

from kiosk.key_codes import Table
from kiosk.key_reports import KeyReports, keep_reading
from kiosk.keys import KeypadLost, Put
from kiosk.scan import Scanner
from kiosk.serial_presses import HELD_MS, SerialPresses

LOOK_S = 0.01  # pyserial returns with the first byte; this is for what only time decides
_CHUNK = 256
# A trembling hand sends a character, lets go for TREMOR_MS at most, and sends it again: about 190 ms.
_TREMOR_MS = 190
_TAKEN = {errno.EAGAIN, errno.EBUSY}
_FORBIDDEN = {errno.EACCES, errno.EPERM}  # by the file's group; by a unit's devices
_SENTENCES = {
    errno.ENOENT: "The serial keypad is not at {port}; plug it in, or check keypad.serial.port.",
    **dict.fromkeys(
        _FORBIDDEN,
        "{port} may not be opened; run the post in the group dialout, and name the device with "
        "DeviceAllow in portvakt-kiosk.service.",
    ),
    **dict.fromkeys(
        _TAKEN, "Another program reads the serial keypad at {port}; stop that program."
    ),
}
_OTHERWISE = "The serial keypad at {port} cannot be read ({error}); plug it in again."


class SerialKeypad:
    """Reads *port*, a device or one of pyserial's URLs; *table* names the key of each byte."""

    def __init__(
        self,
        port: str,
        baud: int,
        table: Table,
        *,
        lockout_ms: int,
        monotonic_ms: Callable[[], int],
        put: Put,
        click: Callable[[], object],
    ) -> None:
        self._port = port
        self._baud = baud
        self._table = table
        self._reports = KeyReports(lockout_ms, monotonic_ms, put, click, scanner=_scanner)
        self._presses = SerialPresses(table)
        self._line: Any = None

    def run(self, stopping: Event) -> None:
        """Read until *stopping* is set; a line that is not there is opened again and again."""
        keep_reading(self._read, self._reports, stopping)

    def open(self) -> None:
        """Open the line, 8 bits without parity, for us alone; what came before does not count.

        Raises:
            KeypadLost: it is not there, may not be opened, or another program has it.
        """
        try:
            self._line = serial.serial_for_url(
                self._port, self._baud, timeout=LOOK_S, exclusive=True
            )
        except (OSError, termios.error) as error:
            raise self._lost(error) from error
        self._presses = SerialPresses(self._table)
        self._reports.begin()

    def close(self) -> None:
        """Let go of the line."""
        if self._line is not None:
            self._line.close()
            self._line = None

    def look(self) -> None:
        """Take what was pressed; wait at most LOOK_S for it.

        Raises:
            KeypadLost: the line was unplugged.
        """
        try:
            # With a time-out of its own; the rest of a burst is there already.
            data = self._line.read(1)
            data += self._line.read(min(self._line.in_waiting, _CHUNK)) if data else b""
        except (OSError, termios.error) as error:
            raise self._lost(error) from error
        now_ms = self._reports.now_ms()
        self._see(now_ms)
        for byte in data:
            if not self._presses.heard(byte, now_ms):
                self._reports.wondered()
            self._see(now_ms)
        trouble = self._presses.trouble(now_ms)
        if trouble:
            self._reports.lost(trouble)

    def _read(self, stopping: Event) -> None:
        with closing(self):
            self.open()
            while not stopping.is_set():
                self.look()

    def _see(self, now_ms: int) -> None:
        """Report the keys; that the line is well again before the key that shows it."""
        if not self._presses.trouble(now_ms):
            self._reports.well()
        self._reports.see(self._presses.closed(now_ms), now_ms)

    def _lost(self, error: Exception) -> KeypadLost:
        number = getattr(error, "errno", None)
        sentence = _SENTENCES.get(number, _OTHERWISE) if number is not None else _OTHERWISE
        return KeypadLost(sentence.format(port=self._port, error=error))


def _scanner(lockout_ms: int) -> Scanner:
    """Characters do not bounce, and HELD_MS of the lockout are over when a press is taken for ended."""
    return Scanner(max(0, lockout_ms - HELD_MS), release_quiet_ms=0, tremor_ms=_TREMOR_MS - HELD_MS)
