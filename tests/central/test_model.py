"""Every transition in every order, against a model that a person can check by reading."""

import os
import shutil
import tempfile
from collections import Counter
from copy import deepcopy
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from central.copies.backup import BackupMade
from central.privacy import inventory
from central.words import Actor
from contract.problems import Problem
from contract.transitions import TRANSITIONS, Verb, Word, may
from contract.visit import State
from contract.words import Approved, Outcome, ReInspection, UndoWords, VisitWords
from contract.yard import QueueRow
from tests.central.copies.restoring import restored, take
from tests.central.model import CAPACITY, Line, Stay, a_day_of_cars
from tests.central.privacy.yards import days, said_anywhere
from tests.central.yards import DESK_1, DESK_2, PITEA, Station
from tests.fakes.clock import FakeClock

LONG = bool(os.environ.get("PORTVAKT_SOAK"))
MEMORY = Path("/dev/shm")  # a disk that syncs at once: what is tested here is the line
DESKS = st.sampled_from([DESK_1, DESK_2])
PICK = st.integers(0, 99)
# Of every word of an event somebody has decided whether it outlives the customer.
DECIDED = inventory.EVENT_KEEPS | inventory.EVENT_LOSES | inventory.EVENT_NAMES
OUTCOMES: dict[str, Outcome | None] = {
    "": None,
    "approved": Approved(),
    "re_inspection": ReInspection(remarks=["brake hose"]),
}


