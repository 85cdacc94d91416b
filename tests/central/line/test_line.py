from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from central.line.line import Bay, Deed, Visit, Yard, act, in_order, next_for
from contract.event import EventKind
from contract.problems import Problem
from contract.transitions import TRANSITIONS, Verb, Word
from contract.visit import OPEN, BayState, State
from contract.words import Approved, VisitWords

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
DOOR_1 = Bay("b1", "1", frozenset({"full", "recheck"}))
DOOR_2 = Bay("b2", "2", frozenset({"full", "recheck", "heavy"}))


def a_visit(plate: str = "ABC123", turn_min: int = 0, kind: str = "full") -> Visit:
    return Visit(
        id=plate,
        plate=plate,
        match_key=plate,
        kind=kind,
        source="post",
        state=State.WAITING,
        version=1,
        arrived_at=NOON,
        turn_at=NOON + timedelta(minutes=turn_min),
        rule="drop_in",
    )


def do(
    visit: Visit, verb: Verb, bay: Bay | None = None, others: tuple[Visit, ...] = (), **said: object
) -> Deed:
    named = bay if Word.BAY in TRANSITIONS[verb].needs else None
    told: dict[str, Any] = {"version": visit.version, "bay": named and named.id, **said}
    words = VisitWords(**told)
    yard = Yard((visit, *others), NOON - timedelta(hours=12), NOON)
    return act(visit, verb, words, bay=named, yard=yard, new_call="new")


def called(plate: str = "ABC123") -> Visit:
    return replace(do(a_visit(plate), Verb.CALL, DOOR_1).visit, call="old")


def in_bay(plate: str = "ABC123") -> Visit:
    return do(called(plate), Verb.ENTER, DOOR_1).visit


def reason(
    visit: Visit,
    verb: Verb,
    bay: Bay | None = None,
    others: tuple[Visit, ...] = (),
    **said: object,
) -> str:
    with pytest.raises(Problem) as refused:
        do(visit, verb, bay, others, **said)
    return refused.value.kind.reason


def in_state(state: State, plate: str = "ABC123") -> Visit:
    """A visit of *plate* in any state, as it would stand there."""
    visit = replace(a_visit(plate), state=state)
    if state in (State.CALLED, State.IN_BAY):
        visit = replace(visit, bay="b1", called_at=NOON, calls=1)
    if state is State.CALLED:
        return replace(visit, call="old")
    if state is State.IN_BAY:
        return replace(visit, in_bay_at=NOON, stall=1)
    return replace(visit, ended_at=None if state in OPEN else NOON)


def test_the_lowest_turn_stands_first() -> None:
    late, early = a_visit("ABC124", 20), a_visit("ABC123", 5)
    assert ["ABC123", "ABC124"] == [visit.plate for visit in in_order([late, early])]


def test_who_came_first_stands_first_when_turns_are_equal() -> None:
    first = a_visit("ABC124")
    second = replace(a_visit("ABC123"), arrived_at=NOON + timedelta(seconds=1))
    assert ["ABC124", "ABC123"] == [visit.plate for visit in in_order([second, first])]


def test_a_bay_takes_the_first_in_line_of_a_kind_that_it_can_serve() -> None:
    heavy, car = a_visit("ABC124", 0, "heavy"), a_visit("ABC123", 5)
    assert car == next_for(DOOR_1, [heavy, car])
    assert heavy == next_for(DOOR_2, [heavy, car])
    assert next_for(DOOR_1, [heavy]) is None


def test_a_call_gives_the_visit_a_door_and_a_call_id() -> None:
    deed = do(a_visit(), Verb.CALL, DOOR_1)
    assert (State.CALLED, "b1", "new", 1) == (
        deed.visit.state,
        deed.visit.bay,
        deed.visit.call,
        deed.visit.calls,
    )
    assert (EventKind.CALLED, None, "new") == (deed.event, deed.ended_call, deed.started_call)


def test_a_recall_is_a_new_showing_at_the_same_door() -> None:
    deed = do(called(), Verb.RECALL)
    assert ("b1", "new", 2) == (deed.visit.bay, deed.visit.call, deed.visit.calls)
    assert "old" == deed.ended_call


