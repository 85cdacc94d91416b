from datetime import UTC, datetime
from functools import partial

from central.line import inspections
from central.privacy import erasing
from contract.transitions import Verb
from contract.visit import State
from contract.words import (
    Approved,
    ApprovedWithRemarks,
    NotInspected,
    Outcome,
    ReInspection,
    VisitWords,
)
from contract.yard import Inspected
from tests.central.yards import DESK_1, PITEA, Station

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def inspected(station: Station, plate: str, outcome: Outcome | None) -> str:
    station.comes(plate)
    row = station.does(Verb.ENTER, plate, "1")
    words = VisitWords(version=row.version, outcome=outcome)
    assert State.DONE == station.yard.act(PITEA, DESK_1, row.visit, Verb.FINISH, words).state
    return row.visit


def last(station: Station, plate: str) -> Inspected | None:
    return station.store.read(lambda view: inspections.last_of(view, PITEA, [plate], LONG_AGO))


def test_the_outcome_stands_on_the_timeline_with_its_remarks(station: Station) -> None:
    visit = inspected(station, "ABC123", ReInspection(remarks=["brake hose", "left rear light"]))
    finished = station.yard.timeline(PITEA, visit)[-1]
    assert {"result": "re_inspection", "remarks": ["brake hose", "left rear light"]} == (
        finished.data["outcome"]
    )


def test_the_latest_outcome_of_a_vehicle_is_known_when_it_comes_back(station: Station) -> None:
    inspected(station, "ABC123", ReInspection(remarks=["brake hose"]))
    station.minutes(60)
    inspected(station, "ABC123", ApprovedWithRemarks(remarks=["stone chip"]))
    found = last(station, "ABC123")
    assert found is not None
    assert ApprovedWithRemarks(remarks=["stone chip"]) == found.outcome
    assert last(station, "ABC124") is None


def test_a_finish_without_an_outcome_leaves_what_was_known(station: Station) -> None:
    inspected(station, "ABC123", NotInspected(reason="no key"))
    station.minutes(60)
    inspected(station, "ABC123", None)
    found = last(station, "ABC123")
    assert found is not None
    assert NotInspected(reason="no key") == found.outcome


def test_another_station_s_outcomes_are_not_looked_at(station: Station) -> None:
    inspected(station, "ABC123", Approved())
    found = station.store.read(
        lambda view: inspections.last_of(view, "lulea", ["ABC123"], LONG_AGO)
    )
    assert found is None


def test_an_erased_inspection_is_nobody_s_last(station: Station) -> None:
    visit = inspected(station, "ABC123", ReInspection(remarks=["brake hose"]))
    station.store.write(lambda tx: erasing.visits(tx, PITEA, [visit]), PITEA)
    for keys in ([""], ["ABC123"], ["", "ABC123"]):
        last_of = partial(inspections.last_of, station=PITEA, keys=keys, since=LONG_AGO)
        assert station.store.read(last_of) is None
