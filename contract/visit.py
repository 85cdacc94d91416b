"""A visit's life: its states, who may move it, and the number that says whose turn it is.

Everything here is values in, values out.  The rows behind them, and the clock, are central's.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

BOOKING_GRACE = timedelta(minutes=5)
DROP_IN_AFTER = timedelta(minutes=10)
RECHECK_BEFORE = timedelta(minutes=20)


class State(StrEnum):
    """Where a visit is.  Outcome, sign delivery and text delivery are states of their own."""

    EXPECTED = "expected"
    WAITING = "waiting"
    PARKED = "parked"
    CALLED = "called"
    IN_BAY = "in_bay"
    DONE = "done"
    NO_SHOW = "no_show"
    LEFT = "left"
    REMOVED = "removed"


OPEN = frozenset({State.WAITING, State.PARKED, State.CALLED, State.IN_BAY})
MAY_COME_BACK = frozenset({State.NO_SHOW, State.LEFT})


class Verb(StrEnum):
    """What a person does to a visit; the path of the API call that does it."""

    CALL = "call"
    RECALL = "recall"
    MOVE = "move"
    ENTER = "enter"
    PUT_BACK = "put-back"
    NO_SHOW = "no-show"
    FINISH = "finish"


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table: from which states, to which, and whether a bay must be named."""

    verb: Verb
    from_states: frozenset[State]
    to_state: State
    names_bay: bool = False

    @property
    def starts_showing(self) -> bool:
        """Whether it makes a new call id: a new showing has its own cap and its own bars."""
        return self.to_state is State.CALLED


TRANSITIONS = {
    row.verb: row
    for row in (
        Transition(Verb.CALL, frozenset({State.WAITING}), State.CALLED, names_bay=True),
        Transition(Verb.RECALL, frozenset({State.CALLED}), State.CALLED),
        Transition(
            Verb.MOVE, frozenset({State.CALLED, State.IN_BAY}), State.CALLED, names_bay=True
        ),
        Transition(
            Verb.ENTER, frozenset({State.CALLED, State.WAITING}), State.IN_BAY, names_bay=True
        ),
        Transition(Verb.PUT_BACK, frozenset({State.CALLED, State.IN_BAY}), State.WAITING),
        Transition(Verb.NO_SHOW, frozenset({State.CALLED}), State.NO_SHOW),
        Transition(Verb.FINISH, frozenset({State.IN_BAY}), State.DONE),
    )
}


class Kind(StrEnum):
    """Kinds of inspection that every station knows; a station may add its own words."""

    FULL = "full"
    RECHECK = "recheck"
    HEAVY = "heavy"


class Rule(StrEnum):
    """Why a visit stands where it stands."""

    BOOKED = "booked"
    BOOKED_LATE = "booked_late"
    DROP_IN = "drop_in"
    RECHECK = "recheck"


@dataclass(frozen=True, slots=True)
class Turn:
    """The number that orders the line, lowest first, and the rule that made it."""

    at: datetime
    rule: Rule


def turn(arrived_at: datetime, slot_at: datetime | None, kind: str) -> Turn:
    """Say whose turn it is: a booking has its slot if at most 5 minutes late, else its arrival;
    a drop-in has arrival + 10 minutes; a recheck has arrival - 20 minutes."""
    if slot_at is not None and arrived_at <= slot_at + BOOKING_GRACE:
        return Turn(slot_at, Rule.BOOKED)
    if kind == Kind.RECHECK:
        return Turn(arrived_at - RECHECK_BEFORE, Rule.RECHECK)
    if slot_at is not None:
        return Turn(arrived_at, Rule.BOOKED_LATE)
    return Turn(arrived_at + DROP_IN_AFTER, Rule.DROP_IN)


class Source(StrEnum):
    """How an arrival reached us."""

    POST = "post"
    DESK = "desk"
    TEXT = "text"
