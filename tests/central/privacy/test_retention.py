"""What a night erases, what it leaves, and when."""

import sqlalchemy as sa

from central import schema
from central.places.setup import StationSetup
from contract.event import EventKind
from contract.transitions import Verb
from contract.visit import State
from contract.words import Approved, VisitWords
from tests.central.privacy.yards import (
    AGAIN,
    NUMBER,
    PLATE,
    booked,
    days,
    helped,
    said_anywhere,
    whole_visit,
)
from tests.central.yards import DESK_1, PITEA, Station


def night(station: Station) -> None:
    station.yard.personal_data.night()


def test_a_week_after_the_visit_nothing_names_the_vehicle_or_the_number(station: Station) -> None:
    whole_visit(station)
    assert "visit" in said_anywhere(station, PLATE, NUMBER)
    days(station, 6)
    night(station)
    assert {"visit", "event", "arrival", "call", "booking"} <= said_anywhere(station, PLATE, NUMBER)
    days(station, 1)
    night(station)
    assert said_anywhere(station, PLATE, NUMBER, f"ref-{PLATE}") == set()


def test_times_and_states_stay_and_the_wait_still_learns_from_them(station: Station) -> None:
    visit = whole_visit(station)
    before = station.store.read(lambda view: view.one(sa.select(schema.visit)))
    days(station, 7)
    night(station)
    after = station.store.read(lambda view: view.one(sa.select(schema.visit)))
    for column in ("id", "state", "kind", "arrived_at", "called_at", "in_bay_at", "ended_at"):
        assert getattr(after, column) == getattr(before, column)
    kinds = [event.kind for event in station.yard.timeline(PITEA, visit)]
    assert kinds[0] == EventKind.ARRIVED.value
    assert EventKind.FINISHED.value in kinds


def test_a_vehicle_with_an_open_re_inspection_is_known_for_thirty_days(station: Station) -> None:
    whole_visit(station, outcome=AGAIN)
    days(station, 20)
    night(station)
    assert "inspection" in said_anywhere(station, PLATE)
    days(station, 10)
    night(station)
    assert said_anywhere(station, PLATE, NUMBER) == set()


def test_once_it_was_inspected_again_it_is_open_no_longer(station: Station) -> None:
    first = whole_visit(station, outcome=AGAIN)
    days(station, 3)
    whole_visit(station, outcome=Approved())
    days(station, 5)
    night(station)
    rows = station.store.read(lambda view: view.all(sa.select(schema.visit)))
    assert {row.id: row.plate for row in rows}[first] == ""


def test_an_inspection_that_is_taken_back_closes_nothing(station: Station) -> None:
    whole_visit(station, outcome=AGAIN)
    days(station, 3)
    second = whole_visit(station, outcome=Approved())
    version = station.store.read(
        lambda view: view.one(sa.select(schema.visit.c.version).where(schema.visit.c.id == second))
    )[0]
    words = VisitWords(version=version)
    station.yard.act(PITEA, DESK_1, second, Verb.REOPEN, words)
    days(station, 10)
    night(station)
    assert "inspection" in said_anywhere(station, PLATE)


def test_who_is_still_in_the_yard_is_not_forgotten(station: Station) -> None:
    station.comes(PLATE)
    days(station, 40)
    night(station)
    assert station.row(PLATE).state == State.WAITING


def test_what_never_became_a_visit_goes_too(station: Station) -> None:
    helped(station, "ABC1")
    booked(station, "XYZ789", "no-show")
    days(station, 7)
    night(station)
    assert said_anywhere(station, "ABC1", "XYZ789", "no-show", NUMBER) == set()


def test_a_booking_of_a_day_to_come_stays(station: Station) -> None:
    booked(station, PLATE, "coming", in_days=20)
    days(station, 10)
    night(station)
    assert said_anywhere(station, PLATE) == {"booking"}


def test_the_station_s_own_days_count(station: Station) -> None:
    station.yard.places.set_station(PITEA, StationSetup(keep_days=1))
    whole_visit(station)
    days(station, 1)
    night(station)
    assert said_anywhere(station, PLATE, NUMBER) == set()


def test_while_nobody_has_set_the_clock_nothing_is_erased(station: Station) -> None:
    whole_visit(station)
    station.clock.is_synced = False
    days(station, 60)
    night(station)
    assert "visit" in said_anywhere(station, PLATE)
    station.clock.is_synced = True
    night(station)
    assert said_anywhere(station, PLATE) == set()


def test_many_visits_go_in_small_steps_and_all_of_them(station: Station) -> None:
    plates = [f"AAA{number:03}" for number in range(90)]
    for plate in plates:
        station.comes(plate)
        station.does(Verb.LEAVE, plate)
    days(station, 8)
    night(station)
    assert said_anywhere(station, *plates) == set()
    erased = [row for row in events(station) if row.kind == EventKind.ERASED.value]
    assert [len(row.data["visits"]) for row in erased] == [40, 40, 10]


def test_a_night_is_done_once(station: Station) -> None:
    whole_visit(station)
    days(station, 8)
    night(station)
    first = station.yard.personal_data.keeping(PITEA).erased_at
    station.minutes(30)
    night(station)
    assert station.yard.personal_data.keeping(PITEA).erased_at == first


def test_names_of_staff_go_after_their_own_days(station: Station) -> None:
    whole_visit(station)
    days(station, 399)
    night(station)
    assert "event" in said_anywhere(station, DESK_1.name)
    days(station, 2)
    night(station)
    assert said_anywhere(station, DESK_1.name, DESK_1.id) == set()
    assert any(row.actor == "Post 1" for row in events(station))


def test_who_looked_goes_after_its_own_days(station: Station) -> None:
    now = station.clock.now()
    station.store.write(
        lambda tx: tx.run(
            sa.insert(schema.look),
            id="look-1",
            station=PITEA,
            at=now,
            person="desk-1",
            name="Desk 1",
            what="board",
            about="",
            times=1,
        )
    )
    days(station, 401)
    night(station)
    assert said_anywhere(station, "look-1") == set()


def test_a_retry_of_an_erased_arrival_is_answered_and_not_refused_for_ever(
    station: Station,
) -> None:
    arrival = station.typed(PLATE)
    station.deliver(arrival)
    station.does(Verb.LEAVE, PLATE)
    days(station, 8)
    night(station)
    answer = station.deliver(arrival)
    assert answer.state == State.LEFT
    assert answer.plate == PLATE
    assert said_anywhere(station, PLATE) == set()


def events(station: Station) -> list[sa.Row[tuple[object, ...]]]:
    query = sa.select(schema.event).order_by(schema.event.c.seq)
    return list(station.store.read(lambda view: view.all(query)))
