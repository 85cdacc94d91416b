"""Whether a sick disk is found before a customer stands there, and found well again afterwards."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from device.outbox import Outbox, OutboxFull, SavedAt
from device.outbox_probe import OutboxProbe
from tests.fakes.clock import FakeClock
from tests.fakes.disks import set_read_only, tmpfs


class Post:
    """An outbox on a disk of its own, and what the probe told of it."""

    def __init__(self, disk: Path) -> None:
        self.disk = disk
        self.clock = FakeClock()
        self.outbox = Outbox(disk / "outbox.sqlite3")
        self.told: list[tuple[bool, str]] = []
        self.probe = OutboxProbe(self.outbox, self.clock, lambda *news: self.told.append(news))

    def wait(self, seconds: float) -> None:
        for _ in range(round(seconds * 4)):
            self.clock.advance(250)
            self.probe.turn()

    def save(self, name: str, size: int = 200) -> None:
        saved = SavedAt(self.clock.boot_id, self.clock.monotonic_ms(), self.clock.now())
        self.outbox.save(name, b"x" * size, saved)

    def fill(self) -> Path:
        """Leave no byte on the disk."""
        filler = self.disk / "filler"
        with filler.open("wb") as file:
            try:
                while True:
                    os.write(file.fileno(), b"x" * 4096)
            except OSError:
                return filler


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    with tmpfs(tmp_path, 256) as disk:
        post = Post(disk)
        yield post
        post.outbox.close()


def test_a_well_disk_is_said_once(post: Post) -> None:
    post.probe.turn()
    post.wait(30)
    assert [(False, "")] == post.told


def test_a_card_that_is_read_only_at_the_start_is_told_and_told_again_when_it_is_well(
    post: Post,
) -> None:
    set_read_only(post.disk, True)
    post.probe.turn()
    set_read_only(post.disk, False)
    post.wait(4.75)
    assert [True] == [failed for failed, _ in post.told]
    post.wait(0.25)
    assert (False, "") == post.told[-1]
    post.save("a")
    assert 1 == post.outbox.depth()


def test_a_full_disk_has_its_own_sentence_and_is_well_when_there_is_room(post: Post) -> None:
    post.probe.turn()
    filler = post.fill()
    with pytest.raises(OutboxFull):
        post.save("large", 100_000)
    post.wait(0.25)
    failed, sentence = post.told[-1]
    assert failed
    assert sentence.endswith("is full; free some space.")
    post.wait(20)
    assert 2 == len(post.told)
    filler.unlink()
    post.wait(5)
    assert (False, "") == post.told[-1]


def test_a_card_that_turns_read_only_in_a_quiet_hour_is_found_before_a_customer_comes(
    post: Post,
) -> None:
    post.probe.turn()
    post.outbox.close()  # Linux refuses to turn a disk read-only under a file that is open
    set_read_only(post.disk, True)
    post.wait(600)
    failed, sentence = post.told[-1]
    assert failed
    assert "change the card" in sentence
