from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from contract.visit import Kind
from portvakt.demo.sample import as_csv, bookings, from_csv, next_quarter, presses_of

STOCKHOLM = ZoneInfo("Europe/Stockholm")
MORNING = datetime(2026, 11, 21, 9, 7, 30, tzinfo=STOCKHOLM)


def test_abc_123_is_booked_at_the_next_quarter_of_an_hour() -> None:
    slots = {booking.plate.display: f"{booking.at:%H:%M}" for booking in bookings(MORNING)}
    assert slots["ABC 123"] == "09:15"


def test_abc_123_is_never_booked_for_a_slot_that_passes_while_it_is_typed() -> None:
    late = {
        f"{one.at:%H:%M}"
        for one in bookings(MORNING.replace(minute=13))
        if one.plate.text == "ABC123"
    }
    assert late == {"09:30"}


def test_a_full_quarter_is_its_own_next_quarter() -> None:
    assert next_quarter(MORNING.replace(minute=15, second=0)).minute == 15


def test_every_kind_and_both_ordinary_shapes_are_there_and_no_two_plates_share_their_keys() -> None:
    today = bookings(MORNING)
    assert {booking.kind for booking in today} == set(Kind)
    assert any(booking.plate.text[-1].isalpha() for booking in today)
    assert all(booking.plate.is_ordinary_swedish for booking in today)
    assert len({presses_of(booking.plate.text) for booking in today}) == len(today)


def test_the_presses_of_abc_123_are_those_that_the_page_tells() -> None:
    assert presses_of("ABC123") == "222123"


@pytest.mark.parametrize("hour", range(24))
@pytest.mark.parametrize("minute", [0, 1, 59])
def test_all_bookings_are_of_the_day_itself_whatever_the_hour(hour: int, minute: int) -> None:
    now = MORNING.replace(hour=hour, minute=minute)
    assert {booking.at.date() for booking in bookings(now)} == {now.date()}


def test_the_file_has_a_line_for_each_booking_with_its_offset_from_utc() -> None:
    lines = as_csv(bookings(MORNING)).splitlines()
    assert len(lines) == 1 + len(bookings(MORNING))
    assert "demo-20261121-ABC123,ABC123,2026-11-21T09:15:00+01:00,full" in lines
    assert from_csv(as_csv(bookings(MORNING))) == bookings(MORNING)
