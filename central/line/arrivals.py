"""An arrival becomes a visit, or part of one: one vehicle, one visit, whatever was typed and wherever."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from central import schema
from central.bookings.slots import elsewhere_of
from central.database.tx import Row, Tx
from central.known import Known
from central.line import coming, held, missed, said
from central.line.coming import Came, Found
from central.line.meeting import Outcome, own_time
from central.line.rows import changed, one_visit
from central.line.said import SoFar, Telling
from central.line.standing import standing, tell, while_held
from central.places.places import Place
from central.words import Actor, SendClocks
from contract import problems
from contract.event import EventKind
from contract.plate import Plate, PlateRefused
from contract.problems import Problem
from contract.visit import OPEN, Source
from contract.wire import Arrival, Standing
from contract.words import DeskArrival

_A = schema.arrival.c
_COLUMNS = (
    _A.id,
    _A.station,
    _A.visit,
    _A.plate,
    _A.match_key,
    _A.source,
    _A.at,
    _A.body_sha256,
    _A.outcome,
    _A.settled_at,
)
_ID: "sa.BindParameter[str]" = sa.bindparam("arrival")
# One statement for both, as there is nearly always neither.
_BY_ID_OR_HELD = sa.union_all(
    sa.select(*_COLUMNS).where(_A.id == _ID),
    sa.select(*_COLUMNS).where(_A.station == sa.bindparam("station"), schema.IS_HELD, _A.id != _ID),
)
_INSERT = sa.insert(schema.arrival)

_EVENTS = {
    Outcome.NEW: EventKind.ARRIVED,
    Outcome.AGAIN: EventKind.TYPED_AGAIN,
    Outcome.REOPENED: EventKind.REOPENED,
    Outcome.NOTED: EventKind.ARRIVAL_NOTED,
}
_AGAIN = frozenset({Outcome.AGAIN, Outcome.NOTED})


class Taken(NamedTuple):
    """What an arrival is told; `retry` says that this very arrival was here before."""

    standing: Standing
    retry: bool


def arrive(
    tx: Tx,
    known: Known,
    station: str,
    actor: Actor,
    arrival: Arrival | DeskArrival,
    raw: bytes,
    sent: SendClocks | None,
) -> Taken:
    """Check a vehicle in, once per arrival id."""
    place = known.places.of(tx, station)
    body_sha256 = hashlib.sha256(raw).hexdigest()
    rows = tx.all(_BY_ID_OR_HELD, arrival=arrival.id, station=place.id)
    earlier = next((row for row in rows if row.id == arrival.id), None)
    if earlier is not None:
        answer = _the_same(tx, known, place, earlier, arrival, body_sha256)
        if earlier.visit is not None and earlier.source == Source.POST:
            _tell_again(tx, place, actor, earlier, answer)
        return Taken(answer, retry=True)
    came = _came(tx, place, arrival, sent)
    found = coming.find(tx, place, came)
    why = held.why(known, place, came, found, tx.now)
    taking = _Taking(tx, known, place, actor, came, body_sha256, rows)
    answer = taking.join(found) if why is None else taking.hold(why)
    return Taken(answer, retry=False)


def _the_same(
    tx: Tx,
    known: Known,
    place: Place,
    row: Row,
    arrival: Arrival | DeskArrival,
    body_sha256: str,
) -> Standing:
    """Answer a retry: the same arrival, as it stands now.

    Of one that was erased nobody knows any more what was in it; who sends it again must not hear a no for
    ever.
    """
    if row.station != place.id or row.body_sha256 not in ("", body_sha256):
        raise _id_reused()
    typed = _plate_of(arrival)
    if row.visit is None:
        return while_held(tx, known, place, typed, settled=row.settled_at is not None)
    visit = one_visit(tx, place.id, row.visit)
    found = elsewhere_of(tx, place, [visit]).get(visit.id)
    outcome = Outcome(row.outcome)
    reopened = outcome is Outcome.REOPENED
    return standing(
        tx,
        known,
        place,
        visit,
        typed=typed,
        elsewhere=found,
        again=outcome in _AGAIN,
        reopened=reopened,
        missed_call_at=missed.before_reopening(said.so_far(tx, visit.id).placed),
    )


def _tell_again(tx: Tx, place: Place, actor: Actor, row: Row, answer: Standing) -> None:
    """A retry's *answer* is on the timeline while somebody reads it; else nobody has read the first one."""
    if answer.state not in OPEN:
        return
    if said.is_read(row.at, tx.now):
        tell(tx, place.id, actor, answer)
        return
    first = next(
        (one for one in said.so_far(tx, answer.visit).since_changed if _is_of(one, row)), None
    )
    if first is not None:
        data = {"source": Source.POST.value, "unheard": first.seq}
        tx.event(place.id, EventKind.TOLD, actor, visit=answer.visit, data=data)


