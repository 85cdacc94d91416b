"""When a pattern stands on the sign, that it is no plate, and what the current says about it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest

from signage.current import CurrentWatch
from signage.fonts import ALL, Typeface
from signage.frame import Frame
from signage.light_settings import CurrentSettings, SelfTestSettings
from signage.self_test import STILLS, SelfTest, patterns

SIZES = [(48, 8), (40, 7), (80, 16), (128, 32)]
TURN_MS = 50
CET = timezone(timedelta(hours=1))
EVENING = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)
FOUR = datetime(2026, 11, 23, 3, 59, 59, tzinfo=UTC)  # 04:59:59 on the wall


def shapes(face: Typeface) -> Iterator[tuple[str, list[int], int]]:
    """Each sign's own dots with one dark dot all around, as an eye needs them, and its height."""
    for sign, glyph in face.glyphs.items():
        whole = 0
        for column in glyph:
            whole |= column
        low = (whole & -whole).bit_length() - 1
        inked = [x for x, column in enumerate(glyph) if column]
        trimmed = [glyph[x] >> low for x in range(inked[0], inked[-1] + 1)]
        height = whole.bit_length() - low
        yield sign, [0, *(column << 1 for column in trimmed), 0], height + 2


def signs_in(frame: Frame) -> set[str]:
    """Every sign of every typeface that can be made out anywhere in *frame*."""
    found = set()
    for face in ALL:
        for sign, shape, height in shapes(face):
            for top in range(-1, frame.height_px - height + 2):
                cells = [column << 1 >> (top + 1) for column in (0, *frame.columns, 0)]
                mask = (1 << height) - 1
                row = [cell & mask for cell in cells]
                if any(row[x : x + len(shape)] == shape for x in range(len(row) - len(shape) + 1)):
                    found.add(sign)
    return found


