"""Settings: one TOML file per device becomes frozen dataclasses, and all its faults are named at once."""

import difflib
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar, get_type_hints

from contract.errors import PortvaktError
from device.files import write_whole
from device.setting_kinds import Rule, faults, read, written

T = TypeVar("T")

# Header pins in the Broadcom numbering that gpiozero uses (Raspberry Pi GPIO documentation).
FIRST_PIN, LAST_PIN = 0, 27
MASK = '"********"'
_RULE = "rule"


class SettingsError(PortvaktError):
    """The settings cannot be used; the text names every fault, one a line."""


class Loaded(NamedTuple, Generic[T]):
    """Settings in force, and what was wrong with a newer file, to be logged."""

    settings: T
    error: SettingsError | None


@dataclass(frozen=True, slots=True)
class Known:
    """One setting, for reference pages and `--show-settings`: `a.b`, its type in words, default, meaning."""

    path: str
    kind: str
    default: str | None
    doc: str
    pin: bool
    secret: bool


def setting(
    default: Any = MISSING,  # noqa: ANN401 - a setting may be of any plain type
    *,
    low: float | None = None,
    high: float | None = None,
    choices: tuple[object, ...] | None = None,
    secret: bool = False,
    pin: bool = False,
    refuse: Callable[[Any], str] | None = None,
    doc: str,
) -> Any:  # noqa: ANN401 - as dataclasses.field
    """Declare one setting of a settings dataclass; without *default* the file must give it.

    *low* and *high* bound numbers, each number of a list, and the length of a text.  A *pin* is a
    GPIO number from 0 to 27 that no other setting of the file may name too.  *refuse* says what a value
    of the right type must be instead, and nothing when it is well.
    """
    if pin:
        low, high = FIRST_PIN, LAST_PIN
    rule = Rule(low, high, choices, secret, pin, doc, refuse)
    return field(default=default, metadata={_RULE: rule})


def section(kind: type[T]) -> T:
    """Declare a section: a nested settings dataclass that the file may leave out where all has defaults."""
    made: T = field(default_factory=kind)
    return made


def load(path: Path, into: type[T]) -> T:
    """Read *path* as TOML into the dataclass *into*.

    A dataclass may raise ValueError in `__post_init__`; its text becomes a fault of that section.

    Raises:
        SettingsError: the file is missing, is not TOML, or holds faults; all of them are named.
    """
    found: list[tuple[str, str]] = []
    made = _section(into, _parsed(path), "", found)
    found += _pins_used_twice(made, into)
    if found:
        raise SettingsError(_report(path.name, found))
    return made  # type: ignore[no-any-return]


def load_or_last_good(
    path: Path, into: type[T], keep: Path, check: Callable[[T], object] = lambda _: None
) -> Loaded[T]:
    """Read *path*; when it is faulty, use the copy of the last good one, which is kept in *keep*.

    *check* raises SettingsError for what can be read and cannot be used all the same.

    Raises:
        SettingsError: it is faulty and there is no good copy.
    """
    try:
        settings = load(path, into)
        check(settings)
    except SettingsError as error:
        return Loaded(_last_good(keep, into, error), error)
    content = path.read_bytes()
    try:
        if not keep.exists() or keep.read_bytes() != content:
            write_whole(keep, content)
    except OSError as error:
        return Loaded(settings, SettingsError(f"{keep} cannot be written: {error.strerror}"))
    return Loaded(settings, None)


def render(settings: object) -> str:
    """Write the effective settings as TOML, secrets masked."""
    return "\n".join(_rendered(settings, "")).strip() + "\n"


def known(into: Any, path: str = "") -> Iterator[Known]:  # noqa: ANN401 - any settings dataclass
    """Every setting that *into* and its sections know, in order."""
    hints = get_type_hints(into)
    for one in fields(into):
        kind = hints[one.name]
        name = f"{path}{one.name}"
        if is_dataclass(kind):
            yield from known(kind, f"{name}.")
        else:
            rule = _rule(one)
            without = one.default is MISSING or one.default is None
            default = None if without else written(one.default)
            yield Known(name, rule.words(kind), default, rule.doc, rule.pin, rule.secret)


