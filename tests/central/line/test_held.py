"""An arrival from before the last closing, or while it is closed, is looked at by a person first."""

from collections.abc import Callable

import msgspec
import pytest

from central.words import Actor, SendClocks
from contract.problems import Problem
from contract.transitions import Verb
from contract.wire import Arrival, Standing
from contract.words import Dismissal, UndoWords
from contract.yard import HeldRow
from tests.central.desk import books, does, inspected, open_from, told
from tests.central.yards import DESK_1, DESK_2, PITEA, Station, local

NOT_OURS = Dismissal(reason="it is not here")


@pytest.fixture
def weekdays(station: Station) -> Station:
    """Open on weekdays from 7 to 17; it is Monday, 8.30."""
    open_from(station)
    return station


def at(station: Station, moment: str) -> None:
    station.clock.set_wall(local(moment))


def held(station: Station) -> list[HeldRow]:
    return station.queue().held


def typed_yesterday(station: Station, plate: str = "ABC123") -> Arrival:
    """What an outbox still has on Monday morning of Friday afternoon."""
    return station.typed(plate, at=local("2026-11-20 16:50"))


def delivered_late(station: Station, arrival: Arrival) -> Standing:
    """The post has rebooted since: its own wall clock is all that says when it was."""
    return station.deliver(arrival, sent=SendClocks("next-boot", 5))


# -- what is held -------------------------------------------------------------------------------


def test_an_arrival_from_before_the_last_closing_never_queues_itself(weekdays: Station) -> None:
    answer = delivered_late(weekdays, typed_yesterday(weekdays))
    assert ("held", "", None, None) == (answer.state, answer.visit, answer.place, answer.opens_at)
    assert [] == weekdays.waiting()
    assert "arrival_held" == weekdays.happened()[-1]
    (row,) = held(weekdays)
    assert ("ABC123", "before_closing", "post") == (row.plate, row.why, row.source)
    assert (local("2026-11-20 16:50"), weekdays.clock.now()) == (row.came_at, row.received_at)


def test_who_comes_while_it_is_closed_hears_when_it_opens(weekdays: Station) -> None:
    at(weekdays, "2026-11-23 17:01")
    answer = weekdays.comes("ABC123")
    assert ("held", local("2026-11-24 07:00")) == (answer.state, answer.opens_at)
    assert ["closed"] == [row.why for row in held(weekdays)]


@pytest.mark.parametrize(
    ("moment", "state"),
    [
        ("2026-11-24 05:59", "held"),
        ("2026-11-24 06:01", "waiting"),
        ("2026-11-24 16:59", "waiting"),
        ("2026-11-24 17:00", "held"),
        ("2026-11-28 12:00", "held"),
    ],
)
def test_arrivals_are_taken_from_an_hour_before_opening_until_closing(
    weekdays: Station, moment: str, state: str
) -> None:
    at(weekdays, moment)
    assert state == weekdays.comes("ABC123").state


def test_at_a_station_without_hours_nothing_is_held(station: Station) -> None:
    assert "waiting" == delivered_late(station, typed_yesterday(station)).state


def test_a_pause_at_noon_sends_nobody_to_a_person(station: Station) -> None:
    """It opens again within the hour, so arrivals are taken all the time."""
    open_from(station, "mon-fri 07:00-12:00 13:00-17:00")
    at(station, "2026-11-23 12:30")
    assert "waiting" == station.comes("ABC123").state


def test_while_the_clock_is_not_set_nobody_is_held(weekdays: Station) -> None:
    weekdays.clock.set_wall(local("2026-11-22 03:00"), synced=False)
    assert "waiting" == weekdays.comes("ABC123").state


def test_what_the_desk_says_is_never_held(weekdays: Station) -> None:
    at(weekdays, "2026-11-23 17:20")
    assert "waiting" == weekdays.told_at_the_desk("ABC123").state


def test_a_late_arrival_of_an_open_visit_is_that_visit(weekdays: Station) -> None:
    late = typed_yesterday(weekdays)
    first = weekdays.comes("ABC123")
    answer = delivered_late(weekdays, late)
    assert (first.visit, True) == (answer.visit, answer.again)
    assert [] == held(weekdays)


