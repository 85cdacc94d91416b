"""A vehicle that must come back is known when it does: its promise of twenty minutes starts."""

from datetime import timedelta

import pytest

from central.places.setup import BaySetup, StationSetup
from contract.visit import Kind
from contract.words import Approved, ApprovedWithRemarks, NotInspected, Outcome, ReInspection
from tests.central.desk import books, inspected
from tests.central.yards import PITEA, Station, local

MEND = ReInspection(remarks=["brake hose"])


def days(station: Station, number: float) -> None:
    station.clock.advance(int(number * 86_400_000))


def test_who_was_asked_back_is_a_recheck_with_a_promise(station: Station) -> None:
    inspected(station, "ABC123", MEND)
    days(station, 3)
    answer = station.comes("ABC123")
    row = station.row("ABC123")
    assert ("recheck", "recheck") == (row.kind, row.rule)
    assert answer.as_of + timedelta(minutes=20) == row.promised_at
    assert answer.as_of - timedelta(minutes=20) == row.turn_at


def test_a_recheck_goes_before_a_drop_in(station: Station) -> None:
    inspected(station, "ABC123", MEND)
    station.minutes(30)
    station.comes("DEF456")
    assert 1 == station.comes("ABC123").place


@pytest.mark.parametrize(
    "later", [Approved(), ApprovedWithRemarks(remarks=["stone chip"])], ids=["clean", "remarks"]
)
def test_an_approval_ends_it(station: Station, later: Outcome) -> None:
    inspected(station, "ABC123", MEND)
    days(station, 3)
    inspected(station, "ABC123", later)
    days(station, 1)
    station.comes("ABC123")
    assert "full" == station.row("ABC123").kind


def test_a_recheck_that_could_not_be_made_is_still_to_be_made(station: Station) -> None:
    inspected(station, "ABC123", MEND)
    days(station, 3)
    inspected(station, "ABC123", NotInspected(reason="no key"))
    days(station, 1)
    station.comes("ABC123")
    assert "recheck" == station.row("ABC123").kind


def test_an_inspection_that_could_not_be_made_asks_for_no_recheck(station: Station) -> None:
    inspected(station, "ABC123", NotInspected(reason="no key"))
    days(station, 1)
    station.comes("ABC123")
    assert "full" == station.row("ABC123").kind


@pytest.mark.parametrize(("after", "kind"), [(30.9, "recheck"), (31.1, "full")])
def test_after_a_month_it_is_a_new_inspection(station: Station, after: float, kind: str) -> None:
    inspected(station, "ABC123", MEND)
    days(station, after)
    station.comes("ABC123")
    assert kind == station.row("ABC123").kind


def test_a_station_says_how_long_a_recheck_is_one(station: Station) -> None:
    station.yard.places.set_station(PITEA, StationSetup(recheck_days=2))
    inspected(station, "ABC123", MEND)
    days(station, 3)
    station.comes("ABC123")
    assert "full" == station.row("ABC123").kind


def test_it_is_known_by_the_other_plate(station: Station) -> None:
    books(station, "R1", "ABC123", "2026-11-23 09:00", plate2="VOLVO")
    inspected(station, "ABC123", MEND)
    days(station, 1)
    station.comes("VOLVO")
    assert "recheck" == station.row("VOLVO").kind


def test_the_desk_may_choose_another_kind(station: Station) -> None:
    inspected(station, "ABC123", MEND)
    days(station, 1)
    station.told_at_the_desk("ABC123", Kind.HEAVY)
    assert "heavy" == station.row("ABC123").kind


def test_a_booked_kind_stays_what_was_booked(station: Station) -> None:
    inspected(station, "ABC123", MEND)
    days(station, 1)
    books(station, "R1", "ABC123", "2026-11-24 09:00", kind="heavy")
    station.comes("ABC123")
    assert "heavy" == station.row("ABC123").kind


@pytest.mark.parametrize(
    ("slot", "rule"), [("2026-11-24 09:30", "booked"), ("2026-11-24 08:00", "recheck")]
)
def test_a_booking_in_time_keeps_its_slot_and_a_missed_one_is_a_recheck(
    station: Station, slot: str, rule: str
) -> None:
    inspected(station, "ABC123", MEND)
    days(station, 1)
    books(station, "R1", "ABC123", slot)
    station.comes("ABC123")
    row = station.row("ABC123")
    assert ("recheck", rule, local(slot)) == (row.kind, row.rule, row.slot_at)


def test_where_no_door_takes_rechecks_it_is_an_ordinary_visit(station: Station) -> None:
    inspected(station, "ABC123", MEND)
    for bay in ("1", "2"):
        station.yard.places.set_bay(PITEA, bay, BaySetup(kinds=["full"]))
    days(station, 1)
    station.comes("ABC123")
    assert "full" == station.row("ABC123").kind
