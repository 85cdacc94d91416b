from collections.abc import Callable
from datetime import date

import pytest

from central.database.tx import Tx
from central.words import SYSTEM
from contract.event import EventKind
from contract.ids import uuid7
from contract.problems import Problem
from contract.transitions import Verb
from contract.visit import BayState, State
from contract.wire import HelpCall
from contract.words import BayChange, NotInspected, ReInspection, UndoWords, VisitWords
from contract.yard import QueueRow
from tests.central.yards import DESK_1, DESK_2, PITEA, Station


def takes_back(station: Station, plate: str | None = None) -> QueueRow:
    visit = None if plate is None else station.row(plate).visit
    return station.yard.undo(PITEA, DESK_1, UndoWords(visit=visit))


def refusal(deed: Callable[[], object]) -> Problem:
    with pytest.raises(Problem) as refused:
        deed()
    return refused.value


def told(station: Station, verb: Verb, plate: str, **words: object) -> QueueRow:
    row = station.row(plate)
    return station.yard.act(
        PITEA,
        DESK_1,
        row.visit,
        verb,
        VisitWords(version=row.version, **words),  # type: ignore[arg-type]
    )


def test_a_call_that_is_taken_back_puts_the_car_where_it_stood_and_darkens_the_sign(
    station: Station,
) -> None:
    station.sign_1.wakes()
    station.comes("ABC123")
    station.comes("ABC124")
    before = station.row("ABC123")
    station.calls("ABC123")
    assert "ABC 123" == station.sign_1.lit()
    takes_back(station)
    assert "no_call" == station.sign_1.dark()
    after = station.row("ABC123")
    assert ["ABC123", "ABC124"] == station.waiting()
    assert (before.turn_at, before.place, 0) == (after.turn_at, after.place, after.calls)
    assert "undone" == station.happened()[-2]  # the sign's own darkness comes after it


@pytest.mark.parametrize(
    ("verb", "words"),
    [
        (Verb.PUT_BACK, {}),
        (Verb.PARK, {"reason": "waits for a part"}),
        (Verb.NO_SHOW, {}),
        (Verb.LEAVE, {}),
        (Verb.REMOVE, {"reason": "typo"}),
        (Verb.MOVE, {"bay": "2"}),
    ],
)
def test_a_car_whose_call_was_ended_by_a_slip_is_called_to_its_door_again(
    station: Station, verb: Verb, words: dict[str, object]
) -> None:
    station.comes("ABC123")
    called = station.calls("ABC123")
    told(station, verb, "ABC123", **words)
    again = station.yard.undo(PITEA, DESK_1, UndoWords(visit=called.visit))
    assert (State.CALLED, "1", 1) == (again.state, again.bay, again.calls)
    assert again.call not in (None, called.call)
    assert again.note is None


def test_a_finish_that_is_taken_back_has_no_outcome_any_more(station: Station) -> None:
    station.comes("ABC123")
    station.does(Verb.ENTER, "ABC123", "1")
    row = told(station, Verb.FINISH, "ABC123", outcome=NotInspected(reason="no key"))
    again = station.yard.undo(PITEA, DESK_1, UndoWords(visit=row.visit))
    assert (State.IN_BAY, "1") == (again.state, again.bay)
    finished = told(station, Verb.FINISH, "ABC123", outcome=ReInspection(remarks=["brakes"]))
    assert State.DONE == finished.state


def test_an_override_that_is_taken_back_gives_the_old_turn_and_rule(station: Station) -> None:
    station.comes("ABC123")
    station.minutes(1)
    station.comes("ABC124")
    before = station.row("ABC124")
    told(station, Verb.OVERRIDE, "ABC124", before=station.row("ABC123").visit, reason="ill")
    assert ["ABC124", "ABC123"] == station.waiting()
    takes_back(station)
    after = station.row("ABC124")
    assert (before.turn_at, before.rule, None) == (after.turn_at, after.rule, after.reason)


def test_a_plate_mistyped_at_the_desk_is_taken_back_out_of_the_line(station: Station) -> None:
    station.told_at_the_desk("ABC123")
    assert State.REMOVED == takes_back(station).state
    assert [] == station.waiting()
    station.told_at_the_desk("ABC123")
    assert ["ABC123"] == station.waiting()


