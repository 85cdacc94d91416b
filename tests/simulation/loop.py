"""One life of a sign's process: the service's deciding loop, turn by turn, with the real engine and face."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from contract.wire import BEAT_DARK_MS, Lease
from signage.lease import MIN_GAP_MS
from signage.supply import Supply
from tests.simulation.drawn import STALE_FRAME, script_of
from tests.simulation.kinds import TICK_MS
from tests.simulation.parties import World

if TYPE_CHECKING:
    from tests.simulation.sign import SimSign

ANSWER_WITHIN_MS = 5_000
DARK_HEALS_MS = 3_000


class Life:
    """From the start of a process to its end.

    Nothing happens in it between two moments at which it would do something, to the turn of 50 ms.
    """

    def __init__(self, sign: SimSign, world: World, boot: int, nonce: Callable[[], str]) -> None:
        self.is_over = False
        self.boot = boot
        self._sign = sign
        self._world = world
        self._eye = sign.eye
        self._frozen = False
        self._is_busy = False
        self._wake_ms: int | None = None
        self._asked: tuple[str, int] | None = None
        self._beat_out: str | None = None
        self._inbox: list[Callable[[], None]] = []
        self._held_up: Callable[[], None] | None = None
        self._was_lit_ms = world.now_ms
        self._panel = sign.panel_type(sign.glass, world)
        self._supply = Supply(holds_last_frame=self._panel.facts.holds_last_frame)
        self._face = sign.face_type(self._panel, self._when_written_ms)
        self._engine = sign.engine_type(
            f"{sign.device}-{boot}",
            self._panel.facts,
            partial(script_of, sign.drawing),
            nonce,
            stale=STALE_FRAME if sign.kind.lines else None,
        )

    def begin(self) -> None:
        """The first act is to blank."""
        self._face.dark(self._world.now_ms)
        self._then(self._turn)

    def _when_written_ms(self) -> int:
        """The moment at which what is being written has left."""
        return self._world.now_ms + self._panel.spent_ms

    def end(self) -> None:
        """It is killed: what has not left for the panel does not leave."""
        self.is_over = True
        self._panel.cut_off()

    def end_dark(self) -> int:
        """It ends in order; gives how long its last deed, darkness, takes."""
        self.is_over = True
        for _ in range(3):
            if self._face.dark(self._world.now_ms):
                break
        return self._panel.took_ms()

    # -- a hang ---------------------------------------------------------------------------------

    @property
    def is_frozen(self) -> bool:
        return self._frozen

    def freeze(self) -> None:
        """Stop where it is."""
        self._frozen = True

    def thaw(self) -> None:
        """Go on where it was stopped: after a write that has long been done, or waiting."""
        self._frozen = False
        work, self._held_up = self._held_up, None
        if work is not None:
            self._is_busy = False
            work()
        elif not self._is_busy:
            self._turn()

    # -- what it hears --------------------------------------------------------------------------

    def answered(self, answer: Lease) -> None:
        """An answer to a beat arrives."""
        self._news(partial(self._takes_in, answer))

    def nudged(self, words: str) -> None:
        """A line comes down the stream."""
        self._news(partial(self._is_nudged, words))

    def _news(self, work: Callable[[], None]) -> None:
        if self.is_over:
            return
        if self._frozen or self._is_busy:
            self._inbox.append(work)
            return
        work()
        self._turn()

    def _takes_in(self, answer: Lease) -> None:
        self._no_longer_out(answer.nonce)
        ignored, asked = self._engine.ignored, self._asked
        self._engine.answered(answer, self._world.now_ms)
        if self._eye is not None and asked is not None and self._engine.ignored == ignored:
            self._eye.heard(self._sign, answer, asked[1])

    def _is_nudged(self, words: str) -> None:
        if not words.startswith("dark "):
            self._engine.nudged()
            return
        call = words.removeprefix("dark ")
        self._engine.nudged_dark(call)
        if self._eye is not None:
            self._eye.told_dark(self._sign, call)

    # -- the deciding loop ----------------------------------------------------------------------

    def _turn(self) -> None:
        now_ms = self._world.now_ms
        showing = self._engine.tick(now_ms)
        if showing is not None and showing.script.call is not None:
            self._sign.calls[showing.script.pages[0].words] = showing.script.call
        self._face.put(showing, now_ms)
        self._then(self._after_put)

    def _after_put(self) -> None:
        now_ms = self._world.now_ms
        self._engine.panel_is(self._face.state)
        if self._sign.kind.supply:
            self._kicks_if_it_may(now_ms)
        if (self._sign.hasty or self._beat_out is None) and self._engine.beat_due(now_ms):
            self._beats(now_ms)
        if self._inbox:
            self._inbox.pop(0)()
            self._turn()
        else:
            self._sleep()

    def _beats(self, now_ms: int) -> None:
        beat = self._engine.sent_beat(now_ms, self._face.report(now_ms))
        self._asked, self._beat_out = (beat.nonce, now_ms), beat.nonce
        if self._eye is not None:
            self._eye.reads(self._sign, beat)
        self._world.send_beat(self._sign, self.boot, beat)
        self._world.after(ANSWER_WITHIN_MS, partial(self._gives_up, beat.nonce))

    def _gives_up(self, nonce: str) -> None:
        """The service has one beat on its way, and waits for its answer only so long."""
        if not self.is_over and self._asked is not None and self._asked[0] == nonce:
            self._news(partial(self._unanswered, nonce))

    def _unanswered(self, nonce: str) -> None:
        self._no_longer_out(nonce)
        self._engine.unanswered(nonce)

    def _no_longer_out(self, nonce: str) -> None:
        if nonce == self._beat_out:
            self._beat_out = None

    def _then(self, work: Callable[[], None]) -> None:
        """Go on when the panel has taken what was written."""
        took_ms = self._panel.took_ms()
        if not took_ms:
            work()
            return
        self._is_busy = True
        self._world.after(took_ms, partial(self._goes_on, work))

    def _goes_on(self, work: Callable[[], None]) -> None:
        if self.is_over:
            return
        if self._frozen:
            self._held_up = work
            return
        self._is_busy = False
        work()

    def _sleep(self) -> None:
        """Until the first turn at which something is due."""
        now_ms = self._world.now_ms
        due_ms = max(now_ms + 1, self._due_ms(now_ms))
        at_ms = now_ms + -(-(due_ms - now_ms) // TICK_MS) * TICK_MS
        if self._wake_ms is None or at_ms < self._wake_ms or self._wake_ms <= now_ms:
            self._wake_ms = at_ms
            self._world.after(at_ms - now_ms, partial(self._wakes, at_ms))

    def _wakes(self, at_ms: int) -> None:
        if self.is_over or at_ms != self._wake_ms:
            return
        self._wake_ms = None
        if not (self._frozen or self._is_busy):
            self._turn()

    def _due_ms(self, now_ms: int) -> int:
        """When the engine or the face next has something to do, by what they themselves keep."""
        engine, held = self._engine, self._engine._held
        due_ms = self._face_due_ms(now_ms)
        if held is not None:
            due_ms = min(due_ms, held.ends_ms, *held.line_ends_ms.values())
            if len(held.script.pages) > 1:
                page_ms = held.script.page_ms
                shown_ms = now_ms - (self._face._first_ms or now_ms)
                due_ms = min(due_ms, now_ms + page_ms - shown_ms % page_ms)
        if (self._sign.hasty or self._beat_out is None) and engine._sent_ms is not None:
            rest_ms = 0 if engine._at_once else engine._interval_ms()
            due_ms = min(due_ms, engine._sent_ms + max(MIN_GAP_MS, rest_ms))
        return due_ms

    def _face_due_ms(self, now_ms: int) -> int:
        """A panel that has been dark for some seconds is made dark again at each beat, not each second."""
        due_ms = self._face._next_ms or now_ms
        if self._face.standing is not None or not self._face.health.is_settled:
            self._was_lit_ms = now_ms
        return due_ms if now_ms - self._was_lit_ms < DARK_HEALS_MS else now_ms + BEAT_DARK_MS

    def _kicks_if_it_may(self, now_ms: int) -> None:
        """As the service does: while no write is overdue, or after the panel was off long enough."""
        may_be_on = self._supply.may_be_on(
            now_ms,
            has_written=self._face.has_written,
            differs_since_ms=self._face.differs_since_ms,
            is_stuck=self._face.is_stuck,
        )
        self._face.supplied(may_be_on)
        (self._sign.kicks if may_be_on else self._sign.stops_kicking)()
