"""Arrivals that central has taken, kept until the day is over: a restored database may have lost them.

They stay in their own table's rows, beside which `taken` says which database took them and when.  An
older release, which does not know that table, offers them all once more, and central knows them.
"""

import sqlite3
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from device.outbox_file import SavedAt

DAY_MS = 24 * 3_600_000

_TAKE = """
insert into taken (id, epoch, boot_id, mono_ms, at)
select id, ?, ?, ?, ? from arrival where id = ?
on conflict (id) do update set epoch = excluded.epoch
"""
# A central of an older release says no name: nobody can tell whether it is the one that answers now.
_GIVE_BACK = "delete from taken where epoch not in ('', ?)"


@dataclass(frozen=True, slots=True)
class Day:
    """The post's clocks and its time zone: what decides when its day is over."""

    now: SavedAt
    zone: tzinfo

    def is_over_for(self, taken: SavedAt) -> bool:
        """Whether the day of *taken* has ended; in any case after 24 hours that this boot has counted.

        A clock that is set may end a day early, which keeps less than wished, and never longer.
        """
        if taken.boot_id == self.now.boot_id and self.now.mono_ms - taken.mono_ms >= DAY_MS:
            return True
        return taken.at.astimezone(self.zone).date() != self.now.at.astimezone(self.zone).date()


def take(db: sqlite3.Connection, arrival_id: str, epoch: str, at: SavedAt) -> None:
    """Note that the database named *epoch* has the arrival; it waits no longer."""
    wall = at.at.astimezone(UTC).isoformat()
    db.execute(_TAKE, (epoch, at.boot_id, at.mono_ms, wall, arrival_id))


def give_back(db: sqlite3.Connection, epoch: str) -> int:
    """Let those wait again that another database than *epoch* took; give how many."""
    return db.execute(_GIVE_BACK, (epoch,)).rowcount


def erase_over(db: sqlite3.Connection, day: Day) -> int:
    """Delete what was taken on a day that is over, and leave none of its bytes in the files."""
    gone = [(row[0],) for row in db.execute("select * from taken") if day.is_over_for(_at(row))]
    if not gone:
        return 0
    db.execute("begin immediate")
    db.executemany("delete from arrival where id = ?", gone)
    db.executemany("delete from taken where id = ?", gone)
    db.execute("commit")
    # secure_delete misses copies in the gaps of pages that were split; a full disk may keep them a day more.
    with suppress(sqlite3.OperationalError):
        db.execute("vacuum")
    # And the log still holds the plates until it is cut.
    db.execute("pragma wal_checkpoint(truncate)").fetchall()
    return len(gone)


def _at(row: tuple[str, str, str, int, str]) -> SavedAt:
    return SavedAt(row[2], row[3], datetime.fromisoformat(row[4]))
