"""The outbox on sick disks and in killed processes.

What cannot be provoked on a machine is skipped with a reason.
"""

import os
import random
import resource
import select
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from device.outbox import Outbox, OutboxBroken, OutboxFull, SavedAt
from tests.fakes.disks import CutDisk, set_read_only, tmpfs

SAVED = SavedAt("boot-1", 5_000, datetime(2026, 11, 23, 7, 30, tzinfo=UTC))

# Saves arrivals as fast as it can and names each on its output once `save` has returned.
SAVER = """
    import sys
    from datetime import UTC, datetime
    from itertools import count
    from pathlib import Path
    from device.outbox import Outbox, SavedAt

    outbox = Outbox(Path(sys.argv[1]))
    begun = len(outbox.waiting())
    for number in count(begun):
        outbox.save(f"{number:06}", b"x" * 200, SavedAt("boot", number, datetime.now(UTC)))
        print(f"{number:06}", flush=True)
"""


def saver(path: Path) -> subprocess.Popen[bytes]:
    program = [sys.executable, "-c", textwrap.dedent(SAVER), str(path)]
    return subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)


def acknowledged(process: subprocess.Popen[bytes], enough: int) -> list[str]:
    """Read the saver's words until it has said *enough*."""
    assert process.stdout is not None
    lines: list[str] = []
    while len(lines) < enough:
        ready, _, _ = select.select([process.stdout], [], [], 20)
        assert ready, "the saver said nothing for 20 s"
        lines.append(process.stdout.readline().decode().strip())
    return lines


def the_rest(process: subprocess.Popen[bytes]) -> list[str]:
    """Kill the saver and read what it had still said."""
    process.send_signal(signal.SIGKILL)
    assert process.stdout is not None
    with process.stdout as stdout:
        said = stdout.read().decode()
    process.wait(10)
    return [line for line in said.split("\n")[:-1] if line]


def found(path: Path) -> set[str]:
    with closing(Outbox(path)) as outbox:
        return {row.id for row in outbox.waiting()}


@pytest.mark.processes
def test_a_killed_post_has_everything_that_it_said_was_saved(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    said: set[str] = set()
    for enough in (5, 40, 200):
        process = saver(path)
        said |= {*acknowledged(process, enough), *the_rest(process)}

    assert said <= found(path)


@pytest.mark.processes
def test_a_post_whose_power_is_cut_has_everything_that_it_said_was_saved(tmp_path: Path) -> None:
    disk = CutDisk(tmp_path)
    said: set[str] = set()
    chance = random.Random(7)
    for _ in range(4):
        with disk.mounted() as folder:
            process = saver(folder / "outbox.db")
            lines = acknowledged(process, chance.randrange(5, 150))
            disk.cut()
            # What is said while the power goes is read by nobody: a sync that the cut overtakes may
            # still come back well, because the kernel that answers is not the one that lost its power.
            the_rest(process)
            said |= set(lines)
        with disk.mounted() as folder:
            assert said <= found(folder / "outbox.db")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "small"
    folder.mkdir()
    with tmpfs(folder, size_kib=1024):
        yield folder


def test_a_full_disk_says_not_saved_and_loses_nothing(small_disk: Path) -> None:
    path = small_disk / "outbox.db"
    ballast = small_disk / "ballast"
    with closing(Outbox(path)) as outbox:
        outbox.save("first", b"x", SAVED)
        ballast.write_bytes(b"x" * (os.statvfs(small_disk).f_bavail * 4096))

        with pytest.raises(OutboxFull, match="is full; free some space"):
            outbox.save("second", b"y" * 20_000, SAVED)
        with pytest.raises(OutboxFull):
            outbox.save("second", b"y" * 20_000, SAVED)

        ballast.unlink()
        outbox.save("third", b"z", SAVED)
        assert [row.id for row in outbox.waiting()] == ["first", "third"]
    assert found(path) == {"first", "third"}


def test_a_disk_that_was_full_from_the_start_says_so(small_disk: Path) -> None:
    (small_disk / "ballast").write_bytes(b"x" * (os.statvfs(small_disk).f_bavail * 4096))

    with closing(Outbox(small_disk / "outbox.db")) as outbox, pytest.raises(OutboxFull):
        outbox.save("a", b"x", SAVED)


def test_a_damaged_file_on_a_full_disk_stays_until_it_can_be_replaced(small_disk: Path) -> None:
    path = small_disk / "outbox.db"
    with closing(Outbox(path)) as outbox:
        for number in range(30):
            outbox.save(f"{number:02}", b"x" * 1_000, SAVED)
    with path.open("r+b") as file:
        file.seek(path.stat().st_size - 4096)
        file.write(b"\xa5" * 4096)
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"x" * (os.statvfs(small_disk).f_bavail * 4096))

    with closing(Outbox(path)) as outbox:
        with pytest.raises(OutboxFull):
            outbox.save("new", b"x", SAVED)
        ballast.unlink()
        outbox.save("new", b"x", SAVED)

    assert len(found(path)) > 20
    assert "new" in found(path)


def test_a_read_only_disk_says_not_saved_and_works_again_when_it_is_writable(
    small_disk: Path,
) -> None:
    path = small_disk / "outbox.db"
    with closing(Outbox(path)) as outbox:
        outbox.save("first", b"x", SAVED)
    set_read_only(small_disk, True)

    with closing(Outbox(path)) as outbox:
        with pytest.raises(OutboxBroken, match="cannot be written"):
            outbox.save("second", b"x", SAVED)
        set_read_only(small_disk, False)
        outbox.save("third", b"x", SAVED)

    assert found(path) == {"first", "third"}


@pytest.mark.processes
def test_a_write_error_moves_everything_into_a_new_file(tmp_path: Path) -> None:
    """A limit on file size makes write(2) fail; after that the old file is not trusted any more."""
    path = tmp_path / "outbox.db"
    with closing(Outbox(path)) as outbox:
        outbox.save("first", b"x", SAVED)
    program = f"""
        import resource
        from pathlib import Path
        from tests.device.test_outbox_disks import fail_then_recover
        fail_then_recover(Path({str(path)!r}))
    """

    subprocess.run([sys.executable, "-c", textwrap.dedent(program)], check=True)

    assert found(path) == {"first", "last"}
    assert len(list(tmp_path.glob("outbox.db.wreck-*[0-9]"))) == 1


def fail_then_recover(path: Path) -> None:
    """Runs in a process of its own, because the limit holds for all of it."""
    with closing(Outbox(path)) as outbox:
        assert outbox.depth() == 1
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
        with pytest.raises(OutboxBroken):
            outbox.save("second", b"x" * 200_000, SAVED)
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        outbox.save("last", b"x", SAVED)
