"""Lit rows that go without their sign's own word, and signs that have fallen silent."""

from functools import partial

import sqlalchemy as sa

from central import lit, schema, signs
from central.known import Known
from central.tx import Tx, View
from central.words import SYSTEM, Actor, Nudge
from contract import problems
from contract.event import EventKind
from contract.problems import Problem

_L, _D = schema.lit.c, schema.device.c
_STATIONS = sa.select(_L.station).distinct()
_FALL_SILENT = (
    sa.update(schema.device)
    .where(_D.id == sa.bindparam("of_device"), _D.silent == sa.bindparam("before"))
    .values(silent=sa.bindparam("after"))
)
_HANGING = sa.select(_D.station, _D.id).where(
    _D.role == "sign", _D.bay.is_not(None), _D.revoked_at.is_(None)
)
_SIGN = sa.select(_D.station, _D.bay, _D.name).where(_D.id == sa.bindparam("device"))


def lit_stations(view: View) -> set[str]:
    """The stations where a sign may be showing a plate."""
    return {row.station for row in view.all(_STATIONS)}


def let_go(tx: Tx, known: Known, station: str) -> None:
    """Delete the rows whose every lease has run out by this process's own clock."""
    reading = signs.read(tx, known, station)
    witness = known.witness(station)
    rows = lit.without_waited_out(reading.station, witness, known.clock.monotonic_ms())
    gone = signs.keep(tx, station, reading.station.rows, rows)
    signs.tell_waiting(tx, known, reading, gone)
    witness.forget(rows, reading.station.calls)
    if not rows and not any(call.ended_seq is None for call in reading.station.calls):
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
    before = reading.station.rows
    after = tuple(row for row in before if not (row.held and row.bay == bay.id))
    if len(after) == len(before):
        raise Problem(
            problems.WRONG_STATE, f"No sign at door {bay.door} is waiting for anybody to look."
        )
    gone = signs.keep(tx, station, before, after)
    tx.event(station, EventKind.SIGN_SEEN_DARK, actor, bay=bay.id)
    signs.tell_waiting(tx, known, reading, gone)
