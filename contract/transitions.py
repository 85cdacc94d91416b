"""The one table of what may become of a visit: the API, the board and the documentation follow it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from contract.event import EventKind
from contract.visit import ENDED, IN_LINE, OPEN, State

UNDO_WITHIN = timedelta(minutes=2)
# When the board offers "did not come"; the server takes it from a person at any time, and never by itself.
NO_SHOW_AFTER_CALLS = 2
NO_SHOW_AFTER = timedelta(minutes=5)


class Verb(StrEnum):
    """What a person does to a visit; the path of the API call that does it."""

    CALL = "call"
    RECALL = "recall"
    MOVE = "move"
    ENTER = "enter"
    PUT_BACK = "put-back"
    PARK = "park"
    UNPARK = "unpark"
    NO_SHOW = "no-show"
    LEAVE = "leave"
    REMOVE = "remove"
    FINISH = "finish"
    REOPEN = "reopen"
    OVERRIDE = "override"


class Word(StrEnum):
    """What a transition may be told beside the version that the board showed."""

    BAY = "bay"
    REASON = "reason"
    BEFORE = "before"
    OUTCOME = "outcome"


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table.

    `to_state` None keeps the state.  `needs` must be told, `takes` may be.  `term` is the standard term
    of the field, `says` the rule in a sentence.
    """

    verb: Verb
    from_states: frozenset[State]
    to_state: State | None
    event: EventKind
    term: str
    says: str
    needs: frozenset[Word] = frozenset()
    takes: frozenset[Word] = frozenset()

    @property
    def names_bay(self) -> bool:
        """Whether the visit is at a bay that must be named."""
        return Word.BAY in self.needs

    @property
    def starts_showing(self) -> bool:
        """Whether it makes a new call id: a new showing has its own cap and its own bars."""
        return self.to_state is State.CALLED


def _row(
    verb: Verb,
    from_states: Iterable[State],
    to_state: State | None,
    event: EventKind,
    term: str,
    says: str,
    *,
    needs: Iterable[Word] = (),
    takes: Iterable[Word] = (),
) -> Transition:
    return Transition(
        verb,
        frozenset(from_states),
        to_state,
        event,
        term,
        says,
        frozenset(needs),
        frozenset(takes),
    )


_W, _P, _C, _I = State.WAITING, State.PARKED, State.CALLED, State.IN_BAY

TRANSITIONS = {
    row.verb: row
    for row in (
        _row(
            Verb.CALL,
            {_W, _P},
            _C,
            EventKind.CALLED,
            "call next, call specific",
            "The plate lights above that door. One call a visit and a bay; who is slower is told who won.",
            needs={Word.BAY},
        ),
        _row(
            Verb.RECALL,
            {_C},
            _C,
            EventKind.RECALLED,
            "recall",
            "The same door once more: the sign and the text message are repeated, and the calls are counted.",
        ),
        _row(
            Verb.MOVE,
            {_C, _I},
            _C,
            EventKind.MOVED,
            "transfer",
            "Another door: the first sign goes dark before the second may light.",
            needs={Word.BAY},
        ),
        _row(
            Verb.ENTER,
            {_C, _W},
            _I,
            EventKind.ENTERED,
            "confirm, begin service; walk direct",
            "The car stands in the bay; from waiting, it drove in without being called.",
            needs={Word.BAY},
        ),
        _row(
            Verb.PUT_BACK,
            {_C, _I},
            _W,
            EventKind.PUT_BACK,
            "return to queue, recycle",
            "Back to the line at its old place.",
        ),
        _row(
            Verb.PARK,
            {_W, _C},
            _P,
            EventKind.PARKED,
            "hold",
            "Out of the line for a while; it keeps its place.",
            takes={Word.REASON},
        ),
        _row(
            Verb.UNPARK,
            {_P},
            _W,
            EventKind.UNPARKED,
            "release from hold",
            "Back in the line at the place that it kept.",
        ),
        _row(
            Verb.NO_SHOW,
            {_C},
            State.NO_SHOW,
            EventKind.NO_SHOW,
            "no-show",
            "Called and did not come: a person decides that, and typing the plate again that day undoes it.",
        ),
        _row(
            Verb.LEAVE,
            {_W, _P, _C},
            State.LEFT,
            EventKind.LEFT,
            "customer cancels",
            "The customer has said that they leave.",
            takes={Word.REASON},
        ),
        _row(
            Verb.REMOVE,
            OPEN,
            State.REMOVED,
            EventKind.REMOVED,
            "entered in error",
            "It should not be in the line: a slip, a duplicate, the wrong station. The reason is kept.",
            needs={Word.REASON},
        ),
        _row(
            Verb.FINISH,
            {_I},
            State.DONE,
            EventKind.FINISHED,
            "end service",
            "The inspection is over, with its outcome.",
            takes={Word.OUTCOME},
        ),
        _row(
            Verb.REOPEN,
            ENDED,
            _W,
            EventKind.REOPENED,
            "reactivate, restore",
            "Back in the line the same day, with its arrival kept.",
        ),
        _row(
            Verb.OVERRIDE,
            IN_LINE,
            None,
            EventKind.OVERRIDDEN,
            "change order",
            "Before somebody else, or last; the reason is shown on the board.",
            needs={Word.REASON},
            takes={Word.BEFORE},
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Otherwise:
    """A change of a visit that is no verb at its address: an arrival, undo, the closing sweep."""

    name: str
    from_states: str
    to_state: str
    term: str
    says: str


OTHERWISE = (
    Otherwise(
        "arrive",
        "none, expected, no_show, left",
        State.WAITING,
        "check in",
        "One open visit for each vehicle and station, by any of its plates; the sender's id makes it once.",
    ),
    Otherwise(
        "undo",
        "the state after one's own last deed",
        "the state before it",
        "undo transition",
        "Within two minutes, by whoever did it, and only while nobody has changed the visit since.",
    ),
    Otherwise(
        "sweep",
        "any open state",
        State.REMOVED,
        "removed by reset",
        "Some time after closing, unless the station keeps its queue overnight.",
    ),
)


def may(state: State) -> list[Verb]:
    """The verbs that a visit in *state* can be moved by."""
    return [verb for verb, row in TRANSITIONS.items() if state in row.from_states]
