"""Bays open, pause and close, and nobody is called to a door that takes nobody."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from contract.problems import Problem
from contract.transitions import Verb
from contract.visit import BayState
from contract.words import BayChange
from contract.yard import BayRow
from tests.central.yards import DESK_1, DESK_2, PITEA, Station

OPEN, BREAK, CLOSING, CLOSED = (
    BayState.OPEN,
    BayState.ON_BREAK,
    BayState.CLOSING,
    BayState.CLOSED,
)


def turns(station: Station, to: BayState, until_min: float | None = None, bay: str = "1") -> BayRow:
    return station.yard.change_bay(PITEA, DESK_1, bay, to, BayChange(until=at(station, until_min)))


def at(station: Station, minutes: float | None) -> datetime | None:
    return None if minutes is None else station.clock.now() + timedelta(minutes=minutes)


def bay(station: Station, bay_id: str = "1") -> BayRow:
    return next(row for row in station.queue().bays if row.bay == bay_id)


def refused(station: Station, to: BayState, until_min: float | None = None) -> Problem:
    with pytest.raises(Problem) as caught:
        turns(station, to, until_min)
    return caught.value


def not_called(station: Station, plate: str = "ABC123") -> Problem:
    with pytest.raises(Problem) as caught:
        station.calls(plate)
    return caught.value


def changes(station: Station) -> list[dict[str, Any]]:
    return [
        {"by": one.actor, **one.data}
        for one in station.yard.events_after(PITEA, 0)
        if one.kind == "bay_changed" and "to" in one.data
    ]


def test_a_bay_is_open_until_somebody_says_otherwise(station: Station) -> None:
    assert ("open", None) == (bay(station).state, bay(station).until)


@pytest.mark.parametrize("state", [BREAK, CLOSED])
def test_nobody_is_called_to_a_bay_that_takes_nobody(station: Station, state: BayState) -> None:
    station.comes("ABC123")
    assert state == turns(station, state).state
    problem = not_called(station)
    assert ("bay_closed", 409) == (problem.kind.reason, problem.kind.status)
    assert f"Door 1 is {state.replace('_', ' ')}" in problem.detail
    with pytest.raises(Problem, match="open it or choose another"):
        station.calls_next()
    assert "2" == station.calls("ABC123", "2").bay


def test_an_opened_bay_takes_customers_again(station: Station) -> None:
    station.comes("ABC123")
    turns(station, BREAK, 15)
    assert ("open", None) == (turns(station, OPEN).state, bay(station).until)
    assert "1" == station.calls("ABC123").bay


def test_a_break_ends_when_somebody_opens_the_bay_and_not_by_itself(station: Station) -> None:
    station.comes("ABC123")
    turns(station, BREAK, 15)
    station.minutes(30)
    station.yard.tick()
    assert "on_break" == bay(station).state
    assert "bay_closed" == not_called(station).kind.reason


def test_a_break_may_begin_while_a_car_is_inside_and_another_is_called_elsewhere(
    station: Station,
) -> None:
    station.comes("ABC123")
    station.does(Verb.ENTER, "ABC123", "1")
    assert "on_break" == turns(station, BREAK).state
    assert "done" == station.does(Verb.FINISH, "ABC123").state


def test_a_call_that_stands_when_the_break_begins_stands_on(station: Station) -> None:
    station.comes("ABC123")
    station.calls("ABC123")
    turns(station, BREAK)
    assert "in_bay" == station.does(Verb.ENTER, "ABC123", "1").state


@pytest.mark.parametrize(
    ("inside", "words"),
    [
        (False, "ABC 123 is called to door 1; end that call first"),
        (True, "ABC 123 is in bay 1; press Finish when it has left"),
    ],
    ids=["called", "inside"],
)
def test_a_bay_is_not_closed_over_somebody(station: Station, inside: bool, words: str) -> None:
    visit = station.comes("ABC123").visit
    station.calls("ABC123")
    if inside:
        station.does(Verb.ENTER, "ABC123", "1")
    problem = refused(station, CLOSED)
    assert ("bay_busy", 409) == (problem.kind.reason, problem.kind.status)
    assert words in problem.detail
    assert "choose closing" in problem.detail
    assert {"plate": "ABC123", "visit": visit, "bay": "1"} == problem.members
    assert "open" == bay(station).state


def test_a_closing_bay_finishes_who_is_inside_and_then_closes_by_itself(station: Station) -> None:
    station.comes("ABC123")
    station.comes("ABC124")
    station.does(Verb.ENTER, "ABC123", "1")
    turns(station, CLOSING)
    assert "bay_closed" == not_called(station, "ABC124").kind.reason
    station.yard.tick()
    assert "closing" == bay(station).state, "somebody is inside"
    station.does(Verb.FINISH, "ABC123")
    station.yard.tick()
    assert "closed" == bay(station).state


def test_an_announced_closing_takes_calls_until_then(station: Station) -> None:
    for plate in ("ABC123", "ABC124"):
        station.comes(plate)
    turns(station, CLOSING, 15)
    station.minutes(14)
    station.yard.tick()
    assert "1" == station.calls("ABC123").bay
    station.does(Verb.ENTER, "ABC123", "1")
    station.does(Verb.FINISH, "ABC123")
    station.minutes(1)
    assert "bay_closed" == not_called(station, "ABC124").kind.reason, "to the second"
    station.yard.tick()
    assert ("closed", None) == (bay(station).state, bay(station).until)


def test_an_announced_closing_waits_for_who_is_still_called(station: Station) -> None:
    station.comes("ABC123")
    turns(station, CLOSING, 5)
    station.calls("ABC123")
    for _ in range(3):
        station.minutes(5)
        station.yard.tick()
    assert "closing" == bay(station).state
    station.does(Verb.NO_SHOW, "ABC123")
    station.yard.tick()
    assert "closed" == bay(station).state


@pytest.mark.parametrize("state", [OPEN, BREAK])
def test_who_has_thought_better_of_it_does_not_close(station: Station, state: BayState) -> None:
    turns(station, CLOSING, 15)
    turns(station, state)
    station.minutes(20)
    station.yard.tick()
    assert state == bay(station).state


def test_a_closing_that_was_put_off_comes_when_it_was_said_last(station: Station) -> None:
    turns(station, CLOSING, 15)
    turns(station, CLOSING, 30)
    station.minutes(20)
    station.yard.tick()
    assert "closing" == bay(station).state
    station.minutes(10)
    station.yard.tick()
    assert "closed" == bay(station).state


@pytest.mark.parametrize(("state", "minutes"), [(BREAK, 0), (CLOSING, -5)])
def test_what_is_announced_lies_ahead(station: Station, state: BayState, minutes: float) -> None:
    problem = refused(station, state, minutes)
    assert ("value_refused", "$.until") == (problem.kind.reason, problem.members["path"])
    assert "This time is past" in problem.detail


@pytest.mark.parametrize("state", [OPEN, CLOSED])
def test_what_happens_at_once_has_no_time(station: Station, state: BayState) -> None:
    assert "leave until out" in refused(station, state, 15).detail


def test_every_change_says_who_and_from_what_to_what(station: Station) -> None:
    until = at(station, 15)
    station.yard.change_bay(PITEA, DESK_2, "1", BREAK, BayChange(until=until))
    turns(station, OPEN)
    turns(station, CLOSING)
    station.yard.tick()
    assert [
        ("Desk 2", "open", "on_break", "1"),
        ("Desk 1", "on_break", "open", "1"),
        ("Desk 1", "open", "closing", "1"),
        ("Portvakt", "closing", "closed", "1"),
    ] == [(one["by"], one["from"], one["to"], one["door"]) for one in changes(station)]
    assert until is not None
    assert until == datetime.fromisoformat(changes(station)[0]["until"])


def test_pressing_the_same_again_changes_nothing(station: Station) -> None:
    turns(station, BREAK)
    turns(station, BREAK)
    assert 1 == len(changes(station))


def test_a_bay_stays_as_it_is_over_a_restart(station: Station) -> None:
    turns(station, BREAK, 15)
    until = bay(station).until
    station.restart()
    assert ("on_break", until) == (bay(station).state, bay(station).until)


def test_a_bay_that_is_not_there_is_not_found(station: Station) -> None:
    with pytest.raises(Problem, match="has no bay 9"):
        turns(station, BREAK, bay="9")


# -- and what it means for those who wait -----------------------------------------------------


def window_end_min(station: Station, plate: str) -> int | None:
    window = station.row(plate).window
    return None if window is None else window.high_min


def test_nobody_is_promised_a_door_that_is_closed(station: Station) -> None:
    station.told_at_the_desk("ABC123", "heavy")
    assert window_end_min(station, "ABC123") is not None
    turns(station, CLOSED, bay="2")
    assert window_end_min(station, "ABC123") is None, "only door 2 takes heavy vehicles"


def test_an_announced_end_of_a_break_is_reckoned_with(station: Station) -> None:
    turns(station, CLOSED, bay="2")
    station.comes("ABC123")
    turns(station, BREAK, 60)
    window = station.row("ABC123").window
    assert window is not None
    assert 60 == window.median_min
    turns(station, BREAK)
    assert station.row("ABC123").window is None, "nobody knows when it ends"
