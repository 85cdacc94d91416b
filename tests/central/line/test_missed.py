"""Who has missed the call is told so, and only where the visit is not over."""

from datetime import datetime
from typing import Any

from contract.transitions import Verb
from contract.wire import LEASE_CAP_MS, Standing
from contract.words import UndoWords
from tests.central.desk import does, open_from, told
from tests.central.yards import DESK_1, PITEA, Station, local

CAP_S = LEASE_CAP_MS // 1000


def looks_up(station: Station, plate: str = "ABC 123") -> Standing:
    standing = station.yard.status(PITEA, station.post, plate)
    assert standing is not None
    return standing


def called(station: Station) -> datetime:
    """A car is typed in and called to door 1, and the sign shows it at once; gives when."""
    station.sign_1.wakes()
    station.comes("ABC123")
    called_at = station.calls("ABC123").called_at
    station.sign_1.lit()
    assert called_at is not None
    return called_at


def not_there(station: Station) -> datetime:
    """The same, and after a while a person says that it did not come."""
    called_at = called(station)
    station.minutes(6)
    station.does(Verb.NO_SHOW, "ABC123")
    return called_at


# -- called, and the sign is dark again ---------------------------------------------------------


def test_a_call_is_missed_once_its_two_minutes_are_over_and_not_before(station: Station) -> None:
    called_at = called(station)
    station.clock.advance(CAP_S * 1000 - 1)
    now = looks_up(station)
    assert ("called", "1", None) == (now.state, now.door, now.missed_call_at)
    station.clock.advance(1)
    now = looks_up(station)
    assert ("called", "1", called_at) == (now.state, now.door, now.missed_call_at)


def test_a_call_is_not_missed_while_its_sign_may_still_show_it(station: Station) -> None:
    """The sign was slow: the plate is lit for two minutes from its first grant on."""
    station.sign_1.wakes()
    station.comes("ABC123")
    called_at = station.calls("ABC123").called_at
    station.clock.advance(30_000)
    station.sign_1.lit()
    station.clock.advance(CAP_S * 1000 - 30_000)
    assert looks_up(station).missed_call_at is None
    station.clock.advance(30_000)
    assert called_at == looks_up(station).missed_call_at


def test_nobody_has_missed_a_call_that_no_sign_has_shown(station: Station) -> None:
    """The sign is faulty: the door that the post tells is all that the customer has."""
    station.sign_1.wakes()
    station.sign_1.fault = "dead"
    station.sign_1.ask()
    station.comes("ABC123")
    station.calls("ABC123")
    station.sign_1.dark()
    station.minutes(10)
    now = looks_up(station)
    assert ("called", "1", None) == (now.state, now.door, now.missed_call_at)


def test_a_recall_is_a_call_that_nobody_has_missed_yet(station: Station) -> None:
    called(station)
    station.minutes(3)
    assert looks_up(station).missed_call_at is not None
    station.does(Verb.RECALL, "ABC123")
    assert looks_up(station).missed_call_at is None


def test_a_call_that_was_taken_back_was_not_missed(station: Station) -> None:
    called(station)
    station.minutes(3)
    station.does(Verb.PUT_BACK, "ABC123")
    now = looks_up(station)
    assert ("waiting", 1, None) == (now.state, now.place, now.missed_call_at)


# -- did not come -------------------------------------------------------------------------------


def test_who_did_not_come_and_only_looks_is_not_said_to_stand_in_any_line(
    station: Station,
) -> None:
    not_there(station)
    now = looks_up(station)
    assert ("no_show", None) == (now.state, now.missed_call_at)
    assert (now.place, now.window, now.door) == (None, None, None)
    assert "told" not in told(station, now.visit)


def test_after_several_calls_it_is_the_last_one_that_was_missed(station: Station) -> None:
    called(station)
    station.minutes(3)
    last = station.does(Verb.RECALL, "ABC123").called_at
    station.minutes(3)
    station.does(Verb.NO_SHOW, "ABC123")
    assert last == station.comes("ABC123").missed_call_at


def test_who_has_left_or_was_removed_has_missed_nothing(station: Station) -> None:
    visit = station.comes("ABC123").visit
    station.calls("ABC123")
    station.minutes(3)
    does(station, Verb.LEAVE, visit)
    assert ("left", None) == (looks_up(station).state, looks_up(station).missed_call_at)


def test_a_place_that_is_kept_no_longer_is_not_promised(station: Station) -> None:
    """After closing an arrival waits for a person: typing it again opens nothing."""
    open_from(station, "mon-fri 07:00-17:00")
    not_there(station)
    station.clock.set_wall(local("2026-11-23 17:05"))
    again = station.comes("ABC123")
    assert ("held", None) == (again.state, again.missed_call_at)


def test_whom_the_desk_has_entered_again_has_spoken_with_a_person(station: Station) -> None:
    not_there(station)
    station.told_at_the_desk("ABC123")
    now = looks_up(station)
    assert ("waiting", None) == (now.state, now.missed_call_at)


def test_who_typed_before_a_person_gave_the_call_up_is_back_in_the_line(station: Station) -> None:
    """The network was slow, and the desk a second faster; the customer stood there."""
    called_at = called(station)
    station.minutes(6)
    arrival = station.typed("ABC123")
    station.clock.advance(1_000)
    station.does(Verb.NO_SHOW, "ABC123")
    station.clock.advance(500)
    back = station.deliver(arrival)
    assert ("waiting", True, called_at) == (back.state, back.reopened, back.missed_call_at)
    assert ["ABC123"] == station.waiting()


