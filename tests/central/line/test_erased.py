"""A visit or an arrival whose plate is erased: nobody is put in the line, or called, by it any more."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest
import sqlalchemy as sa

from central import schema
from central.database.tx import Tx
from central.line.rows import one_visit, update_visit
from central.privacy import erasing
from contract.event import EventKind
from contract.plate import Plate
from contract.problems import Problem
from contract.transitions import Verb
from contract.visit import State
from contract.wire import Dark
from contract.words import BookingWords, Dismissal, ReInspection, UndoWords, VisitWords
from contract.yard import Vehicle
from tests.central.desk import does, inspected, open_from
from tests.central.yards import DESK_1, DESK_2, PITEA, Station, local


def erased(station: Station, *visits: str) -> None:
    station.store.write(lambda tx: erasing.visits(tx, PITEA, visits), PITEA)


def refusal(deed: Callable[[], object]) -> tuple[str, str]:
    with pytest.raises(Problem) as refused:
        deed()
    return refused.value.kind.reason, refused.value.detail


NO = ("wrong_state", "Its plate is erased; check it in anew.")


def left(station: Station, plate: str = "ABC123") -> tuple[str, int]:
    """A visit that the desk has just ended, and its version."""
    station.comes(plate)
    row = station.does(Verb.LEAVE, plate)
    return row.visit, row.version


# -- visits -------------------------------------------------------------------------------------


def test_nothing_more_becomes_of_an_erased_visit(station: Station) -> None:
    visit, version = left(station)
    erased(station, visit)
    for verb in Verb:
        for words in (VisitWords(version=version, bay="1", reason="a slip"), VisitWords(version=1)):
            deed = partial(station.yard.act, PITEA, DESK_1, visit, verb, words)
            assert NO == refusal(deed), verb
    assert [] == station.queue().line


def test_two_erased_visits_do_not_meet(station: Station) -> None:
    visits = dict(left(station, plate) for plate in ("ABC123", "DEF456"))
    erased(station, *visits)
    for visit, version in visits.items():
        words = VisitWords(version=version)
        deed = partial(station.yard.act, PITEA, DESK_1, visit, Verb.REOPEN, words)
        assert NO == refusal(deed)
    assert [] == station.queue().line


def test_a_visit_without_a_plate_is_never_written_into_the_line(station: Station) -> None:
    """Whatever deed may come: the row itself refuses."""
    visit, _ = left(station)
    erased(station, visit)

    def reopen(tx: Tx) -> None:
        before = one_visit(tx, PITEA, visit)
        update_visit(tx, PITEA, before, replace(before, state=State.WAITING, ended_at=None))

    assert NO == refusal(lambda: station.store.write(reopen))


def test_what_ended_an_erased_visit_cannot_be_taken_back(station: Station) -> None:
    visit, _ = left(station)
    erased(station, visit)
    assert NO == refusal(lambda: station.yard.undo(PITEA, DESK_1, UndoWords()))
    assert NO == refusal(lambda: station.yard.undo(PITEA, DESK_2, UndoWords(visit=visit)))
    assert NO == refusal(lambda: station.yard.undo(PITEA, DESK_1, UndoWords(visit=visit)))
    assert [] == station.queue().line


def test_a_finish_of_an_erased_visit_is_not_taken_back_and_its_bay_stays_free(
    station: Station,
) -> None:
    visit = inspected(station, "ABC123")
    erased(station, visit)
    assert NO == refusal(lambda: station.yard.undo(PITEA, DESK_1, UndoWords(visit=visit)))
    assert [[], []] == [bay.visits for bay in station.queue().bays]


def test_the_car_comes_again_as_somebody_new(station: Station) -> None:
    visit, _ = left(station)
    erased(station, visit)
    again = station.comes("ABC123")
    assert (True, ["ABC123"]) == (again.visit != visit, station.waiting())


def test_a_call_that_names_no_plate_lights_no_sign(station: Station) -> None:
    """Not by any deed of ours: as if a row had lost its plate while it stood."""
    station.sign_1.wakes()
    station.comes("ABC123")
    station.calls("ABC123")
    for table in (schema.visit, schema.call):
        nameless = sa.update(table).values(plate="", match_key="")
        station.store.write(partial(Tx.run, statement=nameless))
    answer = station.sign_1.ask()
    assert isinstance(answer, Dark)
    assert "cannot_show" == answer.reason


# -- what is known of it ------------------------------------------------------------------------


def test_the_page_of_an_erased_visit_says_nothing_of_anybody_else_s_inspection(
    station: Station,
) -> None:
    again = ReInspection(remarks=["brake hose"])
    others = inspected(station, "XYZ789", again)
    visit = inspected(station, "ABC123", again)
    words = BookingWords(plate="XYZ789", slot_at=local("2026-11-23 09:00"), make="Volvo")
    station.yard.desk.save_booking(PITEA, DESK_1, "R1", words)
    erased(station, others, visit)
    for one in (others, visit):
        assert Vehicle(plate="") == station.yard.desk.vehicle(PITEA, one)


def test_its_timeline_says_what_happened_and_offers_nothing(station: Station) -> None:
    visit, _ = left(station)
    erased(station, visit)
    kinds = [event.kind for event in station.yard.timeline(PITEA, visit)]
    assert [EventKind.ARRIVED, EventKind.LEFT] == kinds[:2]
    assert [] == station.yard.desk.visits_with(PITEA, Plate.parse("ABC"))


def test_a_board_is_offered_no_verb_for_a_row_without_a_plate(station: Station) -> None:
    visit, _ = left(station)
    nameless = sa.update(schema.visit).values(plate="")  # but for what it is found by
    station.store.write(lambda tx: tx.run(nameless))
    (row,) = station.yard.desk.visits_with(PITEA, Plate.parse("ABC123"))
    assert (visit, []) == (row.visit, row.may)


# -- arrivals that a person must look at --------------------------------------------------------


@pytest.fixture
def closed(station: Station) -> Station:
    """ABC 123 came while the station was closed, and DEF 456 after it."""
    open_from(station)
    station.clock.set_wall(local("2026-11-23 17:05"))
    for plate in ("ABC123", "DEF456"):
        station.comes(plate)
        station.minutes(1)
    return station


def nameless(station: Station) -> str:
    """Erase the arrival of ABC 123, but for that it is settled; gives its id."""
    arrival = station.queue().held[0].arrival
    one = sa.update(schema.arrival).where(schema.arrival.c.id == arrival)
    station.store.write(lambda tx: tx.run(one.values(plate="", match_key="", body_sha256="")))
    return arrival


def test_an_erased_arrival_waits_for_nobody(closed: Station) -> None:
    nameless(closed)
    assert ["DEF456"] == [row.plate for row in closed.queue().held]


def test_an_erased_arrival_is_neither_let_in_nor_turned_away(closed: Station) -> None:
    arrival, desk = nameless(closed), closed.yard.desk
    assert NO == refusal(lambda: desk.admit(PITEA, DESK_1, arrival))
    assert NO == refusal(
        lambda: desk.dismiss(PITEA, DESK_1, arrival, Dismissal(reason="it is not here"))
    )
    assert [] == closed.queue().line


def test_what_was_let_in_and_is_erased_since_names_nobody(closed: Station) -> None:
    first, desk = closed.queue().held[0].arrival, closed.yard.desk
    visit = desk.admit(PITEA, DESK_1, first).visit
    does(closed, Verb.LEAVE, visit)
    erased(closed, visit)
    assert NO == refusal(lambda: desk.admit(PITEA, DESK_2, first))


def test_a_deed_that_is_taken_back_lets_no_erased_arrival_wait_again(closed: Station) -> None:
    first, second = (row.arrival for row in closed.queue().held)
    visit = closed.yard.desk.admit(PITEA, DESK_1, second).visit
    other = sa.update(schema.arrival).where(schema.arrival.c.id == first)
    lost = {"plate": "", "match_key": "", "visit": visit, "settled_at": closed.clock.now()}
    closed.store.write(lambda tx: tx.run(other.values(lost)))
    closed.yard.undo(PITEA, DESK_1, UndoWords(visit=visit))
    assert ["DEF456"] == [row.plate for row in closed.queue().held]
    row = sa.select(schema.arrival.c.settled_at).where(schema.arrival.c.id == first)
    (kept,) = closed.store.read(lambda view: view.all(row))
    assert kept.settled_at is not None
