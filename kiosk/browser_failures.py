"""How often the browser failed, kept over restarts: how long to pause, and when only a reboot is left.

A reboot takes the keys and the lamp with it, and a fault that stays would ask for one every minute:
so it is asked for once a day, and otherwise tried again after longer and longer pauses.
"""

import logging
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from contract.reading import from_json
from device.clock import Clock
from device.files import write_whole

MANY = 3
WINDOW_MS = 10 * 60 * 1000
DAY = timedelta(days=1)
_DAY_MS = DAY // timedelta(milliseconds=1)
# A browser that lived so long had recovered: what failed before it is no part of the same row.
RECOVERED_MS = 10 * 60 * 1000
FIRST_PAUSE_MS, LONGEST_PAUSE_MS = 10_000, 600_000
_KEPT = 12

log = logging.getLogger(__name__)


class _Ask(msgspec.Struct, frozen=True):
    """When the reboot was asked for; `wall` is None while the clock was not to be believed."""

    boot_id: str
    at_ms: int
    wall: datetime | None = None


class _Notes(msgspec.Struct, frozen=True):
    """The file: failures in a row, in monotonic milliseconds of one boot, and the last reboot."""

    boot_id: str = ""
    failed_ms: tuple[int, ...] = ()
    asked: _Ask | None = None


class Failures:
    """The row of failures in this boot.  Without a *path* nothing is kept and no reboot asked for."""

    def __init__(self, path: Path | None, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._notes = _read(path)
        if self._notes.boot_id != clock.boot_id:
            self._notes = _Notes(clock.boot_id, (), self._notes.asked)

    @property
    def count(self) -> int:
        """How many came one after the other."""
        return len(self._notes.failed_ms)

    def pause_ms(self) -> int:
        """Milliseconds to wait before the next try: none after two, then twice as long each time."""
        if self.count < MANY:
            return 0
        pause = min(FIRST_PAUSE_MS << (self.count - MANY), LONGEST_PAUSE_MS)
        return max(0, self._notes.failed_ms[-1] + pause - self._clock.monotonic_ms())

    def note(self, lived_ms: int) -> bool:
        """Note one failure of a browser that lived so long; true when the machine should be restarted."""
        now_ms = self._clock.monotonic_ms()
        before = () if lived_ms >= RECOVERED_MS else self._notes.failed_ms
        row = (*before, now_ms)[-_KEPT:]
        many = sum(now_ms - at_ms <= WINDOW_MS for at_ms in row) >= MANY
        asks = many and self._path is not None and self._may_ask(now_ms)
        asked = self._ask(now_ms) if asks else self._notes.asked
        # A reboot that cannot be written down would be asked for again and again.
        return self._keep(_Notes(self._clock.boot_id, row, asked)) and asks

    def forget(self) -> None:
        """A person ended the browser: the next one is tried at once."""
        if self.count:
            self._keep(_Notes(self._clock.boot_id, (), self._notes.asked))

    def _may_ask(self, now_ms: int) -> bool:
        """Whether the last reboot was a day ago, by the clock that cannot jump where that is possible."""
        asked = self._notes.asked
        if asked is None:
            return True
        if asked.boot_id == self._clock.boot_id:
            return now_ms - asked.at_ms >= _DAY_MS
        if now_ms >= _DAY_MS:
            return True
        if asked.wall is None or not self._clock.synced():
            return False
        return self._clock.now() - asked.wall >= DAY

    def _ask(self, now_ms: int) -> _Ask:
        wall = self._clock.now() if self._clock.synced() else None
        return _Ask(self._clock.boot_id, now_ms, wall)

    def _keep(self, notes: _Notes) -> bool:
        self._notes = notes
        if self._path is None:
            return False
        try:
            write_whole(self._path, msgspec.json.encode(notes))
        except OSError as error:
            log.warning("the browser's failures cannot be written down: %s", error)
            return False
        return True


def _read(path: Path | None) -> _Notes:
    try:
        return from_json(path.read_bytes() if path else b"{}", _Notes)
    except FileNotFoundError:
        return _Notes()
    except (OSError, msgspec.MsgspecError):
        # It may have told of a reboot just now.
        return _Notes(asked=_Ask("", 0))