def _is_of(telling: Telling, row: Row) -> bool:
    """Whether *telling* is the first answer to the arrival *row*."""
    came_at = telling.came_at
    return came_at is not None and datetime.fromisoformat(came_at) == row.at


def _id_reused() -> Problem:
    return Problem(
        problems.ID_REUSED,
        "This arrival's id was used for another one; a new arrival needs a new id.",
    )


def _plate_of(arrival: Arrival | DeskArrival) -> Plate:
    try:
        return Plate.parse(arrival.plate)
    except PlateRefused as error:
        raise Problem(problems.PLATE_REFUSED, error.detail, refusal=error.reason) from error


def _came(tx: Tx, place: Place, arrival: Arrival | DeskArrival, sent: SendClocks | None) -> Came:
    plate = _plate_of(arrival)
    if isinstance(arrival, Arrival):
        return Came(arrival.id, plate, own_time(arrival, sent, tx.now), Source.POST)
    if arrival.kind is not None and not coming.is_served(place, arrival.kind):
        raise Problem(
            problems.VALUE_REFUSED,
            f"No door here takes {arrival.kind}; choose another kind.",
            path="$.kind",
        )
    return Came(arrival.id, plate, tx.now, Source.DESK, arrival.kind, arrival.another)


class _Taking(NamedTuple):
    """One arrival on its way to the disk; `held` are those that wait for a person to look at them."""

    tx: Tx
    known: Known
    place: Place
    actor: Actor
    came: Came
    body_sha256: str
    held: Sequence[Row]

    def join(self, found: Found) -> Standing:
        """Make it a visit or part of one; the visit, the arrival and the event, in this order."""
        tx, came = self.tx, self.came
        visit = coming.join(tx, self.place, came, found)
        is_again = found.outcome is Outcome.AGAIN
        so_far = said.so_far(tx, visit.id) if is_again else SoFar()
        answer = standing(
            tx,
            self.known,
            self.place,
            visit,
            typed=came.plate,
            elsewhere=found.slots.elsewhere if visit.slot_at is None else None,
            missed_call_at=missed.before_reopening(so_far.placed) or missed.before(found.before),
            told=so_far.since_placed,
            again=found.outcome in _AGAIN,
            reopened=found.outcome is Outcome.REOPENED,
        )
        self._keep(found.outcome, visit.id)
        data: dict[str, object] = {"source": came.source, "came_at": came.at}
        # At the desk it is a person who says something; and what comes late nobody reads.
        if came.source is Source.POST and said.is_read(came.at, tx.now):
            data["said"] = said.words(answer)
        if found.outcome is not Outcome.NOTED:
            settled = held.settle_with(tx, self.actor, self.held, visit, came.plate)
            data |= {"settles": settled} if settled else {}
        event = _EVENTS[found.outcome]
        changed(tx, self.place.id, event, self.actor, found.before, visit, data=data)
        return answer

    def hold(self, why: str) -> Standing:
        """Keep it for a person to look at."""
        tx, came = self.tx, self.came
        self._keep(Outcome.HELD, None, why)
        data = {"arrival": came.id, "source": came.source, "came_at": came.at, "why": why}
        tx.event(self.place.id, EventKind.ARRIVAL_HELD, self.actor, data=data)
        return while_held(tx, self.known, self.place, came.plate)

    def _keep(self, outcome: Outcome, visit: str | None, why: str | None = None) -> None:
        came = self.came
        try:
            self.tx.run(
                _INSERT,
                id=came.id,
                station=self.place.id,
                visit=visit,
                device=self.actor.id,
                source=came.source.value,
                body_sha256=self.body_sha256,
                plate=came.plate.text,
                match_key=came.plate.match_key,
                at=came.at,
                received_at=self.tx.now,
                outcome=outcome.value,
                why=why,
            )
        except IntegrityError as error:  # another station has taken this id in the same moment
            raise _id_reused() from error
