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
_INDENT = " " * 9
_AS_ROOT = "Run it again with sudo: sudo portvakt check"


class Verdict(StrEnum):
    """How it stands: well, to be looked at by somebody, to be waited for, or to be mended."""

    PASS = "PASS"  # noqa: S105 - no password
    LOOK = "LOOK"
    WAIT = "WAIT"
    FAIL = "FAIL"


@dataclass(frozen=True, slots=True)
class Answer:
    """One sentence about how it stands, and what to do if there is something to do, one step a line.

    *code* is the word of `device.fault_codes` for it, where the question alone does not say which.
    """

    verdict: Verdict
    sentence: str
    todo: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """What is looked at, in a word or two, and the look itself.

    *ask* may raise OSError, ValueError or PortvaktError; `answered` makes sentences of them.  A *detail* that
    is well is told only to who asks for everything.
    """

    name: str
    ask: Callable[[], Answer]
    detail: bool = False


@dataclass(frozen=True, slots=True)
class Roots:
    """Where the kernel shows its devices; a test gives its own."""

    dev: Path = Path("/dev")
    proc: Path = PROC
    sys: Path = SYS


def ok(sentence: str) -> Answer:
    """It is well."""
    return Answer(Verdict.PASS, sentence)


def note(sentence: str, todo: str = "", code: str = "") -> Answer:
    """It works, or cannot be looked at from here: somebody has to look."""
    return Answer(Verdict.LOOK, sentence, todo, code)


def wait(sentence: str, todo: str = "") -> Answer:
    """It comes right by itself, with time or with something else that is mended."""
    return Answer(Verdict.WAIT, sentence, todo)


def fault(sentence: str, todo: str, code: str = "") -> Answer:
    """It does not work, and *todo* says what to do about it."""
    return Answer(Verdict.FAIL, sentence, todo, code)


def answered(questions: Iterable[Question]) -> Iterator[tuple[str, Answer]]:
    """Ask one after the other; give each name with its answer as soon as it is there."""
    for question in questions:
        yield question.name, answer(question)


def answer(question: Question) -> Answer:
    """Ask *question*; a look that fails is an answer too."""
    try:
        return question.ask()
    except PermissionError as error:
        return note(f"{error.filename or 'It'} may not be looked at by this user.", _AS_ROOT)
    except OSError as error:
        where = f" at {error.filename}" if error.filename else ""
        return fault(f"Looking failed{where}: {error.strerror or error}.", "Look at the card.")
    except (PortvaktError, ValueError) as error:
        return fault(str(error), "Mend what the sentence names.")


def lines(name: str, told: Answer, code: str = "") -> list[str]:
    """What to print of one answer; no line is longer than a terminal of 80 columns.

    *code* is the two-digit one of a fault, as the device itself shows it and the printed page has it.
    """
    found: list[str] = []
    for line in f"{told.verdict:<4} {code:<2}  {name}: {told.sentence}".splitlines():
        found += _wrapped(line if not found else _INDENT + line, _INDENT)
    for line in told.todo.splitlines():
        found += _wrapped(f"{_INDENT}-> {line}", f"{_INDENT}   ")
    return found


def last_line(answers: Iterable[Answer]) -> str:
    """The sum of it."""
    count = Counter(one.verdict for one in answers)
    if count[Verdict.FAIL]:
        return f"{count[Verdict.FAIL]} of {count.total()} FAIL. Mend the first one first, then ask again."
    looks = f" {count[Verdict.LOOK]} to LOOK at." if count[Verdict.LOOK] else ""
    waits = f" {count[Verdict.WAIT]} to WAIT for." if count[Verdict.WAIT] else ""
    return f"Nothing of {count.total()} fails.{looks}{waits}"


def _wrapped(line: str, indent: str) -> list[str]:
    # A path or an address stays whole, so that it can be copied.
    return textwrap.wrap(
        line, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
