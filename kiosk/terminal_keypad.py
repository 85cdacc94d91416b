"""The computer's own keyboard as a keypad, and the screen as lines of text: to try a post by hand."""

import os
import re
import select
import sys
import termios
import tty
from collections.abc import Callable, Iterator
from threading import Event
from typing import TextIO

from kiosk.keys import KEY_OF, LAYOUTS, Key, KeyEvent, Pad, Put, keys_of
from kiosk.screen import Screen

LOOK_S = 0.25
# A terminal sends a function key as one burst; what follows ESC later is another press.
BURST_S = 0.05
_CHUNK = 64
_ESC = "\x1b"
_DEEDS = {
    "\r": Key.OK,
    "\n": Key.OK,
    "\x7f": Key.CLEAR,
    "\b": Key.CLEAR,
    _ESC: Key.CANCEL,
    "\t": Key.LANGUAGE,
    "?": Key.HELP,
    ".": Key.SPEAK,
    "+": Key.OTHER,
    # F1, F2, F3 as xterm, rxvt and the Linux console send them (terminfo: kf1, kf2, kf3).
    **dict.fromkeys(("\x1bOP", "\x1b[11~", "\x1b[[A"), Key.HELP),
    **dict.fromkeys(("\x1bOQ", "\x1b[12~", "\x1b[[B"), Key.SPEAK),
    **dict.fromkeys(("\x1bOR", "\x1b[13~", "\x1b[[C"), Key.OTHER),
}
# ECMA-48, 5.4: control sequences; SS3 and the Linux console's own form beside them; Alt with a key.
_SEQUENCE = re.compile(r"\x1b(?:\[\[.|\[[0-?]*[ -/]*[@-~]|O.|[^\x1b])", re.DOTALL)
_UNFINISHED = re.compile(r"\x1b(?:\[\[?[0-?]*[ -/]*|O)?\Z")
LEGEND = "Enter = OK, Backspace = RÄTTA, Esc = AVBRYT, Tab = SPRÅK, . = TAL, + = ÅÄÖ, ? = hjälp, Ctrl-C = end"


class TerminalKeypad:
    """Reads single characters from *source*; every one is a press and a release.

    A letter presses the key that it stands on: on a telephone's pad, A presses 2.
    """

    def __init__(
        self,
        put: Put,
        monotonic_ms: Callable[[], int],
        pad: Pad = Pad.FULL,
        source: TextIO | None = None,
    ) -> None:
        self._put = put
        self._now = monotonic_ms
        self._keys = keys_of(LAYOUTS[pad])
        self._stands_on = KEY_OF if pad is Pad.PHONE else {}
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
                _restore(source, before)

    def _read(self, source: int, stopping: Event) -> None:
        rest = ""
        undecoded = b""
        while not stopping.is_set():
            if select.select([source], [], [], BURST_S if rest else LOOK_S)[0]:
                chunk = _chunk(source)
                if not chunk:
                    stopping.wait()
                    return
                text, undecoded = _decoded(undecoded + chunk)
                rest = self.typed(rest + text)
            elif rest:
                self._press(rest[0])
                rest = ""

    def typed(self, text: str) -> str:
        """Press the keys for *text*; give back the end of it that may be half of a function key."""
        unfinished = _UNFINISHED.search(text)
        whole = text[: unfinished.start()] if unfinished else text
        for part in _presses(whole):
            self._press(part)
        return unfinished[0] if unfinished else ""

    def _press(self, part: str) -> None:
        key = self._key(part)
        if key is not None:
            now_ms = self._now()
            self._put(KeyEvent(key, True, now_ms))
            self._put(KeyEvent(key, False, now_ms))

    def _key(self, part: str) -> str | None:
        sign = part.upper()
        for key in (_DEEDS.get(part), sign, self._stands_on.get(sign)):
            if key in self._keys:
                return key
        return None


def _presses(text: str) -> Iterator[str]:
    """Cut *text* into characters and whole function keys."""
    at = 0
    while at < len(text):
        sequence = _SEQUENCE.match(text, at)
        part = sequence[0] if sequence else text[at]
        yield part
        at += len(part)


def _chunk(source: int) -> bytes:
    try:
        return os.read(source, _CHUNK)
    except OSError:  # the terminal was closed
        return b""


def _restore(source: int, before: list[object]) -> None:
    try:
        termios.tcsetattr(source, termios.TCSADRAIN, before)  # type: ignore[arg-type] # as it was given
    except termios.error:
        return  # the terminal was closed; nothing is left to be put right


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
