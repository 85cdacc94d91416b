"""Which plates were erased on request: so that a backup from before that day cannot bring them back.

It is kept beside the database, not in it, and holds no plate: only what the secret of the same folder makes
of one.  There are some 40 million plates, so whoever has both can find out; they go after `KEPT`.
"""

import hashlib
import hmac
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec
import sqlalchemy as sa

from central import schema
from central.copies.scratch import write_whole
from central.database.folder import DataFolder
from central.database.tx import Tx, View
from central.privacy import requests
from central.words import COMMAND_LINE
from contract.accounts import Erased
from contract.plate import Plate
from contract.reading import from_json

FILE = "erased.list"
KEY_FILE = "erased.key"
# Longer than anybody should keep a backup.
KEPT = timedelta(days=400)
# The file and its key are read, changed and written by one at a time; one process holds the folder.
_one_at_a_time = threading.Lock()

_PLATES = sa.union(
    *(
        sa.select(table.c.station, column)
        for table, column in (
            (schema.visit, schema.visit.c.plate),
            (schema.visit, schema.visit.c.plate2),
            (schema.arrival, schema.arrival.c.plate),
            (schema.booking, schema.booking.c.plate),
            (schema.booking, schema.booking.c.plate2),
            (schema.call, schema.call.c.plate),
            (schema.help_call, schema.help_call.c.plate),
        )
    )
)


class _Line(msgspec.Struct, frozen=True):
    at: datetime
    station: str
    mark: str


class ErasureLog:
    """The list in a data folder."""

    def __init__(self, folder: DataFolder) -> None:
        self._folder = folder
        self._path = folder.path / FILE

    def add(self, station: str, plate: Plate, at: datetime) -> None:
        """Write down that *plate* is erased, on the disk when this returns, and forget what is too old.

        Written down once more it is as if it were asked for at the later of the moments.
        """
        with _one_at_a_time:
            mark = self._mark(station, plate.match_key)
            others = [
                line for line in self._lines() if (line.station, line.mark) != (station, mark)
            ]
            kept = [line for line in others if line.at > at - KEPT]
            lines = [*kept, _Line(at, station, mark)]
            write_whole(self._path, b"".join(msgspec.json.encode(line) + b"\n" for line in lines))

    def replay(self, tx: Tx, taken_at: datetime, now: datetime) -> int:
        """Erase in a database what was erased on request since it was *taken_at*; give of how many plates.

        What stays on request, such as a booking to come, does not count.
        """
        asked = {(line.station, line.mark) for line in self._lines() if line.at > taken_at}
        if not asked:
            return 0
        done = 0
        for station, plate in self._plates(tx):
            if (station, self._mark(station, plate.match_key)) in asked:
                gone = requests.forget(tx, station, COMMAND_LINE, plate, now)
                done += gone != Erased(bookings_to_come=gone.bookings_to_come)
        return done

    def _plates(self, view: View) -> list[tuple[str, Plate]]:
        return [(row[0], Plate(row[1])) for row in view.all(_PLATES) if row[1]]

    def _mark(self, station: str, match_key: str) -> str:
        key = self._folder.secret(KEY_FILE).encode()
        return hmac.new(key, f"{station} {match_key}".encode(), hashlib.sha256).hexdigest()

    def _lines(self) -> Iterator[_Line]:
        try:
            content = self._path.read_bytes()
        except FileNotFoundError:
            return
        for line in content.splitlines():
            yield from_json(line, _Line)
