"""What central has taken stays until the day is over, and not longer."""

import random
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from device import outbox_file, outbox_taken
from device.outbox import Day, Outbox, Row, SavedAt
from tests.device.test_outbox import AT, SAVED, saved_ids

PITEA = ZoneInfo("Europe/Stockholm")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "outbox.db"


@pytest.fixture
def outbox(path: Path) -> Iterator[Outbox]:
    with closing(Outbox(path)) as made:
        yield made


def holds(path: Path, text: bytes) -> bool:
    """Whether *text* stands in any file beside the outbox."""
    return any(text in file.read_bytes() for file in path.parent.iterdir())


def day(hours: float, boot_id: str = "boot-1") -> Day:
    """The post's clocks so many hours after the saving."""
    later = AT + timedelta(hours=hours)
    return Day(SavedAt(boot_id, 5_000 + round(hours * 3_600_000), later), PITEA)


def test_a_delivered_arrival_waits_no_longer(outbox: Outbox, path: Path) -> None:
    outbox.save("a", b'{"plate":"ABC123"}', SAVED)
    outbox.delivered("a", "first", SAVED)

    assert outbox.depth() == 0
    outbox.close()
    assert saved_ids(path) == []


def test_when_the_day_is_over_no_byte_of_a_delivered_plate_stays(
    outbox: Outbox, path: Path
) -> None:
    outbox.save("a", b'{"plate":"ABC123"}', SAVED)
    outbox.delivered("a", "first", SAVED)

    assert outbox.erase_over(day(15.4)) == 0, "23.54 in Piteå"
    assert holds(path, b"ABC123")

    assert outbox.erase_over(day(15.6)) == 1, "0.06"
    assert not holds(path, b"ABC123")
    assert outbox.offer_again("second") == 0


def test_what_waits_is_never_erased_whatever_the_day_and_the_delivered_beside_it_is(
    outbox: Outbox, path: Path
) -> None:
    outbox.save("a", b'{"plate":"ABC123"}', SAVED)
    outbox.save("b", b'{"plate":"DEF456"}', SAVED)
    outbox.delivered("a", "first", SAVED)

    outbox.erase_over(day(100))

    assert [row.id for row in outbox.waiting()] == ["b"]
    assert not holds(path, b"ABC123")


@pytest.mark.parametrize("seed", [5, 11, 22, 32])
def test_nothing_hides_between_the_rows_of_those_that_still_wait(path: Path, seed: int) -> None:
    """Rows that grew and moved leave copies in the gaps of pages, which `secure_delete` does not see."""
    dice = random.Random(seed)
    with closing(outbox_file.opened(path)) as db:
        db.execute("pragma synchronous = off")
        db.execute("begin")
        for number in range(1_500):
            plate = f"PLATE{number:04d}"
            body = plate + " " * dice.choice((0, 100, 900))
            outbox_file.insert(db, Row(plate.lower(), body.encode(), SAVED))
            for _ in range(2):
                answer = "x" * dice.choice((3, 40, 900, 2_500))
                grown = (answer, f"plate{dice.randrange(number + 1):04d}")
                db.execute("update arrival set last_answer = ? where id = ?", grown)
        db.execute("commit")
        gone = {number for number in range(1_500) if dice.random() < 0.7}
        for number in gone:
            outbox_taken.take(db, f"plate{number:04d}", "first", SAVED)
        assert outbox_taken.erase_over(db, day(24)) == len(gone)
    content = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert gone.isdisjoint(map(int, re.findall(rb"PLATE(\d{4})", content)))


def test_a_wall_clock_that_stands_still_keeps_nothing_longer_than_24_hours(outbox: Outbox) -> None:
    outbox.save("a", b"x", SAVED)
    outbox.delivered("a", "first", SAVED)
    for_24_hours = SavedAt("boot-1", 5_000 + 24 * 3_600_000, AT)

    assert (
        outbox.erase_over(Day(for_24_hours._replace(mono_ms=for_24_hours.mono_ms - 1), PITEA)) == 0
    )
    assert outbox.erase_over(Day(for_24_hours, PITEA)) == 1


def test_a_day_ends_for_a_post_that_was_off_at_midnight(outbox: Outbox, path: Path) -> None:
    outbox.save("a", b'{"plate":"ABC123"}', SAVED)
    outbox.delivered("a", "first", SAVED)
    outbox.close()

    with closing(Outbox(path)) as next_morning:
        assert next_morning.erase_over(day(24, "boot-2")) == 1
    assert not holds(path, b"ABC123")


def test_what_another_database_took_waits_again_in_its_place_before_newer_ones(
    outbox: Outbox,
) -> None:
    for name in ("a", "b", "c"):
        outbox.save(name, name.encode(), SAVED)
    outbox.delivered("a", "first", SAVED)
    outbox.delivered("b", "second", SAVED)

    assert outbox.offer_again("second") == 1
    assert [row.id for row in outbox.waiting()] == ["a", "c"]

    outbox.delivered("a", "second", SAVED)
    assert outbox.offer_again("second") == 0, "once only"


def test_what_a_central_took_that_did_not_say_its_name_is_not_offered_again(
    outbox: Outbox,
) -> None:
    outbox.save("a", b"x", SAVED)
    outbox.delivered("a", "", SAVED)

    assert outbox.offer_again("second") == 0
    assert outbox.erase_over(day(24)) == 1


def test_a_file_of_the_release_before_is_taken_over_and_that_release_can_read_ours(
    path: Path,
) -> None:
    path.parent.mkdir()
    with closing(sqlite3.connect(path, isolation_level=None)) as before:
        before.executescript(outbox_file._TABLE.partition("create table if not exists taken")[0])
        outbox_file.insert(before, Row("a", b"x", SAVED))

    with closing(Outbox(path)) as now:
        now.delivered("a", "first", SAVED)
        assert now.waiting() == []

    with closing(sqlite3.connect(path)) as before:
        rows = list(before.execute(outbox_file._FORWARD))
    assert [row[1] for row in rows] == ["a"], "it is offered once more, and central knows it"
