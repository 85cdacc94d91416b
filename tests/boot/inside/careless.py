"""The control of the power cuts: an SQLite that is told to wait for the disk, and does not.

A test puts it into the virtual environment of a box, where a `.pth` file imports it at each start.
"""

import sqlite3
from functools import partial
from sqlite3 import dbapi2
from typing import Any


class Careless(sqlite3.Connection):
    """A connection that acknowledges what lies in memory only."""

    def execute(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
        """Run *sql*, but never with a wait for the disk."""
        return super().execute(sql.replace("synchronous=FULL", "synchronous=OFF"), *parameters)


setattr(dbapi2, "connect", partial(sqlite3.connect, factory=Careless))  # noqa: B010 - typed as overloads
