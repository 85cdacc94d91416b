"""A small reference model of one station's line: what should be true, in the plainest words there are.

It knows nothing of rows, events or transactions.  Each deed is checked and done on plain objects; the
machine in `test_model.py` does the same to the real thing and compares.
"""

from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from contract.transitions import TRANSITIONS, UNDO_WITHIN, Verb
from contract.visit import OPEN, Rule, State, turn

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
CAPACITY = {"1": 1, "2": 1}
KINDS = {"1": {"full", "recheck"}, "2": {"full", "recheck", "heavy"}}
BACK = {State.NO_SHOW, State.LEFT}


@dataclass
class Car:
    """A vehicle: the plates that it may be typed by, and its slots of the day."""

    name: str
    plates: list[str]
    slots: list[datetime] = field(default_factory=list)


@dataclass
class Stay:
    """One visit of a car.  `last` is who changed it last, and what it was before."""

    car: Car
    kind: str
    arrived: datetime
    slot: datetime | None = None
    state: State = State.WAITING
    turn: datetime = LONG_AGO
    rule: str = ""
    bay: str | None = None
    calls: int = 0
    called: datetime | None = None
    ended: datetime | None = None
    reason: str | None = None
    id: str = ""
    last_by: str = ""
    last_at: datetime = LONG_AGO
    before: "Stay | None" = None
    undone: bool = False
    joined: bool = False
    shown: str = ""

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    def take_turn(self) -> None:
        its = turn(self.arrived, self.slot, self.kind)
        self.turn, self.rule = its.at, its.rule


