"""At the office: whom a line would leave behind when it moves into a hall box."""

import sqlalchemy as sa

from central import schema
from central.database.tx import View
from contract import problems
from contract.problems import Problem

_V, _A, _H, _S = schema.visit.c, schema.arrival.c, schema.hall.c, schema.station.c
_STATION: "sa.BindParameter[str]" = sa.bindparam("station")
_OPEN = sa.select(sa.func.count().label("n")).where(_V.station == _STATION, schema.IS_OPEN)
# Those of whom nothing is known any more nobody can look at.
_HELD = sa.select(sa.func.count().label("n")).where(
    _A.station == _STATION, schema.IS_HELD, _A.match_key != ""
)
_HALL = sa.select(_H.heard_at).where(_H.station == _STATION)
_NAME = sa.select(_S.name).where(_S.id == _STATION)


def left_here(view: View, station: str) -> int:
    """How many vehicles are on the board of *station* here: in the line, in a bay, or held for a person.

    None of a hall that has reported: its line is there, and nothing that is done here changes that.
    """
    hall = view.first(_HALL, station=station)
    return 0 if hall is not None and hall.heard_at is not None else _number(view, station)


def check_nobody_left(view: View, station: str) -> None:
    """Refuse to let the line of *station* move while somebody is on its board here.

    Raises:
        Problem: `line_not_empty`; it says what to do.
    """
    number = left_here(view, station)
    if not number:
        return
    hall = view.first(_HALL, station=station)
    name = view.one(_NAME, station=station).name
    words = _at_office(number, name) if hall is not None else _before(number, name)
    raise Problem(problems.LINE_NOT_EMPTY, words, vehicles=number)


def _number(view: View, station: str) -> int:
    return int(view.one(_OPEN, station=station).n + view.one(_HELD, station=station).n)


def _before(number: int, name: str) -> str:
    """There is no key yet, so all of them can still be served here."""
    it, them = _are(number)
    return (
        f"{it} still on the board of {name} here. Finish or close {them} first, for nobody would see"
        f" {them} any more."
    )


def _at_office(number: int, name: str) -> str:
    """There is a key: until that is revoked nobody can serve them here.  A hall's log shows it too."""
    it, them = _are(number)
    return (
        f"{it} still on the board of {name} at the office. Revoke the key there, finish or close {them},"
        " then make a new key."
    )


def _are(number: int) -> tuple[str, str]:
    return ("1 vehicle is", "it") if number == 1 else (f"{number} vehicles are", "them")
