"""Help: raised at a post, taken by a named person, closed with a word."""

import sqlalchemy as sa

from central import schema
from central.database.tx import Row, Tx, View
from central.known import Known
from central.line import standing
from central.line.rows import open_visit_of
from central.words import Actor
from contract import problems
from contract.event import EventKind
from contract.plate import Plate, PlateRefused
from contract.problems import Problem
from contract.wire import HelpCall, HelpState
from contract.words import HelpClose

_H = schema.help_call.c
_ONE = sa.select(schema.help_call).where(
    _H.id == sa.bindparam("help"), _H.station == sa.bindparam("station")
)
_ANY = sa.select(_H.station, _H.device).where(_H.id == sa.bindparam("help"))
_INSERT = sa.insert(schema.help_call)
_ACKNOWLEDGE = (
    sa.update(schema.help_call)
    .where(_H.id == sa.bindparam("of_help"), _H.acknowledged_at.is_(None))
    .values(
        acknowledged_by=sa.bindparam("by"),
        acknowledged_id=sa.bindparam("by_id"),
        acknowledged_at=sa.bindparam("at"),
    )
)
_CLOSE = (
    sa.update(schema.help_call)
    .where(_H.id == sa.bindparam("of_help"), _H.closed_at.is_(None))
    .values(closed_by=sa.bindparam("by"), closed_at=sa.bindparam("at"), word=sa.bindparam("word"))
)


def raise_help(tx: Tx, known: Known, station: str, actor: Actor, call: HelpCall) -> HelpState:
    """Write down that somebody at a post asks for help, once for each id."""
    known.places.of(tx, station)
    earlier = tx.first(_ANY, help=call.id)
    if earlier is None:
        _insert(tx, station, actor, call)
    elif (earlier.station, earlier.device) != (station, actor.id):
        raise Problem(
            problems.ID_REUSED, "This help's id was used by another post; make a new one."
        )
    return _state(tx, known, _one(tx, station, call.id))


def state(view: View, known: Known, station: str, device: str, help_id: str) -> HelpState:
    """What became of the help that this post asked for."""
    row = _one(view, station, help_id)
    if row.device != device:
        raise Problem(problems.NOT_FOUND, "This post has not asked for that help.")
    return _state(view, known, row)


def acknowledge(tx: Tx, known: Known, station: str, actor: Actor, help_id: str) -> HelpState:
    """Give it to a named person; the first one has it."""
    row = _one(tx, station, help_id)
    if row.closed_at is not None:
        raise _too_late("has closed this.", row.closed_by)
    if row.acknowledged_at is not None and row.acknowledged_id != actor.id:
        raise _too_late("is on the way already.", row.acknowledged_by)
    if row.acknowledged_at is None:
        words = {"by": actor.name, "by_id": actor.id, "at": tx.now}
        tx.run(_ACKNOWLEDGE, of_help=help_id, **words)
        _event(tx, station, EventKind.HELP_ACKNOWLEDGED, actor, row)
    return _state(tx, known, _one(tx, station, help_id))


def close(
    tx: Tx, known: Known, station: str, actor: Actor, help_id: str, words: HelpClose
) -> HelpState:
    """Close it with a word on what it was."""
    row = _one(tx, station, help_id)
    if row.closed_at is not None:
        raise _too_late("has closed this already.", row.closed_by)
    tx.run(_CLOSE, of_help=help_id, by=actor.name, at=tx.now, word=words.word)
    _event(tx, station, EventKind.HELP_CLOSED, actor, row, word=words.word)
    return _state(tx, known, _one(tx, station, help_id))


def _insert(tx: Tx, station: str, actor: Actor, call: HelpCall) -> None:
    key = _match_key(call.plate)
    visit = None if key is None else open_visit_of(tx, station, key)
    tx.run(
        _INSERT,
        id=call.id,
        station=station,
        device=actor.id,
        post=actor.name,
        raised_at=tx.now,
        plate=call.plate,
        match_key=key,
        visit=None if visit is None else visit.id,
    )
    _event(tx, station, EventKind.HELP_RAISED, actor, _one(tx, station, call.id))


def _match_key(typed: str | None) -> str | None:
    """Half a plate may stand on the screen: help is given all the same."""
    try:
        return None if typed is None else Plate.parse(typed).match_key
    except PlateRefused:
        return None


def _event(tx: Tx, station: str, kind: EventKind, actor: Actor, row: Row, **data: object) -> None:
    about = {"help": row.id, "post": row.post, **data}
    tx.event(station, kind, actor, visit=row.visit, data=about)


def _one(view: View, station: str, help_id: str) -> Row:
    row = view.first(_ONE, station=station, help=help_id)
    if row is None:
        raise Problem(problems.NOT_FOUND, "There is no such call for help here.")
    return row


def _state(view: View, known: Known, row: Row) -> HelpState:
    """A post may ask for help with any plate on its screen: of one that it did not take it learns nothing."""
    has_place = row.match_key is not None and standing.has_place(
        view, known, row.station, row.device, row.match_key
    )
    return HelpState(
        id=row.id,
        raised_at=row.raised_at,
        has_place=has_place,
        acknowledged_by=row.acknowledged_by,
        closed=row.closed_at is not None,
    )


def _too_late(has: str, by: str | None) -> Problem:
    """Say who was faster; a name is kept for some time only."""
    return Problem(problems.CHANGED_MEANWHILE, f"{by or 'Somebody'} {has}", by=by or "somebody")
