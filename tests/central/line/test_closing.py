"""After closing the line is swept, once, and nobody who came for another day with it."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from central import schema
from central.database.tx import View
from central.line.closing import SWEEP
from central.places.setup import StationSetup
from central.yard import Yard
from contract.problems import Problem
from contract.transitions import Verb
from contract.visit import BayState
from contract.words import BayChange, VisitWords
from tests.central.yards import DESK_1, PITEA, Station, local

HOURS = "mon-fri 07:00-17:00, sat 09:00-13:00"
CLOSES, SWEEPS = "2026-11-23 17:00", "2026-11-23 18:00"


MS = timedelta(milliseconds=1)


def sets(station: Station, **words: Any) -> None:
    station.yard.places.set_station(PITEA, StationSetup(**words), actor=DESK_1)


@pytest.fixture
def open_station(station: Station) -> Station:
    """A Monday at 8.30; closes at 17, sweeps at 18."""
    sets(station, hours=HOURS, holidays="SE")
    station.yard.tick()
    return station


def it_is(station: Station, moment: str) -> None:
    """Let the time pass until *moment* by the station's clock, and tick once."""
    ms = (local(moment) - station.clock.now()).total_seconds() * 1000
    assert ms >= 0, "time only passes"
    station.clock.advance(int(ms))
    station.yard.tick()


def open_plates(station: Station) -> list[str]:
    return sorted(row.plate for row in station.queue().line)


def sweeps(station: Station) -> list[tuple[str, str]]:
    def look(view: View) -> list[tuple[str, str]]:
        rows = view.all(sa.select(schema.deed).where(schema.deed.c.kind == SWEEP))
        return sorted((row.cause, row.state) for row in rows)

    return station.store.read(look)


def ended(station: Station, visit: str) -> tuple[str, str | None]:
    def look(view: View) -> tuple[str, str | None]:
        row = view.one(sa.select(schema.visit).where(schema.visit.c.id == visit))
        return row.state, row.note

    return station.store.read(look)


def test_who_is_still_in_the_line_an_hour_after_closing_is_taken_out(
    open_station: Station,
) -> None:
    visit = open_station.comes("ABC123").visit
    it_is(open_station, "2026-11-23 17:59")
    assert ["ABC123"] == open_plates(open_station)
    it_is(open_station, SWEEPS)
    assert [] == open_plates(open_station)
    assert ("removed", "closing") == ended(open_station, visit)
    (event,) = [one for one in open_station.yard.timeline(PITEA, visit) if one.kind == "swept"]
    assert ("Portvakt", "closing") == (event.actor, event.data["reason"])


def test_a_call_ends_and_its_sign_goes_dark(open_station: Station) -> None:
    open_station.sign_1.wakes()
    open_station.comes("ABC123")
    call = open_station.calls("ABC123").call
    assert "ABC 123" == open_station.sign_1.lit()
    open_station.comes("ABC124")
    open_station.does(Verb.PARK, "ABC124")
    open_station.comes("ABC125")
    open_station.does(Verb.ENTER, "ABC125", "2")
    open_station.nudges.clear()
    it_is(open_station, SWEEPS)
    assert [] == open_plates(open_station)
    assert call in [nudge.call for nudge in open_station.nudges], "blank at once"
    open_station.sign_1.dark()


def test_a_swept_plate_may_come_again_the_next_morning(open_station: Station) -> None:
    open_station.comes("ABC123")
    it_is(open_station, SWEEPS)
    it_is(open_station, "2026-11-24 08:00")
    assert "waiting" == open_station.comes("ABC123").state
    assert ["ABC123"] == open_plates(open_station)


def test_staff_who_are_still_there_bring_somebody_back(open_station: Station) -> None:
    visit = open_station.comes("ABC123").visit
    it_is(open_station, SWEEPS)
    row = open_station.yard.act(PITEA, DESK_1, visit, Verb.REOPEN, VisitWords(version=2))
    assert ("waiting", None) == (row.state, row.note)
    it_is(open_station, "2026-11-23 23:00")
    assert ["ABC123"] == open_plates(open_station), "a sweep happens once"


def test_nobody_is_swept_twice_whoever_ticks(open_station: Station) -> None:
    open_station.comes("ABC123")
    it_is(open_station, SWEEPS)
    other = Yard(open_station.store, open_station.clock)
    for _ in range(3):
        other.tick()
        open_station.yard.tick()
    assert 1 == open_station.happened().count("swept")


def test_the_sweep_is_planned_before_it_is_needed(open_station: Station) -> None:
    assert [(local(CLOSES).isoformat(), "pending")] == sweeps(open_station)
    it_is(open_station, SWEEPS)
    assert [
        (local(CLOSES).isoformat(), "done"),
        (local("2026-11-24 17:00").isoformat(), "pending"),
    ] == sweeps(open_station)


