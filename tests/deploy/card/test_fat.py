"""The boot partition inside an image, written without mounting it."""

import io
import os
import shutil
import struct
import subprocess
from pathlib import Path

import pytest

from deploy.card.fat import Fat
from deploy.card.partition import boot_partition
from deploy.errors import InstallError
from tests.deploy.card.blank import (
    BEGINS,
    FAT16,
    FAT32,
    SECTOR,
    Shape,
    card_image,
    damage,
    formatted,
)

both = pytest.mark.parametrize("shape", [FAT16, FAT32], ids=["FAT16", "FAT32"])
FILES = {"code.txt": b"K7QF-93TM\n", "ca.pem": b"c" * 5_000, "card.txt": b"all of it\n"}


def put(image: Path, files: dict[str, bytes]) -> None:
    with image.open("r+b") as file:
        Fat(file, boot_partition(file)).put_folder("portvakt", files)


def found(image: Path) -> dict[str, bytes]:
    with image.open("rb") as file:
        return Fat(file, boot_partition(file)).read_folder("portvakt")


@both
def test_what_was_put_is_there_and_the_file_system_is_whole(tmp_path: Path, shape: Shape) -> None:
    image = card_image(tmp_path / "card.img", shape)
    assert damage(image, shape) == []
    put(image, FILES)
    assert found(image) == FILES
    assert damage(image, shape) == []


@both
def test_another_card_over_it_leaves_nothing_of_the_first(tmp_path: Path, shape: Shape) -> None:
    image = card_image(tmp_path / "card.img", shape)
    put(image, FILES)
    put(image, {"card.txt": b"another\n"})
    assert found(image) == {"card.txt": b"another\n"}
    assert b"K7QF" not in image.read_bytes()
    assert damage(image, shape) == []


@both
def test_what_else_lies_there_stays(tmp_path: Path, shape: Shape) -> None:
    image = card_image(tmp_path / "card.img", shape)
    with image.open("r+b") as file:
        fat = Fat(file, boot_partition(file))
        fat.put_folder("overlays", {"a.dtb": b"kept"})
        fat.put_folder("portvakt", FILES)
        assert ["overlays", "portvakt"] == fat.names()
        assert {"a.dtb": b"kept"} == fat.read_folder("overlays")


def test_a_root_that_is_full_grows_where_it_can(tmp_path: Path) -> None:
    image = card_image(tmp_path / "card.img", FAT32)
    with image.open("r+b") as file:
        fat = Fat(file, boot_partition(file))
        for number in range(17):  # a cluster of 512 bytes takes 16 names
            fat.put_folder(f"f{number}", {"a.txt": b"x"})
        assert len(fat.names()) == 17
    assert damage(image, FAT32) == []


def test_a_full_partition_is_said(tmp_path: Path) -> None:
    image = card_image(tmp_path / "card.img", FAT16)
    with pytest.raises(InstallError, match="is full"):
        put(image, {"card.txt": b"x" * FAT16.total * SECTOR})


def test_a_system_that_wrote_long_names_before_is_followed(tmp_path: Path) -> None:
    """As Linux does for a short name in small letters: an entry of the long name stands before it."""
    image = card_image(tmp_path / "card.img", FAT16)
    put(image, FILES)
    root = (BEGINS + 1 + 2 * 18) * SECTOR
    with image.open("r+b") as file:
        file.seek(root + 32)
        short = file.read(32)
        file.seek(root + 32)
        file.write(b"Ap\0o\0r\0t\0v\0" + b"\x0f" + b"\0" * 20 + short)
    put(image, {"card.txt": b"new"})
    assert found(image) == {"card.txt": b"new"}
    assert damage(image, FAT16) == []
    whole = image.read_bytes()
    assert b"Ap\0o" not in whole, "a long name without its short one is a stray"


def test_a_system_of_another_hand_finds_it_whole(tmp_path: Path) -> None:
    program = shutil.which("fsck.fat", path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    if program is None:
        pytest.skip("no fsck.fat (dosfstools)")
    image = card_image(tmp_path / "card.img", FAT32)
    put(image, FILES)
    bare = tmp_path / "bare.img"
    bare.write_bytes(image.read_bytes()[BEGINS * SECTOR :])
    done = subprocess.run([program, "-n", bare], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_boot_partition_is_found_behind_a_gpt() -> None:
    head = bytearray(34 * SECTOR)
    head[450], head[510:512] = 0xEE, b"\x55\xaa"
    head[512:520] = b"EFI PART"
    struct.pack_into("<QII", head, SECTOR + 72, 2, 128, 128)
    entry = 2 * SECTOR + 128
    head[entry : entry + 16] = bytes.fromhex("28732ac11ff8d211ba4b00a0c93ec93b")
    struct.pack_into("<Q", head, entry + 32, 8192)
    assert boot_partition(io.BytesIO(head)) == 8192 * SECTOR


def test_an_image_that_is_one_partition_is_one() -> None:
    assert boot_partition(io.BytesIO(formatted(FAT16))) == 0
    assert boot_partition(io.BytesIO(formatted(FAT32))) == 0


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "cut short"),
        (b"\0" * 512, "no partition table"),
        (b"\0" * 510 + b"\x55\xaa", "no boot partition with a FAT"),
    ],
)
def test_what_is_no_image_of_a_card_is_said(content: bytes, says: str) -> None:
    with pytest.raises(InstallError, match=says):
        boot_partition(io.BytesIO(content))


def test_a_partition_without_a_fat_is_said(tmp_path: Path) -> None:
    image = tmp_path / "card.img"
    card_image(image, FAT16)
    whole = bytearray(image.read_bytes())
    whole[BEGINS * SECTOR : BEGINS * SECTOR + SECTOR] = bytes(SECTOR)
    image.write_bytes(whole)
    with pytest.raises(InstallError, match="holds no FAT"):
        found(image)
