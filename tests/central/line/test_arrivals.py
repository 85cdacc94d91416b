"""One vehicle, one visit: whatever was typed, wherever, and however often it was sent."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
import sqlalchemy as sa

from central.places.setup import BaySetup
from central.words import Actor, SendClocks
from contract import problems
from contract.problems import Problem
from contract.transitions import Verb
from contract.wire import Standing
from tests.central.desk import books, open_from
from tests.central.yards import DESK_1, PITEA, Station, local


def refusal(error: pytest.ExceptionInfo[Problem]) -> str:
    return error.value.kind.reason


# -- the place in the line ----------------------------------------------------------------------


def test_a_typed_plate_stands_in_the_line_and_hears_its_place(station: Station) -> None:
    first, second = station.comes("abc 123"), station.comes("DEF456")
    assert ("ABC123", "waiting", 1) == (first.plate, first.state, first.place)
    assert 2 == second.place
    assert ["ABC123", "DEF456"] == station.waiting()


def test_a_plate_that_no_plate_can_be_is_refused_and_nothing_is_kept(station: Station) -> None:
    with pytest.raises(Problem) as error:
        station.comes("A²B")
    assert "plate_refused" == refusal(error)
    assert [] == station.waiting()


def test_a_booked_car_keeps_its_slot_and_is_known_to_the_keypad_while_it_is_here(
    station: Station,
) -> None:
    station.books("R1,ABC123,2026-11-23 09:00,recheck", "R2,DEF456,2026-11-23 09:10,full")
    assert ["ABC123", "DEF456"] == station.yard.expected(PITEA).plates
    answer = station.comes("ABC123")
    assert local("2026-11-23 09:00") == answer.booked_at
    assert ("recheck", "booked") == (station.row("ABC123").kind, station.row("ABC123").rule)
    assert ["ABC123", "DEF456"] == station.yard.expected(PITEA).plates
    assert 1 == station.queue().expected_left


def test_yesterday_s_and_tomorrow_s_bookings_are_not_expected_today(station: Station) -> None:
    station.books(
        "R1,ABC123,2026-11-22 23:59,full",
        "R2,DEF456,2026-11-23 00:00,full",
        "R3,GHJ789,2026-11-24 00:00,full",
    )
    expected = station.yard.expected(PITEA)
    assert ("2026-11-23", ["DEF456"]) == (expected.day, expected.plates)


def test_the_desk_names_the_kind_and_only_one_that_a_door_takes(station: Station) -> None:
    station.told_at_the_desk("ABC123", "heavy")
    assert ("heavy", "desk") == (station.row("ABC123").kind, station.row("ABC123").source)
    with pytest.raises(Problem) as error:
        station.told_at_the_desk("DEF456", "boat")
    assert "value_refused" == refusal(error)


def test_what_the_desk_names_counts_for_a_booked_car_too_and_the_ordinary_kind_as_well(
    station: Station,
) -> None:
    station.books("R1,ABC123,2026-11-23 09:00,heavy", "R2,DEF456,2026-11-23 09:00,heavy")
    station.told_at_the_desk("ABC123", "full")
    station.told_at_the_desk("DEF456")
    assert ["full", "heavy"] == [station.row(plate).kind for plate in ("ABC123", "DEF456")]


def test_a_booked_kind_that_no_door_takes_is_not_what_anybody_waits_for(station: Station) -> None:
    station.yard.places.set_bay(PITEA, "2", BaySetup(kinds=["full", "recheck"]))
    station.books("R1,ABC123,2026-11-23 09:00,heavy")
    assert station.comes("ABC123").booked_at is not None
    assert "called" == station.calls("ABC123").state


def test_the_timeline_shows_which_post_and_what_was_said(station: Station) -> None:
    answer = station.comes("ABC123")
    (event,) = station.yard.timeline(PITEA, answer.visit)
    said = event.data["said"]
    assert ("arrived", "Post 1", "post") == (event.kind, event.actor, event.data["source"])
    assert isinstance(said, dict)
    assert ("waiting", 1) == (said["state"], said["place"])
    assert {"from", "until"} <= said.keys()


# -- what it costs ------------------------------------------------------------------------------


def test_a_drop_in_costs_ten_statements_and_no_more(sqlite_station: Station) -> None:
    """An arrival is the commonest deed of all, and everybody in the yard waits for its transaction."""
    sqlite_station.comes("ABC123")
    sent: list[str] = []

    def count(*words: object) -> None:
        sent.append(str(words[2]))

    sa.event.listen(sa.Engine, "before_cursor_execute", count)
    try:
        sqlite_station.comes("DEF456")
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", count)
    assert 10 == len([text for text in sent if "SAVEPOINT" not in text])


# -- once per id --------------------------------------------------------------------------------


def test_a_retry_is_the_same_arrival(station: Station) -> None:
    arrival = station.typed("ABC123")
    first = station.deliver(arrival)
    station.comes("DEF456")
    again = station.deliver(arrival)
    assert (first.visit, 1, False) == (again.visit, again.place, again.again)
    assert ["arrived", "arrived"] == station.happened()[-2:]


def test_a_retry_hears_how_the_visit_stands_now(station: Station) -> None:
    arrival = station.typed("ABC123")
    station.deliver(arrival)
    station.calls("ABC123")
    assert ("called", "1") == (station.deliver(arrival).state, station.deliver(arrival).door)


def test_an_id_with_another_body_is_refused(station: Station) -> None:
    arrival = station.typed("ABC123")
    station.deliver(arrival)
    with pytest.raises(Problem) as error:
        station.deliver(msgspec.structs.replace(arrival, plate="DEF456"))
    assert "id_reused" == refusal(error)
    assert ["ABC123"] == station.waiting()


def test_an_id_of_another_station_is_refused(station: Station) -> None:
    station.yard.places.create_station("lulea", "Luleå", "Europe/Stockholm")
    arrival = station.typed("ABC123")
    station.deliver(arrival)
    with pytest.raises(Problem) as error:
        station.yard.arrive("lulea", station.post, arrival, msgspec.json.encode(arrival))
    assert "id_reused" == refusal(error)


# -- one visit ----------------------------------------------------------------------------------


def test_typing_again_and_telling_the_desk_too_is_one_visit(station: Station) -> None:
    first = station.comes("ABC123")
    again, told = station.comes("AB C123", station.other_post), station.told_at_the_desk("ABCI23")
    assert {first.visit} == {again.visit, told.visit}
    assert (True, 1) == (again.again, again.place)
    assert ["ABC123"] == station.waiting()
    assert "typed_again" == station.happened()[-1]


def test_typing_again_does_not_disturb_what_the_board_shows(station: Station) -> None:
    station.comes("ABC123")
    version = station.row("ABC123").version
    station.minutes(1)
    station.comes("ABC123")
    assert version == station.row("ABC123").version


def test_a_late_delivery_brings_the_earlier_time_into_the_open_visit(station: Station) -> None:
    """The first post was offline; the driver walked to the second one, whose arrival came first."""
    early = station.typed("ABC123")
    station.minutes(12)
    station.comes("ABC123", station.other_post)
    station.comes("DEF456")
    station.deliver(early)
    row = station.row("ABC123")
    assert (early.at, early.at + timedelta(minutes=10), 2) == (
        row.arrived_at,
        row.turn_at,
        row.version,
    )


@pytest.fixture
def tuesday(station: Station) -> Station:
    """A day after the station's opening hours were set; two cars are in the line since half past seven."""
    open_from(station)
    station.clock.set_wall(local("2026-11-24 07:30"))
    station.comes("DEF456")
    station.minutes(1)
    station.comes("ABC123")
    return station


