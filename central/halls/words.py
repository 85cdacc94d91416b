"""In a hall: the office's last word on each thing, by its kind and its id.

What is changed here stands until the office says something else than it said last.
"""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from central import schema
from central.database.tx import Tx, View
from central.words import Actor

# Who does in a hall what the office has asked for.
OFFICE = Actor("system", "office", "Office")

_W, _L = schema.office_word.c, schema.office_link.c
_STATION: "sa.BindParameter[str]" = sa.bindparam("station")
_OF_KIND = (
    sa.select(_W.id, _W.word)
    .where(_W.station == _STATION, _W.kind == sa.bindparam("kind"))
    .order_by(_W.id)
)
_EVERYWHERE = sa.select(_W.station, _W.word).where(_W.kind == sa.bindparam("kind"))
_NEW = postgresql.insert(schema.office_word)
_SAY = _NEW.on_conflict_do_update(
    index_elements=["station", "kind", "id"], set_={"word": _NEW.excluded.word}
)
_UNSAY = sa.delete(schema.office_word).where(
    _W.station == _STATION, _W.kind == sa.bindparam("of_kind"), _W.id == sa.bindparam("of_id")
)
_LINK = sa.select(_L.office, _L.after).where(_L.station == _STATION)
_NEW_LINK = postgresql.insert(schema.office_link)
_MOVE = _NEW_LINK.on_conflict_do_update(
    index_elements=["station"],
    set_={"office": _NEW_LINK.excluded.office, "after": _NEW_LINK.excluded.after},
)


def of(view: View, station: str, kind: str) -> dict[str, Mapping[str, Any]]:
    """What the office has said of each thing of that kind."""
    return {row.id: row.word for row in view.all(_OF_KIND, station=station, kind=kind)}


def everywhere(view: View, kind: str) -> dict[str, Mapping[str, Any]]:
    """What the office has said of a thing of which there is one at each station, by station."""
    return {row.station: row.word for row in view.all(_EVERYWHERE, kind=kind)}


def ids(view: View, station: str, kind: str) -> list[str]:
    """The things of that kind."""
    return list(of(view, station, kind))


def say(tx: Tx, station: str, kind: str, id_: str, word: Mapping[str, Any]) -> None:
    """Note what the office has said."""
    tx.run(_SAY, station=station, kind=kind, id=id_, word=word)


def unsay(tx: Tx, station: str, kind: str, id_: str) -> None:
    """The office speaks of it no longer."""
    tx.run(_UNSAY, station=station, of_kind=kind, of_id=id_)


def cursor(view: View, station: str) -> tuple[str, int] | None:
    """How far the office's log was taken in: the office's epoch and a number; None before the first time."""
    row = view.first(_LINK, station=station)
    return None if row is None else (row.office, row.after)


def move(tx: Tx, station: str, office: str, after: int) -> None:
    """Note that everything up to there is taken in; a part of the transaction that did it."""
    tx.run(_MOVE, station=station, office=office, after=after)
