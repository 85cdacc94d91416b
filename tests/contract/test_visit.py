from datetime import UTC, datetime, timedelta

import pytest

from contract.transitions import TRANSITIONS, Verb, may
from contract.visit import ENDED, Rule, State, promised_at, turn

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("late_min", "rule", "counts_from_min"),
    [(-30, Rule.BOOKED, 0), (0, Rule.BOOKED, 0), (5, Rule.BOOKED, 0), (6, Rule.BOOKED_LATE, 6)],
)
def test_a_booking_has_its_slot_unless_it_comes_more_than_five_minutes_late(
    late_min: int, rule: Rule, counts_from_min: int
) -> None:
    its = turn(NOON + late_min * MINUTE, NOON, "full")
    assert (rule, NOON + counts_from_min * MINUTE) == (its.rule, its.at)


def test_a_drop_in_counts_from_ten_minutes_after_it_came() -> None:
    its = turn(NOON, None, "full")
    assert (Rule.DROP_IN, NOON + 10 * MINUTE) == (its.rule, its.at)


def test_a_recheck_counts_from_twenty_minutes_before_it_came() -> None:
    its = turn(NOON, None, "recheck")
    assert (Rule.RECHECK, NOON - 20 * MINUTE) == (its.rule, its.at)


def test_every_state_that_a_person_sees_can_be_left_again() -> None:
    assert all(may(state) for state in State if state is not State.EXPECTED)


def test_only_reopening_leads_from_a_visit_that_has_ended() -> None:
    assert {Verb.REOPEN} == {verb for state in ENDED for verb in may(state)}


def test_a_recheck_is_promised_twenty_minutes_and_nobody_else_is_promised_a_time() -> None:
    assert NOON + 20 * MINUTE == promised_at(NOON, "recheck")
    assert promised_at(NOON, "full") is None


def test_only_a_call_makes_a_new_showing() -> None:
    showings = {verb for verb, row in TRANSITIONS.items() if row.starts_showing}
    assert showings == {verb for verb, row in TRANSITIONS.items() if row.to_state is State.CALLED}
