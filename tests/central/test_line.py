from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from central.line import Bay, Deed, Visit, act, in_order, next_for
from contract.event import EventKind
from contract.problems import Problem
from contract.visit import State, Verb

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


def do(visit: Visit, verb: Verb, bay: Bay | None = None, there: tuple[Visit, ...] = ()) -> Deed:
    return act(visit, verb, version=visit.version, bay=bay, there=there, new_call="new", now=NOON)


def called(plate: str = "ABC123") -> Visit:
    return replace(do(a_visit(plate), Verb.CALL, DOOR_1).visit, call="old")


def in_bay(plate: str = "ABC123") -> Visit:
    return do(called(plate), Verb.ENTER, DOOR_1).visit


def reason(visit: Visit, verb: Verb, bay: Bay | None = None, there: tuple[Visit, ...] = ()) -> str:
    with pytest.raises(Problem) as refused:
        do(visit, verb, bay, there)
    return refused.value.kind.reason


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
        act(called(), Verb.CALL, version=1, bay=DOOR_1, there=(), new_call="new", now=NOON)
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
