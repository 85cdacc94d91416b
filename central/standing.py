"""What a post is told: where one visit stands, and which plates are expected."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from central import schema, wait
from central.known import Known
from central.line import InLine, Visit, in_order
from central.places import Place
from central.rows import one_visit, open_visits, visits_in_line
from central.tx import View
from contract.plate import Plate, PlateRefused
from contract.visit import State
from contract.wire import Expected, Standing

_A = schema.arrival.c
_TAKEN_HERE = (
    sa.select(_A.visit)
    .where(
        _A.station == sa.bindparam("station"),
        _A.device == sa.bindparam("device"),
        _A.match_key == sa.bindparam("key"),
        _A.received_at >= sa.bindparam("since"),
    )
    .order_by(_A.received_at.desc(), _A.id.desc())
    .limit(1)
)
_B = schema.booking.c
_EXPECTED = (
    sa.select(_B.plate)
    .where(
        _B.station == sa.bindparam("station"),
        _B.slot_at >= sa.bindparam("since"),
        _B.slot_at < sa.bindparam("until"),
        _B.visit.is_(None),
    )
    .order_by(_B.slot_at, _B.plate)
)


def standing(
    view: View,
    known: Known,
    place: Place,
    visit: Visit,
    *,
    again: bool = False,
    reopened: bool = False,
) -> Standing:
    """Say where *visit* stands now."""
    waits = visit.state is State.WAITING
    visits = visits_in_line(view, place.id) if waits else []
    estimate = known.wait(view, place, visits, visit.id) if waits else None
    called = visit.state is State.CALLED
    return Standing(
        plate=visit.plate,
        visit=visit.id,
        state=visit.state,
        as_of=view.now,
        again=again,
        reopened=reopened,
        booked_at=visit.slot_at,
        place=place_in_line(visits, visit.id) if waits else None,
        window=wait.window(view.now, estimate),
        door=place.door(visit.bay) if called else None,
        called_at=visit.called_at if called else None,
        watch_sign=waits and known.heard.watchable(place, visit.kind),
    )


def place_in_line(visits: Sequence[InLine], visit: str) -> int:
    """Count from 1 among those who wait."""
    return 1 + [one.id for one in in_order(visits)].index(visit)


def status(view: View, known: Known, station: str, device: str, plate: str) -> Standing | None:
    """Where *plate* stands, if *device* itself took it today."""
    place = known.places.of(view, station)
    try:
        key = Plate.parse(plate).match_key
    except PlateRefused:
        return None
    today, _ = place.day_of(view.now)
    row = view.first(_TAKEN_HERE, station=station, device=device, key=key, since=today)
    if row is None:
        return None
    return standing(view, known, place, one_visit(view, station, row.visit), again=True)


def expected(view: View, known: Known, station: str) -> Expected:
    """The plates that a keypad may be typed for: booked today and not come yet, or in the yard already.

    Who told the desk and types again stands in the line, and must not be told "no booking".
    """
    place = known.places.of(view, station)
    here = [visit.plate for visit in open_visits(view, station)]
    return Expected(
        day=view.now.astimezone(place.zone).date().isoformat(),
        plates=list(dict.fromkeys([*expected_plates(view, place, view.now), *here])),
    )


def expected_plates(view: View, place: Place, now: datetime) -> list[str]:
    """Every booking of today that nobody has come for, by its plate, in the order of the slots."""
    since, until = place.day_of(now)
    rows = view.all(_EXPECTED, station=place.id, since=since, until=until)
    return [row.plate for row in rows]
