"""The releases that machines may fetch: files in the data folder, each with its signature beside it."""

import hashlib
import os
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import sqlalchemy as sa

from central import schema
from central.database.store import Store
from central.database.tx import Row, Tx, View
from central.errors import NotPossible, NotThere
from central.fleet import bundle, signature, unwanted
from contract.errors import PortvaktError

FOLDER = "releases"
PIECE = 1024 * 1024
Progress = Callable[[int, int], None]

_F, _R, _RING, _PIN = (
    table.c
    for table in (schema.release_file, schema.release, schema.ring_release, schema.machine_pin)
)
_FILE = sa.select(schema.release_file).where(_F.file == sa.bindparam("file"))
_FOR = sa.select(schema.release_file).where(
    _F.release == sa.bindparam("release"), _F.platform == sa.bindparam("platform")
)
_OF = (
    sa.select(schema.release_file)
    .where(_F.release == sa.bindparam("release"))
    .order_by(_F.platform)
)
_KNOWN = sa.select(schema.release).where(_R.name == sa.bindparam("release"))
_WANTED = sa.select(_RING.ring).where(_RING.release == sa.bindparam("release"))
_PINNED = sa.select(_PIN.station, _PIN.device).where(_PIN.release == sa.bindparam("release"))


class StoreRefused(PortvaktError):
    """A release cannot be kept here."""


class Releases:
    """The release files in the data folder *folder*, and what the database knows of them.

    Without a folder there are none: a test's central, or one that only follows.
    """

    def __init__(self, store: Store, folder: Path | None) -> None:
        self._store = store
        self._data = folder

    def add(self, file: str, progress: Progress) -> bundle.Facts:
        """Take in *file*, which lies with its `.sig` in the folder; *progress* hears of bytes read.

        Raises:
            SignatureRefused, NotARelease, StoreRefused: nothing was taken in; the sentence says why.
        """
        folder = self._folder()
        given = _inside(folder, file)
        said = given.name.removesuffix(PART)
        with _explained(said):
            signers = signature.signers_in(folder.parent)
            signature.check(given, _sig(given), signers, said)
            facts = bundle.facts(given, said)
            digest = _sha256(given, progress)
            size = given.stat().st_size
            self._store.write(lambda tx: _refuse_other(tx, facts, digest))
            kept = folder / facts.file
            # What a person puts here is theirs, though it had come from an office before.
            _mark(kept).unlink(missing_ok=True)
            _keep(given, kept)
            self._store.write(lambda tx: _note(tx, facts, size, digest))
            if given.name.endswith(PART):
                _mark(kept).touch(mode=0o600)
        return facts

    def remove(self, release: str) -> list[str]:
        """Forget *release* and delete its files; give their names.

        Raises:
            NotThere: there is no such release.
            NotPossible: a ring or a machine wants it.
        """
        files = self._store.write(lambda tx: _forget(tx, release))
        for name in files:
            _delete(self._folder() / name, _mark(self._folder() / name))
        return files

    def let_go(self, wanted: Collection[str]) -> list[str]:
        """Delete what came from an office and nobody here wants or runs any more; give the files.

        *wanted* are files that the office wants here.  What a person put here stays, and so does the one
        of each platform that came last before what is wanted: for going back.  Raises OSError.
        """
        if self._data is None:
            return []
        folder = self._data / FOLDER
        fetched = {path.name.removesuffix(FETCHED) for path in folder.glob(f"*{FETCHED}")}
        if not fetched or not self._store.read(lambda view: unwanted.of(view, fetched, wanted)):
            return []
        files = self._store.write(lambda tx: _let_go(tx, fetched, wanted, folder))
        for name in files:
            _delete(folder / f"{name}{PART}", _mark(folder / name))
        return files

    def path_of(self, file: str) -> Path | None:
        """Where *file* lies, a release's or a signature's, if it is one of ours."""
        row = self._store.read(lambda view: view.first(_FILE, file=file.removesuffix(".sig")))
        if row is None or self._data is None:
            return None
        # By the name that the database holds: nothing that was asked for becomes part of a path.
        kept = self._folder() / row.file
        path = _sig(kept) if file.endswith(".sig") else kept
        return path if path.is_file() else None

    def sha256_of(self, file: str) -> str | None:
        """The digest of a release's file; None for a signature, or for what is none of ours."""
        row = self._store.read(lambda view: view.first(_FILE, file=file))
        return None if row is None else str(row.sha256)

    def _folder(self) -> Path:
        if self._data is None:
            raise StoreRefused("This central has no data folder, so it keeps no releases.")
        folder = self._data / FOLDER
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder


