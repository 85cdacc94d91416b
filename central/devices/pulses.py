"""When each post last sent a heartbeat, by this process's own clock, which nobody sets.

A post is missed only by who has listened long enough: after a start, and while nothing could be saved, each
gets its time again.  One that never sent any (an older release) is never missed.
"""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from central import schema
from central.clock import Clock
from central.database.tx import View
from central.devices.faults import SILENT_AFTER_S
from contract.wire import Role

_D, _P = schema.device.c, schema.heartbeat.c
_POSTS = (
    sa.select(_P.station, _P.device, _P.received_at, _P.silent)
    .join(schema.device, _D.id == _P.device)
    .where(_D.role == Role.POST.value, _D.revoked_at.is_(None))
)
_SILENT_MS = SILENT_AFTER_S * 1000


@dataclass(slots=True)
class _Post:
    """One post; `row_at` is what its row said when we looked last."""

    station: str
    heard_ms: int
    silent: bool = False
    row_at: datetime | None = None


class Pulses:
    """The posts of all stations, by device.  What is lost with the process is learned again from the rows."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._posts: dict[str, _Post] = {}

    def learn(self, view: View) -> None:
        """Read what an earlier process left."""
        now_ms = self._clock.monotonic_ms()
        for row in view.all(_POSTS):
            self._posts[row.device] = _Post(row.station, now_ms, row.silent, row.received_at)

    def look(self, view: View) -> None:
        """See what other processes have heard: a row says only that it was renewed."""
        began_ms = self._clock.monotonic_ms()
        rows = view.all(_POSTS)
        for row in rows:
            post = self._posts.setdefault(row.device, _Post(row.station, began_ms))
            post.silent = row.silent
            if row.received_at != post.row_at:
                post.heard_ms, post.row_at = max(began_ms, post.heard_ms), row.received_at
        for device in set(self._posts) - {row.device for row in rows}:
            self.gone(device)

    def was_deaf(self, station: str | None = None) -> None:
        """Heartbeats could not be saved, at *station* or at all."""
        now_ms = self._clock.monotonic_ms()
        for post in list(self._posts.values()):
            if station in (None, post.station):
                post.heard_ms = now_ms

    def heard(self, device: str, station: str, row_at: datetime) -> None:
        """A post's heartbeat is on disk, where its row says *row_at*."""
        now_ms = self._clock.monotonic_ms()
        post = self._posts.setdefault(device, _Post(station, now_ms))
        post.heard_ms, post.silent, post.row_at = now_ms, False, row_at

    def gone(self, device: str) -> None:
        """A post was taken out of service."""
        self._posts.pop(device, None)

    def fallen_silent(self) -> dict[str, list[str]]:
        """Posts that are missed and have not been noticed yet, by their stations."""
        now_ms = self._clock.monotonic_ms()
        silent: dict[str, list[str]] = {}
        for device, post in list(self._posts.items()):
            if not post.silent and now_ms - post.heard_ms > _SILENT_MS:
                silent.setdefault(post.station, []).append(device)
        return silent

    def row_at(self, device: str) -> datetime | None:
        """What the post's row said when we looked last, or when we heard it."""
        post = self._posts.get(device)
        return None if post is None else post.row_at

    def noticed_silent(self, device: str) -> None:
        """The silence of a post is on the record."""
        post = self._posts.get(device)
        if post is not None:
            post.silent = True
