"""Bookings move, change and are taken back, before and after their vehicle has come."""

from datetime import UTC, datetime

import pytest

from contract.plate import PlateRefused
from contract.problems import Problem
from contract.transitions import Verb
from contract.words import BookingWords
from tests.central.desk import OFFICE, booked, books, does, told, with_lulea
from tests.central.yards import PITEA, Station, local

NINE = "2026-11-23 09:00"


def saved(station: Station, ref: str, words: BookingWords) -> bool:
    _, is_new = station.yard.desk.save_booking(PITEA, OFFICE, ref, words)
    return is_new


def cancels(station: Station, ref: str) -> None:
    station.yard.desk.cancel_booking(PITEA, OFFICE, ref)


def reason(station: Station, ref: str = "R1", **words: object) -> tuple[str, object]:
    told = {"plate": "ABC123", "slot_at": local(NINE), **words}
    with pytest.raises(Problem) as error:
        saved(station, ref, BookingWords(**told))  # type: ignore[arg-type]
    return error.value.kind.reason, error.value.members.get("path")


# -- one booking --------------------------------------------------------------------------------


def test_a_booking_is_saved_and_given_back_as_it_is(station: Station) -> None:
    row = books(station, "R1", "abc 123", NINE, plate2="volvo", make=" Volvo ", remark="a\nb")
    assert ("R1", "ABC123", "VOLVO", "full") == (row.ref, row.plate, row.plate2, row.kind)
    assert ("Volvo", "a b", None, False) == (row.make, row.remark, row.visit, row.cancelled)
    assert {"R1": row} == booked(station)


def test_sending_it_again_changes_nothing_and_says_so(station: Station) -> None:
    words = BookingWords(plate="ABC123", slot_at=local(NINE))
    assert saved(station, "R1", words)
    happened = station.happened()
    assert not saved(station, "R1", words)
    assert happened == station.happened()
    assert "booking_saved" == happened[-1]


def test_a_moved_booking_is_expected_at_its_new_time(station: Station) -> None:
    books(station, "R1", "ABC123", NINE)
    books(station, "R1", "ABC123", "2026-11-24 10:00")
    assert [] == station.yard.expected(PITEA).plates
    assert {} == booked(station)
    assert local("2026-11-24 10:00") == booked(station, "2026-11-24")["R1"].slot_at


def test_a_booking_with_another_plate_is_for_that_vehicle(station: Station) -> None:
    books(station, "R1", "ABC123", NINE)
    books(station, "R1", "DEF456", NINE)
    assert station.comes("ABC123").booked_at is None
    assert local(NINE) == station.comes("DEF456").booked_at


def test_a_cancelled_booking_is_nobody_s(station: Station) -> None:
    books(station, "R1", "ABC123", NINE)
    cancels(station, "R1")
    cancels(station, "R1")
    assert 1 == station.happened().count("booking_cancelled")
    assert booked(station)["R1"].cancelled
    assert station.comes("ABC123").booked_at is None


def test_a_cancelled_booking_may_be_made_anew(station: Station) -> None:
    books(station, "R1", "ABC123", NINE, cancelled=True)
    books(station, "R1", "ABC123", NINE)
    assert local(NINE) == station.comes("ABC123").booked_at


def test_only_a_booking_of_this_station_can_be_cancelled(station: Station) -> None:
    with_lulea(station)
    books(station, "R1", "ABC123", NINE, "lulea")
    for ref in ("R1", "R\x00", ""):
        with pytest.raises(Problem) as error:
            cancels(station, ref)
        assert "not_found" == error.value.kind.reason


def test_what_cannot_be_booked_is_refused_with_the_field_s_name(station: Station) -> None:
    assert ("value_refused", "$.kind") == reason(station, kind="boat")
    assert ("value_refused", "ref") == reason(station, "R/1")
    assert ("value_refused", "ref") == reason(station, "R\x00")
    with pytest.raises(PlateRefused):
        books(station, "R1", "A?C", NINE)
    with pytest.raises(PlateRefused):
        books(station, "R1", "ABC123", NINE, plate2="A")
    assert {} == booked(station)


@pytest.mark.parametrize("year", [1, 9999])
def test_a_booking_at_the_ends_of_the_calendar_harms_nobody(station: Station, year: int) -> None:
    for minute in (0, 59):
        slot = datetime(
            year, 1 if year == 1 else 12, 1 if year == 1 else 31, 23, minute, tzinfo=UTC
        )
        saved(station, "R1", BookingWords(plate="ABC123", slot_at=slot))
    assert station.comes("ABC123").booked_at is None
    booked(station, f"{year:04}-01-01")
    booked(station, f"{year:04}-12-31")


def test_the_same_plate_twice_is_one_plate(station: Station) -> None:
    assert books(station, "R1", "ABC123", NINE, plate2="abc 123").plate2 is None


def test_a_day_s_bookings_are_listed_in_the_order_of_their_slots(station: Station) -> None:
    books(station, "R3", "ABC123", "2026-11-23 08:00")
    books(station, "R1", "DEF456", "2026-11-23 10:00")
    books(station, "R2", "GHJ789", "2026-11-23 10:00", cancelled=True)
    books(station, "R4", "GHJ789", "2026-11-24 00:00")
    assert ["R3", "R1", "R2"] == list(booked(station))


