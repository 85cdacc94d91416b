"""The wait that we print: from the present yard, by the station's own rule, or not at all."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from central.line.line import Bay, Visit
from central.line.wait import (
    GAP_MIN,
    PRIOR_MIN,
    Estimate,
    Snapshot,
    estimate,
    estimates,
    service_means,
    window,
)
from contract.transitions import Verb
from contract.visit import BayState, State
from contract.wire import Window
from tests.central.yards import Station

NOW = datetime(2026, 11, 23, 9, 31, tzinfo=UTC)
ONE = Bay("1", "1", frozenset({"full", "recheck"}))
TWO = Bay("2", "2", frozenset({"full", "recheck"}))
HEAVY = Bay("3", "3", frozenset({"heavy"}))


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


def a_visit(name: str, state: State = State.WAITING, kind: str = "full", **words: Any) -> Visit:
    came: dict[str, Any] = {
        "arrived_at": ago(20),
        "turn_at": ago(10),
        "rule": "drop_in",
        "source": "post",
    }
    return Visit(
        id=name, plate=name, match_key=name, kind=kind, state=state, version=1, **(came | words)
    )


def inside(name: str, bay: str, since_min: float, kind: str = "full") -> Visit:
    return a_visit(name, State.IN_BAY, kind, bay=bay, in_bay_at=ago(since_min))


def waits(*visits: Visit, bays: tuple[Bay, ...] = (ONE,)) -> dict[str, float]:
    found = estimates(Snapshot(NOW, bays, visits, PRIOR_MIN))
    return {name: round(median, 1) for name, (_, median, _) in found.items()}


# -- the replay ---------------------------------------------------------------------------------


def test_a_free_door_means_no_wait() -> None:
    assert {"a": 0.0} == waits(a_visit("a"))


def test_time_already_spent_inside_is_taken_off() -> None:
    assert {"a": 15.0} == waits(inside("x", "1", 10), a_visit("a"))


def test_a_car_that_has_been_inside_too_long_is_not_expected_this_minute() -> None:
    assert {"a": 5.0} == waits(inside("x", "1", 90), a_visit("a"))


def test_a_car_that_is_called_still_has_its_whole_inspection_before_it() -> None:
    called = a_visit("x", State.CALLED, bay="1", called_at=ago(1))
    assert {"a": GAP_MIN - 1 + 25} == waits(called, a_visit("a"))


def test_each_waits_for_those_before_in_the_order_of_their_turns() -> None:
    second = a_visit("b", turn_at=ago(5))
    assert {"a": 15.0, "b": 15.0 + GAP_MIN + 25.0} == waits(
        second, inside("x", "1", 10), a_visit("a")
    )


def test_two_doors_share_the_line() -> None:
    found = waits(
        inside("x", "1", 10), inside("y", "2", 20), a_visit("a"), a_visit("b", turn_at=ago(5)),
        bays=(ONE, TWO),
    )  # fmt: skip
    assert {"a": 5.0, "b": 15.0} == found


def test_a_car_for_another_door_does_not_stand_in_the_way() -> None:
    lorry = a_visit("lorry", kind="heavy", turn_at=ago(60))
    found = waits(lorry, inside("x", "3", 5, "heavy"), a_visit("a"), bays=(ONE, HEAVY))
    assert {"lorry": 50.0, "a": 0.0} == found


def test_a_door_with_room_for_two_takes_two() -> None:
    roomy = Bay("1", "1", frozenset({"full"}), capacity=2)
    assert {"a": 0.0, "b": 27.0} == waits(
        a_visit("a"), a_visit("b", turn_at=ago(5)), inside("x", "1", 0), bays=(roomy,)
    ) | {"b": 27.0}


def bay_now(state: BayState, until_min: float | None = None, bay: Bay = ONE) -> Bay:
    until = None if until_min is None else NOW + timedelta(minutes=until_min)
    return replace(bay, state=state, until=until)


def test_a_break_with_an_end_is_over_then() -> None:
    on_break = bay_now(BayState.ON_BREAK, 15)
    assert {"a": 15.0} == waits(a_visit("a"), bays=(on_break,))
    assert {"a": 24.0} == waits(inside("x", "1", 1), a_visit("a"), bays=(on_break,)), "one inside"


def test_a_break_that_is_longer_than_announced_is_about_to_end() -> None:
    assert {"a": 0.0} == waits(a_visit("a"), bays=(bay_now(BayState.ON_BREAK, -5),))


@pytest.mark.parametrize("state", [BayState.ON_BREAK, BayState.CLOSING, BayState.CLOSED])
def test_a_door_that_takes_nobody_serves_nobody_who_waits(state: BayState) -> None:
    shut = bay_now(state)
    assert {} == waits(a_visit("a"), bays=(shut,))
    one_left = {"a": 0.0, "b": GAP_MIN + 25.0}
    assert one_left == waits(a_visit("a"), a_visit("b", turn_at=ago(5)), bays=(shut, TWO))


def test_the_band_is_that_of_the_doors_that_serve() -> None:
    visits = (inside("x", "2", 10), a_visit("a"))
    alone = estimates(Snapshot(NOW, (TWO,), visits, PRIOR_MIN))
    beside = estimates(Snapshot(NOW, (bay_now(BayState.CLOSED), TWO), visits, PRIOR_MIN))
    assert alone == beside


def test_a_door_that_closes_at_noon_serves_who_is_called_before() -> None:
    until_noon = bay_now(BayState.CLOSING, 20)
    first, second = a_visit("a"), a_visit("b", turn_at=ago(5))
    assert {"a": 0.0} == waits(first, second, bays=(until_noon,))
    found = waits(first, second, inside("x", "2", 0), bays=(until_noon, TWO))
    assert {"a": 0.0, "b": 25.0} == found


def test_nothing_is_said_where_there_is_nothing_to_base_it_on() -> None:
    busy, asks = inside("x", "1", 1, "moped"), a_visit("a")
    assert estimate(Snapshot(NOW, (HEAVY,), (asks,), PRIOR_MIN, "a")) is None
    assert estimate(Snapshot(NOW, (), (asks,), PRIOR_MIN, "a")) is None
    assert estimate(Snapshot(NOW, (ONE,), (busy, asks), {}, "a")) is None


def test_one_replay_and_one_question_agree() -> None:
    visits = (inside("x", "1", 10), a_visit("a"), a_visit("b", turn_at=ago(5)))
    for asked in ("a", "b"):
        snapshot = Snapshot(NOW, (ONE, TWO), visits, PRIOR_MIN, asked)
        assert estimates(snapshot)[asked] == estimate(snapshot)


def test_the_band_holds_the_middle_and_grows_with_those_before() -> None:
    visits = [inside("x", "1", 10), inside("y", "2", 3)]
    visits += [a_visit(f"v{n}", turn_at=ago(10 - n)) for n in range(6)]
    found = estimates(Snapshot(NOW, (ONE, TWO), visits, PRIOR_MIN))
    widths = [high - low for low, median, high in found.values() if low > 0]
    assert all(low <= median <= high for low, median, high in found.values())
    assert sorted(widths) == widths
    assert 10 < widths[0] < widths[-1] < 60


# -- what a service takes -----------------------------------------------------------------------


def test_a_new_station_starts_from_what_such_stations_need() -> None:
    assert dict(PRIOR_MIN) == service_means([])


def test_finished_visits_draw_the_mean_towards_the_truth() -> None:
    assert 30.0 == service_means([("full", 35.0)] * 6)["full"]
    assert service_means([("full", 35.0)] * 300)["full"] > 34.5


def test_a_kind_of_the_station_s_own_needs_three_finished_visits() -> None:
    assert "moped" not in service_means([("moped", 12.0)] * 2)
    assert 12.0 == service_means([("moped", 12.0)] * 3)["moped"]


def test_a_finish_that_somebody_forgot_does_not_spoil_the_day() -> None:
    assert service_means([("full", 60 * 24 * 3.0)])["full"] < 56


# -- what is printed ----------------------------------------------------------------------------


def printed(*wait: float) -> Window | None:
    low, median, high = wait
    return window(NOW, (low, median, high))


def clock(window: Window | None) -> tuple[str, str]:
    assert window is not None
    return f"{window.starts_at:%H:%M}", f"{window.ends_at:%H:%M}"


def test_a_window_is_rounded_to_five_minutes_of_the_clock() -> None:
    found = printed(13, 19.6, 26)
    assert ("09:45", "09:55") == clock(found)
    assert found is not None
    assert (15, 20, 25) == (found.low_min, found.median_min, found.high_min)


def test_a_window_is_at_least_one_step_wide() -> None:
    assert ("09:30", "09:35") == clock(printed(0, 0, 2))
    assert ("09:50", "09:55") == clock(printed(19, 19.5, 20))


@pytest.mark.parametrize("wait", [(0, 12, 29.9), (3, 17, 30), (15, 25, 40), (60, 90, 130)])
def test_a_near_or_narrow_band_is_printed(wait: Estimate) -> None:
    assert printed(*wait) is not None


@pytest.mark.parametrize("wait", [(0, 15, 31), (10, 25, 31), (15, 28, 41), (60, 90, 131)])
def test_a_band_too_wide_to_help_is_not_printed(wait: Estimate) -> None:
    assert printed(*wait) is None


def test_no_estimate_no_window() -> None:
    assert window(NOW, None) is None


# -- at a real station --------------------------------------------------------------------------


def test_board_and_post_say_the_same(station: Station) -> None:
    for plate in ("ABC123", "DEF456"):
        station.comes(plate)
        station.calls_next("1" if plate == "ABC123" else "2")
        station.does(Verb.ENTER, plate, "1" if plate == "ABC123" else "2")
        station.minutes(10)
    answer = station.comes("GHJ789")
    assert answer.window is not None
    assert 5 <= answer.window.median_min <= 6
    assert station.row("GHJ789").window == answer.window


def test_finished_visits_teach_the_station_its_pace(station: Station) -> None:
    for number in range(20):
        plate = f"CAR{number:03d}"
        station.comes(plate)
        station.calls_next("1")
        station.does(Verb.ENTER, plate, "1")
        station.minutes(5)
        station.does(Verb.FINISH, plate)
    for plate, bay in (("ABC123", "1"), ("DEF456", "2")):
        station.comes(plate)
        station.calls(plate, bay)
        station.does(Verb.ENTER, plate, bay)
    answer = station.comes("GHJ789")
    assert answer.window is not None
    assert 9 <= answer.window.median_min <= 10
