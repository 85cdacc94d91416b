"""A visit's life: its states, who may move it, and the number that says whose turn it is.

Everything here is values in, values out.  The rows behind them, and the clock, are central's.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

BOOKING_GRACE = timedelta(minutes=5)
DROP_IN_AFTER = timedelta(minutes=10)
RECHECK_BEFORE = timedelta(minutes=20)
RECHECK_PROMISE = timedelta(minutes=20)


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
ENDED = frozenset({State.DONE, State.NO_SHOW, State.LEFT, State.REMOVED})
IN_LINE = frozenset({State.WAITING, State.PARKED})
MAY_COME_BACK = frozenset({State.NO_SHOW, State.LEFT})


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
    OVERRIDE = "override"


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


def promised_at(arrived_at: datetime, kind: str) -> datetime | None:
    """When a recheck is promised to be called at the latest; nobody else is promised a time."""
    return arrived_at + RECHECK_PROMISE if kind == Kind.RECHECK else None


class BayState(StrEnum):
    """Whether a bay takes cars.

    `on_break`: nobody is called until somebody opens it, whatever end was announced.  `closing`: what is
    called or inside is finished, and nobody else is called; with an announced time, from that time on.
    """

    OPEN = "open"
    ON_BREAK = "on_break"
    CLOSING = "closing"
    CLOSED = "closed"


BAY_VERBS = {
    "open": BayState.OPEN,
    "break": BayState.ON_BREAK,
    "closing": BayState.CLOSING,
    "close": BayState.CLOSED,
}


class Source(StrEnum):
    """How an arrival reached us."""

    POST = "post"
    DESK = "desk"
    TEXT = "text"
