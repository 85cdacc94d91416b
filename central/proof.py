"""What is known of each sign: told, sent and read back, each for what it is, and how old that is."""

from datetime import datetime, timedelta

from central import lit, signs
from central.known import Known
from central.line import Bay
from central.places import Place
from central.signs import Reading
from central.tx import Row
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
    )


def yard_signs(known: Known, place: Place, reading: Reading) -> list[YardSignRow]:
    """The signs that hang above no bay and list some."""
    found = [row for row in reading.devices.values() if row.lists]
    ordered = sorted(found, key=lambda row: (row.name, row.id))
    return [_yard_sign(known, place, row, reading) for row in ordered]


def held_on(bay: Bay, reading: Reading) -> list[str]:
    """The yard signs that are out of order and may still send to *bay* somebody who is not called there."""
    call = reading.station.call_at(bay.id)
    held = {
        row.device
        for row in reading.station.named
        if row.held and row.bay == bay.id and (call is None or call.match_key != row.match_key)
    }
    return sorted(reading.devices[one].name if one in reading.devices else one for one in held)


def _yard_sign(known: Known, place: Place, row: Row, reading: Reading) -> YardSignRow:
    panel = signs.panel_of(row)
    # A row may outlive its call; the door that it names is then the old one, which is what may be read.
    named = [one for one in reading.station.named if one.device == row.id]
    plates = {call.id: Plate(call.plate).display for call in reading.calls.values()}
    return YardSignRow(
        device=row.id,
        name=row.name,
        doors=[place.door(bay) or bay for bay in row.lists],
        reachable=known.heard.reachable(row.id),
        beat_at=known.heard.beat_at(row.id) or row.beat_at,
        state=row.panel_state,
        fault=row.fault,
        names=[
            NamedDoor(
                plate=plates.get(one.call, one.match_key), door=place.door(one.bay) or one.bay
            )
            for one in named
        ],
        can_list=panel is None or panel.lines > 0,
    )


def _off_at(reading: Reading, bay: Bay) -> datetime | None:
    """When the sign goes dark by itself, counted from the call's first grant and not from the call."""
    call = reading.station.call_at(bay.id)
    granted_at = None if call is None else reading.calls[call.id].granted_at
    return None if granted_at is None else granted_at + _CAP
