"""What is erased in kept copies: one plate on request, or whatever a night and other machines ask for."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from central.copies.backup_file import Reading, Table
from central.copies.copies_state import KnownFile
from central.database.tx import Tx
from central.privacy.erasure_log import ErasureLog
from central.privacy.personal_data import Erase, EraseDue
from central.privacy.replaying import News, forget_visits
from contract.reading import from_json

# So far ahead it is tried what will be due; each twice as far as the one before.
_AHEAD_DAYS = (1, 2, 4, 8, 16, 32)


@dataclass(frozen=True, slots=True)
class OnePlate:
    """A request: only files in which the plate's *key* stands are opened."""

    key: str
    forget: Erase
    # The files that are as the request wants them.
    well: set[str] = field(default_factory=set)

    def concerns(self, file: Path) -> bool:
        """Whether the key is the whole of some text in one of its rows."""
        sought = msgspec.json.encode(self.key)
        found = any(sought in line for line in Reading(file).lines())
        if not found:
            self.well.add(str(file))
        return found

    def erase(self, tx: Tx, since: datetime) -> int:  # noqa: ARG002 - whenever it was taken
        """Forget the plate."""
        return self.forget(tx)

    def looked_at(self, tx: Tx) -> None:
        """The next night looks for itself."""

    def done(self, file: Path, until: datetime | None) -> None:  # noqa: ARG002 - as above
        """It holds the plate no longer."""
        self.well.add(str(file))


@dataclass(slots=True)
class Night:
    """What is due now, and what was asked for since: the visits in *news*, and, for *everything* to be sure,
    this machine's own list of requests.  `files` is what is *known* of files afterwards.
    """

    due: EraseDue
    log: ErasureLog
    news: News
    everything: bool
    known: Mapping[str, KnownFile]
    files: dict[str, KnownFile] = field(default_factory=dict)

    def concerns(self, file: Path) -> bool:
        """Not when nothing in it can be due, and no visit in it that was erased has a plate."""
        known = self.known.get(str(file))
        if self.everything or known is None or not known.is_still(file) or self._is_due(known):
            return True
        if self.news.visits and _names(file, frozenset(self.news.visits)):
            return True
        self.files[str(file)] = known
        return False

    def erase(self, tx: Tx, since: datetime) -> int:
        """Forget all of it in a copy that was taken at *since*."""
        now = self.news.at
        # The list knows plates, and by them more than by a visit.
        asked = self.log.replay(tx, since, now) + forget_visits(tx, self.news.visits)
        return asked + self.due(tx, now)

    def looked_at(self, tx: Tx) -> datetime:
        """Try on what is thrown away how long nothing will be due."""
        until = self.news.at
        for ahead in _AHEAD_DAYS:
            then = self.news.at + timedelta(days=ahead)
            if self.due(tx, then):
                break
            until = then
        return until

    def done(self, file: Path, until: datetime | None) -> None:
        """Remember it."""
        now = self.news.at
        self.files[str(file)] = KnownFile.of(file, now, until or now)

    def _is_due(self, known: KnownFile) -> bool:
        # A clock that was ahead has looked ahead from there.
        may_be = self.news.at >= known.until or known.at > self.news.at
        return may_be and self.news.night_since(known.at)


def _names(file: Path, visits: Collection[str]) -> bool:
    """Whether one of *visits* has a plate in the backup *file*."""
    columns: list[str] | None = None
    for line in Reading(file).lines():
        if line.startswith(b'{"table"'):
            table = from_json(line, Table)
            columns = [one for one, _ in table.columns] if table.table == "visit" else None
        elif columns is not None and line.startswith(b"["):
            row = dict(zip(columns, from_json(line), strict=True))
            if row["plate"] and row["id"] in visits:
                return True
    return False