def test_an_arrival_from_before_the_end_of_its_visit_is_only_noted(weekdays: Station) -> None:
    visit = inspected(weekdays, "ABC123")
    answer = delivered_late(weekdays, typed_yesterday(weekdays))
    assert (visit, "done") == (answer.visit, answer.state)
    assert [] == held(weekdays)


def test_a_no_show_who_types_after_closing_is_not_put_back_in_the_line(weekdays: Station) -> None:
    weekdays.comes("ABC123")
    weekdays.calls("ABC123")
    weekdays.does(Verb.NO_SHOW, "ABC123")
    at(weekdays, "2026-11-23 17:30")
    assert "held" == weekdays.comes("ABC123").state
    assert [] == weekdays.waiting()


def test_a_clock_that_is_a_day_behind_is_looked_at_by_a_person(weekdays: Station) -> None:
    at(weekdays, "2026-11-24 08:30")
    skewed = weekdays.typed("ABC123", at=local("2026-11-23 08:30"))
    assert "held" == delivered_late(weekdays, skewed).state
    assert 1 == len(held(weekdays))


# -- once per id --------------------------------------------------------------------------------


def test_a_retry_of_a_held_arrival_is_the_same_one(weekdays: Station) -> None:
    late = typed_yesterday(weekdays)
    first = delivered_late(weekdays, late)
    again = delivered_late(weekdays, late)
    assert ("held", 1) == (again.state, len(held(weekdays)))
    assert first.as_of == again.as_of
    with pytest.raises(Problem) as error:
        weekdays.deliver(msgspec.structs.replace(late, plate="DEF456"))
    assert "id_reused" == error.value.kind.reason


def test_the_retry_of_an_admitted_arrival_hears_of_its_visit(weekdays: Station) -> None:
    late = typed_yesterday(weekdays)
    delivered_late(weekdays, late)
    row = weekdays.yard.desk.admit(PITEA, DESK_1, late.id)
    assert (row.visit, "waiting") == (
        (answer := delivered_late(weekdays, late)).visit,
        answer.state,
    )


def test_the_post_that_took_it_may_ask_what_became_of_it(weekdays: Station) -> None:
    at(weekdays, "2026-11-23 17:01")
    weekdays.comes("ABC123")
    asked = weekdays.yard.status(PITEA, weekdays.post, "ABC123")
    assert asked is not None
    assert ("held", local("2026-11-24 07:00")) == (asked.state, asked.opens_at)
    weekdays.yard.desk.dismiss(PITEA, DESK_1, held(weekdays)[0].arrival, NOT_OURS)
    asked = weekdays.yard.status(PITEA, weekdays.post, "ABC123")
    assert asked is not None
    assert "dismissed" == asked.state


# -- a person looks -----------------------------------------------------------------------------


def test_an_admitted_arrival_of_another_day_comes_now(weekdays: Station) -> None:
    delivered_late(weekdays, typed_yesterday(weekdays))
    row = weekdays.yard.desk.admit(PITEA, DESK_1, held(weekdays)[0].arrival)
    assert (weekdays.clock.now(), "drop_in", 1) == (row.arrived_at, row.rule, row.place)
    assert ([], ["ABC123"]) == (held(weekdays), weekdays.waiting())
    assert ["arrival_admitted"] == told(weekdays, row.visit)


def test_an_admitted_arrival_of_today_keeps_its_time_and_its_booking(weekdays: Station) -> None:
    books(weekdays, "R1", "ABC123", "2026-11-24 07:30")
    at(weekdays, "2026-11-24 05:40")
    came = weekdays.comes("ABC123").as_of
    at(weekdays, "2026-11-24 06:50")
    row = weekdays.yard.desk.admit(PITEA, DESK_1, held(weekdays)[0].arrival)
    assert (came, "booked", local("2026-11-24 07:30")) == (row.arrived_at, row.rule, row.slot_at)


def test_a_dismissed_arrival_is_gone_and_its_reason_is_kept(weekdays: Station) -> None:
    delivered_late(weekdays, typed_yesterday(weekdays))
    weekdays.yard.desk.dismiss(PITEA, DESK_1, held(weekdays)[0].arrival, NOT_OURS)
    assert ([], []) == (held(weekdays), weekdays.waiting())
    event = weekdays.yard.events_after(PITEA, 0)[-1]
    assert ("arrival_dismissed", "Desk 1", "it is not here") == (
        event.kind,
        event.actor,
        event.data["reason"],
    )
    assert "ABC123" not in str(event)