def test_what_was_typed_before_the_last_closing_makes_today_s_visit_no_earlier(
    tuesday: Station,
) -> None:
    visit = tuesday.row("ABC123").visit
    before = tuesday.row("ABC123").arrived_at
    late = tuesday.typed("ABC123", at=local("2026-11-23 16:00"))
    answer = tuesday.deliver(late, sent=sent_by(tuesday, boot_id="next-boot"))
    assert (visit, 2, True) == (answer.visit, answer.place, answer.again)
    assert (before, ["DEF456", "ABC123"]) == (tuesday.row("ABC123").arrived_at, tuesday.waiting())
    assert "arrival_noted" == tuesday.happened()[-1]


def test_what_was_typed_before_the_last_closing_does_not_change_what_the_sign_will_show(
    tuesday: Station,
) -> None:
    books(tuesday, "R1", "GHJ789", "2026-11-24 11:00", plate2="VOLVO")
    tuesday.comes("GHJ789")
    tuesday.comes("VOLVO")
    late = tuesday.typed("GHJ789", at=local("2026-11-23 16:00"))
    assert tuesday.deliver(late, sent=sent_by(tuesday, boot_id="next-boot")).again
    assert "VOLVO" in tuesday.waiting()


def test_a_queue_kept_overnight_still_hears_of_an_earlier_time(tuesday: Station) -> None:
    late = tuesday.typed("ABC123", at=local("2026-11-24 07:10"))
    tuesday.clock.set_wall(local("2026-11-25 07:30"))
    tuesday.deliver(late, sent=sent_by(tuesday, boot_id="next-boot"))
    assert (late.at, ["ABC123", "DEF456"]) == (
        tuesday.row("ABC123").arrived_at,
        tuesday.waiting(),
    )


