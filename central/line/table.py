"""The one table of transitions, written out for the board (JavaScript) and for people (Markdown).

`python -m central.line.table` writes both files anew; a test fails while they differ from the table.
"""

import json
import sys
from collections.abc import Iterable
from pathlib import Path

from contract.transitions import (
    NO_SHOW_AFTER,
    NO_SHOW_AFTER_CALLS,
    OTHERWISE,
    TRANSITIONS,
    UNDO_WITHIN,
    Transition,
    Word,
)
from contract.visit import BAY_VERBS, OPEN, State

COMMAND = "python -m central.line.table"
_CENTRAL = Path(__file__).parents[1]
_TO_MS = 1000

_HEAD = f"""\
// Written by `{COMMAND}` from contract/transitions.py: change it there.
"""

_INTRO = """\
# What may become of a visit

<!-- Written by `{command}` from contract/transitions.py: change it there. -->

A visit is one vehicle's stay at one station. While it is open ({open}) no other visit of that station
has one of its plates, unless staff split off a second vehicle with the same number.

Each row below is a call, `POST /v1/stations/{{station}}/visits/{{visit}}/{{verb}}`. Its body
carries the `version` that the board showed and the words that the row needs or takes. Whoever comes second
is refused (`changed_meanwhile`) and told who was faster; from any other state the call is refused
(`wrong_state`).

| verb | standard term | from | to | needs | may be told | rule |
|---|---|---|---|---|---|---|
"""

_OTHERWISE = """
## Changes that are no call of their own

| change | standard term | from | to | rule |
|---|---|---|---|---|
"""

_TIMES = """
## Times

- A deed can be taken back within {undo:g} minutes, by whoever did it.
- "Did not come" is offered after {calls} calls, {no_show:g} minutes after the last one. The server takes it
  from a person at any time, and never does it by itself.
"""


def javascript() -> str:
    """Give the table as the board's module `table.js`."""
    verbs = ",\n".join(_entry(row) for row in TRANSITIONS.values())
    bays = ", ".join(f"{verb}: {json.dumps(state)}" for verb, state in BAY_VERBS.items())
    undo_ms, no_show_ms = (
        int(time.total_seconds() * _TO_MS) for time in (UNDO_WITHIN, NO_SHOW_AFTER)
    )
    return (
        f"{_HEAD}\n"
        "/** What a person does to a visit.  `to` null keeps the state; `needs` must be told. */\n"
        f"export const VERBS = {{\n{verbs},\n}};\n\n"
        "/** What a person does to a bay, and the state that it has then. */\n"
        f"export const BAY_VERBS = {{ {bays} }};\n\n"
        f"export const UNDO_WITHIN_MS = {undo_ms};\n"
        f"export const NO_SHOW_AFTER_CALLS = {NO_SHOW_AFTER_CALLS};\n"
        f"export const NO_SHOW_AFTER_MS = {no_show_ms};\n"
    )


def markdown() -> str:
    """Give the table as the page `docs/visits.md`."""
    rows = "".join(_line(row) for row in TRANSITIONS.values())
    others = "".join(
        _cells(
            f"**{row.name}**", row.term, _spaced(row.from_states), _spaced(row.to_state), row.says
        )
        for row in OTHERWISE
    )
    minutes = {
        "undo": UNDO_WITHIN.total_seconds() / 60,
        "no_show": NO_SHOW_AFTER.total_seconds() / 60,
    }
    times = _TIMES.format(calls=NO_SHOW_AFTER_CALLS, **minutes)
    return _INTRO.format(command=COMMAND, open=_states(OPEN)) + rows + _OTHERWISE + others + times


def files() -> dict[Path, str]:
    """Each file that is written, and what must stand in it."""
    return {
        _CENTRAL / "board" / "table.js": javascript(),
        _CENTRAL.parent / "docs" / "visits.md": markdown(),
    }


def _entry(row: Transition) -> str:
    words = {
        "from": [state for state in State if state in row.from_states],
        "to": row.to_state,
        "needs": _words(row.needs),
        "takes": _words(row.takes),
    }
    told = ", ".join(f"{name}: {json.dumps(value)}" for name, value in words.items())
    return f"  {json.dumps(row.verb)}: {{ {told} }}"


def _line(row: Transition) -> str:
    to_state = "stays" if row.to_state is None else _spaced(row.to_state)
    needs, takes = (
        ", ".join(f"`{word}`" for word in _words(set_)) for set_ in (row.needs, row.takes)
    )
    return _cells(
        f"`{row.verb}`", row.term, _states(row.from_states), to_state, needs, takes, row.says
    )


def _cells(*cells: str) -> str:
    return f"| {' | '.join(cells)} |\n"


def _words(words: Iterable[Word]) -> list[Word]:
    """The words in the order in which the table names them."""
    asked = set(words)
    return [word for word in Word if word in asked]


def _states(states: Iterable[State]) -> str:
    asked = set(states)
    return ", ".join(_spaced(state) for state in State if state in asked)


def _spaced(state: str) -> str:
    return state.replace("_", " ")


if __name__ == "__main__":
    for path, text in files().items():
        path.write_text(text, encoding="utf-8")
        sys.stdout.write(f"wrote {path}\n")
