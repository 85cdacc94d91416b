"""The signs of a station as the database has them, and who must hear of a change."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from functools import partial
from itertools import chain

import msgspec
import sqlalchemy as sa

from central import schema
from central.database.tx import Row, Tx, View
from central.known import Known
from central.line.line import Deed, Visit
from central.line.rows import seq_of
from central.places.places import Place
from central.signs import lit
from central.words import SYSTEM, Actor, Nudge
from contract.event import EventKind
from contract.plate import Plate
from contract.wire import PanelFacts, font_shows

_C, _D, _L, _N = schema.call.c, schema.device.c, schema.lit.c, schema.named.c
_ROWS = sa.select(_L.device, _L.boot, _L.bay, _L.match_key, _L.call, _L.held).where(
    _L.station == sa.bindparam("station")
)
_NAMED = sa.select(_N.device, _N.boot, _N.bay, _N.match_key, _N.call, _N.held).where(
    _N.station == sa.bindparam("station")
)
_SIGNS = sa.select(schema.device).where(
    _D.station == sa.bindparam("station"), _D.role == "sign", _D.revoked_at.is_(None)
)
# Calls that stand, those of the rows, and those that a sign last reported to have sent.  PostgreSQL has an
# index for each of these, and for an OR of them none: it would read every call that ever was.
_OF_STATION = sa.select(schema.call).where(_C.station == sa.bindparam("station"))
_CALLS = sa.union_all(
    _OF_STATION.where(schema.STANDS),
    _OF_STATION.join(schema.lit, _L.call == _C.id).where(_L.station == sa.bindparam("station")),
    _OF_STATION.join(schema.named, _N.call == _C.id).where(_N.station == sa.bindparam("station")),
    _OF_STATION.join(schema.device, _D.sent_call == _C.id).where(
        _D.station == sa.bindparam("station")
    ),
)
_TO_TELL = (
    sa.select(_D.id, _D.bay, _D.lists, _L.call)
    .outerjoin(schema.lit, _L.device == _D.id)
    .where(_D.station == sa.bindparam("station"), _D.role == "sign", _D.revoked_at.is_(None))
)
_PANEL = sa.select(_D.panel).where(
    _D.station == sa.bindparam("station"), _D.bay == sa.bindparam("bay")
)
_CANNOT = (
    sa.update(schema.call)
    .where(_C.id == sa.bindparam("of_call"), _C.cannot_show_at.is_(None))
    .values(cannot_show_at=sa.bindparam("at"))
)
_LET_GO = sa.delete(schema.lit).where(_L.device == sa.bindparam("of_device"))
_UNNAME = sa.delete(schema.named).where(
    _N.device == sa.bindparam("of_device"),
    _N.bay == sa.bindparam("of_bay"),
    _N.match_key == sa.bindparam("of_match_key"),
)
_NAME = sa.insert(schema.named)
_INSERT = sa.insert(schema.lit)


@dataclass(frozen=True, slots=True)
class Reading:
    """One read of what decides about a station's signs; `calls` and `devices` are the rows by id."""

    station: lit.Station
    calls: dict[str, Row]
    devices: dict[str, Row]


def read(view: View, known: Known, station: str) -> Reading:
    """Read a station's signs, lit rows and calls in one moment."""
    calls = {row.id: row for row in view.all(_CALLS, station=station)}
    devices = {row.id: row for row in view.all(_SIGNS, station=station)}
    return Reading(
        lit.Station(
            epoch=known.epoch,
            seq=seq_of(view, station),
            rows=tuple(lit.Lit(*row) for row in view.all(_ROWS, station=station)),
            calls=tuple(_call(row) for row in calls.values()),
            signs=tuple(_sign(row) for row in devices.values()),
            settling=known.settling.lasts,
            named=tuple(lit.Lit(*row) for row in view.all(_NAMED, station=station)),
        ),
        calls,
        devices,
    )


def panel_of(row: Row) -> PanelFacts | None:
    """What a sign's driver declared when it last beat."""
    return None if row.panel is None else msgspec.convert(row.panel, PanelFacts)


def keep(
    tx: Tx, station: str, before: Sequence[lit.Lit], after: Sequence[lit.Lit]
) -> list[lit.Lit]:
    """Write the lit rows as they are to be; give those that are gone.

    What goes is deleted before anything is written, so that a plate or a bay is free when it is taken.
    """
    changed = [row for row in before if row not in after]
    for row in changed:
        tx.run(_LET_GO, of_device=row.device)
    for row in (row for row in after if row not in before):
        tx.run(_INSERT, station=station, **_columns(row))
    return _no_more(changed, after)


