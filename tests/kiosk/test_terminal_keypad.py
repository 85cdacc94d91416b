"""A computer's keyboard as the post's keys."""

import os
import threading

import pytest

from kiosk.keys import KeyEvent, PadEvent
from kiosk.terminal_keypad import TerminalKeypad, print_screen
from tests.kiosk.typist import Typist
from tests.waiting import until


def test_letters_figures_and_deeds_have_their_keys() -> None:
    events: list[PadEvent] = []
    TerminalKeypad(events.append, lambda: 7).typed("aÅ1\r\x7f\x1b\t?!²")
    pressed = [event.key for event in events if isinstance(event, KeyEvent) and event.down]
    assert pressed == ["A", "Å", "1", "ok", "clear", "cancel", "language", "help"]


def test_it_reads_until_it_is_stopped_and_survives_the_end_of_its_input() -> None:
    events: list[PadEvent] = []
    read, write = os.pipe()
    stopping = threading.Event()
    with os.fdopen(read) as source:
        keypad = TerminalKeypad(events.append, lambda: 7, source)
        thread = threading.Thread(target=keypad.run, args=(stopping,))
        thread.start()
        letter = "Å".encode()
        os.write(write, letter[:1])  # a letter may come in two pieces
        os.write(write, letter[1:] + b"k\n")
        until(lambda: len(events) == 6, what="three keys")
        os.close(write)
        stopping.set()
        thread.join(5)
    assert not thread.is_alive()
    assert [event.key for event in events if isinstance(event, KeyEvent) and event.down] == [
        "Å",
        "K",
        "ok",
    ]


def test_the_screen_is_printed_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    post = Typist(["ABC123"]).press("222123")
    print_screen(post.screen)
    printed = capsys.readouterr().out
    assert "[offer]" in printed
    assert "ABC 123" in printed
    assert "Green = yes." in printed
