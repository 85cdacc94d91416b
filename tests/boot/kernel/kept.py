"""What takes minutes to make is made once: a folder named by the digest of all that decides on it."""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

KEPT = Path(__file__).resolve().parents[3] / "build" / "kernel"


def digest(*parts: str | bytes | Path) -> str:
    """Name content: texts as they are, files and whole folders by what is in them."""
    found = hashlib.sha256()
    for part in parts:
        for piece in _pieces(part):
            found.update(b"%d:" % len(piece) + piece)
    return found.hexdigest()[:12]


def kept(name: str, key: str, make: Callable[[Path], object]) -> Path:
    """The folder `<name>-<key>`; *make* fills it when it is not there.  Its elders are removed."""
    folder = KEPT / f"{name}-{key}"
    if folder.exists():
        return folder
    for old in KEPT.glob(f"{name}-*"):
        shutil.rmtree(old)
    half = KEPT / f".{name}-{os.getpid()}"
    half.mkdir(parents=True)
    try:
        make(half)
    except BaseException:
        shutil.rmtree(half, ignore_errors=True)
        raise
    half.rename(folder)
    return folder


def _pieces(part: str | bytes | Path) -> Iterable[bytes]:
    if isinstance(part, str):
        yield part.encode()
    elif isinstance(part, bytes):
        yield part
    elif part.is_dir():
        for path in sorted(part.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                yield str(path.relative_to(part)).encode()
                yield path.read_bytes()
    else:
        yield part.read_bytes()
