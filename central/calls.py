"""What staff do to a visit: call, recall, move, let in, put back, give up, finish."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from central import line, schema, signs
from central.known import Known
from central.line import Deed, Visit
from central.places import Place
from central.rows import one_visit, open_visits, update_visit
from central.tx import Tx
from central.words import Actor
from contract import problems
from contract.event import EventKind
from contract.ids import uuid7
from contract.plate import Plate
from contract.problems import Problem
from contract.visit import State, Verb
from contract.wire import BayWords, VisitWords

_E, _C = schema.event.c, schema.call.c
_LAST_DEED = (
    sa.select(_E.actor)
    .where(_E.visit == sa.bindparam("visit"), _E.actor_kind.in_(("staff", "post")))
    .order_by(_E.seq.desc())
    .limit(1)
)
_START_CALL = sa.insert(schema.call)
_END_CALL = (
    sa.update(schema.call)
    .where(_C.id == sa.bindparam("of_call"))
    .values(ended_seq=sa.bindparam("ended_seq"))
)


def act(
    tx: Tx, known: Known, station: str, actor: Actor, visit_id: str, verb: Verb, words: VisitWords
) -> Visit:
    """Do *verb* to a visit."""
    place = known.places.of(tx, station)
    visit = one_visit(tx, station, visit_id)
    visits = open_visits(tx, station)
    return _Doing(tx, known, place, actor, visits).do(visit, verb, words.version, words.bay)


def call_next(
    tx: Tx, known: Known, station: str, actor: Actor, bay_id: str, words: BayWords
) -> Visit:
    """Call whoever is next to a bay, if that is whom the board showed."""
    place = known.places.of(tx, station)
    bay = place.bay(bay_id)
    visits = open_visits(tx, station)
    doing = _Doing(tx, known, place, actor, visits)
    first = line.next_for(bay, visits)
    if words.visit is not None and (
        first is None or (first.id, first.version) != (words.visit, words.version)
    ):
        raise doing.overtaken(words.visit, first)
    if first is None:
        raise Problem(problems.NOBODY_WAITING, f"Nobody is waiting whom door {bay.door} can take.")
    return doing.do(first, Verb.CALL, first.version, bay.id)


@dataclass(frozen=True, slots=True)
class _Doing:
    """One deed of one person on the open *visits* of a station."""

    tx: Tx
    known: Known
    place: Place
    actor: Actor
    visits: Sequence[Visit]

    def do(self, visit: Visit, verb: Verb, version: int, bay_id: str | None) -> Visit:
        """Check, write, and tell the signs."""
        bay = None if bay_id is None else self.place.bay(bay_id)
        there = [one for one in self.visits if bay is not None and one.bay == bay.id]
        try:
            deed = line.act(
                visit,
                verb,
                version=version,
                bay=bay,
                there=there,
                new_call=uuid7(int(self.tx.now.timestamp() * 1000)),
                now=self.tx.now,
            )
        except Problem as problem:
            raise self._explained(problem, visit, there) from None
        try:
            self._write(visit, deed)
        except (
            IntegrityError
        ) as error:  # another process on the same database was between our steps
            raise Problem(
                problems.CHANGED_MEANWHILE, "Somebody else was faster; look at the line again."
            ) from error
        return deed.visit

    def overtaken(self, visit_id: str, first: Visit | None) -> Problem:
        """The board's next customer is next no longer: say what became of them and who is next."""
        shown = one_visit(self.tx, self.place.id, visit_id)
        still_waits = shown.state is State.WAITING
        by = None if still_waits else self._who(shown)
        is_next = "Nobody else is waiting here." if first is None else f"{_plate(first)} is next."
        became = "is next no longer" if still_waits else f"is {self._where(shown)} now, by {by}"
        return Problem(
            problems.CHANGED_MEANWHILE,
            f"{_plate(shown)} {became}. {is_next}",
            by=by,
            bay=shown.bay,
            visit=first and first.id,
            version=first and first.version,
            plate=first and first.plate,
        )

    def _write(self, before: Visit, deed: Deed) -> None:
        after = deed.visit
        seq = self.tx.event(
            self.place.id,
            deed.event,
            self.actor,
            visit=after.id,
            bay=after.bay or before.bay,
            call=deed.started_call or deed.ended_call,
            data=self._data(before, after),
        )
        update_visit(self.tx, after, before.version)
        if deed.ended_call is not None:
            self.tx.run(_END_CALL, of_call=deed.ended_call, ended_seq=seq)
        if deed.started_call is not None:
            self._start_call(after, deed.started_call, seq)
        signs.tell(self.tx, self.known, self.place, before, deed)
        if deed.event is EventKind.FINISHED:
            self.tx.after_commit(lambda: self.known.forget_pace(self.place.id))

    def _start_call(self, visit: Visit, call: str, seq: int) -> None:
        self.tx.run(
            _START_CALL,
            id=call,
            station=self.place.id,
            bay=visit.bay,
            visit=visit.id,
            match_key=visit.match_key,
            plate=visit.plate,
            seq=seq,
            started_at=self.tx.now,
        )

    def _data(self, before: Visit, after: Visit) -> dict[str, object]:
        data = {
            "from": before.state,
            "to": after.state,
            "door": self.place.door(after.bay),
            "from_door": self.place.door(before.bay) if before.bay != after.bay else None,
        }
        return {word: value for word, value in data.items() if value is not None}

    def _explained(self, problem: Problem, visit: Visit, there: Sequence[Visit]) -> Problem:
        """Name who was faster, where that is what happened."""
        if problem.kind is problems.CHANGED_MEANWHILE:
            by = self._who(visit)
            detail = f"{_plate(visit)} is {self._where(visit)} now, by {by}."
            return Problem(problem.kind, detail, **problem.members, by=by)
        if problem.kind is problems.BAY_BUSY:
            other = next((one for one in there if one.plate == problem.members["plate"]), visit)
            by = self._who(other)
            return Problem(
                problem.kind, f"{problem.detail} ({by})", **problem.members, by=by, bay=other.bay
            )
        return problem

    def _who(self, visit: Visit) -> str:
        row = self.tx.first(_LAST_DEED, visit=visit.id)
        return "somebody" if row is None else str(row.actor)

    def _where(self, visit: Visit) -> str:
        door = self.place.door(visit.bay)
        state = visit.state.replace("_", " ")
        return state if door is None else f"{state} at door {door}"


def _plate(visit: Visit) -> str:
    return Plate(visit.plate).display
