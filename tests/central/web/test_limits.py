import pytest

from central.web.limits import REMEMBERED, Bucket, Limit
from contract.problems import Problem
from tests.fakes.clock import FakeClock

MINUTE_MS = 60_000


def test_the_eleventh_question_in_a_minute_is_refused_and_says_when_to_come_back() -> None:
    clock = FakeClock()
    limit = Limit(clock, 10, MINUTE_MS)
    for _ in range(10):
        limit.take("post-1", "wait")
        clock.advance(1_000)

    with pytest.raises(Problem) as refused:
        limit.take("post-1", "wait")

    assert (refused.value.kind.reason, refused.value.members) == (
        "too_many",
        {"retry_after_s": 50},
    )


def test_each_name_has_its_own_count_and_old_questions_are_forgotten() -> None:
    clock = FakeClock()
    limit = Limit(clock, 1, MINUTE_MS)
    limit.take("post-1", "wait")
    limit.take("post-2", "wait")
    clock.advance(MINUTE_MS)
    limit.take("post-1", "wait")


def test_a_refused_question_does_not_lengthen_the_wait() -> None:
    clock = FakeClock()
    limit = Limit(clock, 1, MINUTE_MS)
    limit.take("post-1", "wait")
    clock.advance(59_000)
    with pytest.raises(Problem):
        limit.take("post-1", "wait")
    clock.advance(1_000)
    limit.take("post-1", "wait")


def test_a_stranger_with_ever_new_names_fills_no_memory() -> None:
    limit = Limit(FakeClock(), 1, MINUTE_MS)
    for number in range(REMEMBERED + 5):
        limit.count(f"name-{number}")
    assert len(limit._seen) == REMEMBERED


def test_a_bucket_gives_many_at_once_and_then_one_by_one() -> None:
    clock = FakeClock()
    bucket = Bucket(clock, holds=3, each_ms=1_000)
    for _ in range(3):
        bucket.take("post-1", "wait")
    with pytest.raises(Problem) as refused:
        bucket.take("post-1", "wait")
    assert refused.value.members == {"retry_after_s": 1}
    bucket.take("post-2", "wait")
    clock.advance(1_000)
    bucket.take("post-1", "wait")
    clock.advance(999)
    with pytest.raises(Problem):
        bucket.take("post-1", "wait")


def test_a_bucket_that_was_left_alone_holds_no_more_than_ever() -> None:
    clock = FakeClock()
    bucket = Bucket(clock, holds=2, each_ms=1_000)
    bucket.take("post-1", "wait")
    clock.advance(3_600_000)
    for _ in range(2):
        bucket.take("post-1", "wait")
    with pytest.raises(Problem):
        bucket.take("post-1", "wait")


def test_ever_new_names_fill_no_bucket_room() -> None:
    bucket = Bucket(FakeClock(), 1, 1_000)
    for number in range(REMEMBERED + 5):
        bucket.take(f"name-{number}", "wait")
    assert len(bucket._spent) == REMEMBERED
