"""Who is due: the rows that have been kept for as long as they may, a few at a time."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import NamedTuple

import sqlalchemy as sa

from central import schema
from central.database.tx import Row, View
from central.privacy.limits import Limits
from contract.visit import Kind, State

# So few at once that whoever types a plate meanwhile does not notice.
STEP = 40
EVENTS_STEP = 400
RE_INSPECTION = "re_inspection"
NOT_INSPECTED = "not_inspected"
# Clocks differ, and a night has an hour more once a year; nothing is dated later than this.
AHEAD = timedelta(days=1)

_V, _I, _A, _B, _H, _E = (
    schema.visit.c,
    schema.inspection.c,
    schema.arrival.c,
    schema.booking.c,
    schema.help_call.c,
    schema.event.c,
)
_BEFORE: "sa.BindParameter[datetime]" = sa.bindparam("before")
_AFTER_AT: "sa.BindParameter[datetime]" = sa.bindparam("after_at")
_STATION: "sa.BindParameter[str]" = sa.bindparam("station")
# The words of the partial index, for a statement in which two tables have such columns.
_IS_NAMED = sa.and_(_V.ended_at.is_not(None), _V.plate != sa.text("''"))
_ENDED = (
    sa.select(_V.id, _V.ended_at, _V.state, _I.match_key, _I.match_key2, _I.at, _I.kind, _I.outcome)
    .outerjoin(schema.inspection, _I.visit == _V.id)
    .where(
        _V.station == _STATION,
        _IS_NAMED,
        _V.ended_at < _BEFORE,
        sa.or_(
            _V.ended_at > _AFTER_AT,
            sa.and_(_V.ended_at == _AFTER_AT, _V.id > sa.bindparam("after_id")),
        ),
    )
    .order_by(_V.ended_at, _V.id)
    .limit(STEP)
)


def _later(column: "sa.ColumnElement[str | None]") -> "sa.Select[tuple[str, object]]":
    """What came of the same vehicle's inspections since."""
    return (
        sa.select(_I.kind, _I.outcome)
        .join(schema.visit, _V.id == _I.visit)
        .where(
            _I.station == _STATION,
            column == sa.bindparam("key"),
            _I.at > sa.bindparam("since"),
            _V.state == State.DONE.value,
        )
    )


_LATER = sa.union_all(_later(_I.match_key), _later(_I.match_key2))
_STRAYS = (
    sa.select(_A.id)
    .where(_A.station == _STATION, schema.IS_NAMED_STRAY, _A.received_at < _BEFORE)
    .limit(STEP)
)


# The row belongs to no visit, or to one whose plate is erased.
_FORGOTTEN = sa.or_(_V.id.is_(None), _V.plate == "")
# The words of the partial index again; whoever is on the way to somebody who still waits must stay known.
_NAMES = sa.or_(_H.plate.is_not(None), _H.word.is_not(None), _H.acknowledged_by.is_not(None))
_IS_OVER = sa.or_(_H.plate.is_not(None), _H.word.is_not(None), _H.closed_at.is_not(None))
_HELP = (
    sa.select(_H.id)
    .outerjoin(schema.visit, _V.id == _H.visit)
    .where(_H.station == _STATION, _NAMES, _IS_OVER, _H.raised_at < _BEFORE, _FORGOTTEN)
    .order_by(_H.raised_at)
    .limit(STEP)
)
_OVER = (
    sa.select(_B.ref)
    .outerjoin(schema.visit, _V.id == _B.visit)
    .where(_B.station == _STATION, _FORGOTTEN)
    .limit(STEP)
)
_BOOKINGS = (
    _OVER.where(_B.slot_at < _BEFORE).order_by(_B.slot_at),
    _OVER.where(schema.IS_CANCELLED, _B.cancelled_at < _BEFORE).order_by(_B.cancelled_at),
)
_EVENTS = (
    sa.select(_E.station, _E.seq, _E.at, _E.visit, _E.actor_kind, _E.data)
    .where(_E.station == _STATION, _E.seq > sa.bindparam("after"))
    .order_by(_E.seq)
    .limit(EVENTS_STEP)
)
_ERASED = sa.select(_V.id).where(_V.id.in_(sa.bindparam("visits", expanding=True)), _V.plate == "")


class Cursor(NamedTuple):
    """The last visit that was looked at; those that stay are not met twice a night."""

    at: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    visit: str = ""


def visits(
    view: View, station: str, limits: Limits, after: Cursor
) -> tuple[list[str], Cursor | None]:
    """The next visits whose customers are forgotten now, and where to go on; None when those were all."""
    rows = view.all(
        _ENDED, station=station, before=limits.plates, after_at=after.at, after_id=after.visit
    )
    due = [
        row.id for row in rows if row.ended_at < limits.recheck or not _is_open(view, station, row)
    ]
    if len(rows) < STEP:
        return due, None
    return due, Cursor(rows[-1].ended_at, rows[-1].id)


def strays(view: View, station: str, limits: Limits) -> list[str]:
    """Arrivals that never became a visit: held, and nobody looked, or turned away."""
    return [row.id for row in view.all(_STRAYS, station=station, before=limits.plates)]


def help_calls(view: View, station: str, limits: Limits) -> list[str]:
    """Calls for help of no visit, or of one that is forgotten."""
    return [row.id for row in view.all(_HELP, station=station, before=limits.plates)]


def bookings(view: View, station: str, limits: Limits) -> list[str]:
    """Bookings long past or long cancelled, whose visit is forgotten or never was."""
    words = {"station": station, "before": limits.plates}
    return list({row.ref for statement in _BOOKINGS for row in view.all(statement, **words)})


def events(view: View, station: str, after: int, before: datetime) -> Sequence[Row]:
    """The events after number *after* up to the last one that is older than *before*.

    One in between may be dated wrong by a clock that was set since; it is as old as its neighbours.
    """
    rows = view.all(_EVENTS, station=station, after=after)
    misdated = view.now + AHEAD
    # Nothing can have happened tomorrow: a whole page of that is of a clock that was wrong for long.
    old = [at for at, row in enumerate(rows) if row.at < before or row.at > misdated]
    while old and rows[old[-1]].at > misdated and len(rows) < EVENTS_STEP:
        old.pop()
    return rows[: old[-1] + 1] if old else ()


def forgotten(view: View, visit_ids: Collection[str]) -> set[str]:
    """Those of the visits whose plate is erased."""
    return {row.id for row in view.all(_ERASED, visits=list(visit_ids))} if visit_ids else set()


def _is_open(view: View, station: str, row: Row) -> bool:
    """Whether the vehicle must still come back for what was found."""
    if row.state != State.DONE.value or not _asks(row):
        return False
    keys = [key for key in (row.match_key, row.match_key2) if key]
    later = chain.from_iterable(
        view.all(_LATER, station=station, key=key, since=row.at) for key in keys
    )
    return all(_asks(one) for one in later)


def _asks(row: Row) -> bool:
    """Whether an inspection leaves something to look at, as `coming.asks_for_recheck` has it."""
    result = (row.outcome or {}).get("result")
    is_missed = result == NOT_INSPECTED and row.kind == Kind.RECHECK.value
    return result == RE_INSPECTION or is_missed