PART = ".part"
FETCHED = ".fetched"  # beside a file that came from an office


def file_for(view: View, release: str, platform: str) -> Row | None:
    """The file of *release* that a machine of *platform* needs, if there is one."""
    return view.first(_FOR, release=release, platform=platform)


def is_known(view: View, release: str) -> bool:
    """Whether there is such a release."""
    return view.first(_KNOWN, release=release) is not None


def _inside(folder: Path, file: str) -> Path:
    """The file of that name in *folder*; a name with a path in it is none."""
    given = folder / file
    if Path(file).name != file or given.is_symlink() or not given.is_file():
        raise StoreRefused(f"There is no file {file} in {folder}; copy it there first.")
    return given


def _sig(path: Path) -> Path:
    return path.with_name(f"{path.name}.sig")


def _mark(path: Path) -> Path:
    return path.with_name(f"{path.name}{FETCHED}")


def _delete(path: Path, mark: Path) -> None:
    for one in (path, _sig(path), mark):
        one.unlink(missing_ok=True)


def _let_go(tx: Tx, fetched: Collection[str], wanted: Collection[str], folder: Path) -> list[str]:
    """Forget the files, and make of them what was begun and is thrown away, whoever is killed now."""
    # To delete so much here would keep the line waiting.
    files = [one for one in unwanted.of(tx, fetched, wanted) if _mark(folder / one).exists()]
    for name in files:
        unwanted.forget(tx, name)
        part = folder / f"{name}{PART}"
        for old, new in ((folder / name, part), (_sig(folder / name), _sig(part))):
            with suppress(FileNotFoundError):
                old.replace(new)
    return files


def _keep(given: Path, kept: Path) -> None:
    """Put both files in their places; the signature first, so that a release never lies there without."""
    for path in (given, _sig(given)):
        with path.open("rb") as file:
            os.fsync(file.fileno())
    _sig(given).replace(_sig(kept))
    given.replace(kept)
    fd = os.open(kept.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _sha256(path: Path, progress: Progress) -> str:
    digest, size, done = hashlib.sha256(), path.stat().st_size, 0
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            digest.update(piece)
            done += len(piece)
            progress(done, size)
    return digest.hexdigest()


def _refuse_other(tx: Tx, facts: bundle.Facts, digest: str) -> None:
    """The same name with another content: a machine could get one and another, and neither would be right."""
    row = file_for(tx, facts.release, facts.platform)
    if row is not None and row.sha256 != digest:
        raise StoreRefused(
            f"There is another {facts.file} here already; remove release {facts.release} first, if no"
            " machine wants it."
        )


def _note(tx: Tx, facts: bundle.Facts, size: int, digest: str) -> None:
    if not is_known(tx, facts.release):
        tx.run(sa.insert(schema.release), name=facts.release, added_at=tx.now, why="")
    if file_for(tx, facts.release, facts.platform) is None:
        tx.run(
            sa.insert(schema.release_file),
            file=facts.file,
            release=facts.release,
            platform=facts.platform,
            size=size,
            sha256=digest,
            added_at=tx.now,
        )


def _forget(tx: Tx, release: str) -> list[str]:
    if not is_known(tx, release):
        raise NotThere(f"There is no release {release} here.")
    rings = [row.ring for row in tx.all(_WANTED, release=release)]
    pinned = [f"{row.station} {row.device}" for row in tx.all(_PINNED, release=release)]
    if rings or pinned:
        wanting = ", ".join([*(f"ring {ring}" for ring in rings), *pinned])
        raise NotPossible(f"{release} is wanted by {wanting}; release another there first.")
    files = [str(row.file) for row in tx.all(_OF, release=release)]
    tx.run(sa.delete(schema.release_file).where(_F.release == release))
    tx.run(sa.delete(schema.release).where(_R.name == release))
    return files


@contextmanager
def _explained(name: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreRefused(
            f"{name} could not be taken in ({error.strerror}); look at the disk of the data folder."
        ) from error
