"""At the office: what it has for a hall."""

from datetime import timedelta

import msgspec
import sqlalchemy as sa

from central import schema
from central.database.tx import Row, Tx, View
from central.fleet import wanted
from central.people import accounts
from central.people.person import EVERYWHERE
from contract.halls import HallBooking, HallCode, HallErasure, HallNews, HallPerson
from contract.wire import Role

BOOKINGS_AT_ONCE = 500
ERASURES_AT_ONCE = 50
# Whose day is over nobody waits for; a day more, for every time zone.
OVER = timedelta(days=2)

_L, _B, _H, _K, _R, _E = (
    schema.hall_log.c,
    schema.booking.c,
    schema.hall.c,
    schema.device_code.c,
    schema.hall_revocation.c,
    schema.hall_erasure.c,
)
_STATION: "sa.BindParameter[str]" = sa.bindparam("station")
_CHANGED = (
    sa.select(schema.booking, _L.seq)
    .join(schema.hall_log, sa.and_(_L.station == _B.station, _L.ref == _B.ref))
    .where(_L.station == _STATION, _L.seq > sa.bindparam("after"))
    .order_by(_L.seq)
    .limit(BOOKINGS_AT_ONCE)
)
_CODES = (
    sa.select(schema.device_code)
    .where(_K.station == _STATION, _K.used_at.is_(None), _K.expires_at > sa.bindparam("now"))
    .where(_K.replaces.is_(None))
    .order_by(_K.handle)
)
_REVOKED = sa.select(_R.device).where(_R.station == _STATION).order_by(_R.device)
_ASKED = (
    sa.select(_E.id, _E.plate)
    .where(_E.station == _STATION, schema.IS_ASKED)
    .order_by(_E.at, _E.id)
    .limit(ERASURES_AT_ONCE)
)
_FETCHED = (
    sa.update(schema.hall)
    .where(_H.station == sa.bindparam("of_station"), _H.after != sa.bindparam("to"))
    .values(after=sa.bindparam("to"))
)


def news(view: View, office: str, station: str, shown: tuple[str, int]) -> HallNews:
    """What *station* has not fetched yet; *shown* is its cursor: the office's epoch, and a number."""
    after = shown[1] if shown[0] == office else 0
    rows = view.all(_CHANGED, station=station, after=after)
    return HallNews(
        office=office,
        after=rows[-1].seq if rows else after,
        more=len(rows) == BOOKINGS_AT_ONCE,
        bookings=[_booking(row) for row in rows if row.slot_at > view.now - OVER],
        people=[_person(row) for row in view.all(accounts.ALL) if _works_in(row, station)],
        codes=[_code(row) for row in view.all(_CODES, station=station, now=view.now)],
        revoked=[row.device for row in view.all(_REVOKED, station=station)],
        erasures=[
            HallErasure(id=row.id, plate=row.plate) for row in view.all(_ASKED, station=station)
        ],
        wants=msgspec.to_builtins(wanted.wants_of(view, [station])),
    )


def fetched(tx: Tx, station: str, after: int) -> None:
    """The hall has shown that it has taken everything up to *after*."""
    tx.run(_FETCHED, of_station=station, to=after)


def _works_in(row: Row, station: str) -> bool:
    """Whoever works everywhere stays at the office: a stolen hall box must not know their passwords."""
    return station in row.stations and EVERYWHERE not in row.stations


def _person(row: Row) -> HallPerson:
    return HallPerson(
        id=row.id,
        name=row.name,
        role=row.role,
        password=row.password_hash,
        disabled=row.disabled_at is not None,
        issuer=row.issuer,
        subject=row.subject,
    )


def _code(row: Row) -> HallCode:
    return HallCode(
        handle=row.handle,
        code=row.code_hash,
        role=Role(row.role),
        name=row.name,
        bay=row.bay,
        made_at=row.made_at,
        expires_at=row.expires_at,
    )


def _booking(row: Row) -> HallBooking:
    return HallBooking(
        ref=row.ref,
        plate=row.plate,
        slot_at=row.slot_at,
        kind=row.kind,
        plate2=row.plate2,
        make=row.make,
        model=row.model,
        colour=row.colour,
        remark=row.remark,
        cancelled=row.cancelled_at is not None,
    )