def keep_named(
    tx: Tx, station: str, before: Sequence[lit.Lit], after: Sequence[lit.Lit]
) -> list[lit.Lit]:
    """Write the rows of the doors that yard signs may be naming, as `keep` does; give those that are gone."""
    changed = [row for row in before if row not in after]
    for row in changed:
        tx.run(_UNNAME, of_device=row.device, of_bay=row.bay, of_match_key=row.match_key)
    for row in (row for row in after if row not in before):
        tx.run(_NAME, station=station, **_columns(row))
    return _no_more(changed, after)


def _columns(row: lit.Lit) -> dict[str, object]:
    return {one.name: getattr(row, one.name) for one in fields(row)}


def _no_more(changed: Sequence[lit.Lit], after: Sequence[lit.Lit]) -> list[lit.Lit]:
    showing = {(row.device, row.bay, row.match_key) for row in after}
    return [row for row in changed if (row.device, row.bay, row.match_key) not in showing]


def tell(tx: Tx, known: Known, place: Place, before: Visit, deed: Deed) -> None:
    """Tell the signs that a person's deed concerns: first who must go dark, then who may be lit."""
    after, rows = deed.visit, tx.all(_TO_TELL, station=place.id)
    if deed.started_call is not None:
        _check_panel(tx, place, after, deed.started_call)
    # A recall renews the same picture: the sign takes the new call without going dark in between.
    goes_dark = deed.ended_call is not None and (
        deed.started_call is None or after.bay != before.bay
    )
    dark = [
        Nudge(place.id, row.id, deed.ended_call)
        for row in rows
        if goes_dark and (row.call == deed.ended_call or _concerns(row, before.bay))
    ]
    lights = [
        Nudge(place.id, row.id)
        for row in rows
        if deed.started_call is not None and _concerns(row, after.bay)
    ]
    nudge(tx, known, chain(dark, lights))


def tell_bay(tx: Tx, known: Known, place: Place, bay: str) -> None:
    """A bay has opened, closed or has a break: its sign may have a notice to show, or none any more."""
    rows = tx.all(_TO_TELL, station=place.id)
    nudge(tx, known, [Nudge(place.id, row.id) for row in rows if row.bay == bay])


def _concerns(row: Row, bay: str | None) -> bool:
    """Whether a sign hangs over *bay* or lists it."""
    return row.bay == bay or bay in (row.lists or ())


def tell_unnamed(tx: Tx, known: Known, reading: Reading, gone: Sequence[lit.Lit]) -> None:
    """No yard sign names these doors any more: their own signs' rows can go at their next beat."""
    doors = {(row.bay, row.match_key) for row in gone}
    owners = {row.device for row in reading.station.rows if (row.bay, row.match_key) in doors}
    nudge(tx, known, [Nudge(reading.devices[o].station, o) for o in owners if o in reading.devices])


def tell_yard(tx: Tx, known: Known, reading: Reading, bay: str) -> None:
    """A door is lit, or dark: the yard signs that list it may say something else now."""
    asks = [
        Nudge(row.station, row.id) for row in reading.devices.values() if bay in (row.lists or ())
    ]
    nudge(tx, known, asks)


def tell_waiting(
    tx: Tx, known: Known, reading: Reading, gone: Sequence[lit.Lit], but: str = ""
) -> None:
    """A lit row is gone: signs with a standing call may be granted now, so let them ask."""
    if gone:
        asks = [
            Nudge(row.station, row.id)
            for row in reading.devices.values()
            if row.id != but and reading.station.call_at(row.bay) is not None
        ]
        nudge(tx, known, asks)


def nudge(tx: Tx, known: Known, nudges: Iterable[Nudge]) -> None:
    """Give hints to signs once this transaction is on disk."""
    for one in nudges:
        tx.after_commit(partial(known.nudges.tell, one))


def cannot_show(tx: Tx, station: str, actor: Actor, call: str, visit: str, bay: str) -> None:
    """Tell the board, once for each call, that the sign has no letters or no room for the plate."""
    if tx.run(_CANNOT, of_call=call, at=tx.now) == 1:
        tx.event(station, EventKind.SIGN_CANNOT_SHOW, actor, visit=visit, bay=bay, call=call)


def _check_panel(tx: Tx, place: Place, visit: Visit, call: str) -> None:
    row = tx.first(_PANEL, station=place.id, bay=visit.bay)
    panel = None if row is None else panel_of(row)
    text = Plate(visit.plate).display
    if panel is not None and not font_shows(panel.fonts, panel.width_px, text):
        cannot_show(tx, place.id, SYSTEM, call, visit.id, str(visit.bay))


def _call(row: Row) -> lit.Call:
    text = Plate(row.plate).display
    return lit.Call(row.id, row.bay, row.match_key, row.plate, text, row.ended_seq)


def _sign(row: Row) -> lit.Sign:
    lists, cloned = tuple(row.lists or ()), row.cloned_at is not None
    return lit.Sign(row.id, row.bay, row.bay_seq, panel_of(row), lists, cloned)
