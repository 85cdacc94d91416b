"""What a release's file says of itself, read without unpacking anything."""

import tarfile
from pathlib import Path, PurePosixPath

import msgspec

from contract.errors import PortvaktError
from contract.fleet import Platform, ReleaseName
from contract.reading import from_json

FACTS = "release.json"
FACTS_MAX = 1024 * 1024
_NOT = "it is no release of Portvakt; take the .tar that make-release wrote."


class NotARelease(PortvaktError):
    """The file is something else."""


class Facts(msgspec.Struct, frozen=True):
    """The head of `release.json`; what else stands there is for the machine that unpacks it."""

    release: ReleaseName
    platform: Platform
    format: int

    @property
    def file(self) -> str:
        """The name under which it is kept and fetched."""
        return f"portvakt-{self.release}-{self.platform}.tar"


def facts(file: Path, name: str = "") -> Facts:
    """Read `release.json` in the one top folder of *file*.

    Raises:
        NotARelease: it is no tar, has no such page, or one of a later format.
    """
    name = name or file.name
    try:
        with tarfile.open(file, "r:") as tar:
            page = _page(tar)
    except (tarfile.TarError, OSError, EOFError) as error:
        raise NotARelease(f"{name} cannot be read as a tar: {_NOT}") from error
    try:
        found = from_json(page, Facts)
    except msgspec.DecodeError as error:
        raise NotARelease(f"{name} has no {FACTS} that can be read: {_NOT}") from error
    if found.format != 1:
        raise NotARelease(
            f"{name} is written in format {found.format}, of which this central knows nothing;"
            " update central first."
        )
    return found


def _page(tar: tarfile.TarFile) -> bytes:
    for member in tar:
        parts = PurePosixPath(member.name).parts
        if len(parts) == 2 and parts[1] == FACTS and member.isreg() and member.size <= FACTS_MAX:  # noqa: PLR2004 - a folder and a name
            content = tar.extractfile(member)
            return b"" if content is None else content.read()
    return b""