@pytest.mark.parametrize("back", ["entered at the desk", "reopened on the board"])
def test_who_was_told_by_a_look_up_to_stand_in_the_line_is_not_taken_out_of_it(
    station: Station, back: str
) -> None:
    visit = station.comes("ABC123").visit
    told(station, Verb.LEAVE, "ABC123")
    if back == "entered at the desk":
        station.told_at_the_desk("ABC123")
    else:
        station.yard.act(PITEA, DESK_1, visit, Verb.REOPEN, VisitWords(version=2))
    now = station.yard.status(PITEA, station.post, "ABC123")
    assert now is not None
    assert ("waiting", 1) == (now.state, now.place)
    problem = refusal(lambda: station.yard.undo(PITEA, DESK_1, UndoWords(visit=visit)))
    assert ("changed_meanwhile", "Post 1") == (problem.kind.reason, problem.members["by"])
    assert "Post 1 has told the customer since that ABC 123 is in the line" in problem.detail
    assert ["ABC123"] == station.waiting()


def test_a_look_up_before_the_deed_does_not_keep_it(station: Station) -> None:
    visit = station.comes("ABC123").visit
    station.calls("ABC123")
    station.does(Verb.PUT_BACK, "ABC123")
    assert station.yard.status(PITEA, station.post, "ABC123") is not None
    told(station, Verb.LEAVE, "ABC123")
    station.told_at_the_desk("ABC123")
    gone = station.yard.undo(PITEA, DESK_1, UndoWords(visit=visit))
    assert State.LEFT == gone.state


def test_nothing_is_taken_back_twice(station: Station) -> None:
    station.comes("ABC123")
    station.calls("ABC123")
    takes_back(station)
    assert "too_late" == refusal(lambda: takes_back(station, "ABC123")).kind.reason


def test_who_has_done_nothing_is_told_so(station: Station) -> None:
    station.comes("ABC123")
    assert "too_late" == refusal(lambda: takes_back(station)).kind.reason


@pytest.mark.parametrize("minutes", [1, 3])
def test_a_flood_of_events_hides_ones_own_last_deed_no_longer_than_time_does(
    station: Station, minutes: int
) -> None:
    """Whatever else is written down in between, even more than anybody should be able to cause."""
    station.comes("ABC123")
    station.calls("ABC123")
    station.minutes(minutes)
    kind = EventKind.DEVICE_FAULT

    def flood(tx: Tx) -> None:
        for _ in range(4_500):
            tx.event(PITEA, kind, SYSTEM)

    station.store.write(flood, station=PITEA)
    if minutes == 1:
        assert State.WAITING == takes_back(station).state
    else:
        assert "too_late" == refusal(lambda: takes_back(station)).kind.reason


def test_after_two_minutes_a_deed_stands(station: Station) -> None:
    station.comes("ABC123")
    station.calls("ABC123")
    station.minutes(2.1)
    assert "too_late" == refusal(lambda: takes_back(station)).kind.reason
    assert State.CALLED == station.row("ABC123").state


def test_what_another_has_built_on_is_not_taken_back_and_they_are_named(station: Station) -> None:
    station.comes("ABC123")
    station.calls("ABC123")
    station.does(Verb.ENTER, "ABC123", "1", DESK_2)
    problem = refusal(lambda: takes_back(station))
    assert ("changed_meanwhile", "Desk 2") == (problem.kind.reason, problem.members["by"])


def test_the_line_may_change_around_a_deed_and_it_is_taken_back_all_the_same(
    station: Station,
) -> None:
    station.comes("ABC123")
    station.comes("ABC124")
    station.calls("ABC123")
    station.does(Verb.CALL, "ABC124", "2", DESK_2)
    assert State.WAITING == takes_back(station, "ABC123").state


def test_a_door_that_was_given_away_meanwhile_is_not_taken_again(station: Station) -> None:
    station.comes("ABC123")
    station.comes("ABC124")
    station.calls("ABC123")
    row = station.does(Verb.PUT_BACK, "ABC123")
    station.does(Verb.CALL, "ABC124", "1", DESK_2)
    problem = refusal(lambda: station.yard.undo(PITEA, DESK_1, UndoWords(visit=row.visit)))
    assert ("bay_busy", "Desk 2") == (problem.kind.reason, problem.members["by"])
    assert State.WAITING == station.row("ABC123").state


def test_a_visit_that_left_by_a_slip_does_not_come_back_beside_itself(station: Station) -> None:
    station.comes("ABC123")
    row = told(station, Verb.REMOVE, "ABC123", reason="typo")
    station.comes("ABC123")
    problem = refusal(lambda: station.yard.undo(PITEA, DESK_1, UndoWords(visit=row.visit)))
    assert "already_here" == problem.kind.reason
    assert ["ABC123"] == station.waiting()


def test_the_timeline_says_what_was_taken_back(station: Station) -> None:
    station.comes("ABC123")
    row = station.calls("ABC123")
    takes_back(station)
    last = station.yard.timeline(PITEA, row.visit)[-1]
    assert ("undone", "called", "Desk 1") == (last.kind, last.data["what"], last.actor)