def test_a_central_that_was_off_sweeps_at_its_first_tick_and_once(open_station: Station) -> None:
    open_station.comes("ABC123")
    open_station.clock.advance(3 * 24 * 3600 * 1000)
    open_station.restart()
    assert ["ABC123"] == open_plates(open_station)
    open_station.yard.tick()
    assert [] == open_plates(open_station)
    open_station.yard.tick()
    assert 1 == open_station.happened().count("swept")


def test_who_came_this_morning_is_not_swept_with_yesterday(open_station: Station) -> None:
    """Central was off over night, and an early post delivered before the first tick."""
    open_station.comes("ABC123")
    open_station.clock.advance(int((local("2026-11-24 06:20") - open_station.clock.now()) / MS))
    open_station.restart()
    open_station.comes("ABC124")
    open_station.yard.tick()
    assert ["ABC124"] == open_plates(open_station)


def test_a_station_that_keeps_its_line_overnight_sweeps_nobody(open_station: Station) -> None:
    open_station.comes("ABC123")
    sets(open_station, overnight=True)
    it_is(open_station, "2026-11-24 07:00")
    assert ["ABC123"] == open_plates(open_station)
    assert "void" == sweeps(open_station)[0][1]
    sets(open_station, overnight=False)
    it_is(open_station, "2026-11-24 12:00")
    assert ["ABC123"] == open_plates(open_station), "not in the middle of the day"
    it_is(open_station, "2026-11-24 18:00")
    assert [] == open_plates(open_station)


def test_a_station_without_hours_never_sweeps(station: Station) -> None:
    station.comes("ABC123")
    it_is(station, "2026-11-30 12:00")
    assert ["ABC123"] == open_plates(station)


def test_while_the_clock_is_not_set_nothing_is_swept(open_station: Station) -> None:
    open_station.comes("ABC123")
    open_station.clock.is_synced = False
    it_is(open_station, "2026-11-23 20:00")
    assert ["ABC123"] == open_plates(open_station)
    open_station.clock.is_synced = True
    open_station.yard.tick()
    assert [] == open_plates(open_station)


def test_a_clock_that_was_wrong_for_years_sweeps_nobody_by_itself(open_station: Station) -> None:
    """A flat battery: central wakes in 2020, and is set right in the middle of the day."""
    open_station.comes("ABC123")
    right = open_station.clock.now()
    open_station.clock.set_wall(local("2020-01-01 01:00"), synced=False)
    open_station.yard.tick()
    open_station.clock.set_wall(right)
    open_station.yard.tick()
    assert ["ABC123"] == open_plates(open_station)


def test_a_clock_that_was_ahead_and_is_set_back_sweeps_today(station: Station) -> None:
    """Believed also backwards: what was planned for a day that never was must not hide this one."""
    right = station.clock.now()
    station.clock.set_wall(local("2026-11-25 12:00"))
    sets(station, hours=HOURS)
    station.yard.tick()
    station.clock.set_wall(right)
    station.yard.tick()
    station.comes("ABC123")
    it_is(station, SWEEPS)
    assert [] == open_plates(station)


def test_hours_that_are_changed_in_a_running_day_sweep_nobody(open_station: Station) -> None:
    it_is(open_station, "2026-11-23 12:00")
    open_station.comes("ABC123")
    sets(open_station, hours="mon-fri 07:00-10:00")
    it_is(open_station, "2026-11-23 16:00")
    assert ["ABC123"] == open_plates(open_station), "10 o'clock was over when it was set"
    it_is(open_station, "2026-11-23 19:00")
    assert ["ABC123"] == open_plates(open_station), "17 o'clock is no closing any more"
    it_is(open_station, "2026-11-24 11:00")
    assert [] == open_plates(open_station)


def test_first_hours_in_a_running_day_sweep_at_its_end(station: Station) -> None:
    station.comes("ABC123")
    sets(station, hours=HOURS)
    station.yard.tick()
    assert ["ABC123"] == open_plates(station), "Saturday's closing is nothing to them"
    it_is(station, SWEEPS)
    assert [] == open_plates(station)


def test_who_works_late_that_evening_is_left_alone(open_station: Station) -> None:
    open_station.comes("ABC123")
    it_is(open_station, "2026-11-23 17:30")
    sets(open_station, special_days=["2026-11-23 07:00-20:00"])
    it_is(open_station, "2026-11-23 19:00")
    assert ["ABC123"] == open_plates(open_station)
    it_is(open_station, "2026-11-23 21:00")
    assert [] == open_plates(open_station)


def test_how_long_after_closing_is_a_setting_that_counts_when_it_is_read(
    open_station: Station,
) -> None:
    open_station.comes("ABC123")
    it_is(open_station, "2026-11-23 17:30")
    sets(open_station, sweep_after_min=120)
    it_is(open_station, "2026-11-23 18:30")
    assert ["ABC123"] == open_plates(open_station)
    it_is(open_station, "2026-11-23 19:00")
    assert [] == open_plates(open_station)


def test_a_shorter_wait_set_before_closing_counts_the_same_day(open_station: Station) -> None:
    open_station.comes("ABC123")
    sets(open_station, sweep_after_min=0)
    it_is(open_station, "2026-11-23 16:59")
    assert ["ABC123"] == open_plates(open_station)
    it_is(open_station, CLOSES)
    assert [] == open_plates(open_station)


