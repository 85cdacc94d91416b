"""The model of the disk whose power is cut: what it keeps for certain, and what it may lose."""

import random
from pathlib import Path

import pytest

from tests.central import trace
from tests.central.power import Disk
from tests.central.trace import NotModelled

FOLDER = Path("/data")


def escaped(text: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in text.encode())


def openat(name: str, fd: int = 3) -> str:
    path = escaped(f"/data/{name}")
    return f'7 openat(AT_FDCWD<\\x2f>, "{path}", O_RDWR|O_CREAT, 0600) = {fd}<{path}>'


def pwrite(name: str, data: str, at: int) -> str:
    file = escaped(f"/data/{name}")
    return f'7 pwrite64(3<{file}>, "{escaped(data)}", {len(data)}, {at}) = {len(data)}'


def sync(name: str, result: str = "0") -> str:
    return f"7 fdatasync(3<{escaped(f'/data/{name}'.rstrip('/'))}>) = {result}"


def contents(
    tmp_path: Path, lines: list[str], before: dict[str, bytes] | None = None
) -> set[tuple[tuple[str, bytes], ...]]:
    """Everything that a hundred cuts after *lines* leave in the folder."""
    (tmp_path / "trace").write_text("\n".join(lines) + "\n")
    disk = Disk(FOLDER, before or {}, trace.read(tmp_path / "trace"))
    disk.run_to(len(lines))
    dice = random.Random(1)
    return {tuple(sorted(disk.after_cut(dice).items())) for _ in range(100)}


def test_what_was_synced_stays_and_what_was_not_may_go(tmp_path: Path) -> None:
    lines = [pwrite("a", "old", 0), sync("a"), pwrite("a", "new", 0)]
    left = {dict(files)["a"] for files in contents(tmp_path, lines, {"a": b""})}
    assert {b"old", b"new"} <= left
    assert left > {b"old", b"new"}, "no sector was ever torn"
    assert {b"old"} == {dict(files)["a"] for files in contents(tmp_path, lines[:2], {"a": b""})}


def test_a_sync_that_failed_keeps_nothing(tmp_path: Path) -> None:
    lines = [pwrite("a", "new", 0), sync("a", "-1 EIO (Input/output error)")]
    assert b"old" in {dict(files)["a"] for files in contents(tmp_path, lines, {"a": b"old"})}


def test_a_write_that_begins_while_the_file_is_synced_may_go(tmp_path: Path) -> None:
    begun = sync("a").removesuffix(") = 0").replace("7 ", "8 ", 1) + " <unfinished ...>"
    lines = [begun, pwrite("a", "new", 0), "8 <... fdatasync resumed>) = 0"]
    assert b"old" in {dict(files)["a"] for files in contents(tmp_path, lines, {"a": b"old"})}


def test_a_new_file_is_there_for_certain_when_its_folder_was_synced(tmp_path: Path) -> None:
    made = [openat("a"), pwrite("a", "new", 0), sync("a")]
    assert {(), (("a", b"new"),)} == contents(tmp_path, made)
    assert {(("a", b"new"),)} == contents(tmp_path, [*made, sync("")])


def test_a_deleted_file_may_come_back(tmp_path: Path) -> None:
    deleted = [f'7 unlink("{escaped("/data/a")}") = 0']
    assert {(), (("a", b"old"),)} == contents(tmp_path, deleted, {"a": b"old"})
    assert {()} == contents(tmp_path, [*deleted, sync("")], {"a": b"old"})


def test_sectors_go_one_by_one(tmp_path: Path) -> None:
    lines = [pwrite("a", "x" * 1024, 256)]
    left = {dict(files)["a"] for files in contents(tmp_path, lines, {"a": b"." * 2048})}
    assert any(held[256:512] == b"." * 256 and held[512:1024] == b"x" * 512 for held in left)
    assert all(held[:256] + held[1280:] == b"." * 1024 for held in left)


def test_a_change_that_is_not_modelled_is_not_passed_over(tmp_path: Path) -> None:
    moved = f'7 rename("{escaped("/data/a")}", "{escaped("/data/b")}") = 0'
    written = f'7 write(3<{escaped("/data/a")}>, "{escaped("x")}", 1) = 1'
    for line in (moved, written):
        with pytest.raises(NotModelled):
            contents(tmp_path, [line], {"a": b"old"})
