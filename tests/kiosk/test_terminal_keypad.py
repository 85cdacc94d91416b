"""A computer's keyboard as the post's keys."""

import os
import termios
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

import pytest

from kiosk.faults import Fault
from kiosk.keys import KeyEvent, Pad, PadEvent
from kiosk.terminal_keypad import TerminalKeypad, print_screen
from tests.kiosk.typist import Typist
from tests.waiting import until


class Keyboard:
    """A terminal keypad and what it pressed."""

    def __init__(self, pad: Pad = Pad.FULL, source: TextIO | None = None) -> None:
        self.events: list[PadEvent | Fault] = []
        self.keypad = TerminalKeypad(self.events.append, lambda: 7, pad, source)

    @property
    def pressed(self) -> list[str]:
        return [event.key for event in self.events if isinstance(event, KeyEvent) and event.down]


@contextmanager
def read_in_a_thread(keypad: TerminalKeypad) -> Iterator[None]:
    stopping = threading.Event()
    thread = threading.Thread(target=keypad.run, args=(stopping,))
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join(5)
    assert not thread.is_alive()


def test_letters_figures_and_deeds_have_their_keys() -> None:
    keyboard = Keyboard()
    assert keyboard.keypad.typed("aÅ1\r\x7f\t.?!²") == ""
    assert keyboard.pressed == ["A", "Å", "1", "ok", "clear", "language", "speak", "help"]


def test_on_a_telephones_pad_a_letter_presses_its_key() -> None:
    keyboard = Keyboard(Pad.PHONE)
    keyboard.keypad.typed("aBc1Öz+č\n")
    assert keyboard.pressed == ["2", "2", "2", "1", "6", "9", "other", "2", "ok"]


def test_a_pad_for_every_letter_takes_no_letter_that_is_not_on_it() -> None:
    keyboard = Keyboard(Pad.FULL)
    keyboard.keypad.typed("č+Ø")
    assert keyboard.pressed == ["Ø"]


@pytest.mark.parametrize(
    ("sent", "pressed"),
    [
        ("\x1b[A", []),  # an arrow
        ("\x1bOD", []),  # another, in application mode
        ("\x1b[3~", []),  # Delete
        ("\x1b[1;5C", []),  # Ctrl with an arrow
        ("\x1b[20~", []),  # F9
        ("\x1b[[D", []),  # F4 on the Linux console
        ("\x1b[200~", []),  # the start of a paste
        ("\x1bb", []),  # Alt with B
        ("\x1bOP", ["help"]),
        ("\x1b[11~", ["help"]),
        ("\x1bOQ", ["speak"]),
        ("\x1b[[C", ["other"]),
        ("\x1b\x1b[A", ["cancel"]),
        ("\x1b[A\x1b[B", []),
    ],
)
def test_a_function_key_is_one_key_and_never_cancel_with_garbage(
    sent: str, pressed: list[str]
) -> None:
    for cut in range(len(sent)):  # however the terminal cuts it
        keyboard = Keyboard(Pad.PHONE)
        rest = keyboard.keypad.typed("1" + sent[:cut])
        assert keyboard.keypad.typed(rest + sent[cut:] + "2") == ""
        assert keyboard.pressed == ["1", *pressed, "2"]


def test_escape_alone_is_cancel_as_soon_as_nothing_follows() -> None:
    read, write = os.pipe()
    with os.fdopen(read) as source:
        keyboard = Keyboard(source=source)
        with read_in_a_thread(keyboard.keypad):
            os.write(write, b"\x1b")
            until(lambda: keyboard.pressed == ["cancel"], what="the key")
            os.write(write, b"\x1b[A1")
            until(lambda: keyboard.pressed == ["cancel", "1"], what="the key after an arrow")
            os.close(write)


def test_a_terminal_that_is_closed_ends_nothing() -> None:
    ours, theirs = os.openpty()
    with os.fdopen(theirs) as source:
        keyboard = Keyboard(source=source)
        with read_in_a_thread(keyboard.keypad):
            # What was typed before is thrown away when the terminal is set to single characters.
            until(lambda: not termios.tcgetattr(ours)[3] & termios.ICANON, what="single characters")
            os.write(ours, b"5")
            until(lambda: keyboard.pressed == ["5"], what="the key")
            os.close(ours)


def test_it_reads_until_it_is_stopped_and_survives_the_end_of_its_input() -> None:
    read, write = os.pipe()
    with os.fdopen(read) as source:
        keyboard = Keyboard(source=source)
        with read_in_a_thread(keyboard.keypad):
            letter = "Å".encode()
            os.write(write, letter[:1])  # a letter may come in two pieces
            os.write(write, letter[1:] + b"k\n")
            until(lambda: len(keyboard.events) == 6, what="three keys")
            os.close(write)
    assert keyboard.pressed == ["Å", "K", "ok"]


def test_the_screen_is_printed_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    post = Typist(["ABC123"]).press("222123")
    print_screen(post.screen)
    printed = capsys.readouterr().out
    assert "[offer]" in printed
    assert "ABC 123" in printed
    assert "Green = yes." in printed
