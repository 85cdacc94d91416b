"""Who may be lit: one plate, one door, and never longer than the truth lasts.

A row `Lit` says "this sign may be showing this plate".  It is committed before the call's first grant
is answered, and it goes only when we know that the sign is dark:

* the sign, in the same boot and epoch, reports dark and has seen the change that took the call away, or
* this process has waited, on its own monotonic clock since it first read that change, longer than any
  lease that was granted before it can last;

and never while a yard sign may still be sending somebody to that door (`central.naming`).

Rows are unique on plate and on bay within a station, so no other sign can be granted meanwhile.  The
rule needs no synchronised clocks and holds with any number of central processes: every decision is
made on a database read that began after the beat arrived.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from contract.wire import (
    HANG_MS,
    LEASE_CAP_MS,
    LEASE_TTL_MAX_MS,
    NO_CALL,
    Beat,
    Dark,
    Grant,
    Lease,
    PanelFacts,
    PanelState,
    font_shows,
)

MARGIN_MS = 1_000
SLOWEST_PANEL_MS = 2_000  # a panel that needs longer to go dark is refused for doors
SLOWEST_DARK_MS = SLOWEST_PANEL_MS + HANG_MS
CLONED = "cloned"


@dataclass(frozen=True, slots=True)
class Lit:
    """A sign may be showing a plate: `held` after a fault on a panel that keeps its last picture."""

    device: str
    boot: str
    bay: str
    match_key: str
    call: str
    held: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """A call of one visit to one bay.  `ended_seq` is the event that ended it, None while it stands."""

    id: str
    bay: str
    match_key: str
    plate: str
    text: str
    ended_seq: int | None = None


@dataclass(frozen=True, slots=True)
class Sign:
    """A sign device: the bay it hangs over, or those that it lists, since event `bay_seq`, and what its
    driver declared.  A `cloned` one may be two machines, of which each speaks for itself alone."""

    device: str
    bay: str | None
    bay_seq: int
    panel: PanelFacts | None = None
    lists: tuple[str, ...] = ()
    cloned: bool = False

    @property
    def dark_ms(self) -> int:
        """Worst time to dark of a sign that nobody hears, a hang of its process counted; that of the slowest
        allowed panel while it is unknown."""
        if self.panel is None:
            return SLOWEST_DARK_MS
        return self.panel.worst_dark_ms + self.panel.hang_ms


@dataclass(frozen=True, slots=True)
class Station:
    """One read of the database, begun after the beat arrived.

    `calls` holds those of all `rows` and those that stand at any bay.  `named` are the doors that yard
    signs may be naming.  While the database is `settling` after a restore, `rows` may lack a sign that is
    lit.
    """

    epoch: str
    seq: int
    rows: tuple[Lit, ...]
    calls: tuple[Call, ...]
    signs: tuple[Sign, ...]
    settling: bool = False
    named: tuple[Lit, ...] = ()

    def sign(self, device: str) -> Sign | None:
        """Find a sign by its device id."""
        return next((sign for sign in self.signs if sign.device == device), None)

    def dark_ms(self, device: str) -> int:
        """The worst time to dark of a sign; of the slowest allowed panel where it is not known."""
        sign = self.sign(device)
        return SLOWEST_DARK_MS if sign is None else sign.dark_ms

    def is_cloned(self, device: str) -> bool:
        """Whether two machines may speak as this sign."""
        sign = self.sign(device)
        return sign is not None and sign.cloned

    def call_at(self, bay: str | None) -> Call | None:
        """The call that stands at *bay*."""
        return next((c for c in self.calls if c.bay == bay and c.ended_seq is None), None)

    def is_named(self, row: Lit) -> bool:
        """Whether a yard sign may be sending somebody to *row*'s door: so long the row stands."""
        return any((one.bay, one.match_key) == (row.bay, row.match_key) for one in self.named)

    def gone_seq(self, row: Lit) -> int | None:
        """The event since which no grant can be made for *row*; None while one can."""
        sign = self.sign(row.device)
        call = next((c for c in self.calls if c.id == row.call), None)
        standing = self.call_at(row.bay)
        hangs_there = sign is not None and sign.bay == row.bay
        if hangs_there and standing is not None and standing.match_key == row.match_key:
            return None
        reasons = [] if call is None or call.ended_seq is None else [call.ended_seq]
        if sign is not None and not hangs_there:
            reasons.append(sign.bay_seq)
        return min(reasons, default=0)


