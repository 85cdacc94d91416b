"""What a post told a customer is on the timeline, and a wait that has grown past it is said to have grown."""

import logging
import threading
from concurrent.futures import Future
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
import sqlalchemy as sa

from central.database.tx import Tx
from central.line import standing
from central.places.setup import BaySetup, StationSetup
from central.words import Actor
from contract import problems
from contract.event import EventKind
from contract.problems import Problem
from contract.transitions import Verb
from contract.visit import BayState
from contract.wire import Standing
from contract.words import BayChange, UndoWords
from tests.central.desk import does, open_from, told
from tests.central.yards import DESK_1, PITEA, Station, local, together

STEP = timedelta(minutes=5)


def looks_up(station: Station, plate: str = "ABC123", post: Actor | None = None) -> Standing:
    answer = station.yard.status(PITEA, post or station.post, plate)
    assert answer is not None
    return answer


def ends_at(answer: Standing) -> datetime:
    assert answer.window is not None
    return answer.window.ends_at


def said(station: Station, visit: str) -> list[Any]:
    """What posts have told, oldest first."""
    return [event.data.get("said") for event in station.yard.timeline(PITEA, visit)]


def closes(station: Station, bay: str, how: BayState = BayState.CLOSED) -> None:
    station.yard.change_bay(PITEA, DESK_1, bay, how, BayChange())


@pytest.fixture
def third(station: Station) -> Standing:
    """ABC 123 is third in a line for two doors, with cars inside both."""
    for plate, bay in (("INN001", "1"), ("INN002", "2")):
        does(station, Verb.ENTER, station.comes(plate).visit, bay=bay)
    station.comes("DEF456")
    station.comes("GHJ789")
    return station.comes("ABC123")


def longer_since(station: Station, third: Standing) -> Standing:
    """Ten minutes later door 1 is closed for the day; gives what a look-up is told then."""
    station.minutes(10)
    visit = next(row.visit for row in station.queue().line if row.plate == "INN001")
    does(station, Verb.FINISH, visit)
    closes(station, "1")
    now = looks_up(station)
    assert ends_at(now) - ends_at(third) > STEP
    return now


# -- the timeline -------------------------------------------------------------------------------


def test_a_look_up_that_says_the_same_as_before_leaves_no_trace(
    station: Station, third: Standing
) -> None:
    looks_up(station)
    looks_up(station)
    assert ["arrived"] == told(station, third.visit)


def test_a_look_up_that_says_something_else_is_on_the_timeline_once(
    station: Station, third: Standing
) -> None:
    row = station.row("INN001")
    does(station, Verb.FINISH, row.visit)
    station.calls("DEF456")
    for _ in range(3):
        looks_up(station)
    assert ["arrived", "told"] == told(station, third.visit)
    event = station.yard.timeline(PITEA, third.visit)[-1]
    words: Any = event.data["said"]
    assert ("Post 1", "post", "waiting", 2) == (
        event.actor,
        event.data["source"],
        words["state"],
        words["place"],
    )
    assert "ABC" not in str(event.data)


def test_a_door_that_a_look_up_told_is_on_the_timeline(station: Station) -> None:
    visit = station.comes("ABC123").visit
    station.calls("ABC123", "2")
    assert "2" == looks_up(station).door
    assert {"state": "called", "door": "2"} == said(station, visit)[-1]


def test_what_was_told_at_one_post_is_known_at_the_other(station: Station) -> None:
    """It is the customer who was told, not the post."""
    visit = station.comes("ABC123").visit
    station.comes("ABC123", station.other_post)
    station.calls("ABC123")
    looks_up(station)
    looks_up(station, post=station.other_post)
    assert ["arrived", "typed_again", "called", "told"] == told(station, visit)


def test_whom_a_person_has_let_in_is_told_the_place_for_the_first_time(station: Station) -> None:
    open_from(station, "mon-fri 07:00-17:00")
    station.clock.set_wall(local("2026-11-24 05:00"))
    arrival = station.typed("ABC123")
    station.deliver(arrival)
    assert "held" == looks_up(station).state
    visit = station.yard.desk.admit(PITEA, DESK_1, arrival.id).visit
    assert "waiting" == looks_up(station).state
    assert ["arrival_admitted", "told"] == told(station, visit)


