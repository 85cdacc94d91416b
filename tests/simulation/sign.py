"""A sign in the simulation: the real lease engine, and a panel that needs its time to change."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from typing import Protocol

from contract.wire import Beat, Font, Lease, PanelFacts, Sent
from signage.font import FIVE_BY_SEVEN
from signage.frame import layout
from signage.lease import LeaseEngine, Report

WIDTH_PX, HEIGHT_PX, WORST_DARK_MS = 48, 8, 80
RESTART_MS = 400
PANEL = PanelFacts(
    width_px=WIDTH_PX,
    fonts=[Font(letters="".join(FIVE_BY_SEVEN.glyphs), advance_px=6, gap_px=3)],
    holds_last_frame=True,
    worst_dark_ms=WORST_DARK_MS,
)
TICK_MS = 50
ANSWER_WITHIN_MS = 5_000


class World(Protocol):
    """What a sign hangs in: a course of time, and a line to central."""

    rng: random.Random
    now_ms: int

    def after(self, delay_ms: int, work: Callable[[], None]) -> None:
        """Let something happen later."""

    def say(self, words: str) -> None:
        """Write a line of the history."""

    def send_beat(self, sign: SimSign, boot: int, beat: Beat) -> None:
        """Let a sign ask; `sign.hear` may be called with the answer, once, twice or never."""


class SimSign:
    """One sign's life after life.  `shows` is the call that a driver sees, whatever the process thinks.

    The service has one beat on its way; with *hasty* it has many, which is harder on central's rules.
    """

    def __init__(self, device: str, world: World, *, hasty: bool = False) -> None:
        self.device = device
        self.shows: str | None = None
        self._world = world
        self._boots = 0
        self._nonces = 0
        self._alive = False
        self._hasty = hasty
        self._beat_out: str | None = None
        self._sent = Sent()
        self._writing = 0
        self._target: str | None = None

    def start(self) -> None:
        """Boot: a new engine, and the first act is to blank."""
        self._boots += 1
        self._alive = True
        self._engine = LeaseEngine(
            f"{self.device}-{self._boots}",
            PANEL,
            lambda text: layout(text, WIDTH_PX, HEIGHT_PX),
            self._nonce,
        )
        self._beat_out = None
        self._sent = Sent()
        self._write(None)
        self._turn(self._boots)

    def crash(self) -> None:
        """Die as by SIGKILL: the plate stands until the unit's blanker has run; then a new life."""
        if not self._alive:
            return
        self._world.say(f"{self.device} is killed showing {self.shows}")
        self._alive = False
        self._writing += 1
        rng = self._world.rng
        self._world.after(rng.randint(20, 150), self._blanker)
        self._world.after(RESTART_MS + rng.randint(0, 2_000), self.start)

    def hear(self, boot: int, answer: Lease) -> None:
        """An answer arrives; one for an earlier life finds nobody at home."""
        if self._alive and boot == self._boots:
            self._no_longer_out(answer.nonce)
            self._engine.answered(answer, self._world.now_ms)
            self._look()

    def nudged(self, words: str) -> None:
        """A line comes down the stream."""
        if not self._alive:
            return
        if words.startswith("dark "):
            self._engine.nudged_dark(words.removeprefix("dark "))
        else:
            self._engine.nudged()
        self._look()

    def _blanker(self) -> None:
        if not self._alive:
            self.shows = None

    def _nonce(self) -> str:
        self._nonces += 1
        return hashlib.sha256(f"{self.device} {self._nonces}".encode()).hexdigest()[:16]

    def _turn(self, boot: int) -> None:
        """One turn of the deciding loop, again and again in this life."""
        if not self._alive or boot != self._boots:
            return
        self._look()
        self._world.after(TICK_MS, lambda: self._turn(boot))

    def _look(self) -> None:
        now_ms = self._world.now_ms
        showing = self._engine.tick(now_ms)
        wanted = None if showing is None else showing.call
        if wanted != self._target:
            self._write(wanted)
        if (self._hasty or self._beat_out is None) and self._engine.beat_due(now_ms):
            beat = self._engine.sent_beat(now_ms, Report(self._sent))
            self._beat_out = beat.nonce
            self._world.send_beat(self, self._boots, beat)
            self._give_up_later(beat.nonce)

    def _give_up_later(self, nonce: str) -> None:
        """The service has one beat on its way, and waits for its answer only so long."""
        engine = self._engine

        def gives_up() -> None:
            self._no_longer_out(nonce)
            engine.unanswered(nonce)

        self._world.after(ANSWER_WITHIN_MS, gives_up)

    def _no_longer_out(self, nonce: str) -> None:
        if nonce == self._beat_out:
            self._beat_out = None

    def _write(self, call: str | None) -> None:
        """Bytes leave at once; the dots change some time within the panel's worst time."""
        self._target = call
        self._writing += 1
        mine = self._writing
        self._sent = Sent(call=call or self._sent.call, whole=False)

        def done() -> None:
            if mine == self._writing:
                self.shows = call
                self._sent = Sent(call=call, sha256="0", whole=True)
                if self._alive:
                    self._look()

        self._world.after(self._world.rng.randint(1, WORST_DARK_MS), done)
