"""When a backup was last taken on this machine: the newest file in a folder that backups went to."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from central.copies.backup import PREFIX
from central.copies.backup_file import SUFFIX


def newest(folders: Iterable[Path]) -> datetime | None:
    """The time of the newest backup in any of *folders*; None when there is none, or none can be read."""
    times = [at for folder in folders for at in _times(folder)]
    return datetime.fromtimestamp(int(max(times)), UTC) if times else None


def _times(folder: Path) -> list[float]:
    try:
        return [file.stat().st_mtime for file in folder.glob(f"{PREFIX}*{SUFFIX}")]
    except OSError:  # a stick that was taken out
        return []
