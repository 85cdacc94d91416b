"""Which doors a yard sign may name: only those whose own sign may be showing that very plate.

A row `Lit` in `Station.named` says "this yard sign may be sending this plate to this door".  It is
committed before the listing that names it is answered, and the door's own row stands for as long: so a
plate that moves is lit at its new door only when no yard sign can send anybody to the old one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from central.signs.lit import (
    CLONED,
    SLOWEST_PANEL_MS,
    Call,
    Lit,
    Station,
    Witness,
    is_sure,
    knows,
    passed_on,
)
from contract.wire import LEASE_CAP_MS, Beat, Dark, Listed, Listing, PanelState


@dataclass(frozen=True, slots=True)
class Named:
    """The answer to a yard sign's beat and its rows as they must be committed before it is given."""

    answer: Listing | Dark
    rows: tuple[Lit, ...]


@dataclass(frozen=True, slots=True)
class Yard:
    """What a listing is made of beside the rows: each door's name, how long ago each standing call was
    first granted, and the plates that wait, next first."""

    doors: Mapping[str, str]
    shown_ms: Mapping[str, int]
    next_up: Sequence[str] = ()


def decide(
    station: Station, beat: Beat, device: str, witness: Witness, now_ms: int, yard: Yard
) -> Named:
    """Answer a yard sign's *beat*; the arguments are those of `central.lit.decide`."""
    rows = tuple(row for row in after_report(station, beat, device) if row.device == device)
    refusal = _refusal(station, beat, device)
    if refusal:
        return Named(_dark(station, beat, refusal), rows)
    left_ms = _left_ms(replace(station, named=rows), device, witness, now_ms, yard)
    calls = list(left_ms)
    listed = [
        Listed(
            text=call.text,
            door=yard.doors.get(call.bay, call.bay),
            call=call.id,
            ttl_ms=min(left_ms[call], witness.ttl_ms),
        )
        for call in calls
    ]
    listed += [Listed(text=text) for text in yard.next_up]
    granted = [Lit(device, beat.boot, call.bay, call.match_key, call.id) for call in calls]
    answer = Listing(
        nonce=beat.nonce, epoch=station.epoch, seq=station.seq, rows=listed, ttl_ms=witness.ttl_ms
    )
    kept = [row for row in rows if _place(row) not in {_place(one) for one in granted}]
    return Named(answer, (*kept, *granted))


def after_report(station: Station, beat: Beat, device: str) -> tuple[Lit, ...]:
    """All yard signs' rows after what *beat* reports about its own sign."""
    if is_sure(beat) and station.is_cloned(device):
        return station.named  # what one of two machines shows says nothing of the other
    # What an older life had listed is gone once this one has written a whole picture over it.
    rows = tuple(passed_on(row, beat) if row.device == device else row for row in station.named)
    return tuple(row for row in rows if row.device != device or not _ends(station, row, beat))


def without_waited_out(station: Station, witness: Witness, now_ms: int) -> tuple[Lit, ...]:
    """The rows without those whose every listing has run out by this process's clock."""
    return tuple(row for row in station.named if not _waited_out(station, row, witness, now_ms))


def gone_seq(station: Station, row: Lit) -> int | None:
    """The event since which no listing can name *row*'s door for its plate; None while one can."""
    sign = station.sign(row.device)
    lists_it = sign is not None and row.bay in sign.lists
    own = _own(station, row.bay, row.match_key)
    door_gone = None if own is None else station.gone_seq(own)
    if lists_it and own is not None and door_gone is None:
        return None
    call = next((one for one in station.calls if one.id == row.call), None)
    reasons = [
        door_gone,
        None if call is None else call.ended_seq,
        None if sign is None or lists_it else sign.bay_seq,
    ]
    return min((seq for seq in reasons if seq is not None), default=0)


def says_gone(station: Station, row: Lit, beat: Beat) -> bool:
    """Whether the sign reports that nobody can read *row* on it any more."""
    standing = {call.id for call in station.calls if call.ended_seq is None}
    # A call of another name may be the same plate at the same door, recalled.
    return is_sure(beat) and row.call not in beat.listed and standing.issuperset(beat.listed)


def _own(station: Station, bay: str, match_key: str) -> Lit | None:
    """The row of the door's own sign."""
    return next((row for row in station.rows if (row.bay, row.match_key) == (bay, match_key)), None)


def _ends(station: Station, row: Lit, beat: Beat) -> bool:
    gone = gone_seq(station, row)
    return knows(station, row, beat, gone) and says_gone(station, row, beat)


def _waited_out(station: Station, row: Lit, witness: Witness, now_ms: int) -> bool:
    gone = gone_seq(station, row)
    if gone is None or row.held:
        return False
    return witness.waited_out(row, gone, station.dark_ms(row.device), now_ms)


def _left_ms(
    station: Station, device: str, witness: Witness, now_ms: int, yard: Yard
) -> dict[Call, int]:
    """The calls whose door this sign may name now, in the order in which it lists the bays, each with what
    is left of its two minutes."""
    sign = station.sign(device)
    found = [station.call_at(bay) for bay in (() if sign is None else sign.lists)]
    left_ms = {
        call: LEASE_CAP_MS - max(yard.shown_ms.get(call.id, 0), witness.shown_ms(call.id, now_ms))
        for call in found
        if call is not None and _may_be_named(station, call)
    }
    return {call: ms for call, ms in left_ms.items() if ms > 0}


def _may_be_named(station: Station, call: Call) -> bool:
    """Whether the door's own sign may be showing it, and no other door is named for it."""
    own = _own(station, call.bay, call.match_key)
    elsewhere = any(
        row.match_key == call.match_key and row.bay != call.bay for row in station.named
    )
    if own is None or own.held or station.gone_seq(own) is not None:
        return False
    return own.call == call.id and not elsewhere


def _refusal(station: Station, beat: Beat, device: str) -> str | None:
    """Why this sign may list nothing now."""
    if station.is_cloned(device):
        return CLONED
    if beat.epoch != station.epoch:
        return "other_epoch"
    if beat.state is PanelState.FAULT:
        return "fault"
    if beat.panel is None or beat.panel.worst_dark_ms > SLOWEST_PANEL_MS:
        return "panel_too_slow" if beat.panel else "panel_unknown"
    if not beat.panel.lines:
        return "cannot_list"
    return "settling" if station.settling else None


def _place(row: Lit) -> tuple[str, str]:
    return row.bay, row.match_key


def _dark(station: Station, beat: Beat, reason: str) -> Dark:
    return Dark(nonce=beat.nonce, epoch=station.epoch, seq=station.seq, reason=reason)
