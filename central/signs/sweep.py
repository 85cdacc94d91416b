"""Lit rows that go without their sign's own word, and signs that have fallen silent."""

from dataclasses import replace
from functools import partial

import sqlalchemy as sa

from central import schema
from central.database.tx import Tx, View
from central.known import Known
from central.signs import lit, naming, signs
from central.words import SYSTEM, Actor, Nudge
from contract import problems
from contract.event import EventKind
from contract.problems import Problem

_L, _D, _N = schema.lit.c, schema.device.c, schema.named.c
_STATIONS = sa.union(sa.select(_L.station), sa.select(_N.station))
_FALL_SILENT = (
    sa.update(schema.device)
    .where(_D.id == sa.bindparam("of_device"), _D.silent == sa.bindparam("before"))
    # What stood on it when somebody asked names a plate, and no beat will come to take it away.
    .values(silent=sa.bindparam("after"), picture=None)
)
_HANGING = sa.select(_D.station, _D.id).where(
    _D.role == "sign",
    sa.or_(_D.bay.is_not(None), _D.lists.is_not(None)),
    _D.revoked_at.is_(None),
)
_SIGN = sa.select(_D.station, _D.bay, _D.name).where(_D.id == sa.bindparam("device"))


def lit_stations(view: View) -> set[str]:
    """The stations where a sign may be showing a plate."""
    return {row.station for row in view.all(_STATIONS)}


def let_go(tx: Tx, known: Known, station: str) -> None:
    """Delete the rows whose every lease has run out by this process's own clock."""
    reading = signs.read(tx, known, station)
    witness, now_ms = known.witness(station), known.clock.monotonic_ms()
    named = naming.without_waited_out(reading.station, witness, now_ms)
    station_now = replace(reading.station, named=named)
    rows = lit.without_waited_out(station_now, witness, now_ms)
    signs.keep_named(tx, station, reading.station.named, named)
    gone = signs.keep(tx, station, reading.station.rows, rows)
    signs.tell_waiting(tx, known, reading, gone)
    witness.forget((*rows, *named), reading.station.calls)
    if not (rows or named) and not any(c.ended_seq is None for c in reading.station.calls):
        known.dismiss_witness(station)


def notice_silence(tx: Tx, known: Known, devices: list[str]) -> None:
    """Write down, once, that signs were not heard for too long."""
    for device in devices:
        row = tx.first(_SIGN, device=device)
        if row is None:
            continue
        if tx.run(_FALL_SILENT, of_device=device, before=False, after=True) == 1:
            data = {"sign": row.name}
            tx.event(row.station, EventKind.SIGN_SILENT, SYSTEM, bay=row.bay, data=data)
        tx.after_commit(partial(known.heard.noticed_silent, device))


def settle(tx: Tx, known: Known) -> None:
    """The time after a restore is over: whoever has a standing call may ask for a grant now."""
    known.settling.end(tx)
    asks = [Nudge(row.station, row.id) for row in tx.all(_HANGING)]
    signs.nudge(tx, known, asks)


def seen_dark(tx: Tx, known: Known, station: str, actor: Actor, bay_id: str) -> None:
    """A person has looked: the faulty sign at this bay shows nothing."""
    bay = known.places.of(tx, station).bay(bay_id)
    reading = signs.read(tx, known, station)
    rows, named = reading.station.rows, reading.station.named
    seen = [row for row in (*rows, *named) if row.held and row.bay == bay.id]
    if not seen:
        raise Problem(
            problems.WRONG_STATE, f"No sign at door {bay.door} is waiting for anybody to look."
        )
    signs.keep_named(tx, station, named, [row for row in named if row not in seen])
    gone = signs.keep(tx, station, rows, [row for row in rows if row not in seen])
    tx.event(station, EventKind.SIGN_SEEN_DARK, actor, bay=bay.id)
    signs.tell_waiting(tx, known, reading, gone)