# -- after its vehicle has come -----------------------------------------------------------------


def test_a_booking_that_moves_after_its_vehicle_came_only_says_so(station: Station) -> None:
    books(station, "R1", "ABC123", NINE)
    visit = station.comes("ABC123").visit
    before = station.row("ABC123")
    books(station, "R1", "ABC123", "2026-11-23 10:00")
    assert before == station.row("ABC123")
    noted = station.yard.timeline(PITEA, visit)[-1]
    assert ("booking_saved", "Office 1", "R1") == (noted.kind, noted.actor, noted.data["ref"])
    assert "2026-11-23T08:00:00Z" == noted.data["was_at"]
    assert visit == booked(station)["R1"].visit


def test_a_booking_that_is_cancelled_after_its_vehicle_came_only_says_so(station: Station) -> None:
    books(station, "R1", "ABC123", NINE)
    visit = station.comes("ABC123").visit
    cancels(station, "R1")
    assert ["arrived", "booking_cancelled"] == told(station, visit)
    assert local(NINE) == station.row("ABC123").slot_at


def test_a_booking_moved_to_another_day_waits_for_its_vehicle_anew(station: Station) -> None:
    books(station, "R1", "ABC123", NINE)
    visit = station.comes("ABC123").visit
    does(station, Verb.LEAVE, visit)
    books(station, "R1", "ABC123", "2026-11-24 09:00")
    station.minutes(24 * 60)
    assert local("2026-11-24 09:00") == station.comes("ABC123").booked_at


def test_a_booking_given_to_another_vehicle_waits_for_that_one(station: Station) -> None:
    books(station, "R1", "ABC123", NINE)
    station.comes("ABC123")
    books(station, "R1", "DEF456", NINE)
    assert local(NINE) == station.comes("DEF456").booked_at
    assert local(NINE) == station.row("ABC123").slot_at


def test_a_booking_that_learns_its_other_plate_is_still_the_same(station: Station) -> None:
    books(station, "R1", "ABC123", NINE)
    visit = station.comes("ABC123").visit
    books(station, "R1", "VOLVO", NINE, plate2="ABC123")
    assert visit == booked(station)["R1"].visit
    assert visit == station.comes("VOLVO").visit


# -- another day, another station ---------------------------------------------------------------


def test_who_is_booked_for_tomorrow_is_told_so(station: Station) -> None:
    books(station, "R1", "ABC123", "2026-11-24 09:00")
    answer = station.comes("ABC123")
    assert answer.elsewhere is not None
    assert (local("2026-11-24 09:00"), None) == (answer.elsewhere.slot_at, answer.elsewhere.station)
    assert (None, "drop_in") == (answer.booked_at, station.row("ABC123").rule)
    assert answer.elsewhere == station.row("ABC123").elsewhere


def test_who_is_booked_at_another_station_is_told_where(station: Station) -> None:
    with_lulea(station)
    books(station, "R1", "DEF456", "2026-11-23 10:00", "lulea", plate2="ABC123")
    found = station.comes("ABC123").elsewhere
    assert found is not None
    assert (local("2026-11-23 10:00"), "Luleå") == (found.slot_at, found.station)


def test_of_several_the_nearest_is_told(station: Station) -> None:
    books(station, "R1", "ABC123", "2026-12-20 09:00")
    books(station, "R2", "ABC123", "2026-11-20 09:00")
    books(station, "R3", "ABC123", "2026-11-22 09:00", cancelled=True)
    found = station.comes("ABC123").elsewhere
    assert found is not None
    assert local("2026-11-20 09:00") == found.slot_at


@pytest.mark.parametrize(
    ("slot", "is_told"),
    [
        ("2026-10-24 08:00", False),
        ("2026-10-24 09:00", True),
        ("2027-01-22 08:00", True),
        ("2027-01-22 09:00", False),
    ],
)
def test_only_the_weeks_around_are_looked_at(station: Station, slot: str, is_told: bool) -> None:
    books(station, "R1", "ABC123", slot)
    assert is_told == (station.comes("ABC123").elsewhere is not None)


def test_who_has_a_booking_today_is_told_of_that_one_only(station: Station) -> None:
    books(station, "R1", "ABC123", NINE)
    books(station, "R2", "ABC123", "2026-11-24 09:00")
    assert station.comes("ABC123").elsewhere is None
    assert station.row("ABC123").elsewhere is None


def test_a_look_up_and_a_retry_say_the_same(station: Station) -> None:
    books(station, "R1", "ABC123", "2026-11-24 09:00")
    arrival = station.typed("ABC123")
    first = station.deliver(arrival)
    asked = station.yard.status(PITEA, station.post, "ABC123")
    assert asked is not None
    assert first.elsewhere == station.deliver(arrival).elsewhere == asked.elsewhere is not None


def test_nobody_is_told_of_a_stranger_s_booking(station: Station) -> None:
    books(station, "R1", "ABC123", "2026-11-24 09:00")
    assert station.comes("ABC124").elsewhere is None
