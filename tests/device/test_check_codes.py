"""The digits beside an answer are those that the device shows, and each stands for one thing."""

import pytest

from device.check import Answer, fault, note, ok, wait
from device.check_codes import code_of
from device.fault_codes import CODES


@pytest.mark.parametrize(
    ("question", "answer", "word"),
    [
        ("Settings", fault("wrong", "mend"), "settings"),
        ("Network", fault("no line", "plug", "no_link"), "no_link"),
        ("Panel", fault("no bus", "plug"), "panel"),
        ("Keys", fault("gone", "plug"), "keypad"),
        ("Clock", wait("not set"), "clock"),
        ("Release", note("went back", "forget", "rolled_back"), "rolled_back"),
    ],
)
def test_a_fault_has_the_number_that_the_device_shows(
    question: str, answer: Answer, word: str
) -> None:
    assert str(CODES[word].number) == code_of(question, answer)


@pytest.mark.parametrize(
    ("question", "answer"),
    [("Panel", ok("well")), ("Timer", note("none", "build")), ("Power", fault("weak", "mend"))],
)
def test_what_the_device_does_not_show_has_none(question: str, answer: Answer) -> None:
    assert code_of(question, answer) == ""
