from contract.visit import Source, State
from contract.yard import Queue
from portvakt.demo.walk import Walk, advance
from tests.portvakt.demo.yard import queue, row

DARK = {"bay-1": False, "bay-2": False}
LIT = {"bay-1": True, "bay-2": False}

WAITING = queue(row())
CALLED = queue(row(state=State.CALLED, bay="bay-1"))
INSIDE = queue(row(state=State.IN_BAY, bay="bay-1"))


def _after(*seen: tuple[Queue, dict[str, bool]]) -> list[bool]:
    walk = Walk()
    for line, lit in seen:
        walk = advance(walk, line, lit)
    return walk.steps


def test_nothing_is_ticked_in_an_empty_yard() -> None:
    assert _after((queue(), DARK)) == [False, False, False]


def test_a_plate_from_the_post_ticks_the_first_step_and_one_from_the_desk_does_not() -> None:
    assert _after((WAITING, DARK)) == [True, False, False]
    assert _after((queue(row(source=Source.DESK)), DARK)) == [False, False, False]


def test_a_call_ticks_the_second_step_before_the_sign_has_lit() -> None:
    assert _after((WAITING, DARK), (CALLED, DARK)) == [True, True, False]


def test_finishing_ticks_the_third_step_once_the_sign_has_shown_it_and_is_dark_again() -> None:
    driven_in = [(CALLED, LIT), (INSIDE, LIT), (INSIDE, DARK)]
    assert _after(*driven_in) == [True, True, False]
    assert _after(*driven_in, (queue(), LIT)) == [True, True, False]
    assert _after(*driven_in, (queue(), DARK)) == [True, True, True]


def test_a_car_that_is_put_back_is_not_finished() -> None:
    assert _after((CALLED, LIT), (INSIDE, DARK), (WAITING, DARK)) == [True, True, False]


def test_a_car_that_drove_in_under_a_sign_that_never_lit_is_not_the_whole_walk() -> None:
    assert _after((CALLED, DARK), (INSIDE, DARK), (queue(), DARK)) == [True, True, False]


def test_light_above_another_door_is_not_this_cars_light() -> None:
    other = {"bay-1": False, "bay-2": True}
    assert _after((CALLED, other), (INSIDE, DARK), (queue(), DARK)) == [True, True, False]


def test_a_step_that_has_happened_stays_ticked() -> None:
    seen = [(CALLED, LIT), (INSIDE, DARK), (queue(), DARK), (WAITING, DARK)]
    assert _after(*seen) == [True, True, True]
