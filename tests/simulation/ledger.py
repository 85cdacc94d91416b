"""A transactional store in memory for the real decision code, and central processes that share it.

Only the bookkeeping is ours (rows, numbers, which call ended at which event); who may be lit and what
a person may do is decided by `central.lit` and `central.line`, the code that serves the station.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from central import line, lit
from contract.plate import Plate
from contract.problems import Problem
from contract.transitions import TRANSITIONS, Verb
from contract.visit import State, turn
from contract.wire import Beat, Grant, Lease, PanelFacts
from contract.words import VisitWords

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
    nudge: Callable[[str, str], None] = lambda _device, _words: None

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
        known = {row.call for row in self.rows}
        calls = tuple(c for c in self.calls.values() if c.id in known or c.ended_seq is None)
        return lit.Station(self.epoch, self.seq, self.rows, calls, tuple(self.signs.values()))

    def lit_plates(self) -> list[str]:
        """The match keys that some sign may be showing."""
        return [row.match_key for row in self.rows]

    def _commit(self, before: line.Visit, deed: line.Deed) -> None:
        self.seq += 1
        self.visits[before.id] = deed.visit
        if deed.ended_call:
            ended = self.calls[deed.ended_call]
            self.calls[ended.id] = replace(ended, ended_seq=self.seq)
            self._tell(ended.bay, f"dark {ended.id}")
        if deed.started_call:
            self.calls[deed.started_call] = lit.Call(
                id=deed.started_call,
                bay=str(deed.visit.bay),
                match_key=deed.visit.match_key,
                plate=deed.visit.plate,
                text=Plate(deed.visit.plate).display,
            )
            self._tell(str(deed.visit.bay), "beat")

    def _tell(self, bay: str, words: str) -> None:
        for sign in self.signs.values():
            if sign.bay == bay:
                self.nudge(sign.device, words)


@dataclass
class Process:
    """One central process: its own monotonic clock and memory, the shared ledger."""

    ledger: Ledger
    started_ms: int
    witness: lit.Witness = field(default_factory=lit.Witness)
    decide: Callable[..., lit.Verdict] = lit.decide
    wall_off_ms: int = 0

    def beat(self, device: str, beat: Beat, now_ms: int) -> Lease:
        """Answer a beat in one transaction, as the yard does."""
        if beat.panel is not None:
            self._note_panel(device, beat.panel)
        station = self.ledger.read()
        call = station.call_at(self.ledger.signs[device].bay)
        wall_ms = now_ms + self.wall_off_ms
        shown_ms = 0 if call is None else wall_ms - self.ledger.granted_ms.get(call.id, wall_ms)
        verdict = self.decide(
            station, beat, device, self.witness, now_ms - self.started_ms, shown_ms
        )
        self.ledger.rows = verdict.rows
        if isinstance(verdict.answer, Grant) and call is not None:
            self.ledger.granted_ms.setdefault(call.id, wall_ms)
        return verdict.answer

    def tick(self, now_ms: int) -> None:
        """Let go of rows whose leases have all run out."""
        station = self.ledger.read()
        self.ledger.rows = lit.without_waited_out(station, self.witness, now_ms - self.started_ms)

    def _note_panel(self, device: str, panel: PanelFacts) -> None:
        self.ledger.signs[device] = replace(self.ledger.signs[device], panel=panel)