def test_who_typed_before_the_call_has_not_answered_it(station: Station) -> None:
    station.comes("ABC123")
    arrival = station.typed("ABC123")
    station.clock.advance(1_000)
    station.calls("ABC123")
    station.minutes(6)
    station.does(Verb.NO_SHOW, "ABC123")
    late = station.deliver(arrival)
    assert ("no_show", False, None) == (late.state, late.reopened, late.missed_call_at)
    assert [] == station.waiting()


def test_who_typed_before_the_customer_was_said_to_have_left_has_left(station: Station) -> None:
    visit = station.comes("ABC123").visit
    station.calls("ABC123")
    station.minutes(6)
    arrival = station.typed("ABC123")
    station.clock.advance(1_000)
    does(station, Verb.LEAVE, visit)
    assert "left" == station.deliver(arrival).state


def test_an_answer_to_a_call_that_comes_after_closing_waits_for_a_person(station: Station) -> None:
    open_from(station, "mon-fri 07:00-17:00")
    called(station)
    station.minutes(6)
    arrival = station.typed("ABC123")
    station.clock.advance(1_000)
    station.does(Verb.NO_SHOW, "ABC123")
    station.clock.set_wall(local("2026-11-24 08:00"))
    assert "held" == station.deliver(arrival).state
    assert [] == station.waiting()


def test_what_is_told_of_a_missed_call_is_true_when_it_is_typed_again(station: Station) -> None:
    called_at = not_there(station)
    first = looks_up(station)
    back = station.comes("ABC123")
    assert (first.visit, True, "waiting", 1) == (back.visit, back.reopened, back.state, back.place)
    assert called_at == back.missed_call_at
    assert back.window is not None


# -- back in the line ---------------------------------------------------------------------------


def test_a_retry_of_the_arrival_that_came_back_hears_the_same(station: Station) -> None:
    called_at = not_there(station)
    arrival = station.typed("ABC123")
    first = station.deliver(arrival)
    assert (True, called_at) == (first.reopened, first.missed_call_at)
    assert first == station.deliver(arrival)


def test_as_long_as_it_waits_since_then_every_look_up_says_the_same(station: Station) -> None:
    called_at = not_there(station)
    back = station.comes("ABC123")
    station.clock.advance(4_000)
    assert called_at == looks_up(station).missed_call_at
    assert ["no_show", "reopened"] == told(station, back.visit)[-2:]
    again = station.comes("ABC123")
    assert (True, called_at) == (again.again, again.missed_call_at)
    station.calls("ABC123", "2")
    assert looks_up(station).missed_call_at is None
    station.does(Verb.PUT_BACK, "ABC123")
    assert looks_up(station).missed_call_at is None


def test_a_retry_after_it_was_called_and_put_back_is_only_in_the_line(station: Station) -> None:
    not_there(station)
    arrival = station.typed("ABC123")
    station.deliver(arrival)
    station.calls("ABC123", "2")
    station.does(Verb.PUT_BACK, "ABC123")
    now = station.deliver(arrival)
    assert ("waiting", True, None) == (now.state, now.reopened, now.missed_call_at)


def test_a_retry_after_the_next_call_speaks_of_that_one(station: Station) -> None:
    not_there(station)
    arrival = station.typed("ABC123")
    station.deliver(arrival)
    station.calls("ABC123", "2")
    now = station.deliver(arrival)
    assert ("called", "2", None) == (now.state, now.door, now.missed_call_at)


def test_who_had_left_and_comes_back_has_missed_no_call(station: Station) -> None:
    """They were called and said that they leave: that call was answered."""
    visit = station.comes("ABC123").visit
    station.calls("ABC123")
    does(station, Verb.LEAVE, visit)
    arrival = station.typed("ABC123")
    back = station.deliver(arrival)
    assert (True, None) == (back.reopened, back.missed_call_at)
    assert back == station.deliver(arrival)


def test_whom_a_person_has_put_back_in_the_line_is_only_in_the_line(station: Station) -> None:
    called(station)
    station.minutes(6)
    row = station.does(Verb.NO_SHOW, "ABC123")
    assert row.ended_at is not None
    station.yard.undo(PITEA, DESK_1, UndoWords(visit=row.visit))
    station.does(Verb.PUT_BACK, "ABC123")
    again = station.comes("ABC123")
    assert (True, False, None) == (again.again, again.reopened, again.missed_call_at)


def test_the_timeline_says_what_was_told_of_a_missed_call(station: Station) -> None:
    called_at = not_there(station)
    visit = station.comes("ABC123").visit
    event = station.yard.timeline(PITEA, visit)[-1]
    said: Any = event.data["said"]
    assert ("reopened", called_at) == (
        event.kind,
        datetime.fromisoformat(said["missed_call_at"]),
    )


def test_looking_up_changes_nothing_that_undo_needs(station: Station) -> None:
    """A look-up is no deed: whoever called can still take it back."""
    called(station)
    for _ in range(3):
        station.clock.advance(1_000)
        looks_up(station)
    assert "waiting" == station.yard.undo(PITEA, DESK_1, UndoWords()).state
