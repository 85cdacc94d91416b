"""What a post is told: where one visit stands, and which plates are expected."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from central import schema
from central.bookings import slots
from central.bookings.slots import elsewhere_of
from central.database.tx import Tx, View
from central.known import Known
from central.line import missed, said, wait
from central.line.line import InLine, Visit, in_order
from central.line.rows import one_visit, visits_in_line
from central.line.said import Telling
from central.places.places import Place
from central.words import Actor
from contract.event import EventKind
from contract.plate import Plate, PlateRefused
from contract.visit import OPEN, Source, State
from contract.wire import Booked, Elsewhere, Expected, Standing

HELD, DISMISSED = "held", "dismissed"

_A = schema.arrival.c
_TAKEN_HERE = (
    sa.select(_A.visit, _A.settled_at)
    .where(
        _A.station == sa.bindparam("station"),
        _A.device == sa.bindparam("device"),
        _A.match_key == sa.bindparam("key"),
        _A.received_at >= sa.bindparam("since"),
    )
    .order_by(_A.received_at.desc(), _A.id.desc())
    .limit(1)
)
_OPEN_TAKEN_HERE = _TAKEN_HERE.join(schema.visit, schema.visit.c.id == _A.visit).where(
    schema.IS_OPEN
)
_V = schema.visit.c
_B = schema.booking.c
_BOOKED = (
    sa.select(_B.plate, _B.plate2)
    .where(
        _B.station == sa.bindparam("station"),
        _B.slot_at >= sa.bindparam("since"),
        _B.slot_at < sa.bindparam("until"),
        _B.cancelled_at.is_(None),
    )
    .order_by(_B.slot_at, _B.plate)
)
_NOT_COME = _BOOKED.where(_B.visit.is_(None))


def _typed_here(*which: sa.ColumnElement[bool] | sa.TextClause) -> "sa.Select[tuple[str]]":
    """What a post typed since then, of the visits that *which* finds by an index that is short."""
    return (
        sa.select(_A.plate)
        .join_from(schema.visit, schema.arrival, _A.visit == _V.id)
        .where(
            _V.station == sa.bindparam("station"),
            *which,
            _A.device == sa.bindparam("device"),
            _A.received_at >= sa.bindparam("since"),
        )
    )


# An arrival writes a page for each index, and one by its post would serve this question only.
_ALL_TYPED_HERE = sa.union(
    _typed_here(schema.IS_OPEN),
    _typed_here(
        _V.state.in_([state.value for state in State if state not in OPEN]),
        schema.HAS_ENDED,
        _V.ended_at >= sa.bindparam("since"),
    ),
)


def standing(
    view: View,
    known: Known,
    place: Place,
    visit: Visit,
    *,
    typed: Plate | None = None,
    elsewhere: Elsewhere | None = None,
    again: bool = False,
    reopened: bool = False,
    missed_call_at: datetime | None = None,
    told: Sequence[Telling] = (),
) -> Standing:
    """Say where *visit* stands now; whoever *typed* one plate of a vehicle is not told the other.

    *missed_call_at* is the call that a visit which waits again was called by in vain; what posts have
    *told* before is compared with the wait now.
    """
    waits = visit.state is State.WAITING
    visits = visits_in_line(view, place.id) if waits else []
    estimate = known.wait(view, place, visits, visit.id) if waits else None
    window = wait.window(view.now, estimate)
    called = visit.state is State.CALLED
    if not waits:
        missed_call_at = missed.of_called(view, visit)
    return Standing(
        plate=visit.plate if typed is None else _plate(visit, typed),
        visit=visit.id,
        state=visit.state,
        as_of=view.now,
        again=again,
        reopened=reopened,
        booked_at=visit.slot_at,
        place=place_in_line(visits, visit.id) if waits else None,
        window=window,
        door=place.door(visit.bay) if called else None,
        called_at=visit.called_at if called else None,
        watch_sign=waits and known.heard.watchable(place, visit.kind),
        elsewhere=elsewhere,
        missed_call_at=missed_call_at,
        longer=said.longer(view, place, visit.kind, told, window),
        epoch=known.epoch,
    )


def while_held(
    view: View, known: Known, place: Place, typed: Plate, *, settled: bool = False
) -> Standing:
    """What is said of an arrival that is no visit: a person will look at it, or has turned it away."""
    return Standing(
        plate=typed.text,
        visit="",
        state=DISMISSED if settled else HELD,
        as_of=view.now,
        opens_at=_opens_at(known, place, view.now),
        epoch=known.epoch,
    )


def _plate(visit: Visit, typed: Plate) -> str:
    """As the sign shows it; but the vehicle's other plate is nothing that a post may learn."""
    return visit.plate if typed.match_key == visit.match_key else typed.text