def test_a_plate_typed_while_inside_is_a_question_to_staff(station: Station) -> None:
    station.comes("ABC123")
    station.calls("ABC123")
    station.does(Verb.ENTER, "ABC123", "1")
    answer = station.comes("ABC123")
    assert ("in_bay", True, None) == (answer.state, answer.again, answer.place)
    assert "arrival_noted" == station.happened()[-1]


def test_a_plate_typed_while_called_hears_its_door(station: Station) -> None:
    station.comes("ABC123")
    station.calls("ABC123", "2")
    answer = station.comes("ABC123")
    assert ("called", "2", True) == (answer.state, answer.door, answer.again)


def test_a_no_show_who_types_again_the_same_day_has_the_old_place(station: Station) -> None:
    station.comes("ABC123")
    station.minutes(1)
    station.comes("DEF456")
    station.calls("ABC123")
    station.does(Verb.NO_SHOW, "ABC123")
    station.minutes(20)
    answer = station.comes("ABC123")
    assert (True, False, 1) == (answer.reopened, answer.again, answer.place)
    assert "reopened" == station.happened()[-1]
    assert station.row("ABC123").bay is None


def test_a_no_show_of_yesterday_is_a_new_visit(station: Station) -> None:
    first = station.comes("ABC123")
    station.calls("ABC123")
    station.does(Verb.NO_SHOW, "ABC123")
    station.minutes(24 * 60)
    assert first.visit != station.comes("ABC123").visit


def test_an_arrival_from_before_the_end_of_its_visit_is_only_noted(station: Station) -> None:
    late = station.typed("ABC123")
    station.minutes(1)
    first = station.comes("ABC123", station.other_post)
    station.calls("ABC123")
    station.does(Verb.NO_SHOW, "ABC123")
    answer = station.deliver(late)
    assert (first.visit, "no_show") == (answer.visit, answer.state)
    assert "arrival_noted" == station.happened()[-1]
    assert [] == station.waiting()


def test_a_finished_car_that_comes_back_is_a_new_visit(station: Station) -> None:
    first = station.comes("ABC123")
    station.calls("ABC123")
    station.does(Verb.ENTER, "ABC123", "1")
    station.does(Verb.FINISH, "ABC123")
    station.minutes(1)
    answer = station.comes("ABC123")
    assert first.visit != answer.visit
    assert not answer.again


def test_eight_threads_with_the_same_plate_make_one_visit(station: Station) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: station.comes("ABC123"), range(40)))
    assert 1 == len({answer.visit for answer in answers})
    assert 1 == sum(not answer.again for answer in answers)
    assert ["ABC123"] == station.waiting()


# -- the arrival's own time ---------------------------------------------------------------------


