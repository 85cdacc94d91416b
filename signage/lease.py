"""The lease: a sign shows a plate only while central's permission lasts, counted on its own clock.

A lit plate means "you, drive in now", so everything here errs towards dark.  Nothing is believed but
the answer to the newest beat, and its time runs from the moment that beat was sent: an answer that was
held up anywhere is born short or dead.  Neither side's wall clock is ever read.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from msgspec import structs

from contract.wire import (
    LEASE_TTL_MAX_MS,
    NO_CALL,
    NOTICE_TTL_MS,
    Beat,
    Dark,
    Grant,
    Lease,
    Listed,
    Listing,
    PanelFacts,
    PanelState,
)
from signage.frame import Frame
from signage.layout import CannotDraw
from signage.showing import Limits, Report, Script, Showing

MIN_GAP_MS = 100  # "at once" is not a licence to flood central
RETRY_MS = 1_000  # after an unanswered beat; doubled each time, at most the dark interval
# So often in a row a sign says at once what it owes central; one that never can does not ask for ever.
OWED_BEATS = 30
REMEMBERED_CALLS = 4_096  # weeks of calls at one door

__all__ = ["LeaseEngine", "Limits", "Report", "Showing"]

_USUAL = Limits()
_BARRED = -1
_UNKNOWN = -1


@dataclass(frozen=True, slots=True)
class _Held:
    """What may stand there, and until when; of a listing, when each of its lines ends too."""

    script: Script
    ends_ms: int
    listing: Listing | None = None
    line_ends_ms: Mapping[str, int] = field(default_factory=dict)

    @property
    def calls(self) -> tuple[str, ...]:
        return self.script.calls


@dataclass(frozen=True, slots=True)
class _Asked:
    """The beat whose answer counts; `standing` are the calls that somebody may have read when it was sent,
    None when that was not known."""

    nonce: str
    sent_ms: int
    seq: int
    standing: frozenset[str] | None


class LeaseEngine:
    """Decides what may be shown and when to beat.  Pure: times come in as milliseconds that only grow.

    Args:
        boot: names this life of the process; never used twice.
        panel: what the panel's driver declares.
        draw: turns an answer that shows something into pages, or raises CannotDraw.
        new_nonce: gives a text that was never given before.
        spread: gives a share of a waiting time, at most 1, so that signs do not beat in step.
        stale: what a yard sign shows while it has no listing in force; None: nothing.
    """

    def __init__(
        self,
        boot: str,
        panel: PanelFacts,
        draw: Callable[[Lease], Script],
        new_nonce: Callable[[], str],
        *,
        limits: Limits = _USUAL,
        spread: Callable[[], float] = lambda: 1.0,
        stale: Frame | None = None,
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
        self._stale = stale
        self._is_yard_sign = False
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
        self._owed_beats = 0

    @property
    def is_lit(self) -> bool:
        """Whether a plate may stand on the sign."""
        return self._held is not None and bool(self._held.calls)

    def sent_beat(self, now_ms: int, report: Report) -> Beat:
        """Make the beat that is sent at *now_ms*; from here on only its answer counts."""
        nonce = self._new_nonce()
        self._asked = _Asked(nonce, now_ms, self.seq, self._standing(report))
        self._sent_ms, self._at_once, self._wait_ms = now_ms, False, 0
        return Beat(
            nonce=nonce,
            boot=self.boot,
            epoch=self.epoch,
            seq=self.seq,
            commanded=self._commanded(),
            sent=report.sent,
            confirmed=report.confirmed,
            state=report.state,
            fault=report.fault or self.refusal,
            panel=self._panel,
            listed=sorted(self._listed() | set(report.listed)),
            picture=report.picture,
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
            self._take(lease, asked, now_ms)

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
        if self._held is not None and call in self._held.calls:
            self._leave_out(self._held, {call})
        self._at_once = True

    def panel_is(self, state: PanelState) -> None:
        """Learn whether the panel takes what is written to it; in a fault nothing is shown."""
        well = state is PanelState.OK
        if well == self._panel_ok:
            return
        self._panel_ok = well
        self._lose()

    def tick(self, now_ms: int) -> Showing | None:
        """Say what may stand on the panel at *now_ms*: None is darkness.

        Asked at every turn, so the lease is looked at again before each page.
        """
        if self._held is not None and now_ms >= self._held.ends_ms:
            self._lose()
        if self._held is not None:
            over = {call for call, ends_ms in self._held.line_ends_ms.items() if now_ms >= ends_ms}
            if over:
                self._leave_out(self._held, over)
        held = self._held
        if held is not None:
            # No panel with a timer of its own is asked for more; it is told again every second.
            return Showing(held.script, min(held.ends_ms - now_ms, LEASE_TTL_MAX_MS))
        if self._is_yard_sign and self._stale is not None:
            return Showing(Script((), (self._stale,)), LEASE_TTL_MAX_MS)
        return None

    def beat_due(self, now_ms: int) -> bool:
        """Whether to send a beat now.  The caller has at most one on its way."""
        if self._sent_ms is None:
            return True
        gone_ms = now_ms - self._sent_ms
        return gone_ms >= (MIN_GAP_MS if self._at_once else max(MIN_GAP_MS, self._interval_ms()))

    def _interval_ms(self) -> int:
        """How long after the last beat the next one is due."""
        listens = self._is_yard_sign and self._held is not None
        rest_ms = self._limits.beat_lit_ms if self.is_lit or listens else self._limits.beat_dark_ms
        return min(rest_ms, self._wait_ms) if self._misses else rest_ms

    def _commanded(self) -> str | None:
        held = self._held
        return None if held is None or held.script.lists or not held.calls else held.calls[0]

    def _listed(self) -> set[str]:
        held = self._held
        return set() if held is None or not held.script.lists else set(held.calls)

    def _standing(self, report: Report) -> frozenset[str] | None:
        """The calls that somebody may read now, or will; None while that is not known."""
        if not report.is_sure(reads_back=self._panel.reads_back):
            return None
        held = () if self._held is None else self._held.calls
        sent = () if report.sent.call is None else (report.sent.call,)
        return frozenset((*held, *sent, *report.listed))

    def _adopt(self, lease: Lease) -> None:
        """Another history of the database: what it grants counts only after it has heard "dark"."""
        self._lose()
        self.epoch, self.seq = lease.epoch, lease.seq

    def _take(self, lease: Lease, asked: _Asked, now_ms: int) -> None:
        # A door's sign without a call hears "no_call"; every other refusal says nothing of where it hangs.
        stays = isinstance(lease, Dark) and lease.reason != NO_CALL
        self._is_yard_sign = isinstance(lease, Listing) or (self._is_yard_sign and stays)
        match lease:
            case Grant():
                self._granted(lease, asked, now_ms)
            case Listing():
                self._told(lease, asked, now_ms)
            case Dark():
                self._darkened(lease, asked, now_ms)

    def _granted(self, grant: Grant, asked: _Asked, now_ms: int) -> None:
        script = self._drawn(grant)
        ends_ms = self._ends_ms((grant.call,), grant.ttl_ms, asked, now_ms)
        if script is None or now_ms >= ends_ms or not self._panel_ok:
            self._lose_if_held()
            return
        self._owes_dark_at = None
        self._hold(script, ends_ms, now_ms)

    def _told(self, told: Listing, asked: _Asked, now_ms: int) -> None:
        ends_ms = {
            row.call: self._ends_ms((row.call,), _ttl_ms(row, told), asked, now_ms)
            for row in told.rows
            if row.call is not None
        }
        over = {call for call, at_ms in ends_ms.items() if now_ms >= at_ms}
        listing = without(told, over)
        script = self._drawn(listing)
        whole_ms = self._ends_ms((), told.ttl_ms, asked, now_ms)
        if script is None or now_ms >= whole_ms or not self._panel_ok:
            self._lose_if_held()
        else:
            if self._held is not None and not set(self._held.calls) <= set(script.calls):
                self._owe()
            self._hold(script, whole_ms, now_ms)
            line_ends_ms = {call: ends_ms[call] for call in script.calls}
            self._held = _Held(script, whole_ms, listing, line_ends_ms)
        self._pay(told.seq, asked, frozenset(() if self._held is None else self._held.calls))

    def _leave_out(self, held: _Held, calls: set[str]) -> None:
        """Show *calls* no longer: a door's sign is dark then, a yard sign goes on with its other lines."""
        listing = None if held.listing is None else without(held.listing, calls)
        script = None if listing is None else self._drawn(listing)
        if script is None:
            self._lose()
            return
        left = {call: at_ms for call, at_ms in held.line_ends_ms.items() if call not in calls}
        self._held = replace(held, script=script, listing=listing, line_ends_ms=left)
        self._at_once = True
        self._owe()

    def _darkened(self, dark: Dark, asked: _Asked, now_ms: int) -> None:
        self.refusal = ""
        script = self._drawn(dark) if dark.notice else None
        if self._held is not None and (self._held.calls or script is None):
            self._lose()
        if script is not None and self._panel_ok:
            self._hold(script, asked.sent_ms + NOTICE_TTL_MS, now_ms)
        self._pay(dark.seq, asked, frozenset())

    def _pay(self, seq: int, asked: _Asked, may_stand: frozenset[str]) -> None:
        """Central lets go of a plate once we have seen the change that took it away and report it gone."""
        if self._owes_dark_at == _UNKNOWN:
            self._owes_dark_at = seq
        if self._owes_dark_at is None:
            return
        gone = asked.standing is not None and asked.standing <= may_stand
        if gone and asked.seq >= self._owes_dark_at:
            self._owes_dark_at = None
        elif self._panel_ok and self._owed_beats < OWED_BEATS:
            self._owed_beats += 1
            self._at_once = True

    def _ends_ms(self, calls: tuple[str, ...], ttl_ms: int, asked: _Asked, now_ms: int) -> int:
        """When the panel must begin to go dark: writing darkness takes time too."""
        ends_ms = asked.sent_ms + min(ttl_ms, self._limits.ttl_ms)
        for call in calls:
            up_ms = self._up_ms.get(call, now_ms + self._limits.cap_ms)
            ends_ms = min(ends_ms, up_ms)
        return ends_ms - self._panel.worst_dark_ms

    def _hold(self, script: Script, ends_ms: int, now_ms: int) -> None:
        """Show *script* until *ends_ms*."""
        for call in script.calls:
            self._keep(call, self._up_ms.get(call, now_ms + self._limits.cap_ms))
        self._held = _Held(script, ends_ms)

    def _drawn(self, lease: Lease) -> Script | None:
        try:
            script = self._draw(lease)
        except CannotDraw as refused:
            self.refusal = f"{refused.reason}: {refused.detail}"
            return None
        self.refusal = script.refusal
        return script

    def _lose_if_held(self) -> None:
        if self._held is not None:
            self._lose()

    def _lose(self) -> None:
        self._held = None
        self._at_once = True
        self._owe()

    def _owe(self) -> None:
        self._owes_dark_at = _UNKNOWN
        self._owed_beats = 0

    def _keep(self, call: str, up_ms: int) -> None:
        # Taken out first, so that the oldest is the one that was touched longest ago.
        self._up_ms.pop(call, None)
        self._up_ms[call] = up_ms
        if len(self._up_ms) > REMEMBERED_CALLS:
            self._up_ms.pop(next(iter(self._up_ms)))


def without(listing: Listing, calls: set[str]) -> Listing:
    """The same listing without the lines of *calls*."""
    return structs.replace(listing, rows=[row for row in listing.rows if row.call not in calls])


def _ttl_ms(row: Listed, listing: Listing) -> int:
    return listing.ttl_ms if row.ttl_ms is None else min(row.ttl_ms, listing.ttl_ms)
