"""What is erased is gone from SQLite's files, and nobody in the line waits for that."""

import random
import re
import sqlite3
import string
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from central import schema
from central.copies.leftovers import Copies
from central.database import wiping
from central.database.folder import DataFolder
from central.database.tx import Tx, View
from contract.plate import Plate
from tests.central.privacy.searching import files_that_say
from tests.central.privacy.yards import NUMBER, PLATE, days, helped, whole_visit
from tests.central.yards import DESK_1, PITEA, Station
from tests.fakes.clock import FakeClock

REST_S = 3_600.0
_NUMBERS = (
    "WITH RECURSIVE some(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM some WHERE n < 20000)"
    " SELECT n FROM some"
)


def with_copies(station: Station, folder: Path) -> Copies:
    copies = Copies(DataFolder(folder), station.store, station.clock)
    station.yard.personal_data.leftovers = copies
    return copies


@pytest.fixture
def data(sqlite_station: Station, tmp_path: Path) -> Path:
    """The data folder, whose copies the nights of the station look after."""
    with_copies(sqlite_station, tmp_path / "data")
    return tmp_path / "data"


def test_after_the_night_no_file_of_the_folder_says_it(sqlite_station: Station, data: Path) -> None:
    whole_visit(sqlite_station)
    helped(sqlite_station, "ABC124")
    assert files_that_say(data, PLATE, NUMBER)
    days(sqlite_station, 8)
    sqlite_station.yard.personal_data.night()
    assert files_that_say(data, PLATE, NUMBER, "ABC124") == []


def test_after_an_erase_on_request_and_an_export_neither(
    sqlite_station: Station, data: Path
) -> None:
    whole_visit(sqlite_station)
    whole_visit(sqlite_station, "DEF456")
    plate = sqlite_station.yard.personal_data.export(PITEA, _plate(PLATE))
    assert plate.visits
    sqlite_station.yard.personal_data.erase(PITEA, DESK_1, _plate(PLATE))
    assert files_that_say(data, PLATE) == []
    assert files_that_say(data, "DEF456"), "the others are still there"


def test_nothing_hides_between_the_rows_after_a_busy_year(
    sqlite_station: Station, data: Path
) -> None:
    """Pages that were split and filled again in random order keep what `secure_delete` does not see."""
    dice = random.Random(1)
    said = [_word(dice) for _ in range(1_500)]
    for start in range(0, len(said), 50):
        sqlite_station.store.write(lambda tx, start=start: _write(tx, dice, said, start))  # type: ignore[misc]
    assert _left(data, said) == said
    dice.shuffle(order := list(range(len(said))))
    for start in range(0, len(order), 100):
        some = order[start : start + 100]
        sqlite_station.store.write(lambda tx, some=some: _forget(tx, some))  # type: ignore[misc]
    assert sqlite_station.store.wipe(REST_S)
    assert _left(data, said) == []


def test_the_line_does_not_wait_for_somebody_who_reads_for_long(
    sqlite_station: Station, data: Path
) -> None:
    whole_visit(sqlite_station)
    sqlite_station.minutes(1)

    def reads_for_long(view: View) -> None:
        view.all(sa.select(schema.visit))
        sqlite_station.comes("DEF456")
        assert not sqlite_station.store.wipe(REST_S)
        assert "DEF456" in sqlite_station.waiting()

    sqlite_station.store.read(reads_for_long)
    assert sqlite_station.store.wipe(REST_S)
    assert not (data / "central.db-wal").read_bytes()


def test_a_file_whose_writing_is_broken_off_is_as_it_was(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "some.db", isolation_level=None)) as raw:
        raw.execute("PRAGMA journal_mode=WAL")
        raw.execute("CREATE TABLE car AS " + _NUMBERS)
        before = raw.execute("SELECT count(*), sum(n) FROM car").fetchone()

        assert not wiping.wipe(lambda work: work(raw), lambda: True, _no_pause)
        assert raw.execute("SELECT count(*), sum(n) FROM car").fetchone() == before
        assert wiping.wipe(lambda work: work(raw), lambda: False, _no_pause)
        assert raw.execute("SELECT count(*), sum(n) FROM car").fetchone() == before


def test_patience_ends_when_the_same_queue_has_not_been_empty_for_so_long() -> None:
    now_s, waiting = [0.0], [True]
    enough = wiping.Impatience(lambda: not waiting[0], 2, lambda: now_s[0])
    said = []
    for now_s[0], waiting[0] in ((0, True), (1.9, True), (2.0, False), (3, True), (5, True)):
        said.append(enough())
    assert not any(said)
    now_s[0] = 5.1
    assert enough()


def test_a_wipe_that_failed_is_not_tried_again_at_once(
    sqlite_station: Station, tmp_path: Path
) -> None:
    now_s = [0.0]
    copies = Copies(
        DataFolder(tmp_path / "data"), sqlite_station.store, FakeClock(), lambda: now_s[0]
    )

    def reads(view: View) -> None:
        view.all(sa.select(schema.visit))
        sqlite_station.comes(PLATE)
        assert not copies.wipe()

    sqlite_station.store.read(reads)
    assert not copies.wipe(), "a minute has not passed"
    now_s[0] += 121
    assert copies.wipe()


def test_a_store_that_closes_says_that_it_did_not_wipe(sqlite_station: Station) -> None:
    sqlite_station.store.close()
    assert not sqlite_station.store.wipe(REST_S)


def _plate(text: str) -> Plate:
    return Plate(text)


def _word(dice: random.Random) -> str:
    return "".join(dice.choices(string.ascii_uppercase, k=12))


def _write(tx: Tx, dice: random.Random, said: list[str], start: int, size: int = 50) -> None:
    for number in range(start, min(start + size, len(said))):
        length = dice.choice((0, 20, 300, 2_000, 6_000))
        data = {"remark": said[number] + "x" * length}
        values = {"at": tx.now, "kind": "arrived", "actor_kind": "x", "actor_id": "", "actor": ""}
        visit = f"{dice.getrandbits(64):x}"
        row = {"station": PITEA, "seq": 10_000 + number, "visit": visit, "data": data, **values}
        tx.run(sa.insert(schema.event).values(row))
    for _ in range(size):
        number = 10_000 + dice.randrange(start + 1)
        longer = {"remark": said[number - 10_000] + "y" * dice.randrange(3_000)}
        tx.run(_OF.values(data=longer), number=number)


_OF = sa.update(schema.event).where(
    schema.event.c.station == PITEA, schema.event.c.seq == sa.bindparam("number")
)


def _forget(tx: Tx, numbers: list[int]) -> None:
    for number in numbers:
        tx.run(_OF.values(data={}), number=10_000 + number)


def _left(data: Path, said: list[str]) -> list[str]:
    content = b"".join(path.read_bytes() for path in sorted(data.glob("central.db*")))
    found = {word.decode() for word in re.findall(rb"(?=([A-Z]{12}))", content)}
    return [word for word in said if word in found]


def _no_pause(_seconds: float) -> None:
    """Go on at once."""
