"""The table of brightness: what a technician may write, and that two steps never flicker."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signage.light_settings import STEPS
from signage.steps import Step, parse_steps, step_at

TABLE = parse_steps(STEPS)
ALL_LUX = st.floats(min_value=0, max_value=130_000, allow_nan=False)


def test_the_usual_table_reads_back_as_it_is_written() -> None:
    assert tuple(str(step).strip('"') for step in TABLE) == STEPS


def test_blanks_do_not_matter_and_one_step_is_a_table() -> None:
    assert parse_steps([" 30 %  0 - "]) == parse_steps(["30% 0-"])


@pytest.mark.parametrize(
    ("texts", "sentence"),
    [
        ([], r'there are no steps; write at least one such as "15% 2-30"'),
        (["bright"], r'"bright" is not a step; write "15% 2-30"'),
        (["5 0-"], r'"5 0-" is not a step'),
        (["5% -1-3", "9% 2-"], r'"5% -1-3" is not a step'),
        (["0% 0-"], r'"0% 0-" must give 1 to 100 percent'),
        (["101% 0-"], r"must give 1 to 100 percent"),
        (["5% 1-3", "9% 2-"], r'the first step, "5% 1-3", must begin at 0 lux'),
        (["5% 0-3", "9% 2-9"], r'the last step, "9% 2-9", must have no end, as in "9% 2-"'),
        (["5% 0-3", "9% 9-2"], r'"9% 9-2" must end above where it begins'),
        (["5% 0-3", "9% 5-"], r"no step holds between 3 and 5 lux; let .* overlap"),
        (["5% 0-3", "9% 3-"], r"only touch, and the sign would flicker there"),
        (["9% 0-3", "5% 2-"], r'"9% 0-3" stands before "5% 2-", which is not brighter; sort them'),
        (["5% 0-30", "9% 2-20", "50% 10-"], r"which is not brighter; sort them"),
        (["5% 0-", "9% 2-"], r"which is not brighter; sort them"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused_in_words(texts: list[str], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        parse_steps(texts)


def test_from_night_to_noon_and_back_each_step_comes_in_its_turn() -> None:
    step: Step | None = None
    percents = []
    for lux in (0, 3, 4, 31, 1001, 8001, 100_000, 4999, 699, 19, 1):
        step = step_at(TABLE, step, lux)
        percents.append(step.percent)
    assert percents == [5, 5, 15, 40, 70, 100, 100, 70, 40, 15, 5]


def test_light_that_trembles_within_an_overlap_changes_nothing() -> None:
    step = step_at(TABLE, None, 500)
    assert {step_at(TABLE, step, lux).percent for lux in (701, 999, 750, 1000)} == {40}
    step = step_at(TABLE, step, 1001)
    assert {step_at(TABLE, step, lux).percent for lux in (999, 701, 700)} == {70}


@given(ALL_LUX, ALL_LUX)
def test_a_step_always_holds_the_light_that_it_is_for(first: float, then: float) -> None:
    before = step_at(TABLE, None, first)
    after = step_at(TABLE, before, then)
    assert after.down_lux <= then <= after.up_lux
    if before.down_lux <= then <= before.up_lux:
        assert after is before
