"""Where else an erased plate is: in backups, in a database kept aside, and in the database's own files."""

import os
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from central import aging, wiping
from central.clock import Clock
from central.folder import DataFolder
from central.privacy.erasure_log import ErasureLog
from central.privacy.limits import KEEP_DAYS
from central.privacy.personal_data import Aged, Erase
from central.scratch import sync
from central.store import Store
from contract.plate import Plate

BACKUPS = "backups"
FOLDERS = "backup-folders.list"
# How long somebody may have to wait: hardly, or until central gives up reading, when nobody is there.
BUSY_S = 2.0
QUIET_S = 60.0
_AGAIN_S = 60.0
_LONGEST_S = 3_600.0


class Copies:
    """The copies of one database, of which this machine knows: the `Leftovers` of a central that serves."""

    def __init__(
        self,
        folder: DataFolder,
        store: Store,
        clock: Clock,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder = folder
        self._store = store
        self._clock = clock
        self._now_s = now_s
        self._failures = 0
        self._not_before_s = float("-inf")

    def note(self, backups: Path) -> None:
        """A backup is about to be written to *backups*; what it holds must be erased there some day."""
        known, path = self._folders(), backups.resolve()
        if path in known:
            return
        new = self._list.with_suffix(".new")
        fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(fd, "w", encoding="utf-8", errors="surrogateescape") as file:
            file.write("".join(f"{one}\n" for one in [*known, path]))
            file.flush()
            os.fsync(fd)
        new.replace(self._list)
        sync(self._folder.path)

    def age(self, erase: Erase, wait_s: float) -> Aged:
        """Run *erase* in every kept copy; a database kept aside goes when its plates would have gone.

        Raises:
            Problem: `not_saved` when a backup is being taken and is not done within *wait_s*.
        """
        now = self._clock.now()
        backups = aging.age_backups(self._folders(), erase, now, wait_s)
        before = now - timedelta(days=KEEP_DAYS.plates)
        aside = aging.age_aside(self._folder.path, erase, now, before)
        return Aged(backups.rewritten + aside.rewritten, [*backups.failed, *aside.failed])

    def wipe(self) -> bool:
        """Leave no bytes of erased rows in the database's files; asked again too soon it does nothing."""
        if self._now_s() < self._not_before_s:
            return False
        is_quiet = self._store.read(wiping.nobody_waits)
        done = self._store.wipe(QUIET_S if is_quiet else BUSY_S)
        self._failures = 0 if done else self._failures + 1
        wait_s = 0.0 if done else min(_AGAIN_S * 2**self._failures, _LONGEST_S)
        self._not_before_s = self._now_s() + wait_s
        return done

    def remember(self, station: str, plate: Plate) -> None:
        """Keep in mind that *plate* was erased, for a restore of a copy that is not here."""
        ErasureLog(self._folder).add(station, plate, self._clock.now())

    @property
    def _list(self) -> Path:
        return self._folder.path / FOLDERS

    def _folders(self) -> list[Path]:
        """The folder of its own, and all that were ever named."""
        try:
            named = self._list.read_text(encoding="utf-8", errors="surrogateescape")
        except FileNotFoundError:
            named = ""
        own = (self._folder.path / BACKUPS).resolve()
        return list(dict.fromkeys([own, *map(Path, named.splitlines())]))
