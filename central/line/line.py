"""The line: who is next, and what a person may do to a visit.

Values in, values out: the rows, the transaction and the clock belong to the callers.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from operator import attrgetter
from typing import NamedTuple, TypeVar

from contract import problems
from contract.event import EventKind
from contract.plate import Plate
from contract.problems import Problem
from contract.transitions import TRANSITIONS, Transition, Verb, Word
from contract.visit import IN_LINE, OPEN, BayState, Rule, State
from contract.words import VisitWords

_A_SECOND, _A_MOMENT = timedelta(seconds=1), timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Visit:
    """One car's visit, as its row stands.  `plate` is the plate's text, `match_key` what we compare.

    `plate2` is the vehicle's other plate, `twin` counts vehicles that bear the same number, `stall` is
    the place inside the bay, `reason` why a person has given it its turn, `note` why it is parked, left or
    was removed, `booking` the slot's reference.
    """

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
    plate2: str | None = None
    match_key2: str | None = None
    twin: int = 0
    stall: int | None = None
    reason: str | None = None
    note: str | None = None
    booking: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether it has not ended."""
        return self.state in OPEN

    @property
    def shown(self) -> str:
        """The plate as people read it; some time after the visit it is erased."""
        return Plate(self.plate).display or "An erased visit"


# What undo gives back.  A call is over for good: who is called once more gets a new one.
UNDONE_FIELDS = (
    "kind",
    "state",
    "arrived_at",
    "turn_at",
    "rule",
    "slot_at",
    "bay",
    "called_at",
    "in_bay_at",
    "ended_at",
    "calls",
    "stall",
    "reason",
    "note",
)


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
    """A door: the kinds of inspection it takes, how many cars fit inside, and whether it takes any now.

    `until` is the announced end of a break, or the announced closing.  With `call_ahead` the next may be
    called while the bay is full.
    """

    id: str
    door: str
    kinds: frozenset[str]
    capacity: int = 1
    state: BayState = BayState.OPEN
    until: datetime | None = None
    call_ahead: bool = False

    def takes_calls(self, now: datetime) -> bool:
        """Whether somebody may be called here."""
        if self.state is BayState.CLOSING:
            return self.until is not None and now < self.until
        return self.state is BayState.OPEN


@dataclass(frozen=True, slots=True)
class Yard:
    """What decides about a deed: the open *visits* of the station, when its day began, and now."""

    visits: Sequence[Visit]
    today: datetime
    now: datetime

    def at(self, bay: Bay, but: Visit) -> list[Visit]:
        """The open visits at *bay*, without *but*."""
        return [one for one in self.visits if one.bay == bay.id and one.id != but.id]


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
    visit: Visit, verb: Verb, words: VisitWords, *, bay: Bay | None, yard: Yard, new_call: str
) -> Deed:
    """Apply *verb* to *visit*; *bay* is the one that *words* names, *new_call* the id for a new showing.

    Raises:
        Problem: `changed_meanwhile`, `wrong_state`, `bad_request`, `bay_busy`, `bay_closed`,
            `bay_cannot_serve` or `too_late`.
    """
    row = TRANSITIONS[verb]
    if visit.version != words.version or visit.state not in row.from_states:
        raise _refused(visit, verb, words.version)
    _check_words(row, words)
    if bay is not None:
        _check_bay(visit, row, bay, yard)
    call = new_call if row.starts_showing else None
    return Deed(_after(visit, row, words, bay, yard, call), row.event, visit.call, call)


def check_room(visit: Visit, to: State, bay: Bay, yard: Yard) -> None:
    """Let *visit* be called to or enter *bay*; Problem `bay_busy` names who is there."""
    others = yard.at(bay, visit)
    called = next((one for one in others if one.state is State.CALLED), None)
    inside = [one for one in others if one.state is State.IN_BAY]
    if to is State.CALLED and called is not None:
        raise Problem(
            problems.BAY_BUSY,
            f"{called.shown} is called to door {bay.door}; end that call first.",
            visit=called.id,
            plate=called.plate,
        )
    if len(inside) >= bay.capacity and not (to is State.CALLED and bay.call_ahead):
        raise Problem(
            problems.BAY_BUSY,
            f"{inside[0].shown} is in bay {bay.door}; press Finish when it has left.",
            visit=inside[0].id,
            plate=inside[0].plate,
        )


def free_stall(visit: Visit, bay: Bay, yard: Yard) -> int:
    """The lowest free place inside *bay*, counted from 1."""
    taken = {one.stall for one in yard.at(bay, visit) if one.state is State.IN_BAY}
    return next(number for number in range(1, bay.capacity + 2) if number not in taken)


