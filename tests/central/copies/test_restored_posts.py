"""A real post at a real yard: what a restored database has lost comes back from the post's outbox."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from contract.transitions import Verb
from tests.central.copies.restoring import reopened, restored, take
from tests.central.posts import YardPost
from tests.central.yards import Station


@pytest.fixture
def post(sqlite_station: Station, tmp_path: Path) -> Iterator[YardPost]:
    post = YardPost(tmp_path, sqlite_station)
    with closing(post.outbox):
        yield post


def test_the_next_contact_brings_the_lost_arrivals_back_in_their_places_and_once(
    sqlite_station: Station, post: YardPost, tmp_path: Path
) -> None:
    station = sqlite_station
    post.types("ABC123", "DEF456")
    made = take(station, tmp_path / "backups")
    post.types("GHJ789")
    station.told_at_the_desk("KLM456")
    post.types("MNO012")
    before = {row.plate: row.arrived_at for row in station.queue().line}
    station.store.close()

    restored(station, made, tmp_path / "new")
    with reopened(station, tmp_path / "new") as again:
        post.cable.station = again
        post.cable.taken.clear()
        again.comes("PQR345")
        assert again.waiting() == ["ABC123", "DEF456", "PQR345"]

        for _ in range(3):
            post.looks()

        assert again.waiting() == ["ABC123", "DEF456", "GHJ789", "MNO012", "PQR345"]
        now = {row.plate: row.arrived_at for row in again.queue().line}
        assert all(now[plate] == before[plate] for plate in ("ABC123", "GHJ789", "MNO012"))
        assert post.cable.taken == ["ABC123", "DEF456", "GHJ789", "MNO012"]
        assert again.happened().count("arrived") == 5, "who was in the backup did not arrive again"
    assert post.outbox.depth() == 0


def test_who_had_left_before_the_backup_does_not_stand_in_line_again(
    sqlite_station: Station, post: YardPost, tmp_path: Path
) -> None:
    station = sqlite_station
    post.types("ABC123")
    station.does(Verb.LEAVE, "ABC123")
    made = take(station, tmp_path / "backups")
    station.store.close()

    restored(station, made, tmp_path / "new")
    with reopened(station, tmp_path / "new") as again:
        post.cable.station = again
        post.looks()
        assert post.cable.taken == ["ABC123", "ABC123"]
        assert again.waiting() == []


def test_a_restart_of_the_same_database_is_offered_nothing_again(
    sqlite_station: Station, post: YardPost
) -> None:
    post.types("ABC123")
    post.looks()
    sqlite_station.restart()
    post.looks()
    assert post.cable.taken == ["ABC123"]
