"""The process of a post under test: the whole of `kiosk.service.Post`, and a hand on its fake contacts."""

import gc
import sys
import threading
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from device.log import set_up
from device.settings import load
from kiosk.fake_matrix import FakeMatrix
from kiosk.happenings import Deed, Happening, Tick
from kiosk.keys import KeyEvent, PadEvent
from kiosk.scan import RELEASE_QUIET_MS, SCAN_MS
from kiosk.screen import Screen
from kiosk.service import Post
from kiosk.settings import PostSettings
from portvakt.bench.customer import PRESS_MS
from portvakt.bench.memory import rollup
from portvakt.bench.moments import Memory, Pressed, Timed
from portvakt.bench.moved_clock import MovedClock

# Far more than any deadline of the post's: a key without an answer by then is dead.
DEAD_S = 10.0
_DRAWN_S = 2.0
_TOP = 12


class PostUnderTest(Post):
    """A post that notes when it heard a key and what followed, for the hand in the same process."""

    def __init__(self, settings: PostSettings, clock: MovedClock) -> None:
        super().__init__(settings, clock)
        self.moved = clock
        self.downs = self.ups = 0
        self.deeds: list[str] = []
        self.followed: tuple[str, ...] = ()
        self.heard_at = self.decided_at = self.beeped_at = 0.0
        self.changed = threading.Condition()
        finger = self._hardware.finger
        assert finger is not None  # noqa: S101 - a demo has one
        self.matrix: FakeMatrix = finger.matrix
        self.matrix.board.watch(settings.signals.buzzer, self._buzzed)

    @property
    def shown(self) -> Screen:
        """The screen that is decided now."""
        assert self._entry.shown is not None  # noqa: S101 - the first tick drew one
        return self._entry.shown

    def tick(self) -> None:
        """Let the loop handle what waits and a tick, and wait for that."""
        done = threading.Event()
        self._loop.put(Tick())
        self._loop.put(_Barrier(done))  # type: ignore[arg-type] # for `_heard` below
        if not done.wait(DEAD_S):
            raise RuntimeError("The deciding loop hangs.")

    def drawn(self) -> bool:
        """Whether a page has reported the screen that is decided now."""
        shown = self._showing.shown()
        return bool(shown["drawn"] == shown["screen"])

    def number(self) -> int:
        """The number of the screen that is decided now."""
        return int(str(self._showing.shown()["screen"]))

    def _buzzed(self, level: bool) -> None:
        if level and not self.beeped_at:
            self.beeped_at = time.perf_counter()
        self._showing.beep(level)

    def _heard(self, news: Happening | PadEvent) -> None:
        at = time.perf_counter()
        if isinstance(news, _Barrier):
            news.done.set()
            return
        self.deeds = []
        super()._heard(news)
        if isinstance(news, KeyEvent):
            with self.changed:
                if news.down:
                    self.heard_at, self.followed = at, tuple(self.deeds)
                self.downs, self.ups = self.downs + news.down, self.ups + (not news.down)
                self.changed.notify_all()

    def _do(self, deed: Deed) -> None:
        super()._do(deed)
        self.deeds.append(type(deed).__name__)

    def _show(self, screen: Screen) -> None:
        super()._show(screen)
        self.decided_at = time.perf_counter()


@dataclass(frozen=True, slots=True)
class _Barrier:
    done: threading.Event


class Hand:
    """Takes orders and gives answers, in a thread beside the post's own."""

    def __init__(self, post: PostUnderTest, orders: Connection) -> None:
        self._post = post
        self._orders = orders
        self._before: tracemalloc.Snapshot | None = None

    def run(self) -> None:
        """Do what is asked until the other end hangs up."""
        self._post.tick()
        self._orders.send((True, "ready"))
        while True:
            try:
                order, words = self._orders.recv()
            except (EOFError, OSError):
                return
            self._orders.send(self._done(order, words))

    def _done(self, order: str, words: tuple[Any, ...]) -> tuple[bool, Any]:
        deed: Callable[..., object] = getattr(self, order)
        try:
            return True, deed(*words)
        except Exception as error:  # noqa: BLE001 - whoever gave the order must hear of it
            return False, f"{order}: {error}"

    def look(self) -> Screen:
        """The screen that is decided now."""
        return self._post.shown

    def number(self) -> int:
        """Its number, as pages know it."""
        return self._post.number()

    def drawn(self) -> bool:
        """Whether a page has drawn that."""
        return self._post.drawn()

    def skip(self, ms: int) -> Screen:
        """Move the clock on, in steps that a loop of a real post would make of it."""
        step_ms = 10_000
        for _ in range(ms // step_ms):
            self._post.moved.move(step_ms)
            self._post.tick()
        self._post.moved.move(ms % step_ms)
        self._post.tick()
        return self._post.shown

    def press(self, key: str) -> Pressed:
        """Press *key*, and move the clock on by the time that a customer takes for it."""
        post = self._post
        self._closed(key)
        post.matrix.open(key)
        post.moved.move(RELEASE_QUIET_MS + 5)
        with post.changed:
            if not post.changed.wait_for(lambda: post.ups == post.downs, DEAD_S):
                raise RuntimeError("A key that was let go stays down.")
        post.moved.move(PRESS_MS)
        return Pressed(post.shown, post.followed)

    def timed(self, key: str, hold_s: float, draws: bool) -> Timed:
        """Press *key* in real time; wait for the page's report where one *draws*."""
        post = self._post
        post.beeped_at = post.decided_at = 0.0
        begun = time.perf_counter()
        time.sleep(SCAN_MS / 1_000)
        late_s = time.perf_counter() - begun - SCAN_MS / 1_000
        closed_at, closed = time.time(), time.perf_counter()
        self._closed(key)
        drawn = self._drawn(closed) if draws else None
        time.sleep(max(0.0, closed + hold_s - time.perf_counter()))
        post.matrix.open(key)
        return Timed(
            closed_at,
            late_s,
            post.beeped_at - closed if post.beeped_at else None,
            post.heard_at - closed,
            post.decided_at - closed if post.decided_at else None,
            drawn,
        )

    def weigh(self) -> Memory:
        """What this process holds."""
        gc.collect()
        sums = rollup()
        return Memory(sums["Pss"], sums["Anonymous"], len(gc.get_objects()))

    def grew(self) -> list[str]:
        """Where memory grew most since this was asked first."""
        gc.collect()
        if self._before is None:
            tracemalloc.start(5)
            self._before = tracemalloc.take_snapshot()
            return []
        changes = tracemalloc.take_snapshot().compare_to(self._before, "lineno")
        return [str(change) for change in changes[:_TOP]]

    def _closed(self, key: str) -> None:
        """Close the contact of *key* and wait until the loop has handled it."""
        post = self._post
        with post.changed:
            downs = post.downs
        post.matrix.close(key)
        with post.changed:
            if not post.changed.wait_for(lambda: post.downs > downs, DEAD_S):
                raise RuntimeError(f"The key {key} is dead.")

    def _drawn(self, closed: float) -> float | None:
        while (after := time.perf_counter() - closed) < _DRAWN_S:
            if self._post.drawn():
                return after
            time.sleep(0.001)
        return None


def main(fd: int, config: Path) -> int:
    """Run the post until it is told to end."""
    set_up()
    post = PostUnderTest(load(config, PostSettings), MovedClock())
    hand = Hand(post, Connection(fd))
    threading.Thread(target=hand.run, name="hand", daemon=True).start()
    return post.run()


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), Path(sys.argv[2])))
