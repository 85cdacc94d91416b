import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from contract.errors import PortvaktError
from contract.wire import OutboxFacts
from device.outbox import Outbox, OutboxBroken, OutboxFull, SavedAt
from device.session import CentralRefused, CentralUnreadable

AT = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)
SAVED = SavedAt("boot-1", 5_000, AT)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "outbox.db"


@pytest.fixture
def outbox(path: Path) -> Iterator[Outbox]:
    with closing(Outbox(path)) as made:
        yield made


def saved_ids(path: Path) -> list[str]:
    """What a post finds when it starts again."""
    with closing(Outbox(path)) as outbox:
        return [row.id for row in outbox.waiting()]


def test_saved_arrivals_are_there_after_a_restart_in_order_with_their_bytes_and_clocks(
    path: Path,
) -> None:
    with closing(Outbox(path)) as before:
        before.save("b", b'{"plate" :"ABC123"}', SAVED)
        before.save("a", b"second", SavedAt("boot-2", 7, AT))

    with closing(Outbox(path)) as after:
        first, second = after.waiting()

    assert (first.id, first.body, first.saved) == ("b", b'{"plate" :"ABC123"}', SAVED)
    assert (second.id, second.saved.boot_id) == ("a", "boot-2")


def test_a_refused_arrival_stays_and_later_ones_pass_it(outbox: Outbox) -> None:
    """One arrival that central never takes must not hold up the line behind it."""
    for name in ("poison", "next"):
        outbox.save(name, b"x", SAVED)

    for _ in range(3):
        outbox.refused("poison", "422 plate_refused")
    outbox.delivered("next", "first", SAVED)

    (row,) = outbox.waiting()
    assert (row.id, row.tries, row.last_answer) == ("poison", 3, "422 plate_refused")


def test_saving_twice_is_saving_once(outbox: Outbox) -> None:
    outbox.save("a", b"x", SAVED)
    outbox.save("a", b"x", SavedAt("boot-9", 1, AT))

    assert [(row.id, row.saved) for row in outbox.waiting()] == [("a", SAVED)]


def test_an_id_cannot_stand_for_two_arrivals(outbox: Outbox) -> None:
    outbox.save("a", b"x", SAVED)

    with pytest.raises(ValueError, match="another body"):
        outbox.save("a", b"y", SAVED)
    assert [row.body for row in outbox.waiting()] == [b"x"]


def test_every_save_is_synced_before_it_is_said(outbox: Outbox) -> None:
    outbox.save("a", b"x", SAVED)
    assert outbox._db is not None

    assert outbox._db.execute("pragma synchronous").fetchone() == (2,), "FULL: one fsync a commit"
    assert outbox._db.execute("pragma journal_mode").fetchone() == ("wal",)
    assert outbox._db.execute("pragma secure_delete").fetchone() == (1,)


def test_a_write_cut_at_any_byte_leaves_what_was_saved_before(path: Path, tmp_path: Path) -> None:
    """The log of a save that was under way ends anywhere; the saves before it are whole."""
    log = path.with_name("outbox.db-wal")
    with closing(Outbox(path)) as outbox:
        outbox.save("a", b"first", SAVED)
        outbox.save("b", b"second", SAVED)
        database, before = path.read_bytes(), log.stat().st_size
        outbox.save("c", b"third", SAVED)
        whole = log.read_bytes()
    assert len(whole) > before

    for number, cut in enumerate(range(before, len(whole), 97)):
        copy = tmp_path / f"cut-{number}" / "outbox.db"
        copy.parent.mkdir()
        copy.write_bytes(database)
        copy.with_name("outbox.db-wal").write_bytes(whole[:cut])

        assert saved_ids(copy) == ["a", "b"]
        assert not list(copy.parent.glob("*wreck*"))


def test_a_second_process_is_told_that_the_file_is_in_use(outbox: Outbox, path: Path) -> None:
    outbox.save("a", b"x", SAVED)
    program = f"""
        from pathlib import Path
        from device.outbox import Outbox
        Outbox(Path({str(path)!r})).waiting()
    """

    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert "in use by another process; stop that one" in done.stderr


def test_a_disk_without_room_says_not_saved_and_works_again_when_there_is_room(
    outbox: Outbox, path: Path
) -> None:
    """SQLite's own limit stands in for the disk's; tests of real small disks are in test_outbox_disks."""
    outbox.save("a", b"x", SAVED)
    assert outbox._db is not None
    outbox._db.execute("pragma max_page_count = 4")

    with pytest.raises(OutboxFull, match="free some space"):
        outbox.save("large", b"x" * 100_000, SAVED)

    outbox.save("z", b"x", SAVED)  # the file is opened again, and there the limit is gone
    assert [row.id for row in outbox.waiting()] == ["a", "z"]


def test_a_folder_that_cannot_be_made_does_not_stop_the_post_from_starting() -> None:
    outbox = Outbox(Path("/proc/portvakt/outbox.db"))

    with pytest.raises(OutboxBroken, match="check or change the card"):
        outbox.save("a", b"x", SAVED)


def filled(path: Path, count: int = 60) -> None:
    with closing(Outbox(path)) as outbox:
        for number in range(count):
            outbox.save(f"{number:03}", b"x" * 500, SAVED)


def damage(path: Path, start: int, length: int) -> None:
    with path.open("r+b") as file:
        file.seek(start)
        file.write(b"\xa5" * length)


def test_a_file_of_rubbish_is_set_aside_and_the_post_goes_on(outbox: Outbox, path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"rubbish" * 1_000)

    outbox.save("a", b"x", SAVED)

    assert [row.id for row in outbox.waiting()] == ["a"]
    (wreck,) = outbox.wrecks()
    assert wreck.read_bytes() == b"rubbish" * 1_000, "a person can still look at it"


