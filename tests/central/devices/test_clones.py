"""Two machines with one card are told from one that restarts, by the boots in which a token speaks."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from central.devices import clones
from central.devices.clones import KEPT, LATE, MOST, Boot, Heard

NINE = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NINE + timedelta(seconds=seconds)


def heard(said: Iterable[tuple[float, str]]) -> tuple[Heard, int]:
    """What is known after a token spoke at these seconds in these boots, and how often that was written."""
    now, written = Heard(()), 0
    for seconds, boot in said:
        last, now = now, clones.hear(now.boots, boot, at(seconds))
        written += now.boots != last.boots
        if now.cloned:
            return now, written
    return now, written


def is_flagged(*said: tuple[float, str]) -> bool:
    return heard(said)[0].cloned


def test_a_machine_that_restarts_is_one() -> None:
    assert not is_flagged((0, "a"), (60, "a"), (120, "b"), (180, "b"), (3_600, "b"), (3_660, "c"))


def test_two_that_take_turns_are_two() -> None:
    assert not is_flagged((0, "a"), (30, "b"), (60, "a"), (90, "b"))
    assert is_flagged((0, "a"), (30, "b"), (60, "a"), (91, "b"), (120, "a"))


def test_a_copy_that_was_switched_off_again_was_there() -> None:
    assert is_flagged((0, "a"), (30, "copy"), (100, "copy"), (160, "a"))


def test_a_copy_that_never_keeps_its_name_is_found_by_the_machine_that_does() -> None:
    for every_s, named_for_s, wait_s in ((1, 50, 63), (1, 1, 63), (60, 50, 121), (60, 2, 121)):
        real = [(float(second), "real") for second in range(0, 1_000, every_s)]
        copy = [(s + 0.5, f"copy {s // named_for_s}") for s in range(600, 1_000)]
        assert not is_flagged(*real)
        both = sorted([*real, *copy])
        assert is_flagged(*(one for one in both if one[0] < 600 + wait_s))


def test_names_without_end_are_not_kept_but_found() -> None:
    flood = [(number / 100, f"boot {number}") for number in range(1_000)]
    assert is_flagged(*flood)
    assert len(heard(flood)[0].boots) == MOST + 1


def test_a_machine_that_fails_every_two_seconds_for_hours_is_one() -> None:
    assert not is_flagged(*((number * 2, f"boot {number}") for number in range(5_000)))


def test_what_the_boot_before_had_sent_may_arrive_after_it() -> None:
    assert not is_flagged((0, "a"), (600, "b"), (601, "a"), (630, "b"), (659, "a"), (700, "b"))


def test_a_boot_that_is_heard_for_the_first_time_after_the_next_one_is_no_other_machine() -> None:
    """Its only beat was held up on the way while the machine restarted."""
    assert not is_flagged((0, "b"), (1, "a"), (10, "b"), (100, "b"), (3_600, "b"), (7_200, "c"))


def test_a_clock_that_was_set_back_accuses_nobody() -> None:
    assert not is_flagged((600, "a"), (0, "b"), (10, "b"), (70, "b"), (130, "b"))


def test_a_row_brings_back_what_was_kept() -> None:
    boots = (Boot("a", at(0), lasts=True), Boot("b", at(0.125)))
    assert boots == clones.read(clones.written(boots))
    assert () == clones.read(None)


# A life of a machine: how long before it is heard, how long it speaks, and what comes late from it.
LIVES = st.lists(
    st.tuples(
        st.floats(0.1, 300),
        st.lists(st.floats(0.1, 200), max_size=6),
        st.lists(st.floats(0, LATE.total_seconds()), max_size=3),
    ),
    min_size=1,
    max_size=30,
)


@given(LIVES)
def test_no_machine_alone_is_ever_two_however_often_it_restarts(
    lives: list[tuple[float, list[float], list[float]]],
) -> None:
    said: list[tuple[float, str]] = []
    now = 0.0
    for number, (pause, gaps, _) in enumerate(lives):
        now += pause
        if number:
            # Whatever the boot before had sent arrives by `LATE` after this one was heard.
            said += [(now + late, str(number - 1)) for late in lives[number - 1][2]]
        said.append((now, str(number)))
        for gap in gaps:
            now += gap
            said.append((now, str(number)))
    known, written = heard(sorted(said))
    assert not known.cloned
    assert written <= 2 * len(lives)


@given(
    st.lists(st.floats(1, 60), min_size=1, max_size=5),
    st.lists(st.floats(1, 60), min_size=1, max_size=5),
    st.floats(0, 10_000),
)
def test_two_machines_that_speak_once_a_minute_are_found_within_four(
    first: list[float], second: list[float], apart: float
) -> None:
    """Both began at some time and go on; each speaks at its own pace."""
    both = apart + 240
    said = [*_speaks("a", first, 0, both), *_speaks("b", second, apart, both)]
    assert is_flagged(*sorted(said))


def _speaks(boot: str, gaps: list[float], begin: float, end: float) -> list[tuple[float, str]]:
    said, now = [], begin
    while now <= end:
        said.append((now, boot))
        now += gaps[len(said) % len(gaps)]
    return said


def test_a_machine_that_restarts_for_years_keeps_a_short_list() -> None:
    known, _ = heard((number * 600, f"boot {number}") for number in range(100))
    assert [f"boot {number}" for number in range(100 - KEPT, 100)] == [
        one.id for one in known.boots
    ]
