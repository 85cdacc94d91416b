"""The line: who is next, and what a person may do to a visit.

Values in, values out: the rows, the transaction and the clock belong to the callers.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter
from typing import NamedTuple, TypeVar

from contract import problems
from contract.event import EventKind
from contract.plate import Plate
from contract.problems import Problem
from contract.visit import TRANSITIONS, State, Verb

_EVENTS = {
    Verb.CALL: EventKind.CALLED,
    Verb.RECALL: EventKind.RECALLED,
    Verb.MOVE: EventKind.MOVED,
    Verb.ENTER: EventKind.ENTERED,
    Verb.PUT_BACK: EventKind.PUT_BACK,
    Verb.NO_SHOW: EventKind.NO_SHOW,
    Verb.FINISH: EventKind.FINISHED,
}


@dataclass(frozen=True, slots=True)
class Visit:
    """One car's visit, as its row stands.  `plate` is the plate's text, `match_key` what we compare."""

    id: str
    plate: str
    match_key: str
    kind: str
    source: str
    state: State
    version: int
    arrived_at: datetime
    turn_at: datetime
    rule: str
    slot_at: datetime | None = None
    bay: str | None = None
    call: str | None = None
    called_at: datetime | None = None
    in_bay_at: datetime | None = None
    ended_at: datetime | None = None
    calls: int = 0


class InLine(NamedTuple):
    """The part of an open visit that the order and the wait depend on: each arrival reads it of all."""

    id: str
    kind: str
    state: str
    turn_at: datetime
    arrived_at: datetime
    bay: str | None
    called_at: datetime | None
    in_bay_at: datetime | None


Queued = Visit | InLine
_Q = TypeVar("_Q", bound=Queued)
_TURN = attrgetter("turn_at", "arrived_at", "id")


@dataclass(frozen=True, slots=True)
class Bay:
    """A door: the kinds of inspection it takes, and how many cars fit inside."""

    id: str
    door: str
    kinds: frozenset[str]
    capacity: int = 1


@dataclass(frozen=True, slots=True)
class Deed:
    """What a transition does: the visit's new row, its event, and the call that ends or starts."""

    visit: Visit
    event: EventKind
    ended_call: str | None
    started_call: str | None


def in_order(visits: Iterable[_Q]) -> list[_Q]:
    """Sort those who wait: lowest `turn_at` first, then who came first."""
    return sorted((visit for visit in visits if visit.state == State.WAITING), key=_TURN)


def next_for(bay: Bay, visits: Iterable[Visit]) -> Visit | None:
    """The bay's next customer: the first in line of a kind that the bay takes."""
    return next((visit for visit in in_order(visits) if visit.kind in bay.kinds), None)


def act(
    visit: Visit,
    verb: Verb,
    *,
    version: int,
    bay: Bay | None,
    there: Sequence[Visit],
    new_call: str,
    now: datetime,
) -> Deed:
    """Apply *verb* to *visit*; *there* are the open visits at *bay*, *new_call* the id for a new showing.

    Raises:
        Problem: `changed_meanwhile`, `wrong_state`, `bad_request`, `bay_busy` or `bay_cannot_serve`.
    """
    row = TRANSITIONS[verb]
    if visit.version != version or visit.state not in row.from_states:
        raise _refused(visit, verb, version)
    target = _target(visit, verb, bay)
    if target is not None:
        _check_room(visit, verb, target, there)
    return Deed(
        visit=_moved(visit, row.to_state, target, new_call if row.starts_showing else None, now),
        event=_EVENTS[verb],
        ended_call=visit.call,
        started_call=new_call if row.starts_showing else None,
    )


def _refused(visit: Visit, verb: Verb, version: int) -> Problem:
    kind = problems.CHANGED_MEANWHILE if visit.version != version else problems.WRONG_STATE
    return Problem(
        kind,
        f"{_shown(visit)} is {visit.state.replace('_', ' ')} now, so {verb} was not done.",
        state=visit.state,
        version=visit.version,
        bay=visit.bay,
    )


def _target(visit: Visit, verb: Verb, bay: Bay | None) -> Bay | None:
    """The bay that the visit is at afterwards; None when it goes back to the line or ends."""
    if not TRANSITIONS[verb].names_bay:
        return None
    if bay is None:
        raise Problem(problems.BAD_REQUEST, f"Say which bay: {verb} needs one.")
    if verb is Verb.MOVE and bay.id == visit.bay:
        raise Problem(problems.WRONG_STATE, f"{_shown(visit)} is at door {bay.door} already.")
    if visit.kind not in bay.kinds:
        raise Problem(
            problems.BAY_CANNOT_SERVE,
            f"Door {bay.door} does not take {visit.kind}; choose another.",
        )
    return bay


def _check_room(visit: Visit, verb: Verb, bay: Bay, there: Sequence[Visit]) -> None:
    others = [other for other in there if other.id != visit.id]
    called = next((other for other in others if other.state is State.CALLED), None)
    inside = [other for other in others if other.state is State.IN_BAY]
    if verb is not Verb.ENTER and called is not None:
        raise Problem(
            problems.BAY_BUSY,
            f"{_shown(called)} is called to door {bay.door}; end that call first.",
            plate=called.plate,
        )
    if len(inside) >= bay.capacity:
        raise Problem(
            problems.BAY_BUSY,
            f"{_shown(inside[0])} is in bay {bay.door}; press Finish when it has left.",
            plate=inside[0].plate,
        )


def _shown(visit: Visit) -> str:
    return Plate(visit.plate).display


def _moved(visit: Visit, to: State, bay: Bay | None, call: str | None, now: datetime) -> Visit:
    place = visit.bay if bay is None else bay.id
    return replace(
        visit,
        state=to,
        version=visit.version + 1,
        bay=None if to is State.WAITING else place,
        call=call,
        called_at=now if call else (None if to is State.WAITING else visit.called_at),
        in_bay_at=now if to is State.IN_BAY else (visit.in_bay_at if to is State.DONE else None),
        ended_at=now if to in (State.DONE, State.NO_SHOW) else None,
        calls=visit.calls + (call is not None),
    )
