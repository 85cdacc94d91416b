"""Who has missed the call is told so, and only where the place is kept all the same."""

from datetime import datetime

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
    """A car is typed in and called to door 1; gives when."""
    station.comes("ABC123")
    called_at = station.calls("ABC123").called_at
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
    called_at = called(station)
    station.clock.advance(30_000)
    station.sign_1.lit()
    station.clock.advance(CAP_S * 1000 - 30_000)
    assert looks_up(station).missed_call_at is None
    station.clock.advance(30_000)
    assert called_at == looks_up(station).missed_call_at


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


def test_who_did_not_come_hears_when_the_call_was(station: Station) -> None:
    called_at = not_there(station)
    now = looks_up(station)
    assert ("no_show", called_at) == (now.state, now.missed_call_at)
    assert (now.place, now.window, now.door) == (None, None, None)


def test_after_several_calls_it_is_the_last_one_that_was_missed(station: Station) -> None:
    called(station)
    station.minutes(3)
    last = station.does(Verb.RECALL, "ABC123").called_at
    station.minutes(3)
    station.does(Verb.NO_SHOW, "ABC123")
    assert last == looks_up(station).missed_call_at


def test_who_has_left_or_was_removed_has_missed_nothing(station: Station) -> None:
    visit = station.comes("ABC123").visit
    station.calls("ABC123")
    station.minutes(3)
    does(station, Verb.LEAVE, visit)
    assert ("left", None) == (looks_up(station).state, looks_up(station).missed_call_at)


def test_a_place_that_is_kept_no_longer_is_not_promised(station: Station) -> None:
    """After closing an arrival waits for a person: typing it again would open nothing."""
    open_from(station, "mon-fri 07:00-17:00")
    not_there(station)
    assert looks_up(station).missed_call_at is not None
    station.clock.set_wall(local("2026-11-23 17:05"))
    now = looks_up(station)
    assert ("no_show", None) == (now.state, now.missed_call_at)
    assert "held" == station.comes("ABC123").state


def test_a_place_is_not_promised_while_the_same_number_is_open_in_another_visit(
    station: Station,
) -> None:
    """The desk has entered a second vehicle with that number: typing it would be that one."""
    not_there(station)
    assert looks_up(station).missed_call_at is not None
    station.told_at_the_desk("ABC123")  # it is the same vehicle, which comes back
    now = looks_up(station)
    assert ("waiting", None) == (now.state, now.missed_call_at)


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
    visit = looks_up(station).visit
    back = station.comes("ABC123")
    assert ["told", "reopened"] == told(station, visit)[-2:]
    said = [event.data["said"] for event in station.yard.timeline(PITEA, visit)[-2:]]
    stamp = called_at.isoformat().replace("+00:00", "Z")
    assert [stamp[:19]] * 2 == [str(one["missed_call_at"])[:19] for one in said]  # type: ignore[index]
    assert back.visit == visit


def test_looking_up_changes_nothing_that_undo_needs(station: Station) -> None:
    """A look-up is no deed: whoever called can still take it back."""
    called(station)
    for _ in range(3):
        station.clock.advance(1_000)
        looks_up(station)
    assert "waiting" == station.yard.undo(PITEA, DESK_1, UndoWords()).state
