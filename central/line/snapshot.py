"""The whole yard at one event: what a board draws, and the events that say how it came to be so."""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from msgspec import structs

from central import schema
from central.bookings import slots
from central.database.tx import Row, View
from central.devices import heartbeats
from central.known import Known
from central.line import held, wait
from central.line.line import Bay, Visit, in_order
from central.line.rows import event_rows, one_visit, open_visits, visits_in_line
from central.line.standing import expected_plates, place_in_line
from central.line.wait import Estimate
from central.places.places import Place
from central.signs import lit, proof, signs
from central.signs.signs import Reading
from contract.plate import Plate
from contract.transitions import may
from contract.visit import State, promised_at
from contract.yard import (
    BayRow,
    EventRow,
    HelpRow,
    Queue,
    QueueRow,
)

_AFTER_LINE = (State.PARKED, State.CALLED, State.IN_BAY)
_E, _H = schema.event.c, schema.help_call.c
_HELP = (
    sa.select(schema.help_call)
    .where(_H.station == sa.bindparam("station"), _H.closed_at.is_(None))
    .order_by(_H.raised_at)
)
_TIMELINE = (
    sa.select(schema.event)
    .where(_E.visit == sa.bindparam("visit"), _E.station == sa.bindparam("station"))
    .order_by(_E.seq)
)
_AFTER = (
    sa.select(schema.event)
    .where(_E.station == sa.bindparam("station"), _E.seq > sa.bindparam("seq"))
    .order_by(_E.seq)
    .limit(sa.bindparam("most"))
)


_B, _V = schema.booking.c, schema.visit.c
_LOOKS = sa.select(_B.ref, _B.colour, _B.make, _B.model).where(
    _B.station == sa.bindparam("station"),
    _B.ref.in_(sa.select(_V.booking).where(_V.station == sa.bindparam("station"), schema.IS_OPEN)),
)


def queue(view: View, known: Known, station: str) -> Queue:
    """Read the whole yard."""
    place = known.places.of(view, station)
    reading = signs.read(view, known, station)
    visits = open_visits(view, station)
    waits = known.waits(view, place, visits, reading.station.seq)
    is_open = place.hours.is_open(view.now)
    return Queue(
        cursor=f"{known.epoch}-{reading.station.seq}",
        as_of=view.now,
        station=place.id,
        name=place.name,
        time_zone=place.zone.key,
        line=_line(view, place, visits, waits),
        bays=[_bay(known, place, bay, reading, visits) for bay in place.bays],
        help=[_help(row) for row in view.all(_HELP, station=station)],
        expected_left=len(expected_plates(view, place, view.now)),
        held=held.rows(view, station),
        opens_at=None if is_open else place.hours.next_opening(view.now),
        closes_at=place.hours.next_closing(view.now) if is_open else None,
        devices=[*heartbeats.notices(view, station), *known.box(view.now)],
        yard_signs=proof.yard_signs(known, place, reading, view.now),
    )


def row_of(view: View, known: Known, station: str, visit: Visit) -> QueueRow:
    """One visit as the board draws it; its place and wait too while it waits."""
    if visit.state is not State.WAITING:
        return queue_row(visit)
    place = known.places.of(view, station)
    visits = visits_in_line(view, station)
    return structs.replace(
        queue_row(visit),
        place=place_in_line(visits, visit.id),
        window=wait.window(view.now, known.wait(view, place, visits, visit.id)),
    )


def queue_row(visit: Visit) -> QueueRow:
    """A visit without its place."""
    return QueueRow(
        visit=visit.id,
        version=visit.version,
        plate=visit.plate,
        may=list(may(visit.state)) if visit.plate else [],  # nobody comes back who is erased
        reason=visit.reason,
        note=visit.note,
        plate2=visit.plate2,
        twin=visit.twin,
        promised_at=promised_at(visit.arrived_at, visit.kind),
        ended_at=visit.ended_at,
        state=visit.state,
        kind=visit.kind,
        source=visit.source,
        arrived_at=visit.arrived_at,
        turn_at=visit.turn_at,
        rule=visit.rule,
        slot_at=visit.slot_at,
        bay=visit.bay,
        call=visit.call,
        called_at=visit.called_at,
        in_bay_at=visit.in_bay_at,
        calls=visit.calls,
    )


def timeline(view: View, station: str, visit: str) -> list[EventRow]:
    """Everything that happened to a visit, oldest first."""
    one_visit(view, station, visit)
    return event_rows(view.all(_TIMELINE, station=station, visit=visit))


def events_after(view: View, station: str, seq: int, limit: int) -> list[EventRow]:
    """The station's events after *seq*, oldest first, at most *limit*."""
    return event_rows(view.all(_AFTER, station=station, seq=seq, most=limit))


def _looks(view: View, station: str) -> dict[str | None, str]:
    """What each booked vehicle looks like, by the booking's reference."""
    rows = view.all(_LOOKS, station=station)
    looks = {row.ref: " ".join(word for word in row[1:] if word) for row in rows}
    return {ref: words for ref, words in looks.items() if words}


def _line(
    view: View, place: Place, visits: Sequence[Visit], waits: Mapping[str, Estimate]
) -> list[QueueRow]:
    waiting = in_order(visits)
    others = sorted(
        (visit for visit in visits if visit.state in _AFTER_LINE),
        key=lambda visit: (_AFTER_LINE.index(visit.state), visit.turn_at),
    )
    rows = [
        structs.replace(
            queue_row(visit), place=number, window=wait.window(view.now, waits.get(visit.id))
        )
        for number, visit in enumerate(waiting, start=1)
    ]
    rows += [queue_row(visit) for visit in others]
    looks, elsewhere = _looks(view, place.id), slots.elsewhere_of(view, place, visits)
    bookings = {visit.id: visit.booking for visit in visits}
    return [
        structs.replace(
            row, looks=looks.get(bookings[row.visit]), elsewhere=elsewhere.get(row.visit)
        )
        for row in rows
    ]


def _bay(known: Known, place: Place, bay: Bay, reading: Reading, visits: Sequence[Visit]) -> BayRow:
    call = reading.station.call_at(bay.id)
    unshowable = call is not None and reading.calls[call.id].cannot_show_at is not None
    return BayRow(
        bay=bay.id,
        door=bay.door,
        kinds=sorted(bay.kinds),
        capacity=bay.capacity,
        state=bay.state,
        until=bay.until,
        call_ahead=bay.call_ahead,
        visits=[visit.id for visit in visits if visit.bay == bay.id],
        sign=proof.sign_of(known, place, bay, reading),
        waits_for=place.door(lit.waits_for(reading.station, bay.id)),
        cannot_show=Plate(call.plate).display if call is not None and unshowable else None,
        holds_frame=any(row.held and row.bay == bay.id for row in reading.station.rows),
        held_on=proof.held_on(bay, reading),
    )


def _help(row: Row) -> HelpRow:
    return HelpRow(
        id=row.id,
        post=row.post,
        raised_at=row.raised_at,
        plate=row.plate,
        visit=row.visit,
        acknowledged_by=row.acknowledged_by,
        acknowledged_at=row.acknowledged_at,
    )