@dataclass
class Witness:
    """What one central process has seen with its own monotonic clock; dies, harmlessly, with it."""

    ttl_ms: int = LEASE_TTL_MAX_MS
    _gone_since: dict[tuple[Lit, int], int] = field(default_factory=dict)
    _granted_since: dict[str, int] = field(default_factory=dict)

    def waited_out(self, row: Lit, gone_seq: int, dark_ms: int, now_ms: int) -> bool:
        """Whether every lease granted for *row* has ended since we first read that its call was gone."""
        first_ms = self._gone_since.setdefault((replace(row, held=False), gone_seq), now_ms)
        return now_ms - first_ms >= self.ttl_ms + MARGIN_MS + dark_ms

    def shown_ms(self, call: str, now_ms: int) -> int:
        """How long ago this process first granted *call*; 0 when it has not."""
        return now_ms - self._granted_since.get(call, now_ms)

    def granted(self, call: str, now_ms: int) -> None:
        """Remember the first grant of *call*."""
        self._granted_since.setdefault(call, now_ms)

    def forget(self, rows: Iterable[Lit], calls: Iterable[Call]) -> None:
        """Drop what no longer matters, so that years of calls do not pile up: keep *rows* and *calls*."""
        kept, ids = {replace(row, held=False) for row in rows}, {call.id for call in calls}
        self._gone_since = {k: v for k, v in self._gone_since.items() if k[0] in kept}
        self._granted_since = {k: v for k, v in self._granted_since.items() if k in ids}


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to a beat and the rows as they must be committed before it is given."""

    answer: Lease
    rows: tuple[Lit, ...]


def decide(
    station: Station, beat: Beat, device: str, witness: Witness, now_ms: int, shown_ms: int
) -> Verdict:
    """Answer a sign's *beat*.

    Args:
        station: a database read begun after the beat arrived.
        beat: what the sign asks and reports.
        device: the sign's device id, from its token.
        witness: this process's own memory.
        now_ms: this process's monotonic clock.
        shown_ms: how long ago the standing call was first granted, by the database's stamps.
    """
    rows = after_report(station, beat, device)
    rows = without_waited_out(replace(station, rows=rows), witness, now_ms)
    station = replace(station, rows=rows)
    refusal = _refusal(station, beat, device)
    call = station.call_at(_bay(station, device))
    if refusal or call is None:
        return Verdict(_dark(station, beat, refusal or NO_CALL), rows)
    left_ms = LEASE_CAP_MS - max(shown_ms, witness.shown_ms(call.id, now_ms))
    if left_ms <= 0:
        return Verdict(_dark(station, beat, "cap"), rows)
    witness.granted(call.id, now_ms)
    return Verdict(
        _grant(station, beat, call, min(left_ms, witness.ttl_ms)),
        (*(row for row in rows if row.device != device), _row(beat, device, call)),
    )


def says_dark(beat: Beat) -> bool:
    """Whether the sign reports that it shows no plate: told so, and sure of what it sent."""
    return beat.commanded is None and beat.sent.call is None and is_sure(beat)


def is_sure(beat: Beat) -> bool:
    """Whether what the sign sent last is what stands there: written whole, the panel is well, and where
    something can feel the panel it has felt so."""
    reads_back = beat.panel is not None and beat.panel.reads_back
    felt = beat.confirmed is True if reads_back else beat.confirmed is not False
    return beat.sent.whole and beat.state is PanelState.OK and felt


def after_report(station: Station, beat: Beat, device: str) -> tuple[Lit, ...]:
    """The station's rows after what *beat* reports about its own sign."""
    if is_sure(beat) and station.is_cloned(device):
        return station.rows  # what one of two machines shows says nothing of the other
    rows = tuple(passed_on(row, beat) if row.device == device else row for row in station.rows)
    return tuple(row for row in rows if row.device != device or not _ends(station, row, beat))


def without_waited_out(station: Station, witness: Witness, now_ms: int) -> tuple[Lit, ...]:
    """The station's rows without those whose every lease has run out by this process's clock."""
    return tuple(row for row in station.rows if not _waited_out(station, row, witness, now_ms))


