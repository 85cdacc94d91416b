"""What a technician asks a device, at the device: questions and answers are values, printing is apart."""

import textwrap
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from contract.errors import PortvaktError
from device.vitals import PROC, SYS

WIDTH = 79
_INDENT = " " * 7
_AS_ROOT = "Run it again with sudo: sudo portvakt check ..."


class Verdict(StrEnum):
    """How it stands: well, worth knowing, or to be mended."""

    OK = "OK"
    NOTE = "NOTE"
    FAULT = "FAULT"


@dataclass(frozen=True, slots=True)
class Answer:
    """One sentence about how it stands, and what to do if there is something to do, one step a line."""

    verdict: Verdict
    sentence: str
    todo: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """What is looked at, in a word or two, and the look itself.

    *ask* may raise OSError, ValueError or PortvaktError; `answered` makes sentences of them.
    """

    name: str
    ask: Callable[[], Answer]


@dataclass(frozen=True, slots=True)
class Roots:
    """Where the kernel shows its devices; a test gives its own."""

    dev: Path = Path("/dev")
    proc: Path = PROC
    sys: Path = SYS


def ok(sentence: str) -> Answer:
    """It is well."""
    return Answer(Verdict.OK, sentence)


def note(sentence: str, todo: str = "") -> Answer:
    """It works, or cannot be looked at; somebody may want to know."""
    return Answer(Verdict.NOTE, sentence, todo)


def fault(sentence: str, todo: str) -> Answer:
    """It does not work, and *todo* says what to do about it."""
    return Answer(Verdict.FAULT, sentence, todo)


def answered(questions: Iterable[Question]) -> Iterator[tuple[str, Answer]]:
    """Ask one after the other; give each name with its answer as soon as it is there."""
    for question in questions:
        yield question.name, _answer(question)


def _answer(question: Question) -> Answer:
    try:
        return question.ask()
    except PermissionError as error:
        return note(f"{error.filename or 'It'} may not be looked at by this user.", _AS_ROOT)
    except OSError as error:
        where = f" at {error.filename}" if error.filename else ""
        return fault(f"Looking failed{where}: {error.strerror or error}.", "Look at the card.")
    except (PortvaktError, ValueError) as error:
        return fault(str(error), "Mend what the sentence names.")


def lines(name: str, answer: Answer) -> list[str]:
    """What to print of one answer; no line is longer than a terminal of 80 columns."""
    found: list[str] = []
    for line in f"{answer.verdict:<5}  {name}: {answer.sentence}".splitlines():
        found += _wrapped(line if not found else _INDENT + line, _INDENT)
    for line in answer.todo.splitlines():
        found += _wrapped(f"{_INDENT}-> {line}", f"{_INDENT}   ")
    return found


def last_line(answers: Iterable[Answer]) -> str:
    """The sum of it."""
    count = Counter(answer.verdict for answer in answers)
    if count[Verdict.FAULT]:
        faults = "1 FAULT" if count[Verdict.FAULT] == 1 else f"{count[Verdict.FAULT]} FAULTS"
        return f"{faults} of {count.total()} questions; mend the first one first."
    return f"No fault in {count.total()} questions."


def _wrapped(line: str, indent: str) -> list[str]:
    # A path or an address stays whole, so that it can be copied.
    return textwrap.wrap(
        line, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