def test_a_move_ends_the_old_call_and_starts_one_at_the_new_door() -> None:
    deed = do(called(), Verb.MOVE, DOOR_2)
    assert ("b2", "old", "new") == (deed.visit.bay, deed.ended_call, deed.started_call)


def test_a_car_put_back_keeps_its_turn_and_loses_its_door() -> None:
    visit = do(called(), Verb.PUT_BACK).visit
    assert (State.WAITING, None, None, NOON) == (visit.state, visit.bay, visit.call, visit.turn_at)


@pytest.mark.parametrize(
    ("verb", "state"), [(Verb.ENTER, State.IN_BAY), (Verb.NO_SHOW, State.NO_SHOW)]
)
def test_a_call_ends_when_the_car_drives_in_or_never_comes(verb: Verb, state: State) -> None:
    deed = do(called(), verb, DOOR_1)
    assert (state, "old", None, None) == (
        deed.visit.state,
        deed.ended_call,
        deed.started_call,
        deed.visit.call,
    )


def test_a_finished_visit_is_done_and_says_when() -> None:
    visit = do(in_bay(), Verb.FINISH).visit
    assert (State.DONE, NOON) == (visit.state, visit.ended_at)


def test_a_car_may_drive_in_uncalled() -> None:
    assert State.IN_BAY is do(a_visit(), Verb.ENTER, DOOR_1).visit.state


def test_every_change_makes_a_new_version() -> None:
    assert [2, 3, 4] == [
        do(a_visit(), Verb.CALL, DOOR_1).visit.version,
        in_bay().version,
        do(in_bay(), Verb.FINISH).visit.version,
    ]


def test_an_old_version_is_refused_and_told_what_stands_now() -> None:
    with pytest.raises(Problem) as refused:
        do(replace(called(), version=3), Verb.CALL, DOOR_1, version=1)
    assert ("changed_meanwhile", State.CALLED, "b1") == (
        refused.value.kind.reason,
        refused.value.members["state"],
        refused.value.members["bay"],
    )


@pytest.mark.parametrize(
    ("visit", "verb"),
    [
        (a_visit(), Verb.FINISH),
        (a_visit(), Verb.RECALL),
        (a_visit(), Verb.NO_SHOW),
        (in_bay(), Verb.CALL),
        (do(in_bay(), Verb.FINISH).visit, Verb.PUT_BACK),
    ],
)
def test_what_cannot_be_done_now_is_refused(visit: Visit, verb: Verb) -> None:
    assert "wrong_state" == reason(visit, verb, DOOR_1)


def test_a_call_without_a_bay_is_refused() -> None:
    assert "bad_request" == reason(a_visit(), Verb.CALL)


def test_a_move_to_the_same_door_is_refused() -> None:
    assert "wrong_state" == reason(called(), Verb.MOVE, DOOR_1)


def test_a_bay_that_does_not_take_the_kind_is_refused() -> None:
    assert "bay_cannot_serve" == reason(a_visit(kind="heavy"), Verb.CALL, DOOR_1)


@pytest.mark.parametrize("other", [called("ABC124"), in_bay("ABC124")])
def test_a_taken_bay_is_refused_and_says_by_whom(other: Visit) -> None:
    with pytest.raises(Problem, match="ABC 124") as refused:
        do(a_visit(), Verb.CALL, DOOR_1, (other,))
    assert ("bay_busy", "ABC124") == (
        refused.value.kind.reason,
        refused.value.members["plate"],
    )


# -- the table ----------------------------------------------------------------------------------

WORDS: dict[Verb, dict[str, Any]] = {
    Verb.REMOVE: {"reason": "typo"},
    Verb.OVERRIDE: {"reason": "a child is ill"},
}


