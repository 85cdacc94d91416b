"""A backup is one moment of everything, whole under its name or not there at all."""

import gzip
import json
import stat
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from central import schema
from central.copies import backup, loading, scratch
from central.copies.backup import BackupFailed, BackupMade, Wanted
from central.copies.backup_file import BackupBroken, Kind, Reading, kind_of
from central.copies.loading import NotTheSame
from central.database import postgres
from central.errors import NotPossible
from contract.problems import Problem
from tests.central.copies.restoring import a_morning, quiet, somebody, take
from tests.central.yards import PITEA, Station
from tests.fakes.disks import tmpfs
from tests.waiting import until


def rows_of(made: BackupMade) -> dict[str, list[dict[str, Any]]]:
    """What stands in the file, table by table."""
    found: dict[str, list[dict[str, Any]]] = {}
    columns: list[str] = []
    with gzip.open(made.file) as file:
        for line in list(file)[1:-1]:
            words = json.loads(line)
            if isinstance(words, dict):
                name, columns = words["table"], [column for column, _ in words["columns"]]
                found[name] = []
            else:
                found[name].append(dict(zip(columns, words, strict=True)))
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "backups"


def left_over(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_every_table_is_in_it_but_what_must_not_work_again(station: Station, folder: Path) -> None:
    a_morning(station)
    somebody(station)
    made = take(station, folder)

    found = rows_of(made)
    assert found.keys() == schema.metadata.tables.keys() - {
        "session",
        "sign_in_code",
        "device_code",
        "known_browser",
        "tried_name",
    }
    assert {"ABC123", "DEF456", "GHJ789", "ÅÄÖ12A"} == {row["plate"] for row in found["visit"]}
    assert [row["at"][-1] for row in found["event"]] == ["Z"] * len(found["event"])
    assert made.rows == sum(map(len, found.values()))


def test_it_is_for_its_owner_only_and_nothing_lies_beside_it(
    station: Station, folder: Path
) -> None:
    made = take(station, folder)

    assert left_over(folder) == [Path(made.file).name] == ["portvakt-2026-11-23T073000Z.jsonl.gz"]
    assert stat.S_IMODE(Path(made.file).stat().st_mode) == 0o600
    assert made.bytes == Path(made.file).stat().st_size


def test_a_small_one_is_restored_once_and_a_large_one_says_that_it_was_only_read(
    station: Station, folder: Path
) -> None:
    a_morning(station)
    restored = take(station, folder / "a")
    read = take(station, folder / "b", check_up_to=restored.rows - 1)

    assert restored.how_checked == "written and restored once"
    assert read.how_checked == "written and read back"


def test_the_progress_of_each_step_ends_with_all_rows(station: Station, folder: Path) -> None:
    a_morning(station)
    heard: list[tuple[int, int]] = []
    made = station.yard.back_up(Wanted(folder=folder), lambda *words: heard.append(words))

    assert all(0 <= done <= of == made.rows for done, of in heard)
    begun = [done for (before, _), (done, _) in pairwise(heard) if done < before]
    assert begun == [0, 0], "written, then read back, then restored"
    assert heard[-1] == (made.rows, made.rows)


def test_what_happens_meanwhile_waits_for_nothing_and_is_in_the_next(
    station: Station, folder: Path
) -> None:
    """A car comes in the middle of the file: it is told at once, and the file knows nothing of it."""
    station.comes("ABC123")
    told: list[str] = []

    def comes(_done: int, _of: int) -> None:
        if not told:
            told.append(station.comes("DEF456").plate)

    first = station.yard.back_up(Wanted(folder=folder / "a"), comes)
    second = take(station, folder / "b")

    assert told == ["DEF456"]
    assert [row["plate"] for row in rows_of(first)["visit"]] == ["ABC123"]
    assert len(rows_of(second)["visit"]) == 2
    seqs = [row["seq"] for row in rows_of(first)["event"]]
    assert seqs[-1] == rows_of(first)["station"][0]["seq"], (
        "the number and the events are one moment"
    )


def test_older_ones_go_when_so_many_are_to_be_kept_and_other_files_stay(
    station: Station, folder: Path
) -> None:
    names = []
    for _ in range(3):
        station.minutes(60)
        names.append(Path(take(station, folder, check_up_to=0).file).name)
    (folder / "portvakt-notes.txt").touch()
    station.minutes(60)

    made = take(station, folder, keep=2, check_up_to=0)

    assert made.removed == names[:2]
    assert left_over(folder) == [names[2], Path(made.file).name, "portvakt-notes.txt"]


def test_a_file_that_is_there_is_not_written_over(station: Station, folder: Path) -> None:
    take(station, folder, file="first.jsonl.gz")

    with pytest.raises(NotPossible, match="is there already; name another file"):
        take(station, folder, file="first.jsonl.gz")
    with pytest.raises(NotPossible, match="Keep at least one"):
        take(station, folder, keep=0)
    assert left_over(folder) == ["first.jsonl.gz"]


def test_one_backup_at_a_time(station: Station, folder: Path) -> None:
    refusals: list[str] = []

    def again(_done: int, _of: int) -> None:
        try:
            take(station, folder / "other")
        except NotPossible as refusal:
            refusals.append(str(refusal))

    station.yard.back_up(Wanted(folder=folder), again)

    assert refusals
    assert "wait until it is done" in refusals[0]


def test_two_centrals_do_not_write_to_one_folder_at_once(station: Station, folder: Path) -> None:
    with scratch.scratch(folder), pytest.raises(NotPossible, match="wait for it"):
        take(station, folder)
    assert take(station, folder).rows


def test_a_folder_that_cannot_be_written_is_named(station: Station) -> None:
    with pytest.raises(BackupFailed, match="name another folder with --to"):
        take(station, Path("/proc/backups"))


@pytest.mark.parametrize(
    ("older_bytes", "sentence"),
    [(100 * 1024, "make room there"), (0, "look at the disk")],
    ids=["no room for the file", "no room for the check"],
)
def test_a_full_disk_leaves_the_older_backups_and_no_half_one(
    station: Station, tmp_path: Path, older_bytes: int, sentence: str
) -> None:
    a_morning(station)
    (tmp_path / "small").mkdir()
    with tmpfs(tmp_path / "small", 100) as small:
        (small / "older").write_bytes(bytes(older_bytes))

        with pytest.raises(BackupFailed, match=sentence):
            take(station, small)
        assert left_over(small) == ["older"]


def test_a_history_that_takes_long_to_count_is_waited_for_and_nothing_else_is(
    postgres_station: Station, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten years of events take longer to count than any request may: here each count is slow."""
    a_morning(postgres_station)
    monkeypatch.setattr(postgres, "_STATEMENT_MS", 150)
    postgres_station.restart()
    slow = sa.select(backup._NEWEST.subquery(), sa.func.pg_sleep(0.3))
    monkeypatch.setattr(backup, "_NEWEST", slow)

    assert take(postgres_station, folder).rows

    with pytest.raises(Problem, match="took too long"):
        postgres_station.store.read(lambda view: view.all(slow))


def test_a_backup_that_the_database_broke_off_says_so(
    postgres_station: Station, folder: Path
) -> None:
    """Somebody cancels it, as an operator does with pg_cancel_backend."""
    mine = sa.text("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query ILIKE :word")

    def is_cancelled() -> bool:
        postgres_station.store.write(lambda tx: tx.all(mine, word="%pg_sleep(9)%"))
        return taking.done()

    with ThreadPoolExecutor(1) as pool, pytest.MonkeyPatch.context() as patch:
        patch.setattr(backup, "_EPOCH", sa.text("SELECT value, pg_sleep(9) FROM meta"))
        taking = pool.submit(take, postgres_station, folder)
        until(is_cancelled, what="the end of the backup")
        with pytest.raises(BackupFailed, match=r"user request.*look at the disk") as error:
            taking.result()
    assert "nothing was changed" not in str(error.value)
    assert left_over(folder) == []


def test_a_file_that_cannot_be_read_is_no_backup(
    sqlite_station: Station, tmp_path: Path, folder: Path
) -> None:
    sqlite_station.store.close()
    Path(str(make_url(sqlite_station.url).database)).write_bytes(b"no database" * 1_000)

    with pytest.raises(BackupFailed, match=r"not a database.*look at the disk"):
        take(sqlite_station, folder)
    assert left_over(folder) == []


def test_what_a_killed_backup_left_is_removed_by_the_next(station: Station, folder: Path) -> None:
    place = folder / scratch.NAME
    place.mkdir(parents=True)
    (place / "new").write_bytes(b"half a backup")

    made = take(station, folder)

    assert left_over(folder) == [Path(made.file).name]


def test_whoever_asked_and_left_leaves_nothing_behind(station: Station, folder: Path) -> None:
    def left(_done: int, _of: int) -> None:
        raise BrokenPipeError(32, "Broken pipe")

    with pytest.raises(BackupFailed):
        station.yard.back_up(Wanted(folder=folder), left)
    assert left_over(folder) == []


# -- a file that is not what was written ----------------------------------------------------------


@pytest.fixture
def made(sqlite_station: Station, folder: Path) -> BackupMade:
    a_morning(sqlite_station)
    return take(sqlite_station, folder)


def rewritten(made: BackupMade, change: Any) -> Reading:
    """The same file after its lines went through *change*, packed again."""
    with gzip.open(made.file) as file:
        lines = list(file)
    with gzip.open(made.file, "wb") as file:
        file.writelines(change(lines))
    return Reading(Path(made.file))


def test_a_file_cut_at_any_place_is_refused(made: BackupMade, tmp_path: Path) -> None:
    whole = Path(made.file).read_bytes()
    for cut in range(0, len(whole), 101):
        part = tmp_path / "cut"
        part.write_bytes(whole[:cut])
        with pytest.raises(BackupBroken):
            Reading(part).verify(quiet)


def test_a_byte_flipped_anywhere_is_noticed(made: BackupMade, tmp_path: Path) -> None:
    whole = Path(made.file).read_bytes()
    intact = told(Path(made.file))
    part = tmp_path / "flipped"
    refused = 0
    places = range(10, len(whole), 67)  # the first ten bytes are gzip's own, with a time
    for place in places:
        flipped = bytearray(whole)
        flipped[place] ^= 0x10
        part.write_bytes(flipped)
        # A few bits only fill up a byte (RFC 1951 section 3.2.4): with another one it says the very same.
        assert told(part) in (None, intact), place
        refused += told(part) is None
    assert refused > 0.9 * len(places)


def told(file: Path) -> list[bytes] | None:
    """What a backup says; None of one that is refused."""
    try:
        Reading(file).verify(quiet)
    except BackupBroken:
        return None
    return list(Reading(file).lines())


def test_a_row_that_somebody_changed_or_took_out_is_noticed(made: BackupMade) -> None:
    def changed(lines: list[bytes]) -> list[bytes]:
        return [line.replace(b"ABC123", b"ABC124") for line in lines]

    with pytest.raises(BackupBroken, match="its checksum is another"):
        rewritten(made, changed).verify(quiet)


def test_lines_after_the_last_are_noticed(made: BackupMade) -> None:
    with pytest.raises(BackupBroken, match="checksum"):
        rewritten(made, lambda lines: [*lines, b"[1]\n"]).verify(quiet)


def test_something_else_is_no_backup(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_bytes(b"not gzip at all")
    with pytest.raises(BackupBroken, match="no gzip file"):
        Reading(other).header()
    with gzip.open(other, "wb") as file:
        file.write(b'{"hello": 1}\n')
    with pytest.raises(BackupBroken, match="is it the right file"):
        Reading(other).header()
    with pytest.raises(BackupBroken, match="cannot be read"):
        Reading(tmp_path / "missing").header()


def test_the_check_finds_a_database_that_lost_a_row_or_an_event(
    made: BackupMade, tmp_path: Path
) -> None:
    file = Reading(Path(made.file))
    header = file.header()
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'check.db'}")
    with engine.begin() as connection:
        loading.load(connection, file, quiet)
        loading.compare(connection, header)

        connection.execute(sa.text("DELETE FROM lit"))
        with pytest.raises(NotTheSame, match="Table lit has 0 rows where the backup says 1"):
            loading.compare(connection, header)

        fewer = msgspec.structs.replace(header, rows={**header.rows, "lit": 0})
        connection.execute(sa.text("UPDATE event SET seq = seq + 1000 WHERE seq = 1"))
        with pytest.raises(NotTheSame, match=r"The newest events are .*pitea.: 1001"):
            loading.compare(connection, fewer)
    engine.dispose()


def test_a_file_that_cannot_be_restored_is_no_backup(
    sqlite_station: Station, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: without the check this file, in which a table is empty, would count."""
    a_morning(sqlite_station)
    monkeypatch.setattr(loading, "_insert", lambda *_: 0)

    with pytest.raises(NotTheSame):
        take(sqlite_station, folder)
    assert left_over(folder) == []
    assert take(sqlite_station, folder, check_up_to=0).how_checked == "written and read back"


def test_every_column_has_a_kind_that_can_be_read_back() -> None:
    kinds = {
        (type(column.type).__name__, kind_of(column))
        for table in schema.metadata.tables.values()
        for column in table.columns
    }
    assert kinds == {
        ("Text", Kind.TEXT),
        ("Integer", Kind.NUMBER),
        ("BigInteger", Kind.NUMBER),
        ("UtcTime", Kind.TIME),
        ("Flag", Kind.FLAG),
        ("Json", Kind.JSON),
    }


@pytest.mark.parametrize("rows", [0, 1, 99, 100, 101, 200])
def test_a_table_of_any_size_comes_back(sqlite_station: Station, folder: Path, rows: int) -> None:
    """Rows are written in pieces, and the last piece may be a full one."""
    look = {"station": PITEA, "person": "p", "name": "n", "what": "queue", "about": "", "times": 1}
    now = sqlite_station.clock.now()
    some = [{**look, "id": str(number), "at": now} for number in range(rows)]
    sqlite_station.store.write(lambda tx: tx.run_many(sa.insert(schema.look), some))
    made = take(sqlite_station, folder)
    assert made.restored
    assert len(rows_of(made)["look"]) == rows
