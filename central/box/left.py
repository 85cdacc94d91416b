"""What is known of the copies that left this box: a small file that everybody on it may read.

`portvakt check` and central read it; no plate is in it.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from central.box.place import FOR_ALL, read_json, write

LATE = timedelta(days=3)
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Left:
    """The file at *path*.

    `taken_at` is when the newest copy elsewhere was taken, `left_at` when it left, `since` when the box first
    tried; `wrong` is why the last try failed, or empty.
    """

    path: Path

    def done(self, now: datetime, file: str, taken_at: datetime) -> None:
        """A copy left."""
        self._change(
            now, left_at=now.isoformat(), taken_at=taken_at.isoformat(), file=file, wrong=""
        )

    def failed(self, now: datetime, wrong: str) -> None:
        """None left."""
        self._change(now, wrong=wrong)

    def late(self, now: datetime) -> tuple[datetime, str] | None:
        """Since when no copy has left this box, and why, when that is longer than three days ago.

        A box that has never tried is not late: nobody set it up so.
        """
        kept = read_json(self.path)
        since = _moment(kept.get("taken_at")) or _moment(kept.get("since"))
        if since is None or now - since <= LATE:
            return None
        return since, str(kept.get("wrong", ""))

    def sentence(self, now: datetime) -> str | None:
        """What is wrong, for a person; None when nothing is."""
        late = self.late(now)
        if late is None:
            return None
        days = (now - late[0]).days
        why = f" ({late[1].rstrip('.')})" if late[1] else ""
        return f"No copy has left this box for {days} days{why}."

    def _change(self, now: datetime, **words: str) -> None:
        kept: dict[str, Any] = {"format": _FORMAT, "since": now.isoformat(), **read_json(self.path)}
        kept |= {"tried_at": now.isoformat(), **words}
        write(self.path, f"{json.dumps(kept, indent=1, sort_keys=True)}\n".encode(), FOR_ALL)


def _moment(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text))
    except ValueError:
        return None
