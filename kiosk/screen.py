"""A screen as data: what the page draws, what a terminal prints, what a test reads."""

from dataclasses import dataclass
from enum import StrEnum

from contract.plate import Plate


class Lamp(StrEnum):
    """The lamp of the help key: dark, blinking while we try to reach the board, on while it knows."""

    OFF = "off"
    TRYING = "trying"
    ON = "on"


@dataclass(frozen=True, slots=True)
class PlateMark:
    """A whole plate inside a line; it is drawn as a plate."""

    plate: Plate

    def __str__(self) -> str:
        return self.plate.display


Line = tuple[str | PlateMark, ...]
# A sign that was typed and is no longer shown.
HIDDEN = "•"


@dataclass(frozen=True, slots=True)
class Cell:
    """One place of a plate that is being typed: the sign, or what stands on the pressed key.

    `asked` marks the place that the question is about.
    """

    main: str = ""
    small: str = ""
    asked: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """An answer that a key gives: the key's sign, and what it stands for."""

    key: str
    text: str | PlateMark


@dataclass(frozen=True, slots=True)
class Hint:
    """What a key does on this screen, drawn beside the key's own shape and colour."""

    key: str
    text: str


@dataclass(frozen=True, slots=True)
class Screen:
    """At most five lines; above them perhaps a plate, whole (`plate`) or being typed (`cells`).

    `speaking`: the word for being read aloud, where it is.  `hall_lamp`: the lamp in the hall is to shine.
    `story`: how far the post has come since power came, small, for whoever sets it up.
    """

    name: str
    language: str
    lines: tuple[Line, ...] = ()
    plate: Plate | None = None
    cells: tuple[Cell, ...] = ()
    choices: tuple[Choice, ...] = ()
    hints: tuple[Hint, ...] = ()
    note: str = ""
    lamp: Lamp = Lamp.OFF
    hall_lamp: bool = False
    speaking: str = ""
    story: str = ""

    @property
    def text(self) -> str:
        """The words as one string, plates as people print them."""
        rows = ["".join(map(str, line)) for line in self.lines]
        if self.plate is not None:
            rows.insert(0, self.plate.display)
        rows += [f"{choice.key} {choice.text}" for choice in self.choices]
        rows += [hint.text for hint in self.hints]
        return "\n".join(row for row in [self.note, *rows, self.story] if row)

    @property
    def plates(self) -> frozenset[Plate]:
        """Every whole plate that can be read on it."""
        marks = [part for line in self.lines for part in line]
        marks += [choice.text for choice in self.choices]
        found = {mark.plate for mark in marks if isinstance(mark, PlateMark)}
        return frozenset(found if self.plate is None else {*found, self.plate})


def line_of(template: str, plate: Plate | None = None, **words: object) -> Line:
    """Fill *template*; `{plate}` in it becomes a plate that is drawn as one."""
    parts: list[str | PlateMark] = []
    for index, text in enumerate(template.split("{plate}")):
        if index and plate is not None:
            parts.append(PlateMark(plate))
        if text:
            parts.append(text.format(**words))
    return tuple(parts)


def as_json(screen: Screen) -> dict[str, object]:
    """Give what the page needs to draw *screen*."""
    return {
        "name": screen.name,
        "language": screen.language,
        "lines": [[_part(part) for part in line] for line in screen.lines],
        "plate": None if screen.plate is None else screen.plate.display,
        "cells": [[cell.main, cell.small, cell.asked] for cell in screen.cells],
        "choices": [[choice.key, _part(choice.text)] for choice in screen.choices],
        "hints": [[hint.key, hint.text] for hint in screen.hints],
        "note": screen.note,
        "lamp": screen.lamp,
        "speaking": screen.speaking,
        "story": screen.story,
    }


def _part(part: str | PlateMark) -> dict[str, str]:
    if isinstance(part, PlateMark):
        return {"plate": part.plate.display}
    return {"text": part}
