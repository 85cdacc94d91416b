"""The lease: a sign shows a plate only while central's permission lasts, counted on its own clock.

A lit plate means "you, drive in now", so everything here errs towards dark.  Nothing is believed but
the answer to the newest beat, and its time runs from the moment that beat was sent: an answer that was
held up anywhere is born short or dead.  Neither side's wall clock is ever read.
"""

from collections.abc import Callable
from dataclasses import dataclass

from contract.wire import Beat, Dark, Grant, Lease, PanelFacts, PanelState
from signage.frame import CannotDraw, Frame
from signage.showing import Limits, Report, Showing

MIN_GAP_MS = 100  # "at once" is not a licence to flood central
RETRY_MS = 1_000  # after an unanswered beat; doubled each time, at most the dark interval
REMEMBERED_CALLS = 4_096  # weeks of calls at one door

__all__ = ["LeaseEngine", "Limits", "Report", "Showing"]

_USUAL = Limits()
_BARRED = -1
_UNKNOWN = -1


@dataclass(frozen=True, slots=True)
class _Held:
    call: str
    frame: Frame
    ends_ms: int


@dataclass(frozen=True, slots=True)
class _Asked:
    nonce: str
    sent_ms: int
    seq: int
    said_dark: bool


class LeaseEngine:
    """Decides what may be shown and when to beat.  Pure: times come in as milliseconds that only grow.

    Args:
        boot: names this life of the process; never used twice.
        panel: what the panel's driver declares.
        draw: turns a text into a frame or raises CannotDraw.
        new_nonce: gives a text that was never given before.
        spread: gives a share of a waiting time, at most 1, so that signs do not beat in step.
    """

    def __init__(
        self,
        boot: str,
        panel: PanelFacts,
        draw: Callable[[str], Frame],
        new_nonce: Callable[[], str],
        *,
        limits: Limits = _USUAL,
        spread: Callable[[], float] = lambda: 1.0,
    ) -> None:
        self.boot = boot
        self.epoch = ""
        self.seq = 0
        self.refusal = ""
        self.ignored = 0
        self._panel = panel
        self._draw = draw
        self._new_nonce = new_nonce
        self._limits = limits
        self._spread = spread
        self._panel_ok = True
        self._held: _Held | None = None
        self._asked: _Asked | None = None
        self._sent_ms: int | None = None
        self._at_once = True
        self._wait_ms = 0
        self._misses = 0
        # When each call's time is up; a barred call's is up for good.
        self._up_ms: dict[str, int] = {}
        # A boot may have had an older life's plate on its panel, so it owes central the word "dark".
        self._owes_dark_at: int | None = _UNKNOWN

    def sent_beat(self, now_ms: int, report: Report) -> Beat:
        """Make the beat that is sent at *now_ms*; from here on only its answer counts."""
        nonce = self._new_nonce()
        said_dark = self._held is None and report.is_dark
        self._asked = _Asked(nonce, now_ms, self.seq, said_dark)
        self._sent_ms, self._at_once, self._wait_ms = now_ms, False, 0
        return Beat(
            nonce=nonce,
            boot=self.boot,
            epoch=self.epoch,
            seq=self.seq,
            commanded=None if self._held is None else self._held.call,
            sent=report.sent,
            confirmed=report.confirmed,
            state=report.state,
            fault=report.fault or self.refusal,
            panel=self._panel,
        )

    def answered(self, lease: Lease, now_ms: int) -> None:
        """Take in central's answer, if it is the one that we wait for and not older than what we know."""
        asked = self._asked
        if asked is None or lease.nonce != asked.nonce:
            self.ignored += 1
            return
        self._asked, self._misses, self._wait_ms = None, 0, 0
        if lease.epoch != self.epoch:
            self._adopt(lease)
        elif lease.seq < self.seq:
            self.ignored += 1
        else:
            self.seq = lease.seq
            if isinstance(lease, Grant):
                self._granted(lease, asked, now_ms)
            else:
                self._darkened(lease, asked)

    def unanswered(self, nonce: str) -> None:
        """The beat with *nonce* got no answer that counts; beat again after a while that grows."""
        if self._asked is None or nonce != self._asked.nonce:
            return
        self._asked = None
        self._misses += 1
        doubled = RETRY_MS << min(self._misses - 1, 16)
        self._wait_ms = int(min(doubled, self._limits.beat_dark_ms) * self._spread())

    def nudged(self) -> None:
        """Central says that something changed: beat at once."""
        self._at_once = True

    def nudged_dark(self, call: str) -> None:
        """Central says that *call* has ended: never show it again, and say so at once."""
        self._keep(call, _BARRED)
        if self._held is not None and self._held.call == call:
            self._lose()
        self._at_once = True

    def panel_is(self, state: PanelState) -> None:
        """Learn whether the panel takes what is written to it; in a fault nothing is shown."""
        well = state is PanelState.OK
        if well == self._panel_ok:
            return
        self._panel_ok = well
        self._lose()

    def tick(self, now_ms: int) -> Showing | None:
        """Say what may stand on the panel at *now_ms*: None is darkness."""
        if self._held is not None and now_ms >= self._held.ends_ms:
            self._lose()
        if self._held is None:
            return None
        return Showing(self._held.call, self._held.frame, self._held.ends_ms - now_ms)

    def beat_due(self, now_ms: int) -> bool:
        """Whether to send a beat now.  The caller has at most one on its way."""
        if self._sent_ms is None:
            return True
        gone_ms = now_ms - self._sent_ms
        return gone_ms >= (MIN_GAP_MS if self._at_once else max(MIN_GAP_MS, self._interval_ms()))

    def _interval_ms(self) -> int:
        """How long after the last beat the next one is due."""
        rest_ms = self._limits.beat_dark_ms if self._held is None else self._limits.beat_lit_ms
        return min(rest_ms, self._wait_ms) if self._misses else rest_ms

    def _adopt(self, lease: Lease) -> None:
        """Another history of the database: what it grants counts only after it has heard "dark"."""
        self._lose()
        self.epoch, self.seq = lease.epoch, lease.seq

    def _granted(self, grant: Grant, asked: _Asked, now_ms: int) -> None:
        up_ms = self._up_ms.get(grant.call, now_ms + self._limits.cap_ms)
        ttl_ms = min(grant.ttl_ms, self._limits.ttl_ms)
        # Writing darkness takes time too, so it begins early enough to be done when the lease ends.
        ends_ms = min(asked.sent_ms + ttl_ms, up_ms) - self._panel.worst_dark_ms
        frame = self._drawn(grant.text)
        if frame is None or now_ms >= ends_ms or not self._panel_ok:
            self._lose_if_lit()
            return
        self._keep(grant.call, up_ms)
        self._owes_dark_at = None
        self._held = _Held(grant.call, frame, ends_ms)

    def _darkened(self, dark: Dark, asked: _Asked) -> None:
        self.refusal = ""
        if self._held is not None:
            self._lose()
        if self._owes_dark_at == _UNKNOWN:
            self._owes_dark_at = dark.seq
        if self._owes_dark_at is None:
            return
        # Central lets go of our plate when we report dark and have seen the change that took it away.
        if asked.said_dark and asked.seq >= self._owes_dark_at:
            self._owes_dark_at = None
        elif self._panel_ok:
            self._at_once = True

    def _drawn(self, text: str) -> Frame | None:
        try:
            frame = self._draw(text)
        except CannotDraw as refused:
            self.refusal = f"{refused.reason}: {refused.detail}"
            return None
        self.refusal = ""
        return frame

    def _lose_if_lit(self) -> None:
        if self._held is not None:
            self._lose()

    def _lose(self) -> None:
        self._held = None
        self._at_once = True
        self._owes_dark_at = _UNKNOWN

    def _keep(self, call: str, up_ms: int) -> None:
        # Taken out first, so that the oldest is the one that was touched longest ago.
        self._up_ms.pop(call, None)
        self._up_ms[call] = up_ms
        if len(self._up_ms) > REMEMBERED_CALLS:
            self._up_ms.pop(next(iter(self._up_ms)))
