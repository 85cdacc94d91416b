"""A release as one signed file: who signed it, and whether what is in it is what was signed."""

import hashlib
import json
import re
import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from deploy.errors import InstallError
from deploy.switch.place import MARK, SIGNERS, Place, last_line

SIGNER = "release@portvakt"
NAMESPACE = "portvakt-release"
FORMAT = 1
# Raspberry Pi OS has a 32-bit image with the 64-bit kernel, whose processor looks like the other's.
NOT_64_BIT = "this system is 32-bit; flash the 64-bit image"
_PIECE = 2**20
_RELEASE = re.compile(r"[0-9][0-9A-Za-z.]{0,31}(-[0-9a-f]{8})?")
# A release is about 60 MB; a file that unpacks to more is no release of ours.
_LARGEST = 2 * 10**9


def verify(place: Place, tar: Path) -> None:
    """See that *tar* was signed by somebody whom this machine trusts (ssh-keygen(1), ALLOWED SIGNERS).

    Raises:
        InstallError: there is no signature, or it is another's, or the file was changed.
    """
    signature = tar.with_name(f"{tar.name}.sig")
    signers = place.path(SIGNERS)
    if not signature.exists():
        raise InstallError(f"{tar.name} has no signature; bring {signature.name} with it")
    if not signers.exists():
        raise InstallError(f"{signers} is not there; put the keys of those who make releases in it")
    words = ["ssh-keygen", "-Y", "verify", "-f", str(signers), "-I", SIGNER, "-n", NAMESPACE]
    done = _fed([*words, "-s", str(signature)], tar)
    if done is None:
        raise InstallError("ssh-keygen is not there; run: apt-get install openssh-client")
    if done:
        raise InstallError(
            f"the signature of {tar.name} is not good: it was changed, or signed by somebody whom "
            f"{SIGNERS} does not name; it was not used"
        )


def unpack(tar: Path, into: Path) -> Path:
    """Unpack *tar* under *into*, check each file, and give its one folder.

    Raises:
        InstallError: it is no release, or a file in it is not what it says.
    """
    shutil.rmtree(into, ignore_errors=True)
    into.mkdir(parents=True)
    try:
        with tarfile.open(tar) as opened:
            tops = {_unpack_one(opened, member, into) for member in _members(opened, tar.name)}
    except tarfile.TarError as error:
        raise InstallError(f"{tar.name} is not a release: {error}") from error
    if len(tops) != 1:
        raise InstallError(f"{tar.name} is not a release: it holds {len(tops)} folders, not one")
    folder = into / tops.pop()
    check_files(folder)
    return folder


def read_manifest(folder: Path) -> dict[str, Any]:
    """What the unpacked release in *folder* says of itself.

    Raises:
        InstallError: it says nothing that we understand.
    """
    try:
        found = json.loads((folder / MARK).read_text("utf-8"))
        release, files = found["release"], found["files"]
        fits = isinstance(files, dict) and _RELEASE.fullmatch(release) is not None
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise InstallError(f"{folder.name} is not a release: its {MARK} is missing") from error
    if not fits or found.get("format") != FORMAT:
        raise InstallError(f"{folder.name} is of another kind than this machine takes; install it")
    return dict(found)


def check_files(folder: Path) -> None:
    """See that the unpacked release in *folder* holds just the files that it names.

    Raises:
        InstallError: one is missing, another's, or too many.
    """
    named = read_manifest(folder)["files"]
    found = {path.relative_to(folder).as_posix(): path for path in _files(folder)}
    found.pop(MARK, None)
    wrong = sorted(set(named) ^ set(found))
    wrong += [name for name, path in found.items() if name in named and digest(path) != named[name]]
    if wrong:
        raise InstallError(
            f"{folder.name} is damaged: {wrong[0]} is not what was signed; fetch it again"
        )


def digest(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            found.update(piece)
    return found.hexdigest()


def platform_of(place: Place) -> str:
    """The machine's Python and processor, as wheels name them: `cp311-aarch64`.

    Raises:
        InstallError: its system is one that no release is made for, or has no Python.
    """
    words = (
        "import platform, sys; "
        "print('cp%d%d-%s' % (*sys.version_info[:2], platform.machine()), sys.maxsize > 2**32)"
    )
    done = place.run("/usr/bin/python3" if place.is_root else "python3", "-I", "-c", words)
    if done.returncode != 0:
        raise InstallError(f"the machine's own Python does not run: {last_line(done)}")
    found, is_64_bit = done.stdout.split()
    if is_64_bit != "True":
        raise InstallError(NOT_64_BIT)
    return found


def _fed(words: list[str], tar: Path) -> int | None:
    import subprocess  # noqa: PLC0415 - the one place that feeds a file to a program

    if shutil.which(words[0]) is None:
        return None
    with tar.open("rb") as file:
        done = subprocess.run(words, stdin=file, capture_output=True, check=False)  # noqa: S603
    return done.returncode


def _members(opened: tarfile.TarFile, name: str) -> Iterator[tarfile.TarInfo]:
    size = 0
    for member in opened:
        parts = PurePosixPath(member.name).parts
        if not parts or member.name.startswith("/") or ".." in parts:
            raise InstallError(f"{name} is not a release: it reaches outside of its folder")
        if not (member.isfile() or member.isdir()):
            raise InstallError(f"{name} is not a release: {member.name} is no plain file")
        size += member.size
        if size > _LARGEST:
            raise InstallError(f"{name} is not a release: it is too large")
        yield member


def _unpack_one(opened: tarfile.TarFile, member: tarfile.TarInfo, into: Path) -> str:
    path = into / member.name
    top = PurePosixPath(member.name).parts[0]
    if member.isdir():
        path.mkdir(parents=True, exist_ok=True)
        return top
    path.parent.mkdir(parents=True, exist_ok=True)
    source = opened.extractfile(member)
    assert source is not None  # noqa: S101 - it is a plain file
    with source, path.open("wb") as file:
        shutil.copyfileobj(source, file, _PIECE)
    path.chmod(0o755 if member.mode & 0o100 else 0o644)
    return top


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path