def sent_by(station: Station, **words: object) -> SendClocks:
    clocks = {"boot_id": "post-boot", "mono_ms": station.clock.monotonic_ms()}
    return SendClocks(**{**clocks, **words})  # type: ignore[arg-type]


def test_within_one_boot_the_age_counts_and_not_the_post_s_wall_clock(station: Station) -> None:
    arrival = station.typed("ABC123", at=local("2020-01-01 00:00"))
    came_at = station.clock.now()
    station.minutes(25)
    station.deliver(arrival, sent=sent_by(station))
    assert came_at == station.row("ABC123").arrived_at


def test_after_a_reboot_a_synced_clock_counts(station: Station) -> None:
    arrival = station.typed("ABC123")
    station.minutes(25)
    station.deliver(arrival, sent=sent_by(station, boot_id="next-boot", mono_ms=5))
    assert arrival.at == station.row("ABC123").arrived_at


def test_after_a_reboot_an_unsynced_clock_is_not_believed(station: Station) -> None:
    arrival = msgspec.structs.replace(station.typed("ABC123"), synced=False)
    station.minutes(25)
    station.deliver(arrival, sent=sent_by(station, boot_id="next-boot", mono_ms=5))
    booted_at = station.clock.now() - timedelta(milliseconds=5)
    assert booted_at == station.row("ABC123").arrived_at


def test_nobody_arrives_in_the_future(station: Station) -> None:
    station.deliver(station.typed("ABC123", at=station.clock.now() + timedelta(hours=3)))
    assert station.clock.now() == station.row("ABC123").arrived_at


# -- what a post may learn ----------------------------------------------------------------------


def looked_up(station: Station, post: Actor, plate: str = "ABC 123") -> Standing | None:
    return station.yard.status(PITEA, post, plate)


def test_a_post_learns_only_what_was_typed_there_today(station: Station) -> None:
    station.comes("ABC123")
    here = looked_up(station, station.post)
    assert here is not None
    assert ("waiting", 1) == (here.state, here.place)
    assert looked_up(station, station.other_post) is None
    assert looked_up(station, station.post, "DEF456") is None
    assert looked_up(station, station.post, "?") is None
    station.minutes(24 * 60)
    assert looked_up(station, station.post) is None


def test_watch_the_sign_is_said_only_while_every_door_of_the_kind_has_a_well_sign(
    station: Station,
) -> None:
    assert not station.comes("ABC123").watch_sign
    station.sign_1.wakes()
    assert not station.comes("ABC123").watch_sign
    station.sign_2.wakes()
    assert station.comes("ABC123").watch_sign
    station.clock.advance(30_001)
    station.sign_1.ask()
    assert not station.comes("ABC123").watch_sign
    assert not station.told_at_the_desk("DEF456", "heavy").watch_sign
    station.sign_2.fault = "no answer"
    station.sign_2.ask()
    assert not station.comes("ABC123").watch_sign


def test_what_was_heard_before_a_restart_still_counts(station: Station) -> None:
    station.sign_1.wakes()
    station.sign_2.wakes()
    station.clock.advance(5_000)
    station.restart()
    assert station.comes("ABC123").watch_sign


def test_an_unknown_station_is_not_found(station: Station) -> None:
    arrival = station.typed("ABC123")
    with pytest.raises(Problem) as error:
        station.yard.arrive("nowhere", DESK_1, arrival, msgspec.json.encode(arrival))
    assert problems.NOT_FOUND == error.value.kind


@pytest.mark.parametrize("clocks", [None, SendClocks("post-boot", 10**15)], ids=["clock", "age"])
def test_a_post_whose_clock_is_absurd_still_gets_its_place(
    station: Station, clocks: SendClocks | None
) -> None:
    """A year-one stamp or an age of thousands of years is a broken clock, not an old arrival."""
    absurd = station.typed("ABC123", at=datetime(1, 1, 1, tzinfo=UTC))
    answer = station.deliver(absurd, sent=clocks)
    assert (1, station.clock.now()) == (answer.place, station.row("ABC123").arrived_at)
