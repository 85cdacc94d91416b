"""When each sign was last heard: kept in memory, because a sign beats far oftener than rows should change.

Where several processes share a database a sign may beat at any of them; the others see its row renewed.
"""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from central import schema
from central.clock import Clock
from central.database.tx import View
from central.line.rows import ms_between
from central.places.places import Place
from contract.visit import BayState
from contract.wire import SIGN_FRESH_S, PanelState

_D = schema.device.c
_SIGNS = sa.select(_D.id, _D.station, _D.bay, _D.panel_state, _D.beat_at, _D.silent).where(
    _D.role == "sign", _D.revoked_at.is_(None)
)
_FRESH_MS = SIGN_FRESH_S * 1000


@dataclass(slots=True)
class _Sign:
    """One sign.  `beat_ms` is on the monotonic clock, None until its first beat; `row_at` is what its row
    said when we looked last.
    """

    station: str
    bay: str | None
    well: bool = True
    silent: bool = False
    beat_ms: int | None = None
    beat_at: datetime | None = None
    row_at: datetime | None = None


class Heard:
    """The signs of all stations, by device.  What is lost with the process is learned again from the rows."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._listens_since_ms = clock.monotonic_ms()
        self._deaf_until_ms: dict[str, int] = {}
        self._signs: dict[str, _Sign] = {}

    def learn(self, view: View) -> None:
        """Read what an earlier process left."""
        now_ms = self._clock.monotonic_ms()
        for row in view.all(_SIGNS):
            beat_ms = None if row.beat_at is None else now_ms - ms_between(row.beat_at, view.now)
            well = row.panel_state == PanelState.OK
            self._signs[row.id] = _Sign(
                row.station, row.bay, well, row.silent, beat_ms, row.beat_at, row.beat_at
            )

    def look(self, view: View) -> None:
        """See what other processes have heard.  Their wall clocks may be other machines', so a row says
        only that it was renewed; how long ago that was, our own clock counts from this look on.
        """
        began_ms = self._clock.monotonic_ms()
        rows = view.all(_SIGNS)
        for row in rows:
            sign = self._signs.setdefault(row.id, _Sign(row.station, row.bay))
            sign.bay, sign.silent = row.bay, row.silent
            heard_since = sign.beat_ms is not None and sign.beat_ms > began_ms
            if row.beat_at not in (None, sign.row_at) and not heard_since:
                sign.well = row.panel_state == PanelState.OK
                sign.beat_ms, sign.beat_at, sign.row_at = began_ms, row.beat_at, row.beat_at
        for device in set(self._signs) - {row.id for row in rows}:
            self.gone(device)

    def was_deaf(self, station: str | None = None) -> None:
        """Beats could not be saved, at *station* or at all: each sign gets its time to be heard again."""
        if station is None:
            self._listens_since_ms = self._clock.monotonic_ms()
        else:
            self._deaf_until_ms[station] = self._clock.monotonic_ms()

    def hangs(self, device: str, station: str, bay: str | None) -> None:
        """A sign was enrolled, or hung over another bay."""
        self._signs.setdefault(device, _Sign(station, bay)).bay = bay

    def gone(self, device: str) -> None:
        """A sign was taken out of service."""
        self._signs.pop(device, None)

    def beat(self, device: str, *, well: bool) -> None:
        """A sign was heard just now."""
        sign = self._signs.get(device)
        if sign is not None:
            sign.well, sign.silent = well, False
            sign.beat_ms, sign.beat_at = self._clock.monotonic_ms(), self._clock.now()

    def beat_at(self, device: str) -> datetime | None:
        """When the sign was last heard, by the wall clock."""
        sign = self._signs.get(device)
        return None if sign is None else sign.beat_at

    def reachable(self, device: str) -> bool:
        """Whether there is no reason to send anybody to look at the sign."""
        sign = self._signs.get(device)
        return sign is not None and sign.beat_ms is not None and not self._is_missed(sign)

    def watchable(self, place: Place, kind: str) -> bool:
        """Whether every door that takes *kind* and is not closed has a sign that is well and just beat."""
        watched = {
            sign.bay
            for sign in list(self._signs.values())
            if sign.station == place.id and sign.well and self._is_fresh(sign)
        }
        able = {
            bay.id for bay in place.bays if kind in bay.kinds and bay.state is not BayState.CLOSED
        }
        return bool(able) and able <= watched

    def fallen_silent(self) -> dict[str, list[str]]:
        """Signs that were heard once, are missed now and have not been noticed yet, by their stations."""
        silent: dict[str, list[str]] = {}
        for device, sign in list(self._signs.items()):
            if not sign.silent and sign.beat_ms is not None and self._is_missed(sign):
                silent.setdefault(sign.station, []).append(device)
        return silent

    def noticed_silent(self, device: str) -> None:
        """The silence of a sign is on the record."""
        sign = self._signs.get(device)
        if sign is not None:
            sign.silent = True

    def _is_missed(self, sign: _Sign) -> bool:
        """After a start each sign gets `SIGN_FRESH_S` again: it was central that did not listen."""
        if sign.silent or sign.beat_ms is None:
            return True
        deaf_until_ms = self._deaf_until_ms.get(sign.station, self._listens_since_ms)
        heard_ms = max(sign.beat_ms, self._listens_since_ms, deaf_until_ms)
        return self._clock.monotonic_ms() - heard_ms > _FRESH_MS

    def _is_fresh(self, sign: _Sign) -> bool:
        return sign.beat_ms is not None and self._clock.monotonic_ms() - sign.beat_ms <= _FRESH_MS
