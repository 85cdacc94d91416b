"""Whatever happens between a post and central, the customer stands where they would have stood."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from device.outbox import OutboxBroken, SavedAt
from tests.central.posts import YardPost
from tests.central.yards import Station
from tests.fakes.clock import FakeClock


@pytest.fixture
def posts(tmp_path: Path) -> Iterator[list[YardPost]]:
    made: list[YardPost] = []
    yield made
    with ExitStack() as stack:
        for post in made:
            stack.callback(post.outbox.close)


@pytest.fixture
def post(station: Station, tmp_path: Path, posts: list[YardPost]) -> YardPost:
    posts.append(YardPost(tmp_path, station))
    return posts[0]


def cold_post(
    station: Station, folder: Path, posts: list[YardPost], *, days_wrong: int
) -> tuple[YardPost, FakeClock]:
    """A post that woke up without network: its wall clock is somewhere else, and it knows that."""
    wall = station.clock.now() + timedelta(days=days_wrong)
    clock = FakeClock(wall, boot_id="cold-boot", mono_ms=20_000, synced=False)
    post = YardPost(folder, station, clock)
    posts.append(post)
    post.cable.cut = True
    return post, clock


def test_who_came_while_the_network_was_cut_stands_before_those_who_came_later(
    station: Station, post: YardPost
) -> None:
    post.types("ABC123")
    post.cable.cut = True
    post.types("DEF456")
    station.minutes(2)
    station.told_at_the_desk("GHJ789")
    station.minutes(10)
    post.cable.cut = False
    post.delivers()
    assert station.waiting() == ["ABC123", "DEF456", "GHJ789"]
    assert post.told.place == 2


def test_central_that_restarts_between_taking_and_answering_takes_it_once(
    station: Station, post: YardPost
) -> None:
    post.cable.loses_answers = True
    post.types("ABC123")
    station.minutes(1)
    station.told_at_the_desk("DEF456")
    station.restart()
    post.cable.loses_answers = False
    post.delivers()
    assert post.cable.taken == ["ABC123", "ABC123"]
    assert station.waiting() == ["ABC123", "DEF456"]
    assert post.told.place == 1
    assert post.outbox.depth() == 0


def test_an_arrival_that_is_delivered_twice_is_one(station: Station, post: YardPost) -> None:
    post.types("ABC123", "DEF456")
    post.outbox.offer_again("the same, told by somebody who did not know")
    post.delivers()
    assert post.cable.taken == ["ABC123", "DEF456", "ABC123", "DEF456"]
    assert station.waiting() == ["ABC123", "DEF456"]
    assert station.happened().count("arrived") == 2


def test_a_central_of_the_older_release_gives_the_same_place(
    station: Station, post: YardPost
) -> None:
    station.told_at_the_desk("GHJ789")
    post.cable.old = True
    post.types("ABC123")
    assert post.told.place == 2
    assert post.told.epoch == ""
    assert post.told.missed_call_at is None
    assert post.outbox.depth() == 0


def test_a_power_cut_between_saved_and_delivered_costs_no_place(
    station: Station, post: YardPost
) -> None:
    post.cable.cut = True
    post.types("ABC123")
    station.minutes(1)
    station.told_at_the_desk("DEF456")
    post.loses_power("second-boot")
    assert post.outbox.depth() == 1
    post.cable.cut = False
    post.delivers()
    assert station.waiting() == ["ABC123", "DEF456"]


def test_one_arrival_that_central_refuses_for_ever_holds_up_nobody_behind_it(
    station: Station, post: YardPost
) -> None:
    post.cable.poisoned = "XXX999"
    post.types("XXX999", "ABC123", "DEF456")
    assert station.waiting() == ["ABC123", "DEF456"]
    for _ in range(3):
        post.delivers()
    (poison,) = post.outbox.waiting()
    assert poison.tries >= 2, "it is offered again and again"
    assert post.outbox.facts(_clocks(post)).refused == 1, "the board names it"
    post.cable.poisoned = ""
    post.delivers()
    assert station.waiting() == ["XXX999", "ABC123", "DEF456"], "its own time still counts"


def test_a_full_disk_saves_nothing_and_central_hears_nothing_until_there_is_room(
    station: Station, tmp_path: Path, posts: list[YardPost], monkeypatch: pytest.MonkeyPatch
) -> None:
    post = YardPost(tmp_path, station)
    posts.append(post)
    post.types("ABC123")
    with monkeypatch.context() as disk:
        disk.setattr(post.outbox, "save", _full)
        with pytest.raises(OutboxBroken):
            post.confirms("DEF456")
    post.delivers()
    assert station.waiting() == ["ABC123"]
    post.types("DEF456")
    assert station.waiting() == ["ABC123", "DEF456"]


def _clocks(post: YardPost) -> SavedAt:
    return SavedAt(post.clock.boot_id, post.clock.monotonic_ms(), post.clock.now())


def _full(*_: object) -> None:
    raise OutboxBroken("the disk is full")


@pytest.mark.parametrize("days_wrong", [-1, 1])
def test_a_clock_that_was_a_day_wrong_at_boot_moves_nobody(
    station: Station, tmp_path: Path, posts: list[YardPost], days_wrong: int
) -> None:
    station.comes("PQR345")
    station.minutes(1)
    post, clock = cold_post(station, tmp_path, posts, days_wrong=days_wrong)
    post.confirms("ABC123")
    post.passes(120_000)
    station.told_at_the_desk("DEF456")
    post.passes(60_000)
    clock.set_wall(station.clock.now(), synced=True)
    post.confirms("GHJ789")
    post.cable.cut = False
    post.delivers()
    assert station.waiting() == ["PQR345", "ABC123", "DEF456", "GHJ789"]
    arrived = {row.plate: row.arrived_at for row in station.queue().line}
    assert abs(arrived["GHJ789"] - arrived["ABC123"] - timedelta(minutes=3)) < timedelta(seconds=1)


@pytest.mark.parametrize("days_wrong", [-1, 1])
def test_nor_when_it_is_never_corrected(
    station: Station, tmp_path: Path, posts: list[YardPost], days_wrong: int
) -> None:
    post, _ = cold_post(station, tmp_path, posts, days_wrong=days_wrong)
    post.confirms("ABC123")
    post.passes(120_000)
    station.told_at_the_desk("DEF456")
    post.cable.cut = False
    post.delivers()
    assert station.waiting() == ["ABC123", "DEF456"]


def test_after_another_boot_without_a_clock_the_order_of_the_keys_is_kept(
    station: Station, tmp_path: Path, posts: list[YardPost]
) -> None:
    post, clock = cold_post(station, tmp_path, posts, days_wrong=-1)
    post.types("DEF456", "ABC123")
    clock.mono_ms = 0
    post.loses_power("third-boot")
    post.types("GHJ789")
    post.cable.cut = False
    post.delivers()
    assert station.waiting() == ["DEF456", "ABC123", "GHJ789"]


def test_a_clock_that_was_set_later_in_that_boot_tells_the_time_of_those_before(
    station: Station, tmp_path: Path, posts: list[YardPost]
) -> None:
    post, clock = cold_post(station, tmp_path, posts, days_wrong=-1)
    post.types("PQR345")
    clock.set_wall(station.clock.now(), synced=True)
    post.types("ABC123")
    post.passes(60_000)
    station.told_at_the_desk("DEF456")
    post.passes(20 * 60_000)
    clock.mono_ms = 5_000
    post.loses_power("third-boot")
    post.cable.cut = False
    post.delivers()
    assert station.waiting() == ["PQR345", "ABC123", "DEF456"]


def test_one_that_is_refused_meanwhile_keeps_its_turn_without_any_clock(
    station: Station, tmp_path: Path, posts: list[YardPost]
) -> None:
    post, clock = cold_post(station, tmp_path, posts, days_wrong=-1)
    post.types("DEF456", "ABC123")
    clock.mono_ms = 5_000
    post.loses_power("third-boot")
    post.cable.cut = False
    post.cable.poisoned = "DEF456"
    post.delivers()
    assert station.waiting() == ["ABC123"]
    post.cable.poisoned = ""
    post.delivers()
    assert station.waiting() == ["DEF456", "ABC123"]
