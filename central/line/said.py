"""What posts have told a customer, as the visit's timeline has it, and whether that is true no longer."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa

from central import schema
from central.database.tx import Row, View
from central.line.line import Bay
from central.places.places import Place
from contract.event import EventKind
from contract.transitions import TRANSITIONS, Verb
from contract.visit import BayState
from contract.wire import Longer, Standing, Window

# Who reads "it takes longer" and looks once more within this time reads the same words again.
STEADY = timedelta(seconds=60)
# Both ends are printed in steps of this, and one step is no news.
STEP = timedelta(minutes=5)
# Whoever typed a plate stands at the post no longer than this, and reads an answer that comes then.
FRESH = timedelta(seconds=10)
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
_CHANGES = {row.event for row in TRANSITIONS.values()} | {
    EventKind.UNDONE,
    EventKind.ARRIVAL_ADMITTED,
}
# An override is the one change after which the customer still waits for what was told before it.
_PLACES = _CHANGES - {TRANSITIONS[Verb.OVERRIDE].event}
_KINDS = sorted({kind.value for kind in (*_TELL, *_CHANGES)})
_LATEST = (
    sa.select(_E.seq, _E.at, _E.kind, _E.actor, _E.data)
    .where(_E.visit == sa.bindparam("visit"), _E.kind.in_(_KINDS))
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
    """What a post told about one visit: the event's number, when, who, and the words for the timeline.

    `came_at` is the own time of the arrival that was told so, if it was one.
    """

    seq: int
    at: datetime
    by: str
    said: Mapping[str, Any]
    came_at: str | None = None


class SoFar(NamedTuple):
    """What posts have told about a visit, newest first, and what became of the visit meanwhile.

    `changed` is the number of the visit's last change, and `placed` the event that put it where it stands.
    """

    tellings: Sequence[Telling] = ()
    changed: int = 0
    placed: Row | None = None

    @property
    def since_changed(self) -> list[Telling]:
        """What was told of the visit as it is now."""
        return [one for one in self.tellings if one.seq >= self.changed]

    @property
    def since_placed(self) -> list[Telling]:
        """What was told since it waits in the line without a break."""
        placed = 0 if self.placed is None else self.placed.seq
        return [one for one in self.tellings if one.seq >= placed]


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


def so_far(view: View, visit: str) -> SoFar:
    """What posts have told about *visit*; what a person says at the desk nobody knows."""
    rows = view.all(_LATEST, visit=visit)
    unheard = {row.data["unheard"] for row in rows if "unheard" in row.data}
    tellings = [
        Telling(row.seq, row.at, row.actor, row.data["said"], row.data.get("came_at"))
        for row in rows
        if "said" in row.data and row.seq not in unheard
    ]
    changed = next((row.seq for row in rows if row.kind in _CHANGES), 0)
    return SoFar(tellings, changed, next((row for row in rows if row.kind in _PLACES), None))


def is_read(came_at: datetime, now: datetime) -> bool:
    """Whether who typed a plate at *came_at* still stands there, to read what is answered *now*."""
    return now - came_at <= FRESH


def is_news(told: Sequence[Telling], answer: Standing) -> bool:
    """Whether *answer* says more than was *told* last; that the wait is longer no more is no news alone."""
    if not told or _lasting(told[0].said) != _lasting(words(answer)):
        return True
    return answer.longer is not None and "longer" not in told[0].said


def _lasting(said: Mapping[str, Any]) -> dict[str, Any]:
    return {word: value for word, value in said.items() if word != "longer"}


def longer(
    view: View, place: Place, kind: str, told: Sequence[Telling], window: Window | None
) -> Longer | None:
    """Say that the wait has grown past what was told at least `STEADY` ago, by more than one step."""
    earlier = _earliest(told, view.now)
    if earlier is None or window is None:
        return None
    said_ends_at = _until(earlier)
    if window.ends_at - said_ends_at <= STEP:
        return None
    closed = _doors_closed(view, place, kind, earlier.seq)
    return Longer(said_ends_at=said_ends_at, doors_closed=closed)


def _earliest(told: Sequence[Telling], now: datetime) -> Telling | None:
    """Of all that was told since it last grew, the earliest window: step by step a wait grows too."""
    since: list[Telling] = []
    for one in told:
        if one.at <= now - STEADY:
            since.append(one)
            if "longer" in one.said:
                break
    return min((one for one in since if "until" in one.said), key=_until, default=None)


def _until(one: Telling) -> datetime:
    return datetime.fromisoformat(one.said["until"])


def _doors_closed(view: View, place: Place, kind: str, seq: int) -> int:
    """How many of the doors that take *kind* were open at event *seq* and take nobody now."""
    shut = [bay for bay in place.bays if kind in bay.kinds and not bay.takes_calls(view.now)]
    if not shut:
        return 0
    # The first change since then says what the door was before it.
    was: dict[str | None, str | None] = {}
    for row in view.all(_BAYS_SINCE, station=place.id, seq=seq):
        # A new name or new kinds leave the door as it was; a door that was set up since was none then.
        if "from" in row.data or row.data.get("created"):
            was.setdefault(row.bay, row.data.get("from"))
    return len([bay for bay in shut if _state_then(bay, was) == BayState.OPEN])


def _state_then(bay: Bay, was: Mapping[str | None, str | None]) -> str | None:
    return was.get(bay.id, bay.state)