def _refused(visit: Visit, verb: Verb, version: int) -> Problem:
    kind = problems.CHANGED_MEANWHILE if visit.version != version else problems.WRONG_STATE
    return Problem(
        kind,
        f"{visit.shown} is {visit.state.replace('_', ' ')} now, so {verb} was not done.",
        state=visit.state,
        version=visit.version,
        bay=visit.bay,
    )


def _check_words(row: Transition, words: VisitWords) -> None:
    """The web reads each verb's own words; others come through here."""
    for word in Word:
        given = getattr(words, word) is not None
        if word in row.needs and not given:
            raise Problem(problems.BAD_REQUEST, f"Say which {word}: {row.verb} needs one.")
        if given and word not in row.needs | row.takes:
            raise Problem(problems.BAD_REQUEST, f"{row.verb.capitalize()} takes no {word}.")


def _check_bay(visit: Visit, row: Transition, bay: Bay, yard: Yard) -> None:
    if row.verb is Verb.MOVE and bay.id == visit.bay:
        raise Problem(problems.WRONG_STATE, f"{visit.shown} is at door {bay.door} already.")
    if visit.kind not in bay.kinds:
        raise Problem(
            problems.BAY_CANNOT_SERVE,
            f"Door {bay.door} does not take {visit.kind}; choose another.",
        )
    # Who has driven in is in, whatever the bay was said to be; only a call promises something.
    if row.starts_showing:
        check_takes_calls(bay, yard.now)
    check_room(visit, row.to_state or visit.state, bay, yard)


def check_takes_calls(bay: Bay, now: datetime) -> None:
    """Problem `bay_closed` unless somebody may be called to *bay* now."""
    if not bay.takes_calls(now):
        state = bay.state.replace("_", " ")
        raise Problem(
            problems.BAY_CLOSED,
            f"Door {bay.door} is {state} and takes nobody; open it or choose another.",
            state=bay.state,
        )


def _after(
    visit: Visit, row: Transition, words: VisitWords, bay: Bay | None, yard: Yard, call: str | None
) -> Visit:
    """The visit's row after the deed."""
    to = row.to_state or visit.state
    if row.verb is Verb.OVERRIDE:
        its_turn = _turn_before(visit, words.before, yard)
        placed = replace(visit, turn_at=its_turn, rule=Rule.OVERRIDE, reason=words.reason)
        return replace(placed, version=visit.version + 1)
    if row.verb is Verb.REOPEN:
        _check_today(visit, yard)
    changed = replace(visit, state=to, version=visit.version + 1, note=words.reason)
    if to in IN_LINE:
        return off_the_floor(changed)
    if to in OPEN:
        return _at_bay(changed, bay, yard, call)
    return replace(changed, call=None, ended_at=yard.now, stall=None)


def off_the_floor(visit: Visit) -> Visit:
    """The visit in the line: at no bay, called by nobody, not ended."""
    return replace(
        visit, bay=None, call=None, called_at=None, in_bay_at=None, ended_at=None, stall=None
    )


def _at_bay(visit: Visit, bay: Bay | None, yard: Yard, call: str | None) -> Visit:
    placed = visit if bay is None else replace(visit, bay=bay.id)
    if call is not None:
        return replace(
            placed,
            call=call,
            called_at=yard.now,
            in_bay_at=None,
            stall=None,
            calls=visit.calls + 1,
        )
    stall = None if bay is None else free_stall(visit, bay, yard)
    return replace(placed, call=None, in_bay_at=yard.now, stall=stall)


def _check_today(visit: Visit, yard: Yard) -> None:
    if visit.ended_at is None or visit.ended_at < yard.today:
        raise Problem(
            problems.TOO_LATE,
            f"{visit.shown} was here on another day; enter the plate at the desk instead.",
        )


def _turn_before(visit: Visit, before: str | None, yard: Yard) -> datetime:
    """The turn that puts *visit* before another one, or at the end.

    Who has the same turn as that one and stands before it is passed too: one number is all that orders.
    Where the next turn below is but a millisecond away, both stand there, in the order of their arrival.
    """
    others = sorted(
        (one for one in yard.visits if one.state in IN_LINE and one.id != visit.id), key=_TURN
    )
    if before is None:
        return max((one.turn_at for one in others), default=visit.turn_at) + _A_SECOND
    ids = [one.id for one in others]
    if before not in ids:
        raise Problem(
            problems.CHANGED_MEANWHILE,
            "Whom it should stand before is in the line no longer; look at it again.",
        )
    turn = others[ids.index(before)].turn_at
    earlier = [one.turn_at for one in others if one.turn_at < turn]
    if not earlier:
        return turn - _A_SECOND
    # Halfway: whoever is put between these two later still finds room.
    halfway = (turn - earlier[-1]) // (2 * _A_MOMENT) * _A_MOMENT
    return max(turn - _A_SECOND, earlier[-1] + halfway)