@pytest.mark.parametrize(("verb", "state"), list(product(Verb, State)))
def test_each_verb_does_what_the_table_says_from_each_state_and_nothing_from_others(
    verb: Verb, state: State
) -> None:
    row = TRANSITIONS[verb]
    visit = in_state(state)
    bay = DOOR_2 if verb is Verb.MOVE else DOOR_1
    if state not in row.from_states:
        assert "wrong_state" == reason(visit, verb, bay, **WORDS.get(verb, {}))
        return
    deed = do(visit, verb, bay, **WORDS.get(verb, {}))
    assert (row.to_state or state, row.event) == (deed.visit.state, deed.event)
    assert 2 == deed.visit.version
    assert (deed.visit.ended_at is None) == deed.visit.is_open
    assert (deed.visit.bay is None) == (deed.visit.state in (State.WAITING, State.PARKED)) or (
        not deed.visit.is_open
    )
    assert (deed.visit.call is None) == (deed.visit.state is not State.CALLED)
    assert deed.ended_call == visit.call


@pytest.mark.parametrize("verb", Verb)
def test_each_verb_refuses_words_that_it_does_not_take_and_asks_for_those_it_needs(
    verb: Verb,
) -> None:
    row = TRANSITIONS[verb]
    visit = in_state(next(iter(sorted(row.from_states))))
    said: dict[Word, Any] = {
        Word.REASON: "because",
        Word.BEFORE: "somebody",
        Word.OUTCOME: Approved(),
    }
    for word, value in said.items():
        if word not in row.needs | row.takes:
            told: dict[str, Any] = {**WORDS.get(verb, {}), word.value: value}
            assert "bad_request" == reason(visit, verb, DOOR_2, **told)
    if row.needs:
        assert "bad_request" == reason(visit, verb)


# -- bays ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [BayState.ON_BREAK, BayState.CLOSING, BayState.CLOSED])
def test_nobody_is_called_to_a_bay_that_takes_nobody(state: BayState) -> None:
    assert "bay_closed" == reason(a_visit(), Verb.CALL, replace(DOOR_1, state=state))


def test_who_has_driven_in_is_in_whatever_the_bay_was_said_to_be() -> None:
    on_break = replace(DOOR_1, state=BayState.ON_BREAK)
    assert State.IN_BAY is do(a_visit(), Verb.ENTER, on_break).visit.state


def test_a_bay_that_closes_at_four_takes_cars_until_four() -> None:
    closing = replace(DOOR_1, state=BayState.CLOSING, until=NOON + timedelta(minutes=1))
    assert State.CALLED is do(a_visit(), Verb.CALL, closing).visit.state
    assert "bay_closed" == reason(a_visit(), Verb.CALL, replace(closing, until=NOON))


def test_the_next_is_called_while_one_is_in_only_where_the_station_wants_it_so() -> None:
    ahead = replace(DOOR_1, call_ahead=True)
    assert State.CALLED is do(a_visit(), Verb.CALL, ahead, (in_bay("ABC124"),)).visit.state
    assert "bay_busy" == reason(a_visit(), Verb.ENTER, ahead, (in_bay("ABC124"),))
    assert "bay_busy" == reason(a_visit(), Verb.CALL, ahead, (called("ABC124"),))


def test_cars_inside_a_long_bay_each_have_a_place() -> None:
    long_bay = replace(DOOR_1, capacity=2)
    first = do(called(), Verb.ENTER, long_bay).visit
    second = do(a_visit("ABC124"), Verb.ENTER, long_bay, (first,)).visit
    assert [1, 2] == [first.stall, second.stall]
    assert "bay_busy" == reason(a_visit("ABC125"), Verb.ENTER, long_bay, (first, second))
    back = do(first, Verb.PUT_BACK, None, (second,)).visit
    assert 1 == do(a_visit("ABC125"), Verb.ENTER, long_bay, (back, second)).visit.stall


# -- the order changed by a person --------------------------------------------------------------


def moved(visit: Visit, before: str | None, others: tuple[Visit, ...]) -> list[str]:
    deed = do(visit, Verb.OVERRIDE, None, others, before=before, reason="a child is ill")
    return [one.plate for one in in_order([deed.visit, *others])]