@dataclass
class Line:
    """The yard as it should be."""

    cars: list[Car]
    stays: list[Stay] = field(default_factory=list)
    to_be_rechecked: set[str] = field(default_factory=set)

    # -- looks ---------------------------------------------------------------------------------

    def open(self) -> list[Stay]:
        return [stay for stay in self.stays if stay.is_open]

    def waiting(self) -> list[Stay]:
        waits = [stay for stay in self.stays if stay.state is State.WAITING]
        return sorted(waits, key=lambda stay: (stay.turn, stay.arrived, stay.id))

    def of(self, car: Car) -> Stay | None:
        return next((stay for stay in self.open() if stay.car is car), None)

    def at(self, bay: str, but: Stay) -> list[Stay]:
        return [stay for stay in self.open() if stay.bay == bay and stay is not but]

    def is_taken(self, bay: str, to: State, stay: Stay) -> bool:
        others = self.at(bay, stay)
        called = any(one.state is State.CALLED for one in others)
        inside = sum(one.state is State.IN_BAY for one in others)
        return (to is State.CALLED and called) or inside >= CAPACITY[bay]

    # -- deeds ---------------------------------------------------------------------------------

    def comes(
        self, car: Car, at: datetime, by: str, now: datetime, typed: str = ""
    ) -> tuple[str, Stay]:
        """*car* came at *at*, *typed* at a post or told at the desk; gives what that was, and its stay."""
        outcome, stay = self._meets(car, at, by, now)
        # The sign shows what was typed last, until somebody is called.
        if typed and outcome != "noted" and stay.state in (State.WAITING, State.PARKED):
            if stay.shown not in ("", typed):
                self._change(stay, by, now)
            stay.shown = typed
        stay.shown = stay.shown or car.plates[0]
        return outcome, stay

    def _meets(self, car: Car, at: datetime, by: str, now: datetime) -> tuple[str, Stay]:
        stay = self.of(car)
        if stay is not None:
            stay.joined = True
            if stay.state is not State.IN_BAY:
                self._came_earlier(stay, at, by, now)
            return "noted" if stay.state is State.IN_BAY else "again", stay
        ended = [one for one in self.stays if one.car is car and one.ended is not None]
        last = max(ended, key=lambda one: one.ended or at, default=None)
        if last is not None and last.ended is not None:
            # Who typed after the call answered it, though a person gave it up a moment later.
            answered = last.state is State.NO_SHOW and last.called is not None and last.called < at
            if last.ended > at and not answered:
                return "noted", last
            if last.state in BACK:
                self._change(last, by, now)
                last.state, last.bay, last.ended = State.WAITING, None, None
                last.called = None
                if at < last.arrived:
                    last.arrived = at
                    if last.rule != Rule.OVERRIDE:
                        last.take_turn()
                return "reopened", last
        return "new", self._new(car, at, by, now)

    def _came_earlier(self, stay: Stay, at: datetime, by: str, now: datetime) -> None:
        if at < stay.arrived:
            self._change(stay, by, now)
            stay.arrived = at
            if stay.rule != Rule.OVERRIDE:
                stay.take_turn()

    def _new(self, car: Car, at: datetime, by: str, now: datetime) -> Stay:
        used = {one.slot for one in self.stays if one.car is car and one.state is not State.REMOVED}
        free = [slot for slot in car.slots if slot not in used]
        slot = min(free, key=lambda slot: abs(slot - at), default=None)
        kind = "recheck" if car.name in self.to_be_rechecked else "full"
        stay = Stay(car, kind, at, slot, last_by=by, last_at=now)
        stay.take_turn()
        self.stays.append(stay)
        return stay

    def refusal(
        self, stay: Stay, verb: Verb, bay: str | None, before: Stay | None, now: datetime
    ) -> str | None:
        """Why *verb* cannot be done, or None."""
        row = TRANSITIONS[verb]
        if stay.state not in row.from_states:
            return "wrong_state"
        if bay is not None:
            if verb is Verb.MOVE and bay == stay.bay:
                return "wrong_state"
            if stay.kind not in KINDS[bay]:
                return "bay_cannot_serve"
            if self.is_taken(bay, row.to_state or stay.state, stay):
                return "bay_busy"
        if verb is Verb.REOPEN and self.of(stay.car) is not None:
            return "already_here"
        if verb is Verb.OVERRIDE and before is not None and not self._stands(before, stay):
            return "changed_meanwhile"
        del now
        return None

    @staticmethod
    def _stands(one: Stay, but: Stay) -> bool:
        return one is not but and one.state in (State.WAITING, State.PARKED)

    def does(
        self, stay: Stay, verb: Verb, bay: str | None, by: str, now: datetime, outcome: str
    ) -> None:
        """Do what was not refused; an override's turn comes from `goes_before`."""
        self._change(stay, by, now)
        to = TRANSITIONS[verb].to_state or stay.state
        stay.state = to
        if to is State.CALLED:
            stay.calls, stay.called = stay.calls + 1, now
        if to in (State.WAITING, State.PARKED):
            stay.bay = stay.called = None
        elif bay is not None:
            stay.bay = bay
        stay.ended = None if to in OPEN else now
        if verb is Verb.FINISH:
            self._inspected(stay.car.name, outcome)

    def _inspected(self, car: str, outcome: str) -> None:
        if outcome == "re_inspection":
            self.to_be_rechecked.add(car)
        elif outcome:
            self.to_be_rechecked.discard(car)

    def undo_refusal(self, stay: Stay, by: str, now: datetime) -> str | None:
        """Why *by* cannot take back what they did to *stay*, or None."""
        if stay.undone and stay.last_by == by:
            return "too_late"
        if stay.last_by != by:
            return "changed_meanwhile"
        if now - stay.last_at > UNDO_WITHIN:
            return "too_late"
        was = stay.before
        if stay.is_open and stay.joined and not (was is not None and was.is_open):
            return "changed_meanwhile"
        if was is None:
            return None
        if was.bay is not None and self.is_taken(was.bay, was.state, stay):
            return "bay_busy"
        if was.is_open and not stay.is_open and self.of(stay.car) is not None:
            return "already_here"
        return None

    def undo(self, stay: Stay, by: str, now: datetime) -> None:
        """Give *stay* back what its last deed took; an arrival that is taken back never was."""
        was = stay.before
        if was is None:
            stay.state, stay.ended = State.REMOVED, now
        else:
            for name in ("state", "bay", "calls", "ended", "turn", "rule", "arrived", "reason"):
                setattr(stay, name, getattr(was, name))
            # Who is called once more by that has a new showing.
            stay.called = now if was.state is State.CALLED else was.called
        stay.last_by, stay.last_at, stay.undone = by, now, True

    def _change(self, stay: Stay, by: str, now: datetime) -> None:
        stay.before = None
        kept = deepcopy(stay, {id(stay.car): stay.car})
        stay.before, stay.last_by, stay.last_at = kept, by, now
        stay.undone = stay.joined = False


def a_day_of_cars(day: datetime) -> list[Car]:
    """Four vehicles: two plates and two slots, one slot, none, and none."""
    return [
        Car("two plates", ["ABC123", "MITTBIL"], [day, day + timedelta(hours=3)]),
        Car("booked", ["ABC124"], [day + timedelta(minutes=30)]),
        Car("drop-in", ["ABC125"]),
        Car("other", ["ABC126"]),
    ]
