"""What the post shows now, handed to every page that looks, and what a page says it has drawn."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import msgspec

from kiosk.screen import Screen, as_json

# A page that hears nothing for three beats says that it has lost its machine.
BEAT_MS = 2_000
_WAKE_S = 1.0


def _monotonic_ms() -> int:
    return time.monotonic_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class _Now:
    """Counters of everything that a page follows; a page sends what has changed since it looked."""

    screen_id: int = 0
    screen: dict[str, object] | None = None
    beats: int = 0
    beeps: int = 0
    lamp: bool = False
    hall: bool = False


@dataclass(frozen=True, slots=True)
class _Report:
    """The last thing that a page said: which screen stands on it, when, and its heap where it knows that."""

    screen_id: int = 0
    at_ms: int | None = None
    heap_bytes: int | None = None


class Showing:
    """The one place between the deciding loop and the pages.  Any thread may use it."""

    def __init__(self, monotonic_ms: Callable[[], int] = _monotonic_ms) -> None:
        self._now_ms = monotonic_ms
        self._changed = threading.Condition()
        self._now = _Now()
        self._closed = False
        self._report = _Report()
        self._beat_ms: int | None = None
        self._pages = 0
        self._page_came_ms = 0

    def show(self, screen: Screen) -> None:
        """Put *screen* on every page."""
        with self._changed:
            self._change(
                replace(self._now, screen_id=self._now.screen_id + 1, screen=as_json(screen))
            )

    def beat(self) -> None:
        """Prove to the pages that the loop which decides is alive; it calls this, nobody else does."""
        with self._changed:
            self._beat_ms = self._now_ms()
            self._change(replace(self._now, beats=self._now.beats + 1))

    def beep(self, level: bool) -> None:
        """Note a level of the buzzer's line."""
        if level:
            with self._changed:
                self._change(replace(self._now, beeps=self._now.beeps + 1))

    def light(self, level: bool) -> None:
        """Note a level of the help lamp's line."""
        with self._changed:
            self._change(replace(self._now, lamp=level))

    def light_hall(self, shines: bool) -> None:
        """Note whether the lamp in the hall shines: a demo shows it beside the keys."""
        with self._changed:
            self._change(replace(self._now, hall=shines))

    def close(self) -> None:
        """End all streams, so that pages see at once that the machine has gone."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def drawn(self, screen_id: int, heap_bytes: int | None = None) -> None:
        """Note that a page has drawn a screen, or that it still stands there."""
        with self._changed:
            # A page that still shows a screen of the process before us has drawn nothing of ours.
            if screen_id <= self._now.screen_id:
                # Reports travel side by side: an older one must not undo a younger.
                newest = max(screen_id, self._report.screen_id)
                self._report = _Report(newest, self._now_ms(), heap_bytes)

    def shown(self) -> dict[str, object]:
        """Which screen is decided and which one a page has drawn; without its words, which hold plates.

        `kiosk.browser_watch.Shown` says what the fields mean.
        """
        with self._changed:
            now, report = self._now, self._report
            name = None if now.screen is None else now.screen["name"]
            return {
                "screen": now.screen_id,
                "name": name,
                "drawn": report.screen_id,
                "drawn_ms_ago": self._ago(report.at_ms),
                "beat_ms_ago": self._ago(self._beat_ms),
                "heap_bytes": report.heap_bytes,
                "page_changes": self._page_changes(),
            }

    def stream(self) -> Iterator[bytes]:
        """Server-sent events for one page: all that is, then all that changes."""
        self._count_page(1)
        seen = _Now(beats=-1)
        try:
            while True:
                with self._changed:
                    self._changed.wait_for(lambda: self._closed or self._now != seen, _WAKE_S)  # noqa: B023 - waits here
                    now, closed = self._now, self._closed
                if closed:
                    return
                yield from _news(seen, now)
                seen = now
        finally:
            self._count_page(-1)

    def _count_page(self, more: int) -> None:
        with self._changed:
            self._pages += more
            if more > 0:
                self._page_came_ms = self._now_ms()

    def _page_changes(self) -> bool:
        """Whether the page that spoke last has gone, and no other has spoken since."""
        at_ms = self._report.at_ms
        return not self._pages or at_ms is None or at_ms < self._page_came_ms

    def _ago(self, at_ms: int | None) -> int | None:
        return None if at_ms is None else max(0, self._now_ms() - at_ms)

    def _change(self, now: _Now) -> None:
        self._now = now
        self._changed.notify_all()


def _news(seen: _Now, now: _Now) -> Iterator[bytes]:
    if now.screen is not None and now.screen_id != seen.screen_id:
        yield _event("screen", {"id": now.screen_id, **now.screen})
    if now.lamp != seen.lamp or seen.beats < 0:
        yield _event("lamp", now.lamp)
    if now.hall != seen.hall:
        yield _event("hall", now.hall)
    if now.beeps != seen.beeps and seen.beats >= 0:
        yield _event("beep", now.beeps)
    if now.beats != seen.beats:
        yield _event("beat", now.beats)


def _event(name: str, data: object) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (name.encode(), msgspec.json.encode(data))