class Yard(RuleBasedStateMachine):
    """Does each deed to the model and to the real yard."""

    model_folder: Path

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(dir=MEMORY if MEMORY.is_dir() else None))
        shutil.copytree(self.model_folder, self.folder, dirs_exist_ok=True)
        self.clock = FakeClock()
        self.station = Station(self.folder, self.clock).find()
        self.line = Line([])
        self.seen: Counter[str] = Counter()
        self.last = 0
        self.backup: tuple[BackupMade, Line, int] | None = None
        self.restores = 0

    def teardown(self) -> None:
        try:
            self._is_forgotten()
        finally:
            self.station.store.close()
            shutil.rmtree(self.folder)

    def _is_forgotten(self) -> None:
        """Whatever has happened: once the yard was empty for a month nothing names a vehicle."""
        for row in self.station.queue().line:
            words = VisitWords(version=row.version, reason=f"{row.plate} went home")
            self.station.yard.act(PITEA, DESK_1, row.visit, Verb.REMOVE, words)
        days(self.station, 40)
        self.station.yard.personal_data.night()
        plates = {plate for car in self.line.cars for plate in car.plates}
        assert said_anywhere(self.station, *plates) == set()

    @initialize()
    def books(self) -> None:
        day = self.now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        self.line = Line(a_day_of_cars(day))
        lines = [
            f"r{number}-{index},{car.plates[0]},{slot.isoformat()},full,{(car.plates[1:] or [''])[0]}"
            for number, car in enumerate(self.line.cars)
            for index, slot in enumerate(car.slots)
        ]
        text = "\n".join(["ref,plate,slot,kind,plate2", *lines])
        self.station.yard.import_bookings(PITEA, DESK_1, text)

    @property
    def now(self) -> datetime:
        return self.clock.now()

    # -- deeds ---------------------------------------------------------------------------------

    @rule(minutes=st.sampled_from([0.1, 1, 1.5, 7, 25]))
    def time_passes(self, minutes: float) -> None:
        self.station.minutes(minutes)

    @rule(car=st.integers(0, 3), plate=PICK, late_min=st.sampled_from([0, 0, 0, 3, 20, 45]))
    def is_typed(self, car: int, plate: int, late_min: int) -> None:
        """A plate is typed; *late_min* ago, when the post could not reach us."""
        self.clock.advance(1_000)
        its = self.line.cars[car]
        at = self.now - timedelta(minutes=late_min)
        typed = its.plates[plate % len(its.plates)]
        arrival = self.station.typed(typed, at)
        answer = self.station.deliver(arrival)
        outcome, stay = self.line.comes(its, at, "Post 1", self.now, typed)
        if outcome == "new":
            stay.id = answer.visit
        self.seen[outcome] += 1
        assert stay.id == answer.visit
        assert stay.state == answer.state
        assert (outcome in ("again", "noted")) == answer.again
        # A post that did not hear the answer sends the same once more; nothing more happens.
        assert stay.id == self.station.deliver(arrival).visit

    @rule(car=st.integers(0, 3))
    def tells_the_desk(self, car: int) -> None:
        self.clock.advance(1_000)
        its = self.line.cars[car]
        answer = self.station.told_at_the_desk(its.plates[0])
        _, stay = self.line.comes(its, self.now, DESK_1.name, self.now)
        stay.id = stay.id or answer.visit
        assert stay.id == answer.visit

    @precondition(lambda self: self.line.stays)
    @rule(
        which=PICK,
        nth=PICK,
        likely=st.integers(0, 4),
        bay=st.sampled_from(["1", "2"]),
        before=st.none() | PICK,
        outcome=st.sampled_from(list(OUTCOMES)),
        desk=DESKS,
        stale=st.integers(0, 9),
    )
    def acts(
        self,
        which: int,
        nth: int,
        likely: int,
        bay: str,
        before: int | None,
        outcome: str,
        desk: Actor,
        stale: int,
    ) -> None:
        """Mostly what the board would offer; one time in five anything at all."""
        self.clock.advance(1_000)
        stay = self._stay(which)
        verbs = may(stay.state) if likely else list(Verb)
        verb = verbs[nth % len(verbs)]
        row = TRANSITIONS[verb]
        named = bay if Word.BAY in row.needs else None
        other = self._stay(before) if verb is Verb.OVERRIDE and before is not None else None
        words = VisitWords(
            version=self._version(stay) + (stale == 0),
            bay=named,
            reason="because" if Word.REASON in row.needs else None,
            before=None if other is None else other.id,
            outcome=OUTCOMES[outcome] if verb is Verb.FINISH else None,
        )
        refusal = self.line.refusal(stay, verb, named, other, self.now)
        got = self._tried(lambda: self.station.yard.act(PITEA, desk, stay.id, verb, words))
        if stale == 0:
            assert "changed_meanwhile" == got
            return
        assert refusal == (got if isinstance(got, str) else None), (verb, stay, got)
        self.seen[f"{verb} {refusal or 'done'}"] += 1
        if isinstance(got, QueueRow):
            self.line.does(stay, verb, named, desk.name, self.now, outcome)
            if verb is Verb.REOPEN:
                self._count_outcomes(stay)
            if verb is Verb.OVERRIDE:
                self._went_before(stay, other, got)

    @precondition(lambda self: self.line.stays)
    @rule(which=st.none() | PICK, desk=DESKS)
    def takes_back(self, which: int | None, desk: Actor) -> None:
        """What was done last, as people do, or anything."""
        self.clock.advance(1_000)
        latest = max(self.line.stays, key=lambda stay: stay.last_at)
        stay = latest if which is None else self._stay(which)
        refusal = self.line.undo_refusal(stay, desk.name, self.now)
        words = UndoWords(visit=stay.id)
        got = self._tried(lambda: self.station.yard.undo(PITEA, desk, words))
        assert refusal == (got if isinstance(got, str) else None), (stay, got)
        self.seen[f"undo {refusal or 'done'}"] += 1
        if refusal is None:
            self.line.undo(stay, desk.name, self.now)
            self._count_outcomes(stay)

    @rule()
    def central_starts_again(self) -> None:
        self.station.restart()

    @precondition(lambda self: self.backup is None and self.line.stays)
    @rule()
    def is_backed_up(self) -> None:
        made = take(self.station, self.folder / "backups", check_up_to=0)
        self.backup = (made, deepcopy(self.line), self.last)

    @precondition(lambda self: self.backup is not None)
    @rule()
    def is_restored(self) -> None:
        """What came after the backup is forgotten; what was before it is there, undo included."""
        assert self.backup is not None
        made, self.line, self.last = self.backup
        self.backup = None
        self.station.store.close()
        self.restores += 1
        again = self.folder / f"again-{self.restores}"
        restored(self.station, made, again)
        self.station = Station(again, self.clock).find()

    # -- what must always hold -----------------------------------------------------------------

    @invariant()
    def the_yard_is_as_the_model_says(self) -> None:
        rows = self.station.queue().line
        self._the_line_is_as_the_model_says(rows)
        self._no_vehicle_is_there_twice_and_no_bay_is_overfull(rows)
        self._every_event_has_the_next_number()

    def _the_line_is_as_the_model_says(self, line: list[QueueRow]) -> None:
        assert [stay.id for stay in self.line.waiting()] == [
            row.visit for row in line if row.state == State.WAITING
        ]
        rows = {row.visit: row for row in line}
        assert rows.keys() == {stay.id for stay in self.line.open()}
        for stay in self.line.open():
            row = rows[stay.id]
            assert (stay.state, stay.bay, stay.calls, stay.kind) == (
                row.state,
                row.bay,
                row.calls,
                row.kind,
            )
            assert (stay.arrived, stay.turn, stay.rule) == (row.arrived_at, row.turn_at, row.rule)

    def _no_vehicle_is_there_twice_and_no_bay_is_overfull(self, rows: list[QueueRow]) -> None:
        plates = Counter(plate for row in rows for plate in {row.plate, row.plate2} - {None})
        assert all(count == 1 for count in plates.values()), plates
        called = Counter(row.bay for row in rows if row.state == State.CALLED)
        inside = Counter(row.bay for row in rows if row.state == State.IN_BAY)
        assert all(count == 1 for count in called.values())
        assert all(inside[bay] <= most for bay, most in CAPACITY.items())

    def _every_event_has_the_next_number(self) -> None:
        events = self.station.yard.events_after(PITEA, self.last, 10_000)
        assert {word for event in events for word in event.data} <= DECIDED
        numbers = [event.seq for event in events]
        assert numbers == list(range(self.last + 1, self.last + 1 + len(numbers)))
        self.last += len(numbers)

    # -- hands ---------------------------------------------------------------------------------

    def _stay(self, which: int) -> Stay:
        return self.line.stays[which % len(self.line.stays)]

    def _version(self, stay: Stay) -> int:
        events = self.station.yard.timeline(PITEA, stay.id)
        return max(int(str(event.data["version"])) for event in events if "version" in event.data)

    @staticmethod
    def _tried(deed: "object") -> QueueRow | str:
        assert callable(deed)
        try:
            row = deed()
        except Problem as problem:
            return problem.kind.reason
        assert isinstance(row, QueueRow)
        return row

    def _went_before(self, stay: Stay, other: Stay | None, row: QueueRow) -> None:
        """The number is the line's own business; the place is what was asked for."""
        stay.turn, stay.rule = row.turn_at, row.rule
        others = [
            one
            for one in self.line.stays
            if one is not stay and one.state in (State.WAITING, State.PARKED)
        ]
        if other is None:
            assert all(one.turn < stay.turn for one in others)
        else:
            passed = {id(one) for one in others if one.turn < other.turn}
            assert stay.turn < other.turn
            assert passed == {id(one) for one in others if one.turn < stay.turn}

    def _count_outcomes(self, stay: Stay) -> None:
        """An end was taken back, or counts again: what this vehicle's inspections say now."""
        rows = [one for one in self.line.stays if one.car is stay.car]
        self.line.to_be_rechecked.discard(stay.car.name)
        ends = [
            [
                event
                for event in self.station.yard.timeline(PITEA, one.id)
                if event.kind == "finished"
            ][-1]
            for one in rows
            if one.state is State.DONE
        ]
        outcomes = sorted(
            (end.at, str(end.data["outcome"])) for end in ends if "outcome" in end.data
        )
        if outcomes and "re_inspection" in outcomes[-1][1]:
            self.line.to_be_rechecked.add(stay.car.name)


def test_every_transition_in_any_order_is_what_the_model_says(model_station: Path) -> None:
    Yard.model_folder = model_station
    run_state_machine_as_test(
        Yard,
        settings=settings(
            max_examples=600 if LONG else 25,
            stateful_step_count=50,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )


@pytest.mark.parametrize("word", ["MITTBIL", "ABC123"])
def test_the_model_s_own_cars_are_one_vehicle_by_any_plate(word: str) -> None:
    line = Line(a_day_of_cars(FakeClock().now()))
    owner = next(car for car in line.cars if word in car.plates)
    assert "two plates" == owner.name
