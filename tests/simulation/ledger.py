"""A transactional store in memory for the real decision code, and central processes that share it.

Only the bookkeeping is ours (rows, numbers, which call ended at which event); who may be lit and what
a person may do is decided by `central.lit` and `central.line`, the code that serves the station.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from central.line import line
from central.signs import lit, naming
from contract.plate import Plate
from contract.problems import Problem
from contract.transitions import TRANSITIONS, Verb
from contract.visit import State, turn
from contract.wire import Beat, Grant, Lease, PanelFacts
from contract.words import VisitWords

_Place = tuple[str, str]  # a bay and a plate

EPOCH_START = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


@dataclass
class Ledger:
    """One station's rows.  Every method is one transaction."""

    bays: dict[str, line.Bay]
    signs: dict[str, lit.Sign]
    epoch: str = "first"
    seq: int = 0
    visits: dict[str, line.Visit] = field(default_factory=dict)
    calls: dict[str, lit.Call] = field(default_factory=dict)
    granted_ms: dict[str, int] = field(default_factory=dict)
    rows: tuple[lit.Lit, ...] = ()
    named: tuple[lit.Lit, ...] = ()
    nudge: Callable[[str, str], None] = lambda _device, _words: None
    called: Callable[[lit.Call], None] = lambda _call: None
    _open: dict[str, lit.Call] = field(default_factory=dict)
    _looked_at: tuple[object, ...] = ()
    _waits: bool = False

    def arrive(self, plate: str, now_ms: int) -> str:
        """Put a car in the line."""
        at = EPOCH_START + timedelta(milliseconds=now_ms)
        its = turn(at, None, "full")
        self.seq += 1
        visit = line.Visit(
            id=f"v{self.seq}",
            plate=plate,
            match_key=Plate.parse(plate).match_key,
            kind="full",
            source="post",
            state=State.WAITING,
            version=1,
            arrived_at=at,
            turn_at=its.at,
            rule=its.rule,
        )
        self.visits[visit.id] = visit
        return visit.id

    def act(self, visit: str, verb: Verb, bay: str | None, now_ms: int) -> bool:
        """Do what a person asks; False when the rules refuse it."""
        before = self.visits[visit]
        named = self.bays.get(bay or before.bay or "")
        named = named if TRANSITIONS[verb].names_bay else None
        now = EPOCH_START + timedelta(milliseconds=now_ms)
        words = VisitWords(version=before.version, bay=None if named is None else named.id)
        try:
            deed = line.act(
                before,
                verb,
                words,
                bay=named,
                yard=line.Yard(tuple(self.visits.values()), EPOCH_START, now),
                new_call=f"c{self.seq + 1}",
            )
        except Problem:
            return False
        self._commit(before, deed)
        return True

    def hang(self, device: str, bay: str | None) -> None:
        """Move a sign to another bay, or take it down."""
        self.seq += 1
        if bay is not None:
            for other in self.signs.values():
                if other.bay == bay:
                    self.signs[other.device] = replace(other, bay=None, bay_seq=self.seq)
        self.signs[device] = replace(self.signs[device], bay=bay, bay_seq=self.seq)

    def read(self) -> lit.Station:
        """One consistent read for a decision."""
        kept = {row.call for row in (*self.rows, *self.named)}
        for call in [c for c in self._open.values() if c.ended_seq and c.id not in kept]:
            del self._open[call.id]
        return lit.Station(
            self.epoch,
            self.seq,
            self.rows,
            tuple(self._open.values()),
            tuple(self.signs.values()),
            named=self.named,
        )

    def waits(self) -> bool:
        """Whether any row is there whose call is gone."""
        now = (self.seq, self.rows, self.named)
        if now != self._looked_at:
            station, self._looked_at = self.read(), now
            self._waits = any(station.gone_seq(row) is not None for row in self.rows) or any(
                naming.gone_seq(station, row) is not None for row in self.named
            )
        return self._waits

    def keep(self, rows: tuple[lit.Lit, ...], named: tuple[lit.Lit, ...]) -> None:
        """Write the rows as they are to be, and tell the signs that may have waited for that."""
        if rows == self.rows and named == self.named:
            return
        gone = _no_more(self.rows, rows)
        unnamed = _no_more(self.named, named)
        changed = {row.bay for row in set(self.rows) ^ set(rows)}
        self.rows, self.named = rows, named
        self._let_ask(gone, unnamed, changed)

    def _let_ask(self, gone: set[_Place], unnamed: set[_Place], changed: set[str]) -> None:
        called = {c.bay for c in self._open.values() if c.ended_seq is None}
        owners = {row.device for row in self.rows if (row.bay, row.match_key) in unnamed}
        for sign in self.signs.values():
            waits = bool(gone) and sign.bay in called
            if waits or sign.device in owners or not changed.isdisjoint(sign.lists):
                self.nudge(sign.device, "beat")

    def _commit(self, before: line.Visit, deed: line.Deed) -> None:
        self.seq += 1
        self.visits[before.id] = deed.visit
        if deed.ended_call:
            ended = self.calls[deed.ended_call]
            self.calls[ended.id] = self._open[ended.id] = replace(ended, ended_seq=self.seq)
            # A recall renews the same picture, without darkness in between.
            if deed.started_call is None or deed.visit.bay != before.bay:
                self._tell(ended.bay, f"dark {ended.id}", {ended.id})
        if deed.started_call:
            call = lit.Call(
                id=deed.started_call,
                bay=str(deed.visit.bay),
                match_key=deed.visit.match_key,
                plate=deed.visit.plate,
                text=Plate(deed.visit.plate).display,
            )
            self.calls[call.id] = self._open[call.id] = call
            self.called(call)
            self._tell(call.bay, "beat", set())

    def _tell(self, bay: str, words: str, calls: set[str]) -> None:
        lit_by = {row.device for row in self.rows if row.call in calls}
        for sign in self.signs.values():
            if sign.bay == bay or bay in sign.lists or sign.device in lit_by:
                self.nudge(sign.device, words)