def place_in_line(visits: Sequence[InLine], visit: str) -> int:
    """Count from 1 among those who wait."""
    return 1 + [one.id for one in in_order(visits)].index(visit)


class LookUp(NamedTuple):
    """What a post is told that has looked a plate up; `is_news` when its visit's timeline has it not yet."""

    standing: Standing | None
    is_news: bool = False


def status(view: View, known: Known, station: str, device: str, plate: str) -> LookUp:
    """Where *plate* stands, if *device* itself took it today."""
    place = known.places.of(view, station)
    try:
        typed = Plate.parse(plate)
    except PlateRefused:
        return LookUp(None)
    today, _ = place.day_of(view.now)
    row = view.first(_TAKEN_HERE, station=station, device=device, key=typed.match_key, since=today)
    if row is None:
        return LookUp(None)
    if row.visit is None:
        return LookUp(while_held(view, known, place, typed, settled=row.settled_at is not None))
    visit = one_visit(view, station, row.visit)
    found = elsewhere_of(view, place, [visit]).get(visit.id)
    so_far = said.so_far(view, visit.id)
    answer = standing(
        view,
        known,
        place,
        visit,
        typed=typed,
        elsewhere=found,
        again=True,
        missed_call_at=missed.before_reopening(so_far.placed),
        told=so_far.since_placed,
    )
    # Of a visit that is over a post says nothing but that it is.
    return LookUp(answer, visit.is_open and said.is_news(so_far.since_changed, answer))


def tell(tx: Tx, station: str, actor: Actor, answer: Standing) -> None:
    """Put *answer*, which a post gives, on its visit's timeline, unless it was told so before."""
    if said.is_news(said.so_far(tx, answer.visit).since_changed, answer):
        data = {"source": Source.POST.value, "said": said.words(answer)}
        tx.event(station, EventKind.TOLD, actor, visit=answer.visit, data=data)


def booked(view: View, known: Known, station: str, plate: Plate) -> Booked:
    """Whether a plate is booked for a day to come, or at another station; nothing of this yard today."""
    place = known.places.of(view, station)
    return Booked(elsewhere=slots.elsewhere_to_come(view, place, plate))


def expected(view: View, known: Known, station: str, device: str) -> Expected:
    """The plates that a keypad may be typed for: booked today, or typed today at this very *device*.

    A booking stays, whatever became of it, and who came by another way is not here: nobody may read from
    two lists which vehicle is in the yard.  A vehicle with two plates may come with either.
    """
    place = known.places.of(view, station)
    since, until = place.day_of(view.now)
    booked = view.all(_BOOKED, station=place.id, since=since, until=until)
    typed = view.all(_ALL_TYPED_HERE, station=place.id, since=since, device=device)
    plates = [
        *(row.plate for row in booked),
        *(row.plate2 for row in booked),
        *sorted(row.plate for row in typed),
    ]
    return Expected(
        day=view.now.astimezone(place.zone).date().isoformat(),
        plates=list(dict.fromkeys(plate for plate in plates if plate)),
        opens_at=_opens_at(known, place, view.now),
        epoch=known.epoch,
    )


def _opens_at(known: Known, place: Place, now: datetime) -> datetime | None:
    """The next opening while arrivals are not taken; a clock that nobody has set closes nothing."""
    is_closed = known.clock.synced() and not place.hours.accepts(now)
    return place.hours.next_opening(now) if is_closed else None


def expected_plates(view: View, place: Place, now: datetime) -> list[str]:
    """Every booking of today that nobody has come for, by its plate, in the order of the slots."""
    since, until = place.day_of(now)
    rows = view.all(_NOT_COME, station=place.id, since=since, until=until)
    return [row.plate for row in rows]


def has_place(view: View, known: Known, station: str, device: str, key: str) -> bool:
    """Whether a plate that *device* itself took today has an open visit."""
    today, _ = known.places.of(view, station).day_of(view.now)
    found = view.first(_OPEN_TAKEN_HERE, station=station, device=device, key=key, since=today)
    return found is not None
