"""A sign's beat: what it reports becomes facts, and what it may show is on disk before it is told."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import msgspec
import sqlalchemy as sa

from central import schema
from central.database.tx import Row, Tx
from central.devices import boots
from central.known import Known
from central.line.line import in_order
from central.line.rows import ms_between, open_visits
from central.places.places import Place
from central.signs import lit, naming, signs
from central.signs.signs import Reading
from central.words import Actor, Nudge
from contract import problems
from contract.event import EventKind
from contract.plate import Plate
from contract.problems import Problem
from contract.wire import NO_CALL, Beat, Dark, Grant, Lease, PanelState

# How old `beat_at` may get on the row; memory knows better.  It is less than the time between the beats of
# a dark sign, so that each renews the row: other processes know of the sign by that alone.
_ROW_AGE = timedelta(seconds=8)
_C, _D = schema.call.c, schema.device.c


_COLUMNS = {
    EventKind.SIGN_GRANTED: "granted_at",
    EventKind.SIGN_SENT: "sent_at",
    EventKind.SIGN_CONFIRMED: "confirmed_at",
    EventKind.SIGN_DARK: "dark_at",
}
_OPPOSITE = {
    EventKind.SIGN_SENT: EventKind.SIGN_DARK,
    EventKind.SIGN_DARK: EventKind.SIGN_SENT,
}
_STAMPS = {
    kind: sa.update(schema.call)
    .where(_C.id == sa.bindparam("of_call"))
    .values({column: sa.bindparam("at")})
    for kind, column in _COLUMNS.items()
}
_REPORTED = (
    "silent",
    "boot",
    "panel_state",
    "fault",
    "commanded",
    "sent_call",
    "sent_whole",
    "confirmed",
    "panel",
    "picture",
)
_UPDATE = (
    sa.update(schema.device)
    .where(_D.id == sa.bindparam("of_device"))
    .values({word: sa.bindparam(word) for word in ("beat_at", *_REPORTED)})
)


def beat(tx: Tx, known: Known, station: str, device: str, said: Beat) -> Lease:
    """Answer a sign: a grant whose lit row is in this transaction, a listing, or dark."""
    reading = signs.read(tx, known, station)
    row = reading.devices.get(device)
    if row is None:
        raise Problem(problems.UNKNOWN_DEVICE, "This sign is not known here; enrol it again.")
    if boots.heard(tx, row, said.boot):
        reading = signs.read(tx, known, station)  # as two machines it is granted nothing more
    said = _with_panel(said, row)
    reading = _with_report_of_named(tx, known, reading, said, row)
    answer = _answer(tx, known, reading, said, row)
    tx.after_commit(lambda: known.heard.beat(device, well=said.state is PanelState.OK))
    # Facts of this very beat are part of the read behind the answer, so its number counts them.
    return msgspec.structs.replace(answer, seq=tx.seqs.get(station, reading.station.seq))


def _answer(tx: Tx, known: Known, reading: Reading, said: Beat, row: Row) -> Lease:
    place = known.places.of(tx, row.station)
    witness, now_ms = known.witness(row.station), known.clock.monotonic_ms()
    shown_ms = _shown_ms(tx, reading, row)
    verdict = lit.decide(reading.station, said, row.id, witness, now_ms, shown_ms)
    gone = signs.keep(tx, row.station, reading.station.rows, verdict.rows)
    answer = _for_people(place, row, verdict.answer)
    if row.lists:
        now_lit = replace(reading, station=replace(reading.station, rows=verdict.rows))
        answer = _listing(tx, known, now_lit, said, row)
    news = _Report(tx, row.station, reading, row, said).write(answer)
    signs.tell_waiting(tx, known, reading, gone, but=row.id)
    for bay in news | {one.bay for one in gone}:
        signs.tell_yard(tx, known, reading, bay)
    _ask_again(tx, known, reading, verdict, said, row)
    return answer


def _with_report_of_named(tx: Tx, known: Known, reading: Reading, said: Beat, row: Row) -> Reading:
    """Let go of the doors that a yard sign does not name any more, before anything else is decided."""
    before = reading.station.named
    after = naming.after_report(reading.station, said, row.id)
    if after == before:
        return reading
    gone = signs.keep_named(tx, row.station, before, after)
    signs.tell_unnamed(tx, known, reading, gone)
    return replace(reading, station=replace(reading.station, named=after))


def _listing(tx: Tx, known: Known, reading: Reading, said: Beat, row: Row) -> Lease:
    """What a yard sign may say; the doors that it may name are on disk before it is told."""
    place = known.places.of(tx, row.station)
    verdict = naming.decide(
        reading.station,
        said,
        row.id,
        known.witness(row.station),
        known.clock.monotonic_ms(),
        _yard(tx, place, reading),
    )
    before = reading.station.named
    others = tuple(one for one in before if one.device != row.id)
    signs.keep_named(tx, row.station, before, (*others, *verdict.rows))
    return verdict.answer


def _yard(tx: Tx, place: Place, reading: Reading) -> naming.Yard:
    waiting = in_order(open_visits(tx, place.id))[: place.next_on_yard]
    return naming.Yard(
        doors={bay.id: bay.door for bay in place.bays},
        shown_ms={
            call.id: ms_between(call.granted_at, tx.now)
            for call in reading.calls.values()
            if call.granted_at is not None
        },
        next_up=[Plate(visit.plate).display for visit in waiting],
    )


def _for_people(place: Place, row: Row, answer: Lease) -> Lease:
    """Add what the sign shows beside the plate, or instead of one."""
    if isinstance(answer, Grant):
        return msgspec.structs.replace(answer, door=place.door(answer.bay) or "")
    bay = next((bay for bay in place.bays if bay.id == row.bay), None)
    if bay is None or not isinstance(answer, Dark) or answer.reason != NO_CALL:
        return answer
    return msgspec.structs.replace(answer, notice=place.notice(bay.state))


def _with_panel(said: Beat, row: Row) -> Beat:
    """A driver's declaration holds as long as its process lives."""
    if said.panel is None and said.boot == row.boot:
        return msgspec.structs.replace(said, panel=signs.panel_of(row))
    return said


