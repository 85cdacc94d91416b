"""What posts have told a customer, as the visit's timeline has it, and whether that is true no longer."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa

from central import schema
from central.line import Bay
from central.places import Place
from central.tx import View
from contract.event import EventKind
from contract.visit import BayState
from contract.wire import Longer, Standing, Window

# Who reads "it takes longer" and looks once more within this time reads the same words again.
STEADY = timedelta(seconds=60)
# Both ends are printed in steps of this, and one step is no news.
STEP = timedelta(minutes=5)
# More than all posts of a station can tell about one vehicle while STEADY lasts.
_MOST = 100

_E = schema.event.c
_TELL = (
    EventKind.ARRIVED,
    EventKind.TYPED_AGAIN,
    EventKind.REOPENED,
    EventKind.ARRIVAL_NOTED,
    EventKind.TOLD,
)
_TELLINGS = (
    sa.select(_E.seq, _E.at, _E.data)
    .where(_E.visit == sa.bindparam("visit"), _E.kind.in_([kind.value for kind in _TELL]))
    .order_by(_E.seq.desc())
    .limit(_MOST)
)
_BAYS_SINCE = (
    sa.select(_E.bay, _E.data)
    .where(
        _E.station == sa.bindparam("station"),
        _E.seq > sa.bindparam("seq"),
        _E.kind == EventKind.BAY_CHANGED.value,
    )
    .order_by(_E.seq)
)


class Telling(NamedTuple):
    """What a post told about one visit: the event's number, when, and the words for the timeline."""

    seq: int
    at: datetime
    said: Mapping[str, Any]


def words(answer: Standing) -> dict[str, Any]:
    """What *answer* tells the customer, for the visit's timeline; without the plate, which the visit has."""
    told = {
        "state": answer.state,
        "place": answer.place,
        "booked_at": answer.booked_at,
        "from": answer.window and answer.window.starts_at,
        "until": answer.window and answer.window.ends_at,
        "door": answer.door,
        "watch_sign": answer.watch_sign or None,
        "elsewhere": answer.elsewhere,
        "missed_call_at": answer.missed_call_at,
        "longer": answer.longer,
    }
    return {word: msgspec.to_builtins(value) for word, value in told.items() if value is not None}


def tellings(view: View, visit: str) -> list[Telling]:
    """What posts have told about *visit*, newest first; what a person says at the desk nobody knows."""
    rows = view.all(_TELLINGS, visit=visit)
    return [Telling(row.seq, row.at, row.data["said"]) for row in rows if "said" in row.data]


def is_news(told: Sequence[Telling], answer: Standing) -> bool:
    """Whether *answer* says something else than was *told* last; that it was less before is no news alone."""
    return not told or _lasting(told[0].said) != _lasting(words(answer))


def _lasting(said: Mapping[str, Any]) -> dict[str, Any]:
    return {word: value for word, value in said.items() if word != "longer"}


def longer(
    view: View, place: Place, kind: str, told: Sequence[Telling], window: Window | None
) -> Longer | None:
    """Say that the wait has grown past what was told at least `STEADY` ago, by more than one step."""
    earlier = next((one for one in told if one.at <= view.now - STEADY), None)
    if earlier is None or window is None or "until" not in earlier.said:
        return None
    said_ends_at = datetime.fromisoformat(earlier.said["until"])
    if window.ends_at - said_ends_at <= STEP:
        return None
    closed = _doors_closed(view, place, kind, earlier.seq)
    return Longer(said_ends_at=said_ends_at, doors_closed=closed)


def _doors_closed(view: View, place: Place, kind: str, seq: int) -> int:
    """How many of the doors that take *kind* were open at event *seq* and take nobody now."""
    shut = [bay for bay in place.bays if kind in bay.kinds and not bay.takes_calls(view.now)]
    if not shut:
        return 0
    # The first change since then says what the door was before it.
    was: dict[str | None, str] = {}
    for row in view.all(_BAYS_SINCE, station=place.id, seq=seq):
        was.setdefault(row.bay, row.data["from"])
    return len([bay for bay in shut if _state_then(bay, was) == BayState.OPEN])


def _state_then(bay: Bay, was: Mapping[str | None, str]) -> str:
    return was.get(bay.id, bay.state)