@pytest.mark.parametrize("first", ["admit", "dismiss"])
@pytest.mark.parametrize("second", ["admit", "dismiss"])
def test_who_is_slower_is_told_who_has_looked(weekdays: Station, first: str, second: str) -> None:
    delivered_late(weekdays, typed_yesterday(weekdays))
    arrival = held(weekdays)[0].arrival
    desk = weekdays.yard.desk
    deeds: dict[str, Callable[[Actor], object]] = {
        "admit": lambda actor: desk.admit(PITEA, actor, arrival),
        "dismiss": lambda actor: desk.dismiss(PITEA, actor, arrival, NOT_OURS),
    }
    deeds[first](DESK_2)
    with pytest.raises(Problem) as error:
        deeds[second](DESK_1)
    assert ("changed_meanwhile", "Desk 2") == (
        error.value.kind.reason,
        error.value.members["by"],
    )


def test_only_what_is_held_here_can_be_let_in(weekdays: Station) -> None:
    taken = weekdays.typed("ABC123")
    weekdays.deliver(taken)
    weekdays.yard.places.create_station("lulea", "Luleå", "Europe/Stockholm")
    delivered_late(weekdays, late := typed_yesterday(weekdays, "DEF456"))
    for station, arrival in ((PITEA, taken.id), (PITEA, "nothing"), ("lulea", late.id)):
        with pytest.raises(Problem) as error:
            weekdays.yard.desk.admit(station, DESK_1, arrival)
        assert "not_found" == error.value.kind.reason


def test_a_vehicle_typed_twice_while_closed_is_one_row_and_one_visit(weekdays: Station) -> None:
    at(weekdays, "2026-11-24 05:30")
    weekdays.comes("ABC123")
    first_at = weekdays.clock.now()
    weekdays.minutes(10)
    weekdays.comes("ABC123", weekdays.other_post)
    (row,) = held(weekdays)
    assert first_at == row.came_at
    weekdays.minutes(60)
    assert first_at == weekdays.yard.desk.admit(PITEA, DESK_1, row.arrival).arrived_at
    assert [] == held(weekdays)


def test_two_plates_of_one_vehicle_are_settled_together(weekdays: Station) -> None:
    books(weekdays, "R1", "ABC123", "2026-11-24 09:00", plate2="VOLVO")
    at(weekdays, "2026-11-24 05:30")
    weekdays.comes("ABC123")
    weekdays.comes("VOLVO")
    weekdays.yard.desk.admit(PITEA, DESK_1, held(weekdays)[0].arrival)
    assert ([], 1) == (held(weekdays), len(weekdays.waiting()))


def waits_by_two_plates(weekdays: Station) -> tuple[str, str]:
    """ABC123 is held, VOLVO is told at the desk, and only then a booking says that they are one car."""
    at(weekdays, "2026-11-24 05:30")
    weekdays.comes("ABC123")
    at(weekdays, "2026-11-24 07:05")
    visit = weekdays.told_at_the_desk("VOLVO").visit
    books(weekdays, "R1", "ABC123", "2026-11-24 09:00", plate2="VOLVO")
    return visit, held(weekdays)[0].arrival


def test_who_is_admitted_while_in_the_line_already_is_that_visit(weekdays: Station) -> None:
    visit, arrival = waits_by_two_plates(weekdays)
    row = weekdays.yard.desk.admit(PITEA, DESK_1, arrival)
    assert (visit, local("2026-11-24 05:30")) == (row.visit, row.arrived_at.replace(second=0))
    assert ([], ["VOLVO"]) == (held(weekdays), weekdays.waiting())


@pytest.mark.parametrize(("verb", "is_the_same"), [(Verb.NO_SHOW, True), (Verb.FINISH, False)])
def test_whoever_is_let_in_is_in_the_line_though_its_visit_has_ended_since_it_came(
    weekdays: Station, verb: Verb, is_the_same: bool
) -> None:
    visit, arrival = waits_by_two_plates(weekdays)
    first = Verb.CALL if verb is Verb.NO_SHOW else Verb.ENTER
    does(weekdays, first, visit, bay="1")
    does(weekdays, verb, visit)
    weekdays.minutes(5)
    row = weekdays.yard.desk.admit(PITEA, DESK_1, arrival)
    assert ("waiting", is_the_same) == (row.state, visit == row.visit)
    assert [] == held(weekdays)
    assert 1 == len(weekdays.waiting())


