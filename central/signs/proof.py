"""What is known of each sign: told, sent and read back, each for what it is, and how old that is."""

from datetime import datetime, timedelta

from central.database.tx import Row
from central.known import Known
from central.line.line import Bay
from central.places.places import Place
from central.signs import lit, signs
from central.signs.signs import Reading
from contract.plate import Plate
from contract.wire import LEASE_CAP_MS
from contract.yard import NamedDoor, SignRow, YardSignRow

_CAP = timedelta(milliseconds=LEASE_CAP_MS)


def sign_of(known: Known, place: Place, bay: Bay, reading: Reading) -> SignRow | None:
    """The sign above *bay*, if one hangs there."""
    row = next((row for row in reading.devices.values() if row.bay == bay.id), None)
    if row is None:
        return None
    panel = signs.panel_of(row)
    return SignRow(
        device=row.id,
        name=row.name,
        reachable=known.heard.reachable(row.id),
        beat_at=known.heard.beat_at(row.id) or row.beat_at,
        state=row.panel_state,
        fault=row.fault,
        commanded=row.commanded,
        sent=row.sent_call,
        sent_whole=row.sent_whole,
        confirmed=row.confirmed,
        reads_back=panel is not None and panel.reads_back,
        off_at=_off_at(reading, bay),
        notice=place.notice(bay.state),
        too_slow=panel is not None and panel.worst_dark_ms > lit.SLOWEST_PANEL_MS,
        may_hold=_is_silent_holder(known, row) and _has_plate(row, reading),
    )


def yard_signs(known: Known, place: Place, reading: Reading, now: datetime) -> list[YardSignRow]:
    """The signs that hang above no bay and list some, as they are at *now*."""
    found = [row for row in reading.devices.values() if row.lists]
    ordered = sorted(found, key=lambda row: (row.name, row.id))
    return [_yard_sign(known, place, row, reading, now) for row in ordered]


def held_on(bay: Bay, reading: Reading) -> list[str]:
    """The yard signs that are out of order and may still send to *bay* somebody who is not called there."""
    call = reading.station.call_at(bay.id)
    held = {
        row.device
        for row in reading.station.named
        if row.held and row.bay == bay.id and (call is None or call.match_key != row.match_key)
    }
    return sorted(reading.devices[one].name if one in reading.devices else one for one in held)


def _yard_sign(
    known: Known, place: Place, row: Row, reading: Reading, now: datetime
) -> YardSignRow:
    panel, may_hold = signs.panel_of(row), _is_silent_holder(known, row)
    return YardSignRow(
        device=row.id,
        name=row.name,
        doors=[place.door(bay) or bay for bay in row.lists],
        reachable=known.heard.reachable(row.id),
        beat_at=known.heard.beat_at(row.id) or row.beat_at,
        state=row.panel_state,
        fault=row.fault,
        names=_names(place, row, reading, now, may_hold=may_hold),
        can_list=panel is None or panel.lines > 0,
        may_hold=may_hold,
    )


def _names(
    place: Place, row: Row, reading: Reading, now: datetime, *, may_hold: bool
) -> list[NamedDoor]:
    """The doors that may be read on a yard sign: those of its rows, as long as any may be shown."""
    # A row may outlive its call; the door that it names is then the old one, which is what may be read.
    rows = [one for one in reading.station.named if one.device == row.id]
    plates = {call.id: Plate(call.plate).display for call in reading.calls.values()}
    names = [
        NamedDoor(
            plate=plates.get(one.call, one.match_key),
            door=place.door(one.bay) or one.bay,
            # What a panel holds by itself no time takes away.
            off_at=None if one.held or may_hold else _unread_at(reading, one),
        )
        for one in rows
    ]
    return [name for name in names if name.off_at is None or now < name.off_at]


def _unread_at(reading: Reading, named: lit.Lit) -> datetime | None:
    """When nobody can read the line of a yard sign any more, though its row stays for the door's sake."""
    call = reading.calls.get(named.call)
    if call is None or call.granted_at is None:
        return None
    dark = timedelta(milliseconds=reading.station.dark_ms(named.device))
    at: datetime = call.granted_at + _CAP + dark
    return at


def _is_silent_holder(known: Known, row: Row) -> bool:
    """Whether nobody hears a sign whose panel keeps its picture, though it was heard once."""
    panel = signs.panel_of(row)
    return panel is not None and panel.holds_last_frame and not known.heard.reachable(row.id)


def _has_plate(row: Row, reading: Reading) -> bool:
    """Whether a door's sign may have shown a plate when it was last heard, or has been told one since."""
    lit_now = any(one.device == row.id for one in reading.station.rows)
    return row.sent_call is not None or row.commanded is not None or lit_now


def _off_at(reading: Reading, bay: Bay) -> datetime | None:
    """When the sign goes dark by itself, counted from the call's first grant and not from the call."""
    call = reading.station.call_at(bay.id)
    granted_at = None if call is None else reading.calls[call.id].granted_at
    return None if granted_at is None else granted_at + _CAP
