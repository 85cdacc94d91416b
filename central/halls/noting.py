"""In a hall: how it goes with its office, in a small file of the runtime folder that `portvakt check` reads.

No key is in it, and of the office's answers only the sentence that the log has too.
"""

import contextlib
import json
import os
from datetime import datetime, timedelta
from pathlib import Path

FILE = "office.json"
# Whoever makes a key and whoever puts it into the box may be two, on two days.
ENDS_SOON = timedelta(days=60)
_FOR_ALL = 0o644


class OfficeNote:
    """Keeps the file in the folder that systemd made, if it did (systemd.exec(5), RuntimeDirectory=)."""

    def __init__(self) -> None:
        folder = os.environ.get("RUNTIME_DIRECTORY", "").partition(":")[0]
        self._path = Path(folder) / FILE if folder else None
        self._stations: dict[str, dict[str, str]] = {}

    def note(self, station: str, wrong: str, key_ends_at: datetime | None) -> None:
        """Write how the last turn of *station* went: what was *wrong*, or nothing."""
        known = {"wrong": wrong, "key_ends_at": key_ends_at.isoformat() if key_ends_at else ""}
        if self._path is None or self._stations.get(station) == known:
            return
        self._stations[station] = known
        new = self._path.with_suffix(".new")
        # A file that cannot be written is no reason to tell the office less.
        with contextlib.suppress(OSError):
            new.write_text(json.dumps(self._stations), "utf-8")
            new.chmod(_FOR_ALL)
            new.replace(self._path)