def test_a_damaged_page_costs_only_the_arrivals_on_it(path: Path, outbox: Outbox) -> None:
    filled(path)
    size = path.stat().st_size
    assert size > 8 * 4096
    damage(path, size - 3 * 4096, 4096)

    outbox.save("new", b"x", SAVED)

    kept = [row.id for row in outbox.waiting()]
    assert kept == sorted(kept), "still in order"
    assert len(kept) > 40
    assert kept[-1] == "new"
    assert len(outbox.wrecks()) == 1


def test_a_body_that_was_changed_on_the_disk_is_not_delivered(path: Path, outbox: Outbox) -> None:
    """Only a seal finds a flipped bit inside a body; SQLite keeps no checksum of its pages."""
    filled(path)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("update arrival set body = x'79' where id = '007'")
    damage(path, path.stat().st_size - 4096, 4096)

    assert "007" not in [row.id for row in outbox.waiting()]


def test_only_the_newest_wrecks_are_kept(path: Path) -> None:
    for _ in range(5):
        with closing(Outbox(path)) as outbox:
            outbox.save("a", b"x", SAVED)
        damage(path, 0, 4096)

    with closing(Outbox(path)) as outbox:
        outbox.waiting()
        assert len(outbox.wrecks()) == 3


class PowerCut(Exception):
    """The machine stops here."""


@pytest.mark.parametrize("step", range(1, 6))
def test_a_power_cut_while_a_damaged_file_is_replaced_loses_no_readable_row(
    path: Path, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(path)
    good = saved_ids(path)
    damage(path, path.stat().st_size - 4096, 4096)
    calls = 0

    def cut(folder: Path) -> None:
        nonlocal calls
        calls += 1
        if calls == step:
            raise PowerCut

    with monkeypatch.context() as patched, closing(Outbox(path)) as outbox:
        patched.setattr("device.outbox_file.sync_folder", cut)
        with suppress(PowerCut):
            outbox.waiting()

    assert len(set(saved_ids(path)) & set(good)) > 40


# -- what a heartbeat and a probe ask -----------------------------------------------------------


def at(boot_id: str, mono_ms: int, minutes: int = 0) -> SavedAt:
    return SavedAt(boot_id, mono_ms, AT + timedelta(minutes=minutes))


def test_the_facts_count_what_waits_how_old_it_is_and_what_was_refused(outbox: Outbox) -> None:
    assert OutboxFacts() == outbox.facts(SAVED)
    outbox.save("a", b"x", SAVED)
    outbox.save("b", b"x", at("boot-1", 65_000))
    outbox.refused("b", "422")
    assert OutboxFacts(waiting=2, oldest_s=120, refused=1) == outbox.facts(at("boot-1", 125_000))


@pytest.mark.parametrize(
    ("error", "refused"),
    [
        (CentralRefused(422, "plate_refused", "400 is no plate."), 1),
        (CentralRefused(500, "broken", "It broke; 422 others did not."), 1),
        (CentralRefused(503, "not_saved", "The disk is full."), 0),
        (CentralUnreadable("http://central", "no JSON"), 0),
    ],
)
def test_what_central_answered_and_did_not_take_is_counted(
    outbox: Outbox, error: PortvaktError, refused: int
) -> None:
    """People are told of it in these words, and enter the plate at the desk."""
    outbox.save("a", b"x", SAVED)
    outbox.refused("a", str(CentralRefused(422, "plate_refused", "No plate.")))
    outbox.refused("a", str(error))
    assert OutboxFacts(waiting=1, refused=refused) == outbox.facts(SAVED)


def test_after_a_boot_the_wall_says_how_old_it_is(outbox: Outbox) -> None:
    outbox.save("a", b"x", SAVED)
    assert 3600 == outbox.facts(at("boot-2", 7, minutes=60)).oldest_s
    assert 0 == outbox.facts(at("boot-2", 7, minutes=-60)).oldest_s


def test_a_proof_leaves_nothing_behind_and_is_on_the_disk(outbox: Outbox, path: Path) -> None:
    outbox.save("a", b"x", SAVED)
    assert outbox.can_save()
    assert outbox.trouble == ""
    assert ["a"] == [row.id for row in outbox.waiting()]
    outbox.close()
    with closing(sqlite3.connect(path)) as db:
        assert (0,) == db.execute("select count(*) from proof").fetchone()


def test_a_proof_asks_more_of_the_disk_than_an_arrival(outbox: Outbox, path: Path) -> None:
    """Else a disk that is nearly full would be called well, and refuse the next customer."""
    log = path.with_name(f"{path.name}-wal")

    def written(deed: Callable[[], object]) -> int:
        before = log.stat().st_size
        deed()
        return log.stat().st_size - before

    outbox.save("a", b"x" * 200, SAVED)
    assert outbox.can_save()
    saving = written(lambda: outbox.save("b", b"x" * 200, SAVED))
    assert 0 < saving < written(outbox.can_save)


def test_a_file_that_somebody_else_holds_cannot_be_saved_to_until_they_let_go(
    outbox: Outbox, path: Path
) -> None:
    with closing(Outbox(path)) as other:
        other.save("a", b"x", SAVED)
        assert not outbox.can_save()
        assert "in use by another process" in outbox.trouble
        assert OutboxFacts(writable=False) == outbox.facts(SAVED)
    assert outbox.can_save()
    assert OutboxFacts(waiting=1) == outbox.facts(SAVED)