def _parsed(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise SettingsError(f"{path} is not there; copy the example that was installed.") from error
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:  # not UTF-8, or not TOML; the latter names line and column
        raise SettingsError(f"{path.name} is not TOML: {error}.") from error


def _last_good(keep: Path, into: type[T], error: SettingsError) -> T:
    try:
        return load(keep, into)
    except SettingsError:
        raise error from None


def _section(into: Any, table: dict[str, Any], path: str, found: list[tuple[str, str]]) -> Any:  # noqa: ANN401
    """Build one dataclass from its table; None, and the faults in *found*, when it has any."""
    before = len(found)
    hints = get_type_hints(into)
    _unknown(table, hints, path, found)
    values: dict[str, Any] = {}
    for one in fields(into):
        name, kind = one.name, hints[one.name]
        if is_dataclass(kind):
            values[name] = _nested(kind, table.get(name, {}), f"{path}{name}", found)
        elif name in table:
            found += faults(_rule(one), kind, f"{path}{name}", table[name])
            values[name] = read(kind, table[name])
        elif one.default is MISSING:
            found.append((f"{path}{name}", f"is missing; it must be {_rule(one).words(kind)}"))
    if len(found) > before:
        return None
    try:
        return into(**values)
    except ValueError as error:
        found.append((path.rstrip(".") or "the file", str(error)))
        return None


def _nested(kind: Any, table: object, name: str, found: list[tuple[str, str]]) -> Any:  # noqa: ANN401
    if not isinstance(table, dict):
        found.append((f"{name} = {written(table)}", f"must be a section: [{name}]"))
        return None
    return _section(kind, table, f"{name}.", found)


def _unknown(
    table: dict[str, Any], hints: dict[str, Any], path: str, found: list[tuple[str, str]]
) -> None:
    for name in table.keys() - hints.keys():
        what = "section" if isinstance(table[name], dict) else "setting"
        near = difflib.get_close_matches(name, hints, n=1)
        hint = f"did you mean {near[0]}?" if near else f"known here: {', '.join(sorted(hints))}"
        found.append((f"{path}{name}", f"is not a {what}; {hint}"))


def _pins_used_twice(made: object, into: type) -> Iterator[tuple[str, str]]:
    if made is None:
        return
    user: dict[int, str] = {}
    for one in known(into):
        if not one.pin:
            continue
        value = _at(made, one.path)
        for pin in value if isinstance(value, tuple) else (value,):
            if pin in user:
                yield f"{one.path} = {pin}", f"is taken: {user[pin]} uses that pin"
            if pin is not None:
                user.setdefault(pin, one.path)


def _at(settings: object, path: str) -> Any:  # noqa: ANN401 - a setting may be of any plain type
    for name in path.split("."):
        settings = getattr(settings, name)
    return settings


def _report(name: str, found: list[tuple[str, str]]) -> str:
    width = max(len(where) for where, _ in found)
    count = "1 problem" if len(found) == 1 else f"{len(found)} problems"
    lines = [f"  {where:<{width}}   {what}" for where, what in sorted(found)]
    return "\n".join([f"{name}: {count}", *lines])


def _rendered(settings: Any, path: str) -> Iterator[str]:  # noqa: ANN401 - any settings dataclass
    sections = []
    for one in fields(settings):
        value = getattr(settings, one.name)
        if is_dataclass(value):
            sections.append((one.name, value))
        elif value is not None:  # TOML has no null: what is not set is not there
            masked = _rule(one).secret and value
            yield f"{one.name} = {MASK if masked else written(value)}"
    for name, value in sections:
        yield f"\n[{path}{name}]"
        yield from _rendered(value, f"{path}{name}.")


def _rule(one: Field[Any]) -> Rule:
    rule: Rule = one.metadata.get(_RULE, Rule())
    return rule
