"""A vehicle register that is a CSV file: for a small station, for tests and for the demo."""

import logging
import os
import threading
from pathlib import Path

import msgspec

from central.bookings.csv_rows import NotATable, header, named, rows_of
from central.bookings.register import Facts, RegisterUnreachable
from contract.plate import Plate, PlateRefused

log = logging.getLogger(__name__)

_FILE_MAX = 64 * 1024 * 1024
_MUST, _MAY = ("plate",), ("make", "model", "colour", "year", "owner")


class CsvRegister:
    """A file `plate,make,model,colour,year,owner`, read again whenever it has changed.

    A bad line is named in the log by its number; the others count.  Any thread may ask.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._read: tuple[int, ...] = ()
        self._facts: dict[str, Facts] = {}

    def look_up(self, plate: Plate) -> Facts | None:
        """Give what the file says of the vehicle."""
        with self._lock:
            try:
                self._refresh()
            except (OSError, UnicodeDecodeError, NotATable) as error:
                self._read = ()
                said = error if isinstance(error, NotATable) else type(error).__name__
                raise RegisterUnreachable(f"The register's file cannot be read: {said}") from error
            return self._facts.get(plate.match_key)

    def _refresh(self) -> None:
        with self._path.open("rb") as file:
            found = os.fstat(file.fileno())
            stamp = (found.st_ino, found.st_size, found.st_mtime_ns)
            if stamp == self._read:
                return
            if found.st_size > _FILE_MAX:
                raise NotATable(0, f"it is larger than {_FILE_MAX // 1024**2} MiB.")
            text = file.read(_FILE_MAX).decode("utf-8-sig")
        self._facts = _read_facts(text)
        self._read = stamp


def _read_facts(text: str) -> dict[str, Facts]:
    rows = rows_of(text, _MUST)
    columns = header(*rows[0], _MUST, _MAY)
    found: dict[str, Facts] = {}
    for number, cells in rows[1:]:
        try:
            words = {name: cell for name, cell in named(columns, cells).items() if cell}
            facts = msgspec.convert(words, Facts, strict=False)
            found.setdefault(Plate.parse(facts.plate).match_key, facts)
        except PlateRefused as refused:  # its sentence may hold a part of the plate
            log.warning("register line refused line=%d reason=plate %s", number, refused.reason)
        except ValueError as error:
            log.warning("register line refused line=%d reason=%s", number, error)
    return found
