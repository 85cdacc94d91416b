"""Which streams are open: what a hint wakes, what an owner may have, what ends with a session."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from central.web.feed import Feed
from central.web.stream import Nudges, Stream
from central.words import Nudge
from contract import problems
from contract.problems import Problem

log = logging.getLogger(__name__)
T = TypeVar("T")


class Registry:
    """The open streams of this process; lives in the event loop.  *new_feed* makes a station's feed."""

    def __init__(self, new_feed: Callable[[str, int], Feed]) -> None:
        self._new_feed = new_feed
        self._feeds: dict[str, tuple[Feed, asyncio.Task[None]]] = {}
        self._of_owner: defaultdict[str, list[Stream]] = defaultdict(list)
        self._of_sign: defaultdict[str, list[Nudges]] = defaultdict(list)

    @property
    def open_count(self) -> int:
        """How many streams are open; any thread may ask."""
        return sum(len(streams) for streams in list(self._of_owner.values()))

    def hint(self, station: str) -> None:
        """Wake the feed of *station*."""
        if station in self._feeds:
            self._feeds[station][0].hint()

    def nudge(self, nudge: Nudge) -> None:
        """Pass a hint on to its sign."""
        for nudges in self._of_sign.get(nudge.device, ()):
            nudges.put(nudge.call, picture=nudge.picture)

    def end(self, key: str | None = None) -> None:
        """End the streams that were opened with *key*, or all."""
        for streams in self._of_owner.values():
            for stream in streams:
                if key in (None, stream.key):
                    stream.end()

    @contextmanager
    def of_person(self, stream: Stream) -> Iterator[None]:
        """Keep *stream* while it is open; refuse one more than a person may have."""
        if len(self._of_owner.get(stream.owner, ())) >= stream.pace.a_person:
            raise Problem(
                problems.TOO_MANY,
                f"{stream.pace.a_person} boards are open in this name; close one of them.",
                retry_after_s=int(stream.pace.heartbeat_s) or 1,
            )
        with self._kept(stream):
            yield

    @contextmanager
    def of_device(self, stream: Stream, nudges: Nudges) -> Iterator[None]:
        """Keep *stream* while it is open; the oldest of a device makes room.

        A device behind a cut cable comes back before its old connection is known to be dead.
        """
        while len(self._of_owner.get(stream.owner, ())) >= stream.pace.a_device:
            self._of_owner[stream.owner].pop(0).end()
        self._of_sign[stream.owner].append(nudges)
        try:
            with self._kept(stream):
                yield
        finally:
            _take_out(self._of_sign, stream.owner, nudges)

    @contextmanager
    def following(self, station: str, stream: Stream, last: int) -> Iterator[Feed]:
        """Let *stream* hear of what comes after *last* at *station*."""
        if station not in self._feeds:
            feed = self._new_feed(station, last)
            self._feeds[station] = (feed, self._follow(feed))
        feed, task = self._feeds[station]
        feed.followers.add(stream)
        # What was committed before a feed was there gave it no hint.
        feed.hint()
        try:
            yield feed
        finally:
            feed.followers.discard(stream)
            if not feed.followers and self._feeds.get(station) == (feed, task):
                del self._feeds[station]
                task.cancel()

    @contextmanager
    def _kept(self, stream: Stream) -> Iterator[None]:
        self._of_owner[stream.owner].append(stream)
        try:
            yield
        finally:
            _take_out(self._of_owner, stream.owner, stream)

    def _follow(self, feed: Feed) -> asyncio.Task[None]:
        task = asyncio.create_task(feed.follow())
        task.add_done_callback(lambda done: self._feed_over(feed, done))
        return task

    def _feed_over(self, feed: Feed, done: asyncio.Task[None]) -> None:
        """End the streams of a feed that broke: silence would look like a quiet yard."""
        if done.cancelled():
            return
        log.error("feed broken station=%s", feed.station, exc_info=done.exception())
        self._feeds.pop(feed.station, None)
        for follower in list(feed.followers):
            follower.end()


def _take_out(lists: dict[str, list[T]], name: str, item: T) -> None:
    kept = [other for other in lists.get(name, ()) if other is not item]
    if kept:
        lists[name] = kept
    else:
        lists.pop(name, None)