def test_of_a_visit_that_is_over_nothing_is_said_that_must_be_kept(station: Station) -> None:
    visit = station.comes("ABC123").visit
    does(station, Verb.LEAVE, visit)
    assert "left" == looks_up(station).state
    assert "told" not in told(station, visit)


def test_two_look_ups_at_once_are_one_line_on_the_timeline(station: Station) -> None:
    visit = station.comes("ABC123").visit
    station.calls("ABC123")
    known = station.yard._known
    read = station.store.read(
        lambda view: standing.status(view, known, PITEA, station.post.id, "ABC123")
    )
    assert read.is_news
    answer = read.standing
    assert answer is not None

    def tell(tx: Tx) -> None:
        standing.tell(tx, PITEA, station.post, answer)

    for done in together(station.store, tell, tell):
        done.result()
    assert ["arrived", "called", "told"] == told(station, visit)


def test_a_door_is_told_also_while_nothing_can_be_saved(
    sqlite_station: Station, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    sqlite_station.comes("ABC123")
    sqlite_station.calls("ABC123")

    def fails(*_: object, **__: object) -> "Future[None]":
        refused: Future[None] = Future()
        refused.set_exception(Problem(problems.NOT_SAVED, "The disk is full."))
        return refused

    monkeypatch.setattr(sqlite_station.store, "submit", fails)
    with caplog.at_level(logging.WARNING):
        assert "1" == looks_up(sqlite_station).door
    assert "look-up not written down" in caplog.text
    assert "ABC" not in caplog.text


def test_a_door_is_told_while_the_disk_is_busy_and_written_down_once_it_is_not(
    sqlite_station: Station,
) -> None:
    station = sqlite_station
    visit = station.comes("ABC123").visit
    station.calls("ABC123")
    busy, free = threading.Event(), threading.Event()

    def works(_: Tx) -> None:
        busy.set()
        free.wait()

    job = station.store.submit(works)
    busy.wait()
    try:
        # It would never be answered, were it to wait: the disk is free only after that.
        for _ in range(3):
            assert "1" == looks_up(station).door
        waits = station.store._writing._asked.qsize()  # type: ignore[union-attr]
    finally:
        free.set()
        job.result()
    assert 1 == waits, "one telling of a visit is on its way at most"
    station.store.write(lambda _: None)
    assert {"state": "called", "door": "1"} == said(station, visit)[-1]
    assert ["arrived", "called", "told"] == told(station, visit)
    station.does(Verb.PUT_BACK, "ABC123")
    assert "waiting" == looks_up(station).state
    assert "told" == told(station, visit)[-1]


def test_however_often_it_was_looked_up_a_deed_can_be_taken_back(station: Station) -> None:
    visit = station.comes("ABC123").visit
    station.calls("ABC123")

    def hundreds(tx: Any) -> None:
        for number in range(250):
            words = {"source": "post", "said": {"place": number}}
            tx.event(PITEA, EventKind.TOLD, station.post, visit=visit, data=words)

    station.store.write(hundreds, PITEA)
    assert "waiting" == station.yard.undo(PITEA, DESK_1, UndoWords()).state


# -- it takes longer ----------------------------------------------------------------------------


def test_a_wait_that_has_grown_says_what_was_said_and_which_doors_closed(
    station: Station, third: Standing
) -> None:
    now = longer_since(station, third)
    assert now.longer is not None
    assert (ends_at(third), 1) == (now.longer.said_ends_at, now.longer.doors_closed)
    assert ends_at(third) == datetime.fromisoformat(said(station, third.visit)[0]["until"])
    assert 1 == said(station, third.visit)[-1]["longer"]["doors_closed"]


def test_typing_it_again_says_so_too(station: Station, third: Standing) -> None:
    station.minutes(10)
    closes_one_door(station)
    again = station.comes("ABC123")
    assert again.longer is not None
    assert (True, ends_at(third)) == (again.again, again.longer.said_ends_at)


def test_a_door_that_got_another_setting_meanwhile_is_the_same_door(
    station: Station, third: Standing
) -> None:
    """It takes two cars now: what is told of a wait that has grown by a closing counts it once."""
    station.minutes(10)
    station.yard.places.set_bay(PITEA, "1", BaySetup(capacity=2))
    closes_one_door(station)
    again = station.comes("ABC123")
    assert again.longer is not None
    assert (ends_at(third), 1) == (again.longer.said_ends_at, again.longer.doors_closed)
    assert looks_up(station).longer == again.longer


def test_a_door_that_was_set_up_and_closed_meanwhile_is_no_reason(
    station: Station, third: Standing
) -> None:
    station.minutes(10)
    station.yard.places.create_bay(PITEA, "3", "3", ["full"])
    closes(station, "3")
    closes_one_door(station)
    now = looks_up(station)
    assert now.longer is not None
    assert (third.visit, 1) == (now.visit, now.longer.doors_closed)


def closes_one_door(station: Station) -> None:
    does(station, Verb.FINISH, station.row("INN001").visit)
    closes(station, "1")


def test_the_same_words_stand_for_a_minute_and_are_then_what_was_said(
    station: Station, third: Standing
) -> None:
    first = longer_since(station, third)
    for seconds in (2, 27, 30):
        station.clock.advance(seconds * 1000)
        again = looks_up(station)
        assert first.longer == again.longer
    station.clock.advance(1_500)
    assert looks_up(station).longer is None


def test_that_it_is_longer_no_more_is_no_line_on_the_timeline(
    station: Station, third: Standing
) -> None:
    longer_since(station, third)
    for _ in range(4):
        station.clock.advance(20_000)
        looks_up(station)
    words = said(station, third.visit)
    assert "longer" in words[1]
    lasting = [{**one, "longer": None} for one in words]
    # The window itself may move by a step within that time, and then it is news.
    assert all(earlier != later for earlier, later in pairwise(lasting))


def test_a_wait_that_is_as_long_as_was_said_is_not_longer(
    station: Station, third: Standing
) -> None:
    station.minutes(2)
    now = looks_up(station)
    assert ends_at(now) - ends_at(third) <= STEP
    assert now.longer is None


def test_a_wait_that_grows_at_once_is_not_said_to_have_grown(
    station: Station, third: Standing
) -> None:
    """Whoever has just read the first window still stands there and reads the new one."""
    closes_one_door(station)
    now = looks_up(station)
    assert ends_at(now) - ends_at(third) > STEP
    assert now.longer is None


def test_a_wait_that_grows_step_by_step_is_said_to_have_grown(
    station: Station, third: Standing
) -> None:
    """The two inside do not come out, and no step alone is more than is told."""
    heard, ends = [], [ends_at(third)]
    for _ in range(8):
        station.minutes(5)
        now = looks_up(station)
        ends.append(ends_at(now))
        heard.append(now.longer)
    assert all(later - earlier <= STEP for earlier, later in pairwise(ends))
    first = next(one for one in heard if one is not None)
    assert ends_at(third) == first.said_ends_at
    assert 1 < len({one.said_ends_at for one in heard if one is not None})


def test_that_nobody_knew_the_wait_in_between_hides_no_growth(
    station: Station, third: Standing
) -> None:
    station.minutes(5)
    for bay in "12":
        closes(station, bay, BayState.CLOSING)
    assert looks_up(station).window is None
    station.minutes(5)
    closes(station, "2", BayState.OPEN)
    now = looks_up(station)
    assert ends_at(now) - ends_at(third) > STEP
    assert now.longer is not None
    assert ends_at(third) == now.longer.said_ends_at


def test_growth_that_is_told_later_than_its_window_is_on_the_timeline_too(
    station: Station, third: Standing
) -> None:
    """Who reads the new window at once and asks again a minute later hears it once, and then no more."""
    closes_one_door(station)
    assert looks_up(station).longer is None
    station.clock.advance(61_000)
    assert looks_up(station).longer is not None
    assert "longer" in said(station, third.visit)[-1]
    station.clock.advance(61_000)
    assert looks_up(station).longer is None


def fills_both_doors(station: Station) -> None:
    for plate, bay in (("INN001", "1"), ("INN002", "2")):
        does(station, Verb.ENTER, station.comes(plate).visit, bay=bay)


def test_who_comes_back_is_told_a_new_wait_and_not_that_the_old_one_grew(
    station: Station,
) -> None:
    station.comes("ABC123")
    station.calls("ABC123")
    station.minutes(6)
    station.does(Verb.NO_SHOW, "ABC123")
    station.minutes(60)
    fills_both_doors(station)
    assert station.comes("ABC123").longer is None
    station.clock.advance(5_000)
    assert looks_up(station).longer is None
    assert station.comes("ABC123").longer is None


def test_whom_the_desk_lets_back_in_is_told_a_new_wait(station: Station) -> None:
    visit = station.comes("ABC123").visit
    does(station, Verb.LEAVE, visit)
    station.minutes(60)
    fills_both_doors(station)
    station.told_at_the_desk("ABC123")
    station.minutes(3)
    assert looks_up(station).longer is None


@pytest.mark.parametrize("out_and_back", [(Verb.CALL, Verb.PUT_BACK), (Verb.PARK, Verb.UNPARK)])
def test_who_stood_elsewhere_meanwhile_is_told_a_new_wait(
    station: Station, out_and_back: tuple[Verb, Verb]
) -> None:
    out, back = out_and_back
    station.comes("ABC123")
    station.does(out, "ABC123", "1" if out is Verb.CALL else None)
    station.minutes(30)
    station.does(back, "ABC123")
    fills_both_doors(station)
    assert looks_up(station).longer is None


def test_an_answer_that_comes_when_nobody_stands_there_was_not_said(station: Station) -> None:
    """The network was away for a quarter of an hour: who typed sits in the car."""
    does(station, Verb.ENTER, station.comes("INN001").visit, bay="1")
    arrival = station.typed("ABC123")
    station.minutes(15)
    first = station.deliver(arrival)
    assert [None] == said(station, first.visit)
    station.minutes(10)
    closes(station, "2")
    again = station.comes("ABC123")
    assert ends_at(again) - ends_at(first) > STEP
    assert again.longer is None


def test_an_answer_within_ten_seconds_is_read(station: Station) -> None:
    for plate, wait_ms, is_said in (("ABC123", 10_000, True), ("DEF456", 10_001, False)):
        arrival = station.typed(plate)
        station.clock.advance(wait_ms)
        first = station.deliver(arrival)
        assert [is_said] == [one is not None for one in said(station, first.visit)]


def test_a_retry_says_that_nobody_has_read_the_first_answer(station: Station) -> None:
    does(station, Verb.ENTER, station.comes("INN001").visit, bay="1")
    arrival = station.typed("ABC123")
    first = station.deliver(arrival)  # and the answer is lost
    station.minutes(10)
    closes(station, "2")
    for _ in range(3):
        station.deliver(arrival)
    assert ["arrived", "told"] == told(station, first.visit)
    station.clock.advance(30_000)
    now = looks_up(station)
    assert ends_at(now) - ends_at(first) > STEP
    assert now.longer is None


def test_what_a_retry_tells_who_still_stands_there_is_on_the_timeline(station: Station) -> None:
    arrival = station.typed("ABC123")
    visit = station.deliver(arrival).visit  # and the answer is lost
    station.deliver(arrival)
    assert ["arrived"] == told(station, visit)
    station.calls("ABC123")
    station.deliver(arrival)
    assert {"state": "called", "door": "1"} == said(station, visit)[-1]
    assert ["arrived", "called", "told"] == told(station, visit)


def test_where_no_window_was_told_none_has_grown(station: Station) -> None:
    for bay in "12":
        closes(station, bay)
    first = station.comes("ABC123")
    assert first.window is None
    station.minutes(5)
    closes(station, "1", BayState.OPEN)
    assert looks_up(station).longer is None


def test_while_nobody_knows_the_wait_nothing_is_said_to_have_grown(
    station: Station, third: Standing
) -> None:
    station.minutes(5)
    closes(station, "1", BayState.CLOSING)
    closes(station, "2", BayState.CLOSING)
    now = looks_up(station)
    assert (None, None) == (now.window, now.longer)


@pytest.mark.parametrize("how", [BayState.ON_BREAK, BayState.CLOSING])
def test_a_door_on_its_break_or_closing_is_closed_for_who_waits(
    station: Station, third: Standing, how: BayState
) -> None:
    station.minutes(10)
    does(station, Verb.FINISH, station.row("INN001").visit)
    closes(station, "1", how)
    now = looks_up(station)
    assert now.longer is not None
    assert 1 == now.longer.doors_closed


def test_a_door_that_was_closed_then_already_is_no_reason_now(station: Station) -> None:
    station.yard.places.create_bay(PITEA, "3", "3", ["full", "recheck"])
    closes(station, "1")
    for plate, bay in (("INN002", "2"), ("INN003", "3")):
        does(station, Verb.ENTER, station.comes(plate).visit, bay=bay)
    station.comes("DEF456")
    first = station.comes("ABC123")
    station.minutes(3)
    for plate in ("REC001", "REC002", "REC003"):
        station.told_at_the_desk(plate, "recheck")  # they stand before it
    now = looks_up(station)
    assert ends_at(now) - ends_at(first) > STEP
    assert now.longer is not None
    assert 0 == now.longer.doors_closed


def test_a_door_that_was_reopened_and_one_of_another_kind_are_no_reason(
    station: Station, third: Standing
) -> None:
    station.yard.places.create_bay(PITEA, "3", "3", ["heavy"])
    looks_up(station)
    station.minutes(5)
    closes(station, "3")
    closes(station, "2", BayState.ON_BREAK)
    closes(station, "2", BayState.OPEN)
    for plate in ("REC001", "REC002", "REC003"):
        station.told_at_the_desk(plate, "recheck")
    now = looks_up(station)
    assert now.longer is not None
    assert 0 == now.longer.doors_closed
    assert third.visit == now.visit


def test_a_retry_is_not_told_that_it_grew(station: Station) -> None:
    """Nobody may have heard the first answer."""
    does(station, Verb.ENTER, station.comes("INN001").visit, bay="1")
    arrival = station.typed("ABC123")
    first = station.deliver(arrival)
    station.minutes(10)
    closes(station, "2")
    now = station.deliver(arrival)
    assert ends_at(now) - ends_at(first) > STEP
    assert now.longer is None


# -- the list for the keypad --------------------------------------------------------------------


def test_the_list_says_when_the_station_opens_while_it_takes_nobody(station: Station) -> None:
    assert station.yard.expected(PITEA).opens_at is None
    open_from(station, "mon-fri 07:00-17:00")
    assert station.yard.expected(PITEA).opens_at is None
    station.clock.set_wall(local("2026-11-23 17:00"))
    assert local("2026-11-24 07:00") == station.yard.expected(PITEA).opens_at
    station.clock.set_wall(local("2026-11-24 06:00"))
    assert station.yard.expected(PITEA).opens_at is None


def test_a_clock_that_nobody_has_set_closes_no_keypad(station: Station) -> None:
    open_from(station, "mon-fri 07:00-17:00")
    station.clock.set_wall(local("2026-11-23 20:00"))
    station.clock.is_synced = False
    assert station.yard.expected(PITEA).opens_at is None


def test_over_a_pause_arrivals_are_taken(station: Station) -> None:
    station.yard.places.set_station(PITEA, StationSetup(hours="mon-fri 07:00-12:00 13:00-17:00"))
    station.clock.set_wall(local("2026-11-23 12:30"))
    assert station.yard.expected(PITEA).opens_at is None


# -- what it costs ------------------------------------------------------------------------------


def test_a_look_up_costs_eight_statements_and_writes_nothing(
    sqlite_station: Station,
) -> None:
    sqlite_station.comes("ABC123")
    looks_up(sqlite_station)
    sent: list[str] = []

    def count(*words: object) -> None:
        sent.append(str(words[2]))

    sa.event.listen(sa.Engine, "before_cursor_execute", count)
    try:
        looks_up(sqlite_station)
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", count)
    assert [] == [text for text in sent if not text.startswith("SELECT")]
    assert 8 >= len(sent)
