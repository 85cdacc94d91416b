"""What one setting may be: its type, its range, and both in words that a technician reads."""

import json
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, Union, get_args, get_origin

_WORDS = {bool: "true or false", int: "a whole number", float: "a number", Path: "a path"}


@dataclass(frozen=True, slots=True)
class Rule:
    """The limits of one setting; see `device.settings.setting`."""

    low: float | None = None
    high: float | None = None
    choices: tuple[object, ...] | None = None
    secret: bool = False
    pin: bool = False
    doc: str = ""
    refuse: Callable[[Any], str] | None = None

    def words(self, kind: Any) -> str:  # noqa: ANN401 - a type or a generic alias
        """Say what is permitted: `a whole number, 8 to 256`."""
        kind = plain(kind)
        if choices := self.allowed(kind):
            return "one of " + ", ".join(written(choice) for choice in choices)
        if get_origin(kind) is tuple:
            return f"a list, each {self.words(get_args(kind)[0])}"
        if self.pin:
            return f"a GPIO number, {self.low} to {self.high}"
        if kind is str:
            return f"a text{self._range(' signs')}"
        return _WORDS[kind] + self._range("")

    def allowed(self, kind: Any) -> tuple[object, ...]:  # noqa: ANN401 - a type or a generic alias
        """The permitted values where they can be counted."""
        if self.choices is not None:
            return self.choices
        if isinstance(kind, type) and issubclass(kind, Enum):
            return tuple(member.value for member in kind)
        return ()

    def _range(self, unit: str) -> str:
        if unit and self.low == 1 and self.high is None:
            return " that is not empty"
        if self.low is not None and self.high is not None:
            return f", {self.low} to {self.high}{unit}"
        if self.low is not None:
            return f", at least {self.low}{unit}"
        if self.high is not None:
            return f", at most {self.high}{unit}"
        return ""


def faults(rule: Rule, kind: Any, path: str, value: object) -> Iterator[tuple[str, str]]:  # noqa: ANN401
    """Give (path = value, what it must be) when *value* is not permitted."""
    if not _permitted(rule, plain(kind), value):
        shown = '"********"' if rule.secret else written(value)
        yield f"{path} = {shown}", f"must be {rule.words(kind)}"
    elif rule.refuse is not None and (why := rule.refuse(value)):
        yield path, why  # without the value: an address may hold somebody's password


def read(kind: Any, value: object) -> Any:  # noqa: ANN401 - whatever the setting's type is
    """Turn a permitted TOML value into the setting's own type; others stay as they are."""
    kind = plain(kind)
    if get_origin(kind) is tuple and isinstance(value, list):
        return tuple(read(get_args(kind)[0], item) for item in value)
    if kind is float and isinstance(value, int):
        return float(value)
    if isinstance(kind, type) and issubclass(kind, Path | Enum) and isinstance(value, str):
        try:
            return kind(value)
        except ValueError:  # an unknown member, which `faults` has named
            return value
    return value


def plain(kind: Any) -> Any:  # noqa: ANN401 - a type or a generic alias
    """`X` of `X | None`; an optional setting is left out of the file, for TOML has no null."""
    if get_origin(kind) in (Union, types.UnionType):
        return next(one for one in get_args(kind) if one is not type(None))
    return kind


def written(value: object) -> str:
    """Write *value* as TOML does."""
    if isinstance(value, Enum):
        return written(value.value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(written(item) for item in value)}]"
    if isinstance(value, str | Path | bool):
        return json.dumps(str(value) if isinstance(value, Path) else value, ensure_ascii=False)
    return str(value)


def _permitted(rule: Rule, kind: Any, value: object) -> bool:  # noqa: ANN401 - as above
    if choices := rule.allowed(kind):
        if get_origin(kind) is tuple:
            return isinstance(value, list) and all(item in choices for item in value)
        return value in choices and type(value) in {type(choice) for choice in choices}
    if get_origin(kind) is tuple:
        item = get_args(kind)[0]
        return isinstance(value, list) and all(_permitted(rule, item, one) for one in value)
    if kind is float:
        return _is_number(value) and _within(rule, value)
    if kind is int:
        return isinstance(value, int) and not isinstance(value, bool) and _within(rule, value)
    if kind in (str, Path):
        return isinstance(value, str) and _within(rule, len(value))
    return isinstance(value, bool)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _within(rule: Rule, number: Any) -> bool:  # noqa: ANN401 - int or float
    return (rule.low is None or number >= rule.low) and (rule.high is None or number <= rule.high)