def _no_more(before: Iterable[lit.Lit], after: Iterable[lit.Lit]) -> set[_Place]:
    """The doors and plates of the rows that are gone."""
    stay = {(row.device, row.bay, row.match_key) for row in after}
    return {
        (row.bay, row.match_key)
        for row in before
        if (row.device, row.bay, row.match_key) not in stay
    }


@dataclass
class Process:
    """One central process: its own monotonic clock and memory, the shared ledger."""

    ledger: Ledger
    started_ms: int
    witness: lit.Witness = field(default_factory=lit.Witness)
    decide: Callable[..., lit.Verdict] = lit.decide
    wall_off_ms: int = 0
    _hinted: set[tuple[str, int]] = field(default_factory=set)

    def beat(self, device: str, beat: Beat, now_ms: int) -> Lease:
        """Answer a beat in one transaction, as the yard does."""
        ledger, mono_ms = self.ledger, now_ms - self.started_ms
        self._note_panel(device, beat.panel)
        named = naming.after_report(ledger.read(), beat, device) if ledger.named else ()
        ledger.keep(ledger.rows, named)
        station = ledger.read()
        wall_ms = now_ms + self.wall_off_ms
        call = station.call_at(ledger.signs[device].bay)
        shown_ms = 0 if call is None else wall_ms - ledger.granted_ms.get(call.id, wall_ms)
        verdict = self.decide(station, beat, device, self.witness, mono_ms, shown_ms)
        ledger.keep(verdict.rows, ledger.named)
        if ledger.signs[device].lists:
            return self._listing(device, beat, now_ms)
        if isinstance(verdict.answer, Grant) and call is not None:
            ledger.granted_ms.setdefault(call.id, wall_ms)
        self._ask_again(station, verdict.rows, device, beat)
        return verdict.answer

    def tick(self, now_ms: int) -> None:
        """Let go of rows whose leases have all run out."""
        if not self.ledger.waits():
            return
        station, mono_ms = self.ledger.read(), now_ms - self.started_ms
        named = naming.without_waited_out(station, self.witness, mono_ms)
        rows = lit.without_waited_out(replace(station, named=named), self.witness, mono_ms)
        self.ledger.keep(rows, named)
        if len(self.witness._gone_since) > 50:
            self.witness.forget((*rows, *named), station.calls)

    def _listing(self, device: str, beat: Beat, now_ms: int) -> Lease:
        """What a yard sign may say; the doors that it may name are written before it is told."""
        ledger, wall_ms = self.ledger, now_ms + self.wall_off_ms
        yard = naming.Yard(
            doors={bay.id: bay.door for bay in ledger.bays.values()},
            shown_ms={
                call: wall_ms - ledger.granted_ms[call]
                for call in ledger._open
                if call in ledger.granted_ms
            },
        )
        station, mono_ms = ledger.read(), now_ms - self.started_ms
        verdict = naming.decide(station, beat, device, self.witness, mono_ms, yard)
        others = tuple(row for row in ledger.named if row.device != device)
        ledger.keep(ledger.rows, (*others, *verdict.rows))
        return verdict.answer

    def _ask_again(
        self, station: lit.Station, rows: tuple[lit.Lit, ...], device: str, beat: Beat
    ) -> None:
        """A dark sign whose row stays only because its number is too low may say so again at once."""
        if not lit.says_dark(beat):
            return
        for row in rows:
            gone_seq = station.gone_seq(row) if row.device == device else None
            if gone_seq is not None and beat.seq < gone_seq:
                if (device, gone_seq) not in self._hinted:
                    self.ledger.nudge(device, "beat")
                self._hinted.add((device, gone_seq))

    def _note_panel(self, device: str, panel: PanelFacts | None) -> None:
        sign = self.ledger.signs[device]
        if panel is not None and sign.panel is not panel:
            self.ledger.signs[device] = replace(sign, panel=panel)
