"""A search for the bytes of a plate or a number, as whoever finds the disk would make it."""

import gzip
from pathlib import Path


def spellings(*words: str) -> list[bytes]:
    """Each word as it may be written: ABC123, ABC 123, abc123."""
    parted = [f"{word[:3]} {word[3:]}" for word in words]
    return [text.lower().encode() for text in (*words, *parted)]


def says(content: bytes, *words: str) -> bool:
    """Whether one of *words* stands in *content*, in any spelling."""
    lower = content.lower()
    return any(spelling in lower for spelling in spellings(*words))


def files_that_say(folder: Path, *words: str) -> list[str]:
    """The files below *folder* in which one of *words* stands; a backup is unpacked first."""
    return sorted(
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and says(_content(path), *words)
    )


def _content(path: Path) -> bytes:
    raw = path.read_bytes()
    return gzip.decompress(raw) if raw.startswith(b"\x1f\x8b") else raw
