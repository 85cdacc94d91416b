"""The computer's own keyboard as a keypad, and the screen as lines of text: to try a post by hand."""

import os
import select
import sys
import termios
import tty
from collections.abc import Callable
from threading import Event
from typing import TextIO

from kiosk.keys import SIGNS, Key, KeyEvent, Put
from kiosk.screen import Screen

LOOK_S = 0.25
_CHUNK = 64
_KEYS = {
    "\r": Key.OK,
    "\n": Key.OK,
    "\x7f": Key.CLEAR,
    "\b": Key.CLEAR,
    "\x1b": Key.CANCEL,
    "\t": Key.LANGUAGE,
    "?": Key.HELP,
}
LEGEND = "Enter = OK, Backspace = RÄTTA, Esc = AVBRYT, Tab = SPRÅK, ? = hjälp, Ctrl-C = end"


def key_of(char: str) -> str | None:
    """The key that a character of a keyboard stands for; None for those that mean nothing here."""
    if char in _KEYS:
        return _KEYS[char]
    sign = char.upper()
    return sign if sign in SIGNS else None


class TerminalKeypad:
    """Reads single characters from *source*; every one is a press and a release."""

    def __init__(
        self, put: Put, monotonic_ms: Callable[[], int], source: TextIO | None = None
    ) -> None:
        self._put = put
        self._now = monotonic_ms
        self._source = source

    def run(self, stopping: Event) -> None:
        """Read until *stopping* is set.  At the end of the input nobody types any more; the post goes on."""
        source = (self._source or sys.stdin).fileno()
        before = termios.tcgetattr(source) if os.isatty(source) else None
        try:
            if before is not None:
                tty.setcbreak(source)
            self._read(source, stopping)
        finally:
            if before is not None:
                termios.tcsetattr(source, termios.TCSADRAIN, before)

    def _read(self, source: int, stopping: Event) -> None:
        rest = b""
        while not stopping.is_set():
            if not select.select([source], [], [], LOOK_S)[0]:
                continue
            chunk = os.read(source, _CHUNK)
            if not chunk:
                stopping.wait()
                return
            text, rest = _decoded(rest + chunk)
            self.typed(text)

    def typed(self, text: str) -> None:
        """Press the keys for *text*."""
        for char in text:
            key = key_of(char)
            if key is not None:
                now_ms = self._now()
                self._put(KeyEvent(key, True, now_ms))
                self._put(KeyEvent(key, False, now_ms))


def _decoded(data: bytes) -> tuple[str, bytes]:
    """Decode what is whole; an Å is two bytes and may arrive in two pieces."""
    for cut in range(len(data), max(len(data) - 4, -1), -1):
        try:
            return data[:cut].decode("utf-8"), data[cut:]
        except UnicodeDecodeError:
            continue
    return "", b""


def print_screen(screen: Screen) -> None:
    """Write *screen* on the terminal."""
    cells = " ".join(cell.main or "_" for cell in screen.cells)
    print(f"\n[{screen.name}] {cells}".rstrip(), screen.text, sep="\n", flush=True)  # noqa: T201 - the terminal is its screen
