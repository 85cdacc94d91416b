"""One setting changed in the text of a settings file, so that a person's comments stay where they are."""

import re
import tomllib
from typing import Any

from contract.errors import PortvaktError
from device.setting_kinds import written

# `[panel.ws2812]`, or a section that is only suggested: `#[panel.ws2812]`.
_HEAD = re.compile(r"^(#?)\[([A-Za-z0-9_.-]+)\]\s*(?:#.*)?$")


class CannotChange(PortvaktError):
    """The text cannot be changed by a command: a person has to look at it."""


def changed(text: str, path: str, value: object) -> str:
    """Give *text*, a settings file in TOML, with the setting *path* (`central.url`) at *value*.

    Raises:
        CannotChange: the text is no TOML, or the setting spans lines there.
    """
    before = _parsed(text)
    section, _, name = path.rpartition(".")
    lines = text.splitlines()
    begin, end = _section(lines, section)
    line = f"{name} = {written(value)}"
    if begin is None:
        lines += ["", f"[{section}]", line]
    else:
        _put(lines, begin, end, name, line)
    after = "\n".join(lines) + "\n"
    try:
        is_changed = _parsed(after) == _with(before, path.split("."), value)
    except CannotChange:
        is_changed = False
    if not is_changed:
        raise CannotChange(f"{path} is written in a way that no command can change: open the file.")
    return after


def value_of(typed: str) -> object:
    """What somebody typed for a setting: TOML where it is, else a text."""
    try:
        return tomllib.loads(f"value = {typed}")["value"]
    except ValueError:
        return typed


def _section(lines: list[str], section: str) -> tuple[int | None, int]:
    """The lines of a section: the first behind its head, and the first that is not its own."""
    heads = [(number, found) for number, line in enumerate(lines) if (found := _HEAD.match(line))]
    if not section:
        return 0, heads[0][0] if heads else len(lines)
    for place, (number, found) in enumerate(heads):
        if found[2] == section:
            lines[number] = lines[number].removeprefix("#")  # a suggestion becomes a section
            return number + 1, heads[place + 1][0] if place + 1 < len(heads) else len(lines)
    return None, len(lines)


def _put(lines: list[str], begin: int, end: int, name: str, line: str) -> None:
    """Replace the setting, else the suggestion of it, else stand first in the section."""
    for form in (rf"^{re.escape(name)}\s*=", rf"^#{re.escape(name)}\s*="):
        for number in range(begin, end):
            if re.match(form, lines[number]):
                lines[number] = line
                return
    lines.insert(begin, line)


def _with(told: dict[str, Any], path: list[str], value: object) -> dict[str, Any]:
    first, *rest = path
    if not rest:
        return {**told, first: value}
    inner = told.get(first, {})
    return {**told, first: _with(inner if isinstance(inner, dict) else {}, rest, value)}


def _parsed(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except ValueError as error:
        raise CannotChange(f"the file is not TOML: {error}.") from error