def _shown_ms(tx: Tx, reading: Reading, row: Row) -> int:
    call = reading.station.call_at(row.bay)
    granted_at = None if call is None else reading.calls[call.id].granted_at
    return 0 if granted_at is None else ms_between(granted_at, tx.now)


def _ask_again(
    tx: Tx, known: Known, reading: Reading, verdict: lit.Verdict, said: Beat, row: Row
) -> None:
    """A dark sign whose row stays only because its number is too low gets the newer one with this answer;
    its next beat can free the plate.  Without a hint that beat would come ten seconds later."""
    for one in verdict.rows:
        gone_seq = reading.station.gone_seq(one)
        if (
            one.device == row.id
            and gone_seq is not None
            and lit.says_dark(said)
            and said.seq < gone_seq
            and known.first_hint(row.id, gone_seq)
        ):
            signs.nudge(tx, known, [Nudge(row.station, row.id)])


def _picture(said: Beat, now: datetime) -> dict[str, object] | None:
    if said.picture is None:
        return None
    return {"at": now.isoformat(), **msgspec.to_builtins(said.picture)}


def _is_news(kind: EventKind, call: Row) -> bool:
    """Whether a report says something else than the one before it."""
    said_at = getattr(call, _COLUMNS[kind])
    opposite = _OPPOSITE.get(kind)
    undone_at = None if opposite is None else getattr(call, _COLUMNS[opposite])
    return said_at is None or (undone_at is not None and undone_at > said_at)


@dataclass(frozen=True, slots=True)
class _Report:
    """What a beat says, against what the *row* of its device said before."""

    tx: Tx
    station: str
    reading: Reading
    row: Row
    said: Beat

    def write(self, answer: Lease) -> set[str]:
        """Write what changed, as events and on the device's row; give the bays that are lit anew."""
        self._device_events()
        self._showing_events()
        lit_anew: set[str] = set()
        if isinstance(answer, Grant):
            lit_anew = {answer.bay} if self._once(EventKind.SIGN_GRANTED, answer.call) else set()
        elif isinstance(answer, Dark) and answer.reason == "cannot_show":
            call = self.reading.station.call_at(self.row.bay)
            if call is not None and self.reading.calls[call.id].cannot_show_at is None:
                visit = self.reading.calls[call.id].visit
                signs.cannot_show(self.tx, self.station, self._actor, call.id, visit, call.bay)
        self._device_row()
        return lit_anew

    @property
    def _actor(self) -> Actor:
        return Actor("sign", self.row.id, self.row.name)

    def _device_events(self) -> None:
        if self.row.silent:
            self.tx.event(self.station, EventKind.SIGN_BACK, self._actor, bay=self.row.bay)
        if self.row.panel_state != self.said.state:
            kind = EventKind.SIGN_WELL if self.said.state is PanelState.OK else EventKind.SIGN_FAULT
            data = {"fault": self.said.fault}
            self.tx.event(self.station, kind, self._actor, bay=self.row.bay, data=data)

    def _showing_events(self) -> None:
        sent = self.said.sent
        if lit.says_dark(self.said):
            for call in self._went_dark():
                self._once(EventKind.SIGN_DARK, call)
        if sent.call is not None and sent.whole:
            self._once(EventKind.SIGN_SENT, sent.call)
            if self.said.confirmed:
                self._once(EventKind.SIGN_CONFIRMED, sent.call)

    def _went_dark(self) -> list[str]:
        """The calls that this sign showed, or may have shown and that are over."""
        rows = self.reading.station.rows
        over = [
            row.call
            for row in rows
            if row.device == self.row.id and self.reading.station.gone_seq(row) is not None
        ]
        shown = [] if self.row.sent_call is None else [self.row.sent_call]
        return list(dict.fromkeys(shown + over))

    def _once(self, kind: EventKind, call_id: str) -> bool:
        """Write an event of a call when it is news: after an outage a sign goes dark and is lit again."""
        call = self.reading.calls.get(call_id)
        if call is None or not _is_news(kind, call):
            return False
        self.tx.run(_STAMPS[kind], of_call=call_id, at=self.tx.now)
        self.tx.event(self.station, kind, self._actor, visit=call.visit, bay=call.bay, call=call_id)
        return True

    def _device_row(self) -> None:
        said = self.said
        panel = None if said.panel is None else msgspec.to_builtins(said.panel)
        now: dict[str, object] = {
            "silent": False,
            "boot": said.boot,
            "panel_state": said.state.value,
            "fault": said.fault,
            "commanded": said.commanded,
            "sent_call": said.sent.call,
            "sent_whole": said.sent.whole,
            "confirmed": said.confirmed,
            "panel": panel,
            # A plate stands in it: the next beat without one takes it away.
            "picture": _picture(said, self.tx.now),
        }
        last = self.row.beat_at
        if all(getattr(self.row, word) == value for word, value in now.items()) and (
            last is not None and timedelta() <= self.tx.now - last < _ROW_AGE
        ):
            return
        self.tx.run(_UPDATE, of_device=self.row.id, beat_at=self.tx.now, **now)