def waits_for(station: Station, bay: str) -> str | None:
    """The bay whose sign must go dark before the call at *bay* may be lit, if any."""
    call = station.call_at(bay)
    if call is None:
        return None
    others = _in_the_way(station, call, None)
    return next((row.bay for row in others if not _is_own(station, row, call)), None)


def _is_own(station: Station, row: Lit, call: Call) -> bool:
    sign = station.sign(row.device)
    return (
        row.bay == call.bay
        and row.match_key == call.match_key
        and sign is not None
        and sign.bay == row.bay
    )


def passed_on(row: Lit, beat: Beat) -> Lit:
    """A row of an older boot passes to the new one once that reports dark; a fault may hold it."""
    if beat.state is PanelState.FAULT and beat.panel is not None and beat.panel.holds_last_frame:
        return replace(row, held=True)
    if not says_dark(beat):
        return row
    return replace(row, boot=beat.boot, held=False)


def _ends(station: Station, row: Lit, beat: Beat) -> bool:
    gone = station.gone_seq(row)
    return knows(station, row, beat, gone) and says_dark(beat) and not station.is_named(row)


def knows(station: Station, row: Lit, beat: Beat, gone_seq: int | None) -> bool:
    """Whether *beat* comes from the life of *row* and has seen the event since which no grant can be made
    for it: what was decided before can light nothing any more."""
    return (
        gone_seq is not None
        and beat.boot == row.boot
        and beat.epoch == station.epoch
        and beat.seq >= gone_seq
    )


def _waited_out(station: Station, row: Lit, witness: Witness, now_ms: int) -> bool:
    gone_seq = station.gone_seq(row)
    if gone_seq is None or row.held:
        return False
    # Counted from the first look, also while a yard sign still names the door.
    over = witness.waited_out(row, gone_seq, station.dark_ms(row.device), now_ms)
    return over and not station.is_named(row)


def _bay(station: Station, device: str) -> str | None:
    sign = station.sign(device)
    return None if sign is None else sign.bay


def _refusal(station: Station, beat: Beat, device: str) -> str | None:
    """Why this sign may not be lit now, whatever is called."""
    call = station.call_at(_bay(station, device))
    if station.is_cloned(device):
        return CLONED
    if beat.epoch != station.epoch:
        return "other_epoch"
    if beat.state is PanelState.FAULT:
        return "fault"
    if beat.panel is None or beat.panel.worst_dark_ms > SLOWEST_PANEL_MS:
        return "panel_too_slow" if beat.panel else "panel_unknown"
    if call is None:
        return None
    if station.settling:
        return "settling"
    if not call.text or not font_shows(beat.panel.fonts, beat.panel.width_px, call.text):
        return "cannot_show"
    if _in_the_way(station, call, _row(beat, device, call)):
        return "waits_for_dark"
    return None


def _in_the_way(station: Station, call: Call, own: Lit | None) -> list[Lit]:
    """What must go before *call* may be lit by *own*'s sign: its plate or bay elsewhere, also on a yard
    sign, and whatever else that sign may still be showing."""
    rows = [
        row
        for row in station.rows
        if (own is None or not _same_showing(row, own))
        and (
            row.match_key == call.match_key
            or row.bay == call.bay
            or (own is not None and row.device == own.device)
        )
    ]
    return rows + [
        one for one in station.named if (one.match_key == call.match_key) != (one.bay == call.bay)
    ]


def _same_showing(row: Lit, own: Lit) -> bool:
    """The same sign in the same boot, with the same plate at the same bay; a recall changes the call only."""
    return (row.device, row.boot, row.bay, row.match_key) == (
        own.device,
        own.boot,
        own.bay,
        own.match_key,
    )


def _row(beat: Beat, device: str, call: Call) -> Lit:
    return Lit(device, beat.boot, call.bay, call.match_key, call.id)


def _grant(station: Station, beat: Beat, call: Call, ttl_ms: int) -> Grant:
    return Grant(
        nonce=beat.nonce,
        epoch=station.epoch,
        seq=station.seq,
        bay=call.bay,
        call=call.id,
        plate=call.plate,
        text=call.text,
        ttl_ms=ttl_ms,
    )


def _dark(station: Station, beat: Beat, reason: str) -> Dark:
    return Dark(nonce=beat.nonce, epoch=station.epoch, seq=station.seq, reason=reason)
