"""The bad cable itself: what it does to frames, and to two boxes that talk through it."""

import random

from tests.boot.wire import CUT, PERFECT, Line, Quality

MANY = 2_000


def _arrived(quality: Quality, at_s: float) -> list[tuple[int, bytes]]:
    line = Line(random.Random(1), quality=quality)
    for number in range(MANY):
        line.put(b"%d" % number, 0, 0.0)
    return list(line.due(at_s))


def test_a_perfect_cable_brings_everything_at_once_and_in_order() -> None:
    assert [frame for _, frame in _arrived(PERFECT, 0.0)] == [b"%d" % one for one in range(MANY)]


def test_a_cable_that_is_cut_brings_nothing() -> None:
    assert _arrived(CUT, 1e9) == []


def test_a_late_cable_brings_nothing_early_and_everything_within_its_jitter() -> None:
    late = Quality(delay_ms=50, jitter_ms=10)
    assert _arrived(late, 0.039) == []
    assert len(_arrived(late, 0.060)) == MANY


def test_a_cable_that_loses_a_tenth_loses_about_a_tenth() -> None:
    assert 0.87 * MANY < len(_arrived(Quality(loss=0.1), 1.0)) < 0.93 * MANY


def test_a_frame_arrives_at_every_end_but_its_own() -> None:
    line = Line(random.Random(1), ends=3)
    line.put(b"there", 1, 0.0)
    assert sorted(line.due(0.0)) == [(0, b"there"), (2, b"there")]


def test_a_quality_reads_as_it_was_said() -> None:
    quality = Quality(delay_ms=50, jitter_ms=10, loss=0.1)
    assert Quality.read(quality.said()) == quality