@pytest.mark.parametrize(("width_px", "height_px"), SIZES)
def test_no_sign_of_any_typeface_stands_anywhere_in_any_pattern(
    width_px: int, height_px: int
) -> None:
    drawn = patterns(width_px, height_px)
    # The column in the middle of the panel stands for all that have dark ones beside them.
    looked_at = {*drawn[:STILLS], drawn[STILLS], drawn[STILLS + width_px // 2], drawn[-1]}
    assert {sign for frame in looked_at for sign in signs_in(frame)} == set()
    assert {frame.words for frame in drawn} == {""}


def test_the_search_finds_a_sign_where_there_is_one() -> None:
    """Or the test above would prove nothing."""
    for face in ALL:
        for sign, glyph in face.glyphs.items():
            columns = (0,) * 3 + tuple(column << 1 for column in glyph) + (0,) * 3
            assert sign in signs_in(Frame(len(columns), face.height_px + 2, columns))


def test_the_patterns_light_every_dot_and_leave_every_dot_dark() -> None:
    for width_px, height_px in SIZES:
        drawn = patterns(width_px, height_px)
        board, inverse, rows, others = drawn[:STILLS]
        for one, other in ((board, inverse), (rows, others)):
            assert one.lit_dots + other.lit_dots == width_px * height_px
            assert not any(a & b for a, b in zip(one.columns, other.columns, strict=True))
        sweep = drawn[STILLS:]
        assert len(sweep) == width_px
        assert all(frame.lit_dots == height_px for frame in sweep)


def test_a_checkerboard_lights_no_two_neighbours() -> None:
    board = patterns(4, 3)[0]
    assert board.rows == ("#.#.", ".#.#", "#.#.")


class Night:
    """A sign that is asked each turn, and the clocks beside it."""

    def __init__(
        self,
        wall: datetime = EVENING,
        settings: SelfTestSettings | None = None,
        *,
        first_start: bool = False,
        synced: bool = True,
        sweeps: bool = True,
    ) -> None:
        self.test = SelfTest(
            48,
            8,
            settings or SelfTestSettings(),
            first_start=first_start,
            sweeps=sweeps,
            local=lambda utc: utc.astimezone(CET),
        )
        self.wall = wall
        self.synced = synced
        self.lit = False
        self.now_ms = 1_000
        self.watch: CurrentWatch | None = None
        self.broken = 0.0  # the part of the light that is missing

    def turn(self) -> Frame | None:
        wall = self.wall if self.synced else None
        frame = self.test.frame(self.now_ms, wall, lit=self.lit)
        if self.watch is not None:
            dots = 0 if frame is None else frame.lit_dots
            self.watch.told(dots, 100, self.now_ms)
            if self.now_ms % 500 == 0:
                self.watch.see(100 + dots * 5 * (1 - self.broken), self.now_ms)
            self.test.look(self.watch, self.now_ms)
        self.now_ms += TURN_MS
        self.wall += timedelta(milliseconds=TURN_MS)
        return frame

    def turns(self, ms: int) -> list[Frame | None]:
        return [self.turn() for _ in range(ms // TURN_MS)]

    def tested_ms(self, ms: int) -> int:
        return TURN_MS * sum(frame is not None for frame in self.turns(ms))

    def skip(self, hours: float) -> None:
        """Let hours pass in one turn."""
        self.now_ms += int(hours * 3_600_000)
        self.wall += timedelta(hours=hours)


NIGHT_MS = 4 * 1_500 + 48 * 100


def test_after_the_machines_first_start_it_is_two_seconds_of_patterns() -> None:
    sign = Night(first_start=True)
    seen = sign.turns(3_000)
    assert [frame is not None for frame in seen] == [True] * 40 + [False] * 20
    assert set(patterns(48, 8)[:STILLS]) < set(seen)
    assert len(set(seen)) > 12  # and a column that sweeps
    assert sign.tested_ms(60_000) == 0


def test_after_a_restart_of_the_process_or_when_it_is_not_wanted_there_is_none() -> None:
    assert Night().tested_ms(3_000) == 0
    assert Night(settings=SelfTestSettings(at_start=False), first_start=True).tested_ms(3_000) == 0


def test_a_call_at_the_start_ends_the_test_for_good() -> None:
    sign = Night(first_start=True)
    assert sign.tested_ms(500) == 500
    sign.lit = True
    assert sign.turn() is None
    sign.lit = False
    assert sign.tested_ms(60_000) == 0


def test_a_call_that_is_there_before_the_test_at_the_start_comes_instead() -> None:
    sign = Night(first_start=True)
    sign.lit = True
    sign.turn()
    sign.lit = False
    assert sign.tested_ms(60_000) == 0


def test_a_panel_that_is_too_slow_for_a_sweep_shows_the_still_patterns() -> None:
    seen = Night(first_start=True, sweeps=False).turns(3_000)
    assert set(seen) == {*patterns(48, 8)[:STILLS], None}
    assert seen.count(None) == 20


def test_at_five_on_the_wall_it_is_tested_once() -> None:
    sign = Night(FOUR)
    assert sign.tested_ms(1_000) == 0
    assert sign.turns(TURN_MS)[0] == patterns(48, 8)[0]
    assert sign.tested_ms(60_000) == NIGHT_MS - TURN_MS
    sign.skip(0.5)
    assert sign.tested_ms(60_000) == 0
    sign.skip(23.5)
    assert sign.tested_ms(60_000) == NIGHT_MS


def test_never_under_a_lease_but_later_in_the_same_hour() -> None:
    sign = Night(FOUR)
    sign.lit = True
    assert sign.tested_ms(120_000) == 0
    sign.lit = False
    assert sign.tested_ms(9_900) == 0  # a car may follow soon
    assert sign.tested_ms(60_000) == NIGHT_MS


def test_a_call_within_the_test_ends_it_at_once_and_it_begins_anew_later() -> None:
    sign = Night(FOUR)
    assert sign.tested_ms(3_000) == 2_000
    sign.lit = True
    assert sign.turn() is None
    sign.lit = False
    assert sign.tested_ms(60_000) == NIGHT_MS


def test_when_the_hour_is_over_it_waits_for_the_next_night() -> None:
    sign = Night(FOUR)
    sign.lit = True
    sign.turns(3_000)
    sign.skip(1.1)
    sign.lit = False
    assert sign.tested_ms(60_000) == 0
    sign.skip(23)
    assert sign.tested_ms(60_000) == NIGHT_MS


def test_a_clock_that_cannot_be_believed_starts_no_test() -> None:
    sign = Night(FOUR, synced=False)
    assert sign.tested_ms(60_000) == 0


def test_a_process_that_starts_within_the_hour_repeats_no_test() -> None:
    sign = Night(FOUR + timedelta(minutes=10))
    assert sign.tested_ms(60_000) == 0
    sign.skip(23.9)
    assert sign.tested_ms(60_000) == NIGHT_MS


def test_a_time_before_midnight_works_too() -> None:
    sign = Night(EVENING, SelfTestSettings(at="23:50"))
    sign.turn()
    sign.lit = True
    sign.skip(4.9)
    sign.turn()
    assert sign.wall.astimezone(CET).hour == 23
    sign.skip(0.3)  # past midnight, within the hour
    sign.turn()
    sign.lit = False
    assert sign.tested_ms(60_000) == NIGHT_MS


def test_an_hour_that_comes_twice_in_autumn_is_one_night() -> None:
    """The clocks go back at 03:00 on 25 October: 02:30 comes twice."""
    summer, winter = timezone(timedelta(hours=2)), CET
    change = datetime(2026, 10, 25, 1, 0, tzinfo=UTC)
    sign = Night(change - timedelta(minutes=31), SelfTestSettings(at="02:30"))
    sign.test._local = lambda utc: utc.astimezone(summer if utc < change else winter)
    assert sign.tested_ms(120_000) == NIGHT_MS
    sign.skip(1)
    assert sign.tested_ms(120_000) == 0


def test_an_empty_time_is_never() -> None:
    assert Night(FOUR, SelfTestSettings(at="")).tested_ms(60_000) == 0


def watched(broken: float) -> Night:
    sign = Night(FOUR)
    sign.broken = broken
    sign.watch = CurrentWatch(
        CurrentSettings(sensor="ina219", idle_ma=100, dot_ma=5, tolerance_percent=20)
    )
    sign.turns(20_000)
    return sign


def test_the_current_says_how_much_light_is_missing() -> None:
    test = watched(0.03).test
    assert test.result == "Self-test at 05:00: 3 % less current than expected"
    assert test.fault == ""


def test_the_worst_of_all_patterns_counts() -> None:
    sign = watched(0.03)
    sign.skip(24 - 20 / 3600)
    sign.turns(2_000)
    sign.broken = 0.12
    sign.turns(1_500)
    sign.broken = 0.03
    sign.turns(20_000)
    assert sign.test.result == "Self-test at 05:00: 12 % less current than expected"


def test_too_little_light_is_a_fault_until_a_test_goes_well() -> None:
    sign = watched(0.4)
    assert sign.test.fault == (
        "Self-test at 05:00: 40 % less current than expected: look for dark dots on the panel, "
        "or set current.dot_ma anew."
    )
    sign.broken = -0.02
    sign.skip(24)
    sign.turns(20_000)
    assert sign.test.result == "Self-test at 05:00: 2 % more current than expected"
    assert sign.test.fault == ""


def test_a_test_that_was_broken_off_says_nothing() -> None:
    sign = Night(FOUR)
    sign.broken = 0.4
    sign.watch = CurrentWatch(CurrentSettings(sensor="ina219", idle_ma=100, dot_ma=5))
    sign.turns(4_000)
    sign.lit = True
    sign.turns(1_000)
    assert sign.test.result == ""


def test_without_a_current_sensor_there_is_no_result() -> None:
    sign = Night(FOUR)
    assert sign.tested_ms(60_000) == NIGHT_MS
    assert sign.test.result == ""