# -- what must not go wrong with it -------------------------------------------------------------


def test_a_deed_that_changed_nothing_takes_nobody_out_of_the_line(station: Station) -> None:
    station.comes("ABC123")
    for _ in range(2):
        told(station, Verb.OVERRIDE, "ABC123", reason="a child is ill")
    takes_back(station, "ABC123")
    assert ["ABC123"] == station.waiting()


def test_who_typed_the_plate_after_the_desk_stays_in_the_line(station: Station) -> None:
    station.told_at_the_desk("ABC123")
    assert station.comes("ABC123").again
    problem = refusal(lambda: takes_back(station, "ABC123"))
    assert ("changed_meanwhile", "Post 1") == (problem.kind.reason, problem.members["by"])
    assert ["ABC123"] == station.waiting()


def test_nobody_is_called_again_to_a_door_that_was_closed_meanwhile(station: Station) -> None:
    station.comes("ABC123")
    station.calls("ABC123")
    row = station.does(Verb.PUT_BACK, "ABC123")
    station.yard.change_bay(PITEA, DESK_2, "1", BayState.CLOSED, BayChange())
    problem = refusal(lambda: station.yard.undo(PITEA, DESK_1, UndoWords(visit=row.visit)))
    assert "bay_closed" == problem.kind.reason
    assert ["ABC123"] == station.waiting()


def test_a_slip_of_reopening_leaves_the_outcome_as_it_was(station: Station) -> None:
    station.comes("ABC123")
    station.does(Verb.ENTER, "ABC123", "1")
    row = told(station, Verb.FINISH, "ABC123", outcome=ReInspection(remarks=["brake hose"]))
    words = VisitWords(version=row.version)
    station.yard.act(PITEA, DESK_1, row.visit, Verb.REOPEN, words)
    assert State.DONE == station.yard.undo(PITEA, DESK_1, UndoWords(visit=row.visit)).state
    station.minutes(60)
    station.comes("ABC123")
    assert "recheck" == station.row("ABC123").kind


def test_a_finish_that_is_taken_back_and_done_without_outcome_has_none(station: Station) -> None:
    station.comes("ABC123")
    station.does(Verb.ENTER, "ABC123", "1")
    row = told(station, Verb.FINISH, "ABC123", outcome=ReInspection(remarks=["brake hose"]))
    station.yard.undo(PITEA, DESK_1, UndoWords(visit=row.visit))
    told(station, Verb.FINISH, "ABC123")
    station.minutes(60)
    station.comes("ABC123")
    assert "full" == station.row("ABC123").kind


def test_a_removal_taken_back_leaves_a_booking_that_was_moved_to_its_new_day(
    station: Station,
) -> None:
    station.books("r1,ABC123,2026-11-23T09:00+01:00,full")
    station.comes("ABC123")
    row = told(station, Verb.REMOVE, "ABC123", reason="typo")
    station.books("r1,ABC123,2026-11-24T09:00+01:00,full")
    station.yard.undo(PITEA, DESK_1, UndoWords(visit=row.visit))
    assert ["ABC123"] == station.waiting()
    booking = station.yard.desk.bookings_of(PITEA, date(2026, 11, 24))[0]
    assert booking.visit is None


@pytest.mark.parametrize(
    "noise",
    [
        lambda station: station.comes("ABC123"),
        lambda station: station.yard.raise_help(
            PITEA, station.post, HelpCall(id=uuid7(9), plate="ABC123")
        ),
    ],
    ids=["typed again", "asked for help"],
)
def test_the_loser_hears_who_called_and_not_who_spoke_last(
    station: Station, noise: Callable[[Station], object]
) -> None:
    station.comes("ABC123")
    waiting = station.row("ABC123")
    station.calls("ABC123")
    noise(station)
    words = VisitWords(version=waiting.version, bay="2")
    problem = refusal(lambda: station.yard.act(PITEA, DESK_2, waiting.visit, Verb.CALL, words))
    assert ("changed_meanwhile", "Desk 1") == (problem.kind.reason, problem.members["by"])


def test_an_override_is_not_told_as_the_reason_for_which_a_car_was_parked(
    station: Station,
) -> None:
    station.comes("ABC123")
    told(station, Verb.PARK, "ABC123", reason="fetches papers")
    row = told(station, Verb.OVERRIDE, "ABC123", reason="a child is ill")
    told(station, Verb.OVERRIDE, "ABC123", reason="a child is ill")
    reasons = [event.data.get("reason") for event in station.yard.timeline(PITEA, row.visit)]
    assert ["fetches papers", "a child is ill", None] == reasons[-3:]
