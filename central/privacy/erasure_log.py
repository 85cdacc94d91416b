"""Which plates were erased on request: so that a backup from before that day cannot bring them back.

It is kept beside the database, not in it, and holds no plate: only what the secret of the same folder makes
of one.  There are some 40 million plates, so whoever has both can find out; they go after `KEPT`.
"""

import hashlib
import hmac
import os
from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec
import sqlalchemy as sa

from central import schema
from central.folder import DataFolder
from central.privacy import requests
from central.tx import Tx, View
from central.words import COMMAND_LINE
from contract.plate import Plate

FILE = "erased.list"
KEY_FILE = "erased.key"
# Longer than anybody should keep a backup.
KEPT = timedelta(days=400)

_PLATES = sa.union(
    *(
        sa.select(table.c.station, column)
        for table, column in (
            (schema.visit, schema.visit.c.plate),
            (schema.visit, schema.visit.c.plate2),
            (schema.arrival, schema.arrival.c.plate),
            (schema.booking, schema.booking.c.plate),
            (schema.booking, schema.booking.c.plate2),
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
        """Write down that *plate* is erased, on the disk when this returns, and forget what is too old."""
        kept = [line for line in self._lines() if line.at > at - KEPT]
        lines = [*kept, _Line(at, station, self._mark(station, plate.match_key))]
        new = self._path.with_suffix(".new")
        fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(fd, "wb") as file:
            file.write(b"".join(msgspec.json.encode(line) + b"\n" for line in lines))
            file.flush()
            os.fsync(fd)
        new.replace(self._path)

    def replay(self, tx: Tx, taken_at: datetime, now: datetime) -> int:
        """Erase in a database what was erased on request since it was *taken_at*; give how many plates."""
        asked = {(line.station, line.mark) for line in self._lines() if line.at > taken_at}
        if not asked:
            return 0
        done = 0
        for station, plate in self._plates(tx):
            if (station, self._mark(station, plate.match_key)) in asked:
                requests.forget(tx, station, COMMAND_LINE, plate, now)
                done += 1
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
            yield msgspec.json.decode(line, type=_Line)
