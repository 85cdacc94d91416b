"""Two desks: they look at the board, call, let in, put back, enter plates, and see to help."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import msgspec

from central.words import SYSTEM
from central.yard import Yard
from contract import problems
from contract.problems import Problem
from contract.transitions import TRANSITIONS, Verb
from contract.words import BayWords, DeskArrival, HelpClose, VisitWords
from contract.yard import Queue, QueueRow
from tests.simulation.course import BrokenPromise
from tests.simulation.station_model import BAYS, DESKS, PLATES, STATION

if TYPE_CHECKING:
    from tests.simulation.station import Station

T = TypeVar("T")
# What a person is told and takes for an answer; anything else is a fault of ours.
EXPECTED = {
    problems.CHANGED_MEANWHILE,
    problems.WRONG_STATE,
    problems.BAY_BUSY,
    problems.BAY_CANNOT_SERVE,
    problems.NOBODY_WAITING,
    problems.NOT_SAVED,
}


class Staff:
    """Everybody behind the board; what they see of it may be old."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._rng = station.rng
        self._board: Queue | None = None
        self.desk: dict[str, str] = {}

    def look(self) -> Queue | None:
        """Load the board, and find it in order."""
        board = self._ask(lambda yard: yard.queue(STATION))
        self._board = board or self._board
        if board is not None:
            self._in_order(board)
        return board

    def call_next(self) -> None:
        """Call whoever is next to a bay; the database must say that it was that one."""
        bay = self._rng.choice(list(BAYS))
        line = self._station.truth.line()
        first = next((visit for visit in line if visit.kind in BAYS[bay]), None)
        actor = self._rng.choice(DESKS)
        row = self._ask(lambda yard: yard.call_next(STATION, actor, bay, BayWords()))
        if row is not None and (first is None or first.id != row.visit):
            raise BrokenPromise(f"{row.plate} was called to {bay}, but {first} was next")

    def do(self, *verbs: Verb) -> None:
        """Do something to a visit, as it stood when somebody last looked."""
        board = self.look() if self._rng.random() < 0.7 else self._board
        rows = [] if board is None else [row for row in board.line if row.state != "waiting"]
        if rows:
            self._act(self._rng.choice(rows), self._rng.choice(verbs))

    def call_this_one(self) -> None:
        """Call somebody out of turn."""
        board = self.look()
        rows = [] if board is None else [row for row in board.line if row.state == "waiting"]
        if rows:
            self._act(self._rng.choice(rows), Verb.CALL)

    def enter_somebody(self) -> None:
        """Somebody walks in and says a plate, perhaps one that was typed already."""
        plate = self._rng.choice(PLATES)
        self.enter_at_desk(self._rng.choice((plate, plate.lower(), plate.replace("0", "o"))))

    def enter_at_desk(self, plate: str, arrival_id: str = "") -> None:
        """Enter a plate; press again, with the same id, until the board says it is in."""
        arrival = DeskArrival(id=arrival_id or self._station.new_id(0), plate=plate)
        self.desk[arrival.id] = plate
        raw = msgspec.json.encode(arrival)
        actor = self._rng.choice(DESKS)
        if self._ask(lambda yard: yard.arrive(STATION, actor, arrival, raw)) is None:
            self._station.after(2_000, lambda: self.enter_at_desk(plate, arrival.id))

    def hang(self, device: str, bay: str | None) -> None:
        """Hang a sign over another door, or take it down."""
        self._ask(lambda yard: yard.devices.assign_sign(STATION, SYSTEM, device, bay))

    def see_to_help(self) -> None:
        """Take a call for help, or close it."""
        board = self.look()
        if board is None or not board.help:
            return
        call, actor = self._rng.choice(board.help), self._rng.choice(DESKS)
        if call.acknowledged_by is None:
            self._ask(lambda yard: yard.acknowledge(STATION, actor, call.id))
        else:
            words = HelpClose(word="helped")
            self._ask(lambda yard: yard.close_help(STATION, actor, call.id, words))

    def _act(self, row: QueueRow, verb: Verb) -> None:
        bay, actor = self._rng.choice(list(BAYS)), self._rng.choice(DESKS)
        named = (row.bay or bay) if verb is Verb.ENTER else bay
        words = VisitWords(version=row.version, bay=named if TRANSITIONS[verb].names_bay else None)
        self._station.say(f"{actor.name}: {verb} {row.plate} {words.bay}")
        self._ask(lambda yard: yard.act(STATION, actor, row.visit, verb, words))

    def _ask(self, work: Callable[[Yard], T]) -> T | None:
        """Ask any process; None when it is dead or says no."""
        process = self._rng.choice(self._station.processes)
        try:
            return process.living(lambda: work(process.yard))
        except Problem as problem:
            if problem.kind not in EXPECTED:
                raise
            self._station.say(f"{process.name} says no: {problem.kind.reason}")
            return None
        finally:
            self._station.note_ended_calls()

    def _in_order(self, board: Queue) -> None:
        waiting = [row for row in board.line if row.state == "waiting"]
        if [row.place for row in waiting] != list(range(1, len(waiting) + 1)):
            raise BrokenPromise(f"the board counts {[row.place for row in waiting]}")
        if [row.visit for row in waiting] != [visit.id for visit in self._station.truth.line()]:
            raise BrokenPromise("the board is not in the order of turn_at")
