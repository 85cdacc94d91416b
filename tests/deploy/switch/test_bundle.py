"""A release that is not what was signed is refused in one sentence, and nothing of it is used."""

import io
import json
import os
import shutil
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.errors import InstallError
from deploy.switch.bundle import SIGNER, check_files, platform_of, unpack, verify
from deploy.switch.place import SIGNERS, Place
from tests.deploy.switch.bundles import Signed, key, make_bundle, packed, sign

pytestmark = pytest.mark.skipif(
    shutil.which("ssh-keygen") is None, reason="no ssh-keygen: apt-get install openssh-client"
)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "machine", is_root=False)


@pytest.fixture
def signed(tmp_path: Path, place: Place) -> Signed:
    """A release in a file, signed by a key that the machine trusts."""
    made = key(tmp_path / "key")
    signers = place.path(SIGNERS)
    signers.parent.mkdir(parents=True)
    signers.write_text(f"{SIGNER} {made.with_suffix('.pub').read_text()}")
    tar = packed(make_bundle(tmp_path / "made"), tmp_path / "portvakt.tar")
    sign(tar, made)
    return Signed(tar, made)


def test_what_was_signed_is_taken(signed: Signed, place: Place, tmp_path: Path) -> None:
    verify(place, signed.tar)
    folder = unpack(signed.tar, tmp_path / "unpacked")

    assert (folder / "wheels" / "one.whl").read_bytes() == b"a wheel"
    assert (folder / "install").stat().st_mode & 0o111


def test_a_32_bit_system_on_a_64_bit_kernel_is_told_which_image_it_needs(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its kernel calls the processor aarch64, too."""
    assert platform_of(place).startswith("cp3")
    small = tmp_path / "bin" / "python3"
    small.parent.mkdir()
    small.write_text("#!/bin/sh\necho cp311-aarch64 False\n")
    small.chmod(0o755)
    monkeypatch.setenv("PATH", f"{small.parent}:{os.environ['PATH']}")

    with pytest.raises(InstallError, match="this system is 32-bit; flash the 64-bit image"):
        platform_of(place)


def test_without_a_signature_nothing_is_taken(signed: Signed, place: Place) -> None:
    signed.signature.unlink()

    with pytest.raises(InstallError, match=r"has no signature; bring portvakt.tar.sig with it"):
        verify(place, signed.tar)


def test_a_changed_file_is_refused(signed: Signed, place: Place) -> None:
    content = bytearray(signed.tar.read_bytes())
    content[content.index(b"a wheel")] ^= 1
    signed.tar.write_bytes(content)

    with pytest.raises(InstallError, match=r"is not good: it was changed"):
        verify(place, signed.tar)


def test_the_signature_of_a_stranger_is_refused(
    signed: Signed, place: Place, tmp_path: Path
) -> None:
    signed.signature.unlink()
    sign(signed.tar, key(tmp_path / "stranger"))

    with pytest.raises(InstallError, match=r"signed by somebody whom .* does not name"):
        verify(place, signed.tar)


def test_a_signature_for_another_purpose_is_refused(signed: Signed, place: Place) -> None:
    """The same key may sign commits; those are no releases."""
    signed.signature.unlink()
    words = ["ssh-keygen", "-Y", "sign", "-q", "-f", str(signed.key), "-n", "git", str(signed.tar)]
    subprocess.run(words, check=True, capture_output=True)

    with pytest.raises(InstallError, match=r"is not good"):
        verify(place, signed.tar)


def test_a_machine_that_trusts_nobody_says_so(signed: Signed, place: Place) -> None:
    place.path(SIGNERS).unlink()

    with pytest.raises(InstallError, match=r"allowed_signers is not there"):
        verify(place, signed.tar)


def test_a_hash_that_does_not_fit_is_refused(signed: Signed, tmp_path: Path) -> None:
    """The maker's own mistake, which a signature does not heal."""
    folder = unpack(signed.tar, tmp_path / "unpacked")
    (folder / "wheels" / "one.whl").write_bytes(b"another")

    with pytest.raises(InstallError, match=r"wheels/one.whl is not what was signed"):
        check_files(folder)


def _add(folder: Path) -> None:
    (folder / "wheels" / "two.whl").write_bytes(b"one too many")


def _remove(folder: Path) -> None:
    (folder / "wheels" / "one.whl").unlink()


def _newer(folder: Path) -> None:
    path = folder / "release.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format": 2}))


def _unmarked(folder: Path) -> None:
    (folder / "release.json").unlink()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (_add, "wheels/two.whl is not what was signed"),
        (_remove, "wheels/one.whl is not what was signed"),
        (_newer, "of another kind than this machine takes"),
        (_unmarked, "its release.json is missing"),
    ],
)
def test_a_release_that_is_not_whole_is_refused(
    tmp_path: Path, change: Callable[[Path], None], says: str
) -> None:
    folder = make_bundle(tmp_path / "made")
    change(folder)

    with pytest.raises(InstallError, match=says):
        unpack(packed(folder, tmp_path / "portvakt.tar"), tmp_path / "unpacked")


def _tar(path: Path, *members: tarfile.TarInfo) -> Path:
    with tarfile.open(path, "w") as tar:
        for member in members:
            tar.addfile(member, io.BytesIO(b"x" * member.size))
    return path


def _member(name: str, kind: bytes = tarfile.REGTYPE, points_at: str = "") -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, points_at
    member.size = 1 if kind == tarfile.REGTYPE else 0
    return member


@pytest.mark.parametrize(
    "member",
    [
        _member("/etc/passwd"),
        _member("portvakt/../../etc/passwd"),
        _member("portvakt/link", tarfile.SYMTYPE, "/etc"),
        _member("portvakt/hard", tarfile.LNKTYPE, "/etc/passwd"),
        _member("portvakt/disk", tarfile.BLKTYPE),
    ],
    ids=lambda member: member.name,
)
def test_a_file_that_reaches_outside_is_no_release(tmp_path: Path, member: tarfile.TarInfo) -> None:
    tar = _tar(tmp_path / "evil.tar", member)

    with pytest.raises(InstallError, match=r"is not a release"):
        unpack(tar, tmp_path / "unpacked")

    assert [path for path in (tmp_path / "unpacked").rglob("*") if path.is_file()] == []


def test_something_else_is_no_release(tmp_path: Path) -> None:
    tar = tmp_path / "photo.tar"
    tar.write_bytes(b"not a tar at all" * 100)

    with pytest.raises(InstallError, match=r"photo.tar is not a release"):
        unpack(tar, tmp_path / "unpacked")
