"""Retention: what has been kept for as long as the station's settings say goes, in small steps."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from central import schema
from central.database.tx import Row, Tx, View
from central.privacy import due, erasing, inventory
from central.privacy.due import Cursor
from central.privacy.limits import Limits, days_of, is_due, limits
from central.words import SYSTEM
from contract.accounts import Erased, Keeping

# Runs a job in a transaction of its own, or all of them in one.
Write = Callable[[Callable[[Tx], Any]], Any]

_S, _E, _K, _D = schema.station.c, schema.event.c, schema.look.c, schema.device.c
_STATION = sa.select(schema.station).where(_S.id == sa.bindparam("station"))
_STATIONS = sa.select(_S.id, _S.time_zone, _S.erased_at)
_IS_STATION = _S.id == sa.bindparam("of_station")
_ERASED_SEQ = sa.update(schema.station).where(_IS_STATION).values(erased_seq=sa.bindparam("seq_to"))
_NAMES_SEQ = sa.update(schema.station).where(_IS_STATION).values(names_seq=sa.bindparam("seq_to"))
_ERASED_AT = sa.update(schema.station).where(_IS_STATION).values(erased_at=sa.bindparam("at"))
_LOOKS = sa.delete(schema.look).where(
    _K.station == sa.bindparam("station"), _K.at < sa.bindparam("before")
)
_WITHOUT = (
    sa.update(schema.event)
    .where(_E.station == sa.bindparam("of_station"), _E.seq == sa.bindparam("of_seq"))
    .values(data=sa.bindparam("to"))
)
_NAMELESS = _WITHOUT.values(actor="", actor_id="")
# What somebody asked to see on a sign that was never heard again; a beat takes it away everywhere else.
_UNSEEN = (
    sa.update(schema.device)
    .where(_D.station == sa.bindparam("of_station"), _D.picture.is_not(None))
    .values(picture=None)
)
STAFF = "staff"


def stations_due(view: View) -> list[str]:
    """The stations where a night has begun since everything was erased."""
    return [
        row.id
        for row in view.all(_STATIONS)
        if is_due(row.erased_at, view.now, ZoneInfo(row.time_zone))
    ]


def stations(view: View) -> list[str]:
    """All of them."""
    return [row.id for row in view.all(_STATIONS)]


def keeping(view: View, station: str) -> Keeping:
    """How long the station keeps what, and when it was last erased."""
    row = view.one(_STATION, station=station)
    days = days_of(row)
    return Keeping(
        plates_days=days.plates,
        recheck_days=max(days.recheck, days.plates),
        names_days=days.names,
        looks_days=days.looks,
        erased_at=row.erased_at,
    )


@dataclass(frozen=True, slots=True)
class Gone:
    """What a night has erased, and in how many rows of any kind."""

    erased: Erased
    rows: int


def erase_due(write: Write, station: str, now: datetime) -> Gone:
    """Forget whatever is due at *now*, in steps that *write* runs one after the other."""
    bounds = write(lambda tx: _limits(tx, station, now))
    done = erasing.total([*_visits(write, station, bounds), *_rest(write, station, bounds)])
    others = (
        _events(write, station, bounds.plates, "erased_seq", _customer_step)
        + _events(write, station, bounds.names, "names_seq", _names_step)
        + write(lambda tx: tx.run(_LOOKS, station=station, before=bounds.looks))
    )
    write(lambda tx: tx.run(_UNSEEN, of_station=station))
    write(lambda tx: tx.run(_ERASED_AT, of_station=station, at=now))
    rows = done.visits + done.arrivals + done.bookings + done.help_calls + done.inspections
    return Gone(done, rows + others)


def _limits(view: View, station: str, now: datetime) -> Limits:
    row = view.one(_STATION, station=station)
    return limits(now, ZoneInfo(row.time_zone), days_of(row))


def _visits(write: Write, station: str, bounds: Limits) -> Iterator[Erased]:
    after: Cursor | None = Cursor()
    while after is not None:
        done, after = write(partial(_visits_step, station=station, bounds=bounds, after=after))
        yield done


def _visits_step(
    tx: Tx, station: str, bounds: Limits, after: Cursor
) -> tuple[Erased, Cursor | None]:
    ids, then = due.visits(tx, station, bounds, after)
    done = erasing.visits(tx, station, ids)
    if ids:
        erasing.tell(tx, station, SYSTEM, ids, done)
    return done, then


def _rest(write: Write, station: str, bounds: Limits) -> Iterator[Erased]:
    """What belongs to no visit, or is left when its visit is forgotten."""
    for step in (_strays_step, _help_step, _bookings_step):
        done: Erased | None = Erased()
        while done is not None:
            done = write(partial(step, station=station, bounds=bounds))
            if done is not None:
                yield done


def _strays_step(tx: Tx, station: str, bounds: Limits) -> Erased | None:
    ids = due.strays(tx, station, bounds)
    return Erased(arrivals=erasing.arrivals(tx, ids)) if ids else None


def _help_step(tx: Tx, station: str, bounds: Limits) -> Erased | None:
    ids = due.help_calls(tx, station, bounds)
    return Erased(help_calls=erasing.help_calls(tx, ids)) if ids else None


def _bookings_step(tx: Tx, station: str, bounds: Limits) -> Erased | None:
    refs = due.bookings(tx, station, bounds)
    return Erased(bookings=erasing.bookings(tx, station, refs)) if refs else None


def _events(
    write: Write,
    station: str,
    before: datetime,
    cursor: str,
    step: Callable[[Tx, str, Sequence[Row]], int],
) -> int:
    """Go on where the last night stopped, up to what is not old enough; give how many events changed."""

    def some(tx: Tx) -> int | None:
        after = getattr(tx.one(_STATION, station=station), cursor)
        rows = due.events(tx, station, after, before)
        return step(tx, station, rows) if rows else None

    changed = 0
    while (done := write(some)) is not None:
        changed += done
    return changed


def _customer_step(tx: Tx, station: str, rows: Sequence[Row]) -> int:
    """Events of visits go with their visit, which may be kept longer; unless they came after that."""
    erased = due.forgotten(tx, {row.visit for row in rows if row.visit is not None})
    over = [row for row in rows if row.visit is None or row.visit in erased]
    changed = erasing.events(tx, over)
    tx.run(_ERASED_SEQ, of_station=station, seq_to=rows[-1].seq)
    return changed


def _names_step(tx: Tx, station: str, rows: Sequence[Row]) -> int:
    changed = 0
    for row in rows:
        without = inventory.without_names(row.data)
        is_staff = row.actor_kind == STAFF
        if is_staff or without != row.data:
            statement = _NAMELESS if is_staff else _WITHOUT
            changed += tx.run(statement, of_station=station, of_seq=row.seq, to=without)
    tx.run(_NAMES_SEQ, of_station=station, seq_to=rows[-1].seq)
    return changed