LINE = (a_visit("ABC124", 0), a_visit("ABC125", 10), a_visit("ABC126", 20))


def test_staff_put_somebody_before_another_or_last_and_the_reason_stays_on_the_row() -> None:
    late = a_visit("ABC123", 30)
    assert ["ABC123", "ABC124", "ABC125", "ABC126"] == moved(late, "ABC124", LINE)
    assert ["ABC124", "ABC123", "ABC125", "ABC126"] == moved(late, "ABC125", LINE)
    early = a_visit("ABC123", -10)
    assert ["ABC124", "ABC125", "ABC126", "ABC123"] == moved(early, None, LINE)
    deed = do(late, Verb.OVERRIDE, None, LINE, before="ABC124", reason="a child is ill")
    assert ("override", "a child is ill") == (deed.visit.rule, deed.visit.reason)


def test_a_place_between_two_that_stand_a_millisecond_apart_is_found() -> None:
    close = (a_visit("ABC124"), replace(a_visit("ABC125"), turn_at=NOON + timedelta(seconds=1)))
    assert ["ABC124", "ABC123", "ABC125"] == moved(a_visit("ABC123", 30), "ABC125", close)


def test_who_is_put_before_the_second_of_two_that_were_put_there_stands_between_them() -> None:
    line = {plate: a_visit(plate, at) for at, plate in enumerate(("E", "X", "Y", "Z"))}
    for plate, before in (("X", "E"), ("Y", "E"), ("Z", "Y")):
        others = tuple(one for one in line.values() if one.plate != plate)
        said: dict[str, Any] = {"before": before, "reason": "a child is ill"}
        line[plate] = do(line[plate], Verb.OVERRIDE, None, others, **said).visit
    assert ["X", "Z", "Y", "E"] == [one.plate for one in in_order(line.values())]


@given(
    turns_ms=st.lists(st.integers(0, 5), min_size=3, max_size=6),
    moves=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=25),
)
def test_whoever_is_put_before_somebody_stands_before_them(
    turns_ms: list[int], moves: list[tuple[int, int]]
) -> None:
    moment = timedelta(milliseconds=1)
    line = {
        plate: replace(a_visit(plate), turn_at=NOON + ms * moment)
        for plate, ms in zip("ABCDEF", turns_ms, strict=False)
    }
    for one, other in moves:
        plate, before = (sorted(line)[number % len(line)] for number in (one, other))
        if plate != before:
            others = tuple(visit for visit in line.values() if visit.plate != plate)
            said: dict[str, Any] = {"before": before, "reason": "a child is ill"}
            line[plate] = do(line[plate], Verb.OVERRIDE, None, others, **said).visit
            order = [visit.plate for visit in in_order(line.values())]
            assert order.index(plate) < order.index(before)


def test_the_reason_for_a_place_stays_when_its_car_is_parked_for_another() -> None:
    first = do(a_visit(), Verb.OVERRIDE, None, LINE, reason="a child is ill").visit
    parked = do(first, Verb.PARK, reason="fetches papers").visit
    assert ("a child is ill", "fetches papers") == (parked.reason, parked.note)
    back = do(parked, Verb.UNPARK).visit
    assert ("a child is ill", None) == (back.reason, back.note)


def test_before_somebody_who_has_left_the_line_is_refused() -> None:
    said: dict[str, Any] = {"before": "ABC999", "reason": "a child is ill"}
    assert "changed_meanwhile" == reason(a_visit(), Verb.OVERRIDE, None, LINE, **said)


# -- back again ---------------------------------------------------------------------------------


def test_a_visit_reopens_the_same_day_with_its_arrival_and_turn_kept() -> None:
    again = do(in_state(State.LEFT), Verb.REOPEN).visit
    assert (State.WAITING, NOON, NOON, None) == (
        again.state,
        again.arrived_at,
        again.turn_at,
        again.note,
    )


def test_yesterdays_visit_is_not_reopened() -> None:
    yesterday = replace(in_state(State.DONE), ended_at=NOON - timedelta(hours=13))
    assert "too_late" == reason(yesterday, Verb.REOPEN)
