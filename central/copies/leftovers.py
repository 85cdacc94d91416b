"""Where else an erased plate is: in backups, in a database kept aside, and in the database's own files."""

import logging
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from msgspec import structs

from central.clock import Clock
from central.copies import aging
from central.copies.backup_file import Progress
from central.copies.copies_state import CopiesState, KnownFile
from central.copies.copies_tasks import Night, OnePlate
from central.copies.scratch import write_whole
from central.database import wiping
from central.database.folder import DataFolder
from central.database.store import Store
from central.halls import backups
from central.privacy import replaying
from central.privacy.erasure_log import ErasureLog
from central.privacy.limits import KEEP_DAYS
from central.privacy.personal_data import Aged, Erase, EraseDue, Request
from contract import problems
from contract.plate import Plate
from contract.problems import Problem

log = logging.getLogger(__name__)

BACKUPS = "backups"
FOLDERS = "backup-folders.list"
# How long somebody may have to wait: hardly, or until central gives up reading, when nobody is there.
BUSY_S = 2.0
# Less than the service manager waits for a turn of the second hand.
QUIET_S = 15.0
_AGAIN_S = 60.0
_LONGEST_S = 3_600.0
_FAILED_S = 3_600.0


def _quiet(_done: int, _of: int) -> None:
    """Nobody looks at the progress of the night."""


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
        self._state = CopiesState(folder.path)
        self._said: set[str] = set()
        self._age_again_s = float("-inf")
        self._failures = 0
        self._not_before_s = float("-inf")

    def note(self, backups: Path) -> None:
        """A backup is about to be written to *backups*; what it holds must be erased there some day."""
        known, path = self._folders(), backups.resolve()
        if path in known:
            return
        lines = "".join(f"{one}\n" for one in [*known, path])
        write_whole(self._list, lines.encode("utf-8", "surrogateescape"))

    def newest_at(self) -> datetime | None:
        """When a backup was last written to a folder of this machine that we know of."""
        return backups.newest(self._folders())

    @contextmanager
    def request(self, station: str, plate: Plate, wait_s: float) -> Iterator[Request]:
        """What is erased in this block is erased in the copies too, now or, after a crash, at the next turn.

        Raises:
            Problem: `not_saved` when a backup is being taken and is not done within *wait_s*.
        """
        with aging.in_turn(wait_s):
            request = _OfPlate(self, station, plate)
            # On the disk before anything is erased.
            name = self._state.begin()
            try:
                request.remember()
                yield request
            except Problem as problem:
                # Refused, or nothing was changed: then there is nothing to be done later.
                request.is_done = problem.kind is not problems.UNSURE
                raise
            finally:
                self._state.end(name, done=request.is_done)

    def forget(self, plate: Plate, erase: Erase, progress: Progress) -> Aged:
        """Run *erase* in every kept copy in which *plate* stands; in a `request` only."""
        now, task = self._clock.now(), OnePlate(plate.match_key, erase)
        try:
            folders = self._folders()
            backups = aging.age_backups(folders, task, now, nullcontext, progress)
            aside = aging.age_aside(self._folder.path, task, now, self._too_old(now))
        except OSError as error:
            log.warning("copies not aged reason=%s", error)
            return Aged(0, [str(self._folder.path)])
        finally:
            # What could not be looked at now is opened in the next night.
            self._state.change(lambda was: structs.replace(was, files=_only(was.files, task.well)))
        # Who asked is told of those too: nothing but to delete them helps.
        failed = [*backups.failed, *backups.old, *aside.failed]
        return Aged(backups.rewritten + aside.rewritten, failed)

    def remember(self, station: str, plate: Plate) -> None:
        """Keep in mind that *plate* was erased, for a restore of a copy that is not here."""
        ErasureLog(self._folder).add(station, plate, self._clock.now())

    def age(self, due: EraseDue, wait_s: float) -> None:
        """Run *due* in every kept copy once a night, and follow requests to other machines at once.

        While a backup is being taken it is done a little later; what could not be read, an hour later.  A
        database that was kept aside goes when its plates would have gone.
        """
        if self._now_s() < self._age_again_s:
            return
        standing = self._state.read()
        seen = standing.seen if standing.epoch == self._store.epoch else {}
        news = self._store.read(lambda view: replaying.news(view, seen))
        left = self._state.left_behind(standing)
        if not (left or news.visits or news.night_since(standing.at)):
            return
        self._age_again_s = self._now_s() + _FAILED_S
        task = Night(due, ErasureLog(self._folder), news, bool(left), standing.files)
        try:
            aged = self._aged(task, wait_s)
        except Problem as problem:
            log.info("backups not aged yet reason=%s", problem.detail)
            self._age_again_s = float("-inf")
            return
        self._say(aged)
        self._keep(task, aged, left)

    def _aged(self, task: Night, wait_s: float) -> Aged:
        now = task.news.at
        turn = partial(aging.in_turn, wait_s)
        backups = aging.age_backups(self._folders(), task, now, turn, _quiet)
        with turn():
            aside = aging.age_aside(self._folder.path, task, now, self._too_old(now))
        rewritten = backups.rewritten + aside.rewritten
        return Aged(rewritten, [*backups.failed, *aside.failed], backups.old)

    def _keep(self, task: Night, aged: Aged, left: list[str]) -> None:
        """Have it on the disk; while something failed, all but the files that are well is done again."""
        # A file that is not among these is opened at the next turn, and what was asked for is looked up.
        self._state.change(lambda was: structs.replace(was, files=task.files))
        self._state.drop(left)
        if aged.failed:
            return
        at, seen, epoch = task.news.at, task.news.seen, self._store.epoch
        self._state.change(lambda was: structs.replace(was, at=at, seen=seen, epoch=epoch))
        self._age_again_s = float("-inf")

    def _say(self, aged: Aged) -> None:
        """Each once, until it goes well again."""
        found = {*aged.failed, *aged.old}
        for name in sorted(found - self._said):
            if name in aged.old:
                log.warning("backup of an older release left alone file=%s", name)
            else:
                log.warning("backup not aged file=%s", name)
        self._said = found

    def _too_old(self, now: datetime) -> datetime:
        return now - timedelta(days=KEEP_DAYS.plates)

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


class _OfPlate:
    """A request under way."""

    def __init__(self, copies: Copies, station: str, plate: Plate) -> None:
        self._copies, self._station, self._plate = copies, station, plate
        self.is_done = False

    def remember(self) -> None:
        self._copies.remember(self._station, self._plate)

    def erased(self, erase: Erase, progress: Progress) -> Aged:
        # Once more, after the commit: a backup that began before it may be dated later than the first.
        self.remember()

        def told(done: int, of: int) -> None:
            with suppress(OSError):  # who asked has left; it is done all the same
                progress(done, of)

        aged = self._copies.forget(self._plate, erase, told)
        self.is_done = True
        return aged


def _only(files: Mapping[str, KnownFile], names: Collection[str]) -> Mapping[str, KnownFile]:
    return {name: known for name, known in files.items() if name in names}