def test_who_waits_over_lunch_is_not_sent_home(station: Station) -> None:
    sets(station, hours="mon-fri 07:00-11:30 13:00-17:00")
    station.yard.tick()
    station.comes("ABC123")
    it_is(station, "2026-11-23 12:45")
    assert ["ABC123"] == open_plates(station)
    assert [(local(CLOSES).isoformat(), "pending")] == sweeps(station), "a pause is no closing"
    it_is(station, SWEEPS)
    assert [] == open_plates(station)


def test_a_holiday_has_no_closing_and_the_day_before_it_has(station: Station) -> None:
    station.clock.set_wall(local("2026-12-23 12:00"))
    sets(station, hours=HOURS, holidays="SE")
    station.yard.tick()
    it_is(station, "2026-12-23 18:00")
    assert [local(moment).isoformat() for moment in ("2026-12-23 17:00", "2026-12-28 17:00")] == [
        cause for cause, _ in sweeps(station)
    ]


def test_two_stations_are_swept_by_their_own_clocks(open_station: Station) -> None:
    places = open_station.yard.places
    places.create_station("kemi", "Kemi", "Europe/Helsinki")
    places.set_station("kemi", StationSetup(hours=HOURS))
    open_station.yard.tick()
    open_station.comes("ABC123")
    it_is(open_station, "2026-11-23 17:30")
    assert ["ABC123"] == open_plates(open_station)
    done = [cause for cause, state in sweeps(open_station) if state == "done"]
    assert [local("2026-11-23 16:00").isoformat()] == done, "17 in Helsinki is 16 in Piteå"


def test_bookings_of_who_was_swept_are_not_lost(open_station: Station) -> None:
    open_station.books("B-1,ABC 123,2026-11-23 10:00,full")
    visit = open_station.comes("ABC123").visit
    it_is(open_station, SWEEPS)
    with pytest.raises(Problem, match="removed now"):
        open_station.yard.act(PITEA, DESK_1, visit, Verb.PARK, VisitWords(version=1))
    assert ("removed", "closing") == ended(open_station, visit)


def test_a_day_on_which_nobody_had_set_the_clock_is_swept_once_it_is_set(
    open_station: Station,
) -> None:
    open_station.clock.is_synced = False
    it_is(open_station, SWEEPS)
    it_is(open_station, "2026-11-24 08:00")
    open_station.comes("ABC123")
    it_is(open_station, "2026-11-24 19:30")
    assert ["ABC123"] == open_plates(open_station)
    open_station.clock.is_synced = True
    open_station.yard.tick()
    assert [] == open_plates(open_station)


def test_a_station_set_up_by_a_clock_that_is_not_set_is_swept_once_it_is(station: Station) -> None:
    station.clock.is_synced = False
    sets(station, hours=HOURS)
    station.comes("ABC123")
    it_is(station, "2026-11-23 17:30")
    # In the evening somebody closes a door, which is no change of the hours.
    station.yard.change_bay(PITEA, DESK_1, "1", BayState.CLOSED, BayChange())
    station.clock.is_synced = True
    station.yard.tick()
    assert ["ABC123"] == open_plates(station), "its time is at 18"
    it_is(station, SWEEPS)
    assert [] == open_plates(station)


def test_a_clock_that_is_set_late_sweeps_nobody_by_hours_of_after_that_closing(
    station: Station,
) -> None:
    station.clock.is_synced = False
    station.comes("ABC123")
    it_is(station, "2026-11-23 17:30")
    sets(station, hours=HOURS)
    station.yard.change_bay(PITEA, DESK_1, "1", BayState.CLOSED, BayChange())
    station.clock.is_synced = True
    it_is(station, "2026-11-23 19:30")
    assert ["ABC123"] == open_plates(station)


def test_the_next_morning_s_cars_stay_when_yesterday_is_swept_late(open_station: Station) -> None:
    open_station.clock.is_synced = False
    it_is(open_station, SWEEPS)
    open_station.restart()
    it_is(open_station, "2026-11-24 16:00")
    open_station.comes("ABC123")
    it_is(open_station, "2026-11-25 06:30")
    open_station.comes("ABC124")
    open_station.clock.is_synced = True
    open_station.yard.tick()
    assert ["ABC124"] == open_plates(open_station)


@pytest.mark.parametrize("early_min", [900, 1440])
def test_a_day_that_takes_arrivals_the_evening_before_is_swept_of_its_own(
    station: Station, early_min: int
) -> None:
    sets(station, hours=HOURS, early_min=early_min)
    station.yard.tick()
    it_is(station, "2026-11-23 16:30")
    station.comes("ABC123")
    it_is(station, "2026-11-23 17:10")
    station.comes("ABC124")
    it_is(station, SWEEPS)
    assert ["ABC124"] == open_plates(station), "who came after closing came for tomorrow"
    it_is(station, "2026-11-24 18:00")
    assert [] == open_plates(station)
