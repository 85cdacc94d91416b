"""The simulated cars, without a clock or a central: the line goes in, deeds come out."""

import random

import pytest

from contract.visit import Source, State
from contract.yard import Queue
from portvakt.demo.traffic import (
    LONGEST_LINE,
    Arrive,
    CallNext,
    Deed,
    Enter,
    Finish,
    Traffic,
)
from tests.portvakt.demo.yard import queue, row


def _an_hour(line: Queue, speed: float = 60) -> list[Deed]:
    """What is done in an hour while the line, oddly, stays as it is."""
    traffic = Traffic(speed, random.Random(1))
    return [deed for half_s in range(7200) for deed in traffic.deeds(line, half_s / 2)]


def _of_desk(plate: str, state: State = State.WAITING, kind: str = "full") -> Queue:
    bay = None if state is State.WAITING else "bay-2"
    return queue(row(plate, state, bay, Source.DESK, kind))


def test_cars_come_more_often_at_a_higher_speed() -> None:
    slow = [deed for deed in _an_hour(queue(), 1) if isinstance(deed, Arrive)]
    fast = [deed for deed in _an_hour(queue(), 60) if isinstance(deed, Arrive)]
    assert 2 <= len(slow) <= 15
    assert len(fast) > 20 * len(slow)


def test_nobody_comes_while_twelve_wait() -> None:
    full = queue(*(row(f"AAA{n:03}", source=Source.DESK) for n in range(LONGEST_LINE)))
    assert [deed for deed in _an_hour(full) if isinstance(deed, Arrive)] == []


def test_the_colleague_calls_to_door_2_when_it_is_free_and_somebody_waits() -> None:
    assert CallNext("bay-2") in _an_hour(_of_desk("ABC123"))
    assert all(not isinstance(deed, CallNext) for deed in _an_hour(queue()))


def test_door_1_is_never_worked() -> None:
    line = queue(row("ABC123", State.CALLED, "bay-1", Source.DESK))
    assert all(isinstance(deed, Arrive) for deed in _an_hour(line))


def test_a_called_car_drives_in_and_a_car_inside_leaves() -> None:
    called = _of_desk("ABC123", State.CALLED)
    inside = _of_desk("ABC123", State.IN_BAY)
    assert Enter(called.line[0]) in _an_hour(called)
    assert Finish(inside.line[0]) in _an_hour(inside)


@pytest.mark.parametrize("state", [State.CALLED, State.IN_BAY])
def test_a_car_from_the_post_is_a_persons_to_drive(state: State) -> None:
    line = queue(row("ABC123", state, "bay-2", Source.POST))
    assert all(isinstance(deed, Arrive) for deed in _an_hour(line))


def test_a_called_plate_stays_lit_long_enough_to_be_seen_at_any_speed() -> None:
    called = _of_desk("ABC123", State.CALLED)
    traffic = Traffic(10_000, random.Random(1))
    assert not any(isinstance(deed, Enter) for deed in traffic.deeds(called, 0))
    assert not any(isinstance(deed, Enter) for deed in traffic.deeds(called, 2.5))
