"""What staff do to a visit, and what happens when two of them do it at once."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from central.line.rows import open_visits, update_visit
from central.words import Actor
from contract import problems
from contract.problems import Problem, ProblemType
from contract.transitions import Verb
from contract.words import BayWords, VisitWords
from contract.yard import QueueRow
from tests.central.yards import DESK_1, DESK_2, PITEA, Station


def refused(kind: ProblemType, deed: Callable[[], object]) -> Problem:
    """Do *deed*, which must be refused by *kind*; give the problem."""
    with pytest.raises(Problem) as error:
        deed()
    assert kind == error.value.kind, error.value.detail
    return error.value


def test_call_enter_finish_is_a_whole_visit_on_the_timeline(station: Station) -> None:
    visit = station.comes("ABC123").visit
    called = station.calls_next("1")
    assert ("called", "1", 1) == (called.state, called.bay, called.calls)
    assert "in_bay" == station.does(Verb.ENTER, "ABC123", "1").state
    station.does(Verb.FINISH, "ABC123", actor=DESK_2)
    assert [] == station.queue().line
    told = [(row.kind, row.actor) for row in station.yard.timeline(PITEA, visit)]
    assert [
        ("arrived", "Post 1"),
        ("called", "Desk 1"),
        ("entered", "Desk 1"),
        ("finished", "Desk 2"),
    ] == told


def test_call_next_takes_the_lowest_turn_that_the_door_can_serve(station: Station) -> None:
    station.told_at_the_desk("HEA001", "heavy")
    station.minutes(1)
    station.told_at_the_desk("CAR001")
    station.told_at_the_desk("REC001", "recheck")
    assert "REC001" == station.calls_next("1").plate
    assert "HEA001" == station.calls_next("2").plate


def test_nobody_to_call_is_said(station: Station) -> None:
    station.told_at_the_desk("HEA001", "heavy")
    refused(problems.NOBODY_WAITING, lambda: station.calls_next("1"))


def test_put_back_keeps_the_turn(station: Station) -> None:
    station.comes("ABC123")
    station.comes("DEF456")
    station.calls("ABC123")
    back = station.does(Verb.PUT_BACK, "ABC123")
    assert ("waiting", 1, None, None) == (back.state, back.place, back.bay, back.call)
    assert back.window is not None


def test_a_recall_is_a_new_call_at_the_same_door(station: Station) -> None:
    station.comes("ABC123")
    first = station.calls("ABC123")
    again = station.does(Verb.RECALL, "ABC123")
    assert (2, "1") == (again.calls, again.bay)
    assert first.call != again.call


def test_a_move_frees_the_old_door(station: Station) -> None:
    station.comes("ABC123")
    station.comes("DEF456")
    station.calls("ABC123", "1")
    station.does(Verb.MOVE, "ABC123", "2")
    station.calls("DEF456", "1")
    assert [1, 1] == [len(bay.visits) for bay in station.queue().bays]


def test_a_car_may_drive_straight_in(station: Station) -> None:
    station.comes("ABC123")
    assert "in_bay" == station.does(Verb.ENTER, "ABC123", "2").state


# -- refusals -----------------------------------------------------------------------------------


def test_a_stale_version_is_refused_with_the_name_of_who_was_faster(station: Station) -> None:
    station.comes("ABC123")
    old = station.row("ABC123")
    station.does(Verb.CALL, "ABC123", "1", actor=DESK_2)
    words = VisitWords(version=old.version, bay="2")
    problem = refused(
        problems.CHANGED_MEANWHILE,
        lambda: station.yard.act(PITEA, DESK_1, old.visit, Verb.CALL, words),
    )
    assert "ABC 123 is called at door 1 now, by Desk 2." == problem.detail
    assert ("Desk 2", "1") == (problem.members["by"], problem.members["bay"])


def test_the_name_is_a_person_s_even_after_the_sign_has_reported(station: Station) -> None:
    station.comes("ABC123")
    old = station.row("ABC123")
    station.sign_1.wakes()
    station.does(Verb.CALL, "ABC123", "1", actor=DESK_2)
    station.sign_1.lit()
    station.sign_1.lit()
    words = VisitWords(version=old.version, bay="2")
    problem = refused(
        problems.CHANGED_MEANWHILE,
        lambda: station.yard.act(PITEA, DESK_1, old.visit, Verb.CALL, words),
    )
    assert "Desk 2" == problem.members["by"]


def test_a_door_with_a_call_takes_no_second_one(station: Station) -> None:
    station.comes("ABC123")
    station.comes("DEF456")
    station.does(Verb.CALL, "ABC123", "1", actor=DESK_2)
    problem = refused(problems.BAY_BUSY, lambda: station.calls("DEF456", "1"))
    assert ("Desk 2", "ABC123") == (problem.members["by"], problem.members["plate"])
    refused(problems.BAY_BUSY, lambda: station.calls_next("1"))


def test_the_board_s_top_row_is_refused_when_another_is_next_now(station: Station) -> None:
    station.comes("ABC123")
    shown = station.row("ABC123")
    station.told_at_the_desk("REC001", "recheck")
    words = BayWords(visit=shown.visit, version=shown.version)
    problem = refused(
        problems.CHANGED_MEANWHILE, lambda: station.yard.call_next(PITEA, DESK_1, "1", words)
    )
    assert "ABC 123 is next no longer. REC 001 is next." == problem.detail
    assert ("REC001", 1) == (problem.members["plate"], problem.members["version"])


def test_an_unknown_visit_or_door_is_not_found(station: Station) -> None:
    station.comes("ABC123")
    row = station.row("ABC123")
    words = VisitWords(version=1, bay="9")
    for visit in (row.visit, "no-such-visit"):
        refused(
            problems.NOT_FOUND,
            lambda visit=visit: station.yard.act(PITEA, DESK_1, visit, Verb.CALL, words),  # type: ignore[misc]
        )


def test_a_row_that_changed_under_our_hands_is_not_written_over(station: Station) -> None:
    """Between the look and the write another process may have been there; the version on the row tells."""
    station.comes("ABC123")
    visit = station.store.read(lambda view: open_visits(view, PITEA)[0])
    moved = replace(visit, version=visit.version + 1)
    station.store.write(lambda tx: update_visit(tx, PITEA, visit, moved))
    refused(
        problems.CHANGED_MEANWHILE,
        lambda: station.store.write(lambda tx: update_visit(tx, PITEA, visit, moved)),
    )


# -- two at once --------------------------------------------------------------------------------


def at_once(*deeds: Callable[[], QueueRow]) -> list[QueueRow | Problem]:
    """Do all *deeds* from threads that start together."""
    gate = threading.Barrier(len(deeds))

    def do(deed: Callable[[], QueueRow]) -> QueueRow | Problem:
        gate.wait()
        try:
            return deed()
        except Problem as problem:
            return problem

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(do, deeds))


@pytest.mark.parametrize("turn", range(10))
def test_of_two_who_call_the_same_car_one_wins_and_the_other_hears_who(
    station: Station, turn: int
) -> None:
    station.comes("ABC123")
    row = station.row("ABC123")

    def call(actor: Actor, bay: str) -> QueueRow:
        words = VisitWords(version=row.version, bay=bay)
        return station.yard.act(PITEA, actor, row.visit, Verb.CALL, words)

    answers = at_once(lambda: call(DESK_1, "1"), lambda: call(DESK_2, "2"))
    (won,) = [answer for answer in answers if isinstance(answer, QueueRow)]
    (lost,) = [answer for answer in answers if isinstance(answer, Problem)]
    assert problems.CHANGED_MEANWHILE == lost.kind
    winner = {"1": "Desk 1", "2": "Desk 2"}[won.bay or ""]
    assert (winner, won.bay) == (lost.members["by"], lost.members["bay"])


@pytest.mark.parametrize("turn", range(10))
def test_of_two_who_call_to_the_same_door_one_wins_and_the_other_hears_who(
    station: Station, turn: int
) -> None:
    station.comes("ABC123")
    station.comes("DEF456")
    answers = at_once(
        lambda: station.does(Verb.CALL, "ABC123", "1", DESK_1),
        lambda: station.does(Verb.CALL, "DEF456", "1", DESK_2),
    )
    (won,) = [answer for answer in answers if isinstance(answer, QueueRow)]
    (lost,) = [answer for answer in answers if isinstance(answer, Problem)]
    assert problems.BAY_BUSY == lost.kind
    assert {"ABC123": "Desk 1", "DEF456": "Desk 2"}[won.plate] == lost.members["by"]


@pytest.mark.parametrize("turn", range(10))
def test_of_two_who_press_call_next_on_the_same_row_one_wins(station: Station, turn: int) -> None:
    station.comes("ABC123")
    station.comes("DEF456")
    shown = station.row("ABC123")
    words = BayWords(visit=shown.visit, version=shown.version)
    answers = at_once(
        lambda: station.yard.call_next(PITEA, DESK_1, "1", words),
        lambda: station.yard.call_next(PITEA, DESK_2, "2", words),
    )
    (won,) = [answer for answer in answers if isinstance(answer, QueueRow)]
    (lost,) = [answer for answer in answers if isinstance(answer, Problem)]
    assert "ABC123" == won.plate
    assert problems.CHANGED_MEANWHILE == lost.kind
    assert "DEF456" == lost.members["plate"]
    assert ["DEF456"] == station.waiting()


# -- what the signs hear ------------------------------------------------------------------------


def heard(station: Station) -> list[tuple[str, str | None]]:
    """Nudges since the last look: the door, and the call to blank or None for `beat`."""
    doors = {station.sign_1.device.id: "1", station.sign_2.device.id: "2"}
    told = [(doors[nudge.device], nudge.call) for nudge in station.nudges]
    station.nudges.clear()
    return told


def test_each_deed_hints_the_signs_that_it_concerns(station: Station) -> None:
    station.comes("ABC123")
    call = station.calls("ABC123", "1").call
    assert [("1", None)] == heard(station)
    recall = station.does(Verb.RECALL, "ABC123").call
    assert call != recall
    assert [("1", None)] == heard(station)
    moved = station.does(Verb.MOVE, "ABC123", "2").call
    assert [("1", recall), ("2", None)] == heard(station)
    station.does(Verb.ENTER, "ABC123", "2")
    assert [("2", moved)] == heard(station)


def test_a_hint_with_the_station_s_number_follows_each_commit(station: Station) -> None:
    hints: list[tuple[str, int]] = []
    station.store.hints.add(lambda name, seq: hints.append((name, seq)))
    station.comes("ABC123")
    _, seq = station.yard.cursor(PITEA)
    assert [(PITEA, seq)] == hints
