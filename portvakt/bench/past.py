"""Years of history, made of one real visit's rows: whatever the tables are, they are filled as the code does.

The life of a visit is read as it lies in the database, and written again and again with other ids, other
plates, later numbers and later times.
"""

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from central import schema
from central.database import engines
from central.schema.columns import UtcTime

Progress = Callable[[str], None]

VEHICLES = 40_000
_BATCH = 1_000
_LETTERS = "ABCDEFGHJKLMNPRSTUWXYZ"
_LEFT_ALONE = {"claim"}  # only open visits hold their plates


def plate(vehicle: int) -> str:
    """The plate of one of the vehicles that came over the years."""
    rest, number = divmod(vehicle, 1_000)
    letters = ""
    for _ in range(3):
        rest, letter = divmod(rest, len(_LETTERS))
        letters = _LETTERS[letter] + letters
    return f"{letters}{number:03d}"


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of the one visit, and which of its cells are other ones in a copy."""

    cells: tuple[Any, ...]
    ids: list[int]
    plates: list[int]
    times: list[int]
    numbers: list[int]


@dataclass(frozen=True, slots=True)
class _Life:
    """All rows of the one visit by table, and how many events they are."""

    tables: dict[sa.Table, list[_Row]]
    events: int

    def copy(self, row: _Row, number: int, later: timedelta) -> list[Any]:
        """The cells of *row* in copy *number*, from 1."""
        cells = list(row.cells)
        for index in row.ids:
            # UUIDv7 begins with the time: copies come in the order of their numbers, as real ids do.
            cells[index] = f"{number:08x}{cells[index][8:]}"
        for index in row.plates:
            cells[index] = plate(number % VEHICLES)
        for index in row.times:
            whole = isinstance(cells[index], int)
            cells[index] += later // timedelta(milliseconds=1) if whole else later
        for index in row.numbers:
            cells[index] += number * self.events
        return cells


def fill(
    url: str, station: str, visit: str, events: int, span: timedelta, progress: Progress
) -> int:
    """Copy *visit*, and all that ever happened at *station*, until there are *events*; give how many.

    The copies come evenly in the *span* after it.  Nobody else may have the database open.
    """
    engine = engines.writing_engine(url)
    try:
        with closing(engine.raw_connection()) as connection:
            cursor = connection.cursor()
            if engine.dialect.name == "sqlite":
                _hurry(cursor)
            life = _read(cursor, station, visit)
            copies = max(2, events // life.events) - 1
            every = span / (copies + 1)
            for begin in range(0, copies, _BATCH):
                progress(f"ten years of history: {100 * begin // copies} %")
                _write(cursor, life, range(begin + 1, min(begin + _BATCH, copies) + 1), every)
            total = (copies + 1) * life.events
            cursor.execute(f"UPDATE station SET seq = {total} WHERE id = '{station}'")  # noqa: S608 - our own words
            connection.commit()
            if engine.dialect.name != "sqlite":  # SQLite plans without statistics, also in the yard
                cursor.execute("ANALYZE")
                connection.commit()
    finally:
        engine.dispose()
    return total


def _hurry(cursor: Any) -> None:  # noqa: ANN401 - a driver's own
    """Let SQLite keep no log, sync nothing and remember much: what is lost here is made again."""
    for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-262144"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.execute("BEGIN")


def _read(cursor: Any, station: str, visit: str) -> _Life:  # noqa: ANN401 - a driver's own
    found: dict[sa.Table, list[tuple[Any, ...]]] = {}
    for table in schema.metadata.sorted_tables:
        key = {"visit": "id", "event": "station"}.get(table.name, "visit")
        if key not in table.columns or table.name in _LEFT_ALONE:
            continue
        word = station if key == "station" else visit
        cursor.execute(f"SELECT {_names(table)} FROM {table.name} WHERE {key} = '{word}'")  # noqa: S608 - the same
        found[table] = [tuple(row) for row in cursor.fetchall()]
    ids = {visit} | _values(found, "id") | _values(found, "ref")
    plates = _values(found, "plate")
    return _Life(
        {table: [_row(table, row, ids, plates) for row in rows] for table, rows in found.items()},
        len(found[schema.event]),
    )


def _row(table: sa.Table, cells: tuple[Any, ...], ids: set[str], plates: set[str]) -> _Row:
    kept = [
        (index, column) for index, column in enumerate(table.columns) if cells[index] is not None
    ]
    return _Row(
        cells,
        [index for index, _ in kept if cells[index] in ids],
        [index for index, _ in kept if cells[index] in plates],
        [index for index, column in kept if isinstance(column.type, UtcTime)],
        [index for index, column in kept if column.name in {"seq", "ended_seq"}],
    )


def _values(found: dict[sa.Table, list[tuple[Any, ...]]], name: str) -> set[str]:
    return {
        row[list(table.columns.keys()).index(name)]
        for table, rows in found.items()
        if name in table.columns
        for row in rows
    }


def _write(cursor: Any, life: _Life, numbers: Sequence[int], every: timedelta) -> None:  # noqa: ANN401 - the same
    mark = "?" if "sqlite" in type(cursor).__module__ else "%s"
    for table, rows in life.tables.items():
        marks = ", ".join(mark for _ in table.columns)
        copies = [life.copy(row, number, every * number) for number in numbers for row in rows]
        if copies:
            cursor.executemany(
                f"INSERT INTO {table.name} ({_names(table)}) VALUES ({marks})",  # noqa: S608 - the same
                copies,
            )


def _names(table: sa.Table) -> str:
    return ", ".join(column.name for column in table.columns)