# -- it comes again -----------------------------------------------------------------------------


def told_at_the_desk(station: Station) -> Standing:
    return station.told_at_the_desk("ABC123")


def typed_again(station: Station) -> Standing:
    return station.comes("ABC123", station.other_post)


@pytest.mark.parametrize("comes", [told_at_the_desk, typed_again])
def test_who_was_held_and_comes_again_in_time_needs_nobody_to_look(
    weekdays: Station, comes: Callable[[Station], Standing]
) -> None:
    at(weekdays, "2026-11-24 05:50")
    early = weekdays.typed("ABC123")
    weekdays.deliver(early)
    at(weekdays, "2026-11-24 07:05")
    answer = comes(weekdays)
    assert ([], ["ABC123"]) == (held(weekdays), weekdays.waiting())
    asked = weekdays.yard.status(PITEA, weekdays.post, "ABC123")
    assert asked is not None
    assert (answer.visit, "waiting", 1) == (asked.visit, asked.state, asked.place)
    assert answer.visit == weekdays.deliver(early).visit
    event = weekdays.yard.timeline(PITEA, answer.visit)[0]
    assert ([early.id], "ABC123" in str(event)) == (event.data["settles"], False)
    with pytest.raises(Problem) as error:
        weekdays.yard.desk.admit(PITEA, DESK_2, early.id)
    assert event.actor == error.value.members["by"]


def test_whoever_comes_again_in_time_leaves_others_to_be_looked_at(weekdays: Station) -> None:
    at(weekdays, "2026-11-24 05:50")
    weekdays.comes("ABC123")
    weekdays.comes("DEF456")
    at(weekdays, "2026-11-24 07:05")
    weekdays.comes("ABC123")
    assert ["DEF456"] == [row.plate for row in held(weekdays)]


def test_a_visit_settles_what_was_held_of_its_other_plate(weekdays: Station) -> None:
    visit, _ = waits_by_two_plates(weekdays)
    assert (visit, True) == ((answer := weekdays.comes("ABC123")).visit, answer.again)
    assert [] == held(weekdays)


def test_a_no_show_who_was_held_and_comes_again_is_settled(weekdays: Station) -> None:
    visit = weekdays.comes("ABC123").visit
    weekdays.calls("ABC123")
    weekdays.does(Verb.NO_SHOW, "ABC123")
    at(weekdays, "2026-11-23 17:10")
    weekdays.comes("ABC123")
    answer = weekdays.told_at_the_desk("ABC123")
    assert (visit, True, []) == (answer.visit, answer.reopened, held(weekdays))


def test_taking_back_what_the_desk_said_leaves_the_held_arrival_to_be_looked_at(
    weekdays: Station,
) -> None:
    at(weekdays, "2026-11-24 05:50")
    weekdays.comes("ABC123")
    at(weekdays, "2026-11-24 07:05")
    visit = weekdays.told_at_the_desk("ABC123").visit
    weekdays.yard.undo(PITEA, DESK_1, UndoWords(visit=visit))
    assert (["ABC123"], []) == ([row.plate for row in held(weekdays)], weekdays.waiting())


def test_an_admission_can_be_taken_back(weekdays: Station) -> None:
    delivered_late(weekdays, typed_yesterday(weekdays))
    row = weekdays.yard.desk.admit(PITEA, DESK_1, held(weekdays)[0].arrival)
    weekdays.minutes(1)
    assert "removed" == weekdays.yard.undo(PITEA, DESK_1, UndoWords(visit=row.visit)).state
    assert ["ABC123"] == [one.plate for one in held(weekdays)]
    assert "waiting" == weekdays.yard.desk.admit(PITEA, DESK_2, held(weekdays)[0].arrival).state


def test_the_desk_lets_in_whom_it_sees_beside_what_is_held(weekdays: Station) -> None:
    at(weekdays, "2026-11-23 17:05")
    weekdays.comes("ABC123")
    visit = weekdays.told_at_the_desk("ABC123").visit
    assert ([], ["ABC123"]) == (held(weekdays), weekdays.waiting())
    does(weekdays, Verb.LEAVE, visit)
    assert [] == held(weekdays)
