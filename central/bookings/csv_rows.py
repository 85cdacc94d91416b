"""Tables as spreadsheets save them: commas or semicolons, with a header, perhaps with a BOM."""

import csv
import io
from collections.abc import Collection, Sequence


class NotATable(ValueError):
    """The text is no table with the right header; *line* counts from 1."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line


def rows_of(text: str, must: Sequence[str]) -> list[tuple[int, list[str]]]:
    """Give every line that is not empty, with its number; the first one is the header.

    Raises:
        NotATable: it is no CSV, or there is nothing in it; a good one begins with *must*.
    """
    text = text.removeprefix("\ufeff")
    delimiter = ";" if ";" in text.partition("\n")[0] else ","
    table = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        rows = [(table.line_num, cells) for cells in table if any(cell.strip() for cell in cells)]
    except csv.Error as error:
        raise NotATable(table.line_num, f"It is no CSV: {error}.") from error
    if not rows:
        raise NotATable(1, f"The file is empty; it begins with {','.join(must)}.")
    return rows


def header(number: int, cells: Sequence[str], must: Sequence[str], may: Sequence[str]) -> list[str]:
    """Give the names of the columns.

    Raises:
        NotATable: one of *must* is missing, one is in neither list, or one stands there twice.
    """
    columns = [cell.strip().lower() for cell in cells]
    missing = [name for name in must if name not in columns]
    unknown = [name for name in columns if name not in (*must, *may)]
    if missing:
        raise NotATable(number, f"The header lacks {', '.join(missing)}.")
    if unknown or len(set(columns)) != len(columns):
        names = ", ".join(unknown) or "one name twice"
        raise NotATable(number, f"The header has {names}; it may have {','.join((*must, *may))}.")
    return columns


def named(columns: Collection[str], cells: Sequence[str]) -> dict[str, str]:
    """Give the cells of a line by their columns; ValueError when there are not as many."""
    if len(cells) != len(columns):
        raise ValueError(f"It has {len(cells)} columns; the header has {len(columns)}.")
    return {name: cell.strip() for name, cell in zip(columns, cells, strict=True)}
