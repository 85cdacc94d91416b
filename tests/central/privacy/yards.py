"""A yard with a past: visits that ended some days ago, with everything that may name somebody."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

import msgspec
import sqlalchemy as sa

from central import schema
from central.database.tx import Row, View
from contract.ids import uuid7
from contract.transitions import Verb
from contract.wire import HelpCall
from contract.words import Approved, BookingWords, HelpClose, Outcome, ReInspection, VisitWords
from tests.central.yards import DESK_1, PITEA, Station

DAY_MS = 24 * 3_600_000
PLATE = "ABC123"
NUMBER = "+46701234567"
AGAIN = ReInspection(remarks=[f"brake hose, call {NUMBER}"])


def new_id(station: Station) -> str:
    return uuid7(int(station.clock.now().timestamp() * 1000))


def booked(station: Station, plate: str = PLATE, ref: str = "B-77", in_days: int = 0) -> None:
    words = BookingWords(
        plate=plate,
        slot_at=station.clock.now() + timedelta(days=in_days),
        remark=f"phone {NUMBER}",
        make="Volvo",
    )
    station.yard.desk.save_booking(PITEA, DESK_1, ref, words)


def whole_visit(station: Station, plate: str = PLATE, outcome: Outcome | None = None) -> str:
    """A booked car is typed, calls for help, is overridden, called, inspected; gives the visit."""
    booked(station, plate, f"ref-{plate}")
    station.comes(plate)
    helped(station, plate)
    row = station.row(plate)
    words = VisitWords(version=row.version, reason=f"{plate} called from {NUMBER}")
    station.yard.act(PITEA, DESK_1, row.visit, Verb.OVERRIDE, words)
    station.calls(plate)
    row = station.does(Verb.ENTER, plate, "1")
    done = VisitWords(version=row.version, outcome=outcome or Approved())
    station.yard.act(PITEA, DESK_1, row.visit, Verb.FINISH, done)
    return row.visit


def helped(station: Station, plate: str | None) -> str:
    call = HelpCall(id=new_id(station), plate=plate)
    station.yard.raise_help(PITEA, station.post, call)
    station.yard.acknowledge(PITEA, DESK_1, call.id)
    station.yard.close_help(PITEA, DESK_1, call.id, HelpClose(word=f"rang {NUMBER}"))
    return call.id


def days(station: Station, days: float) -> None:
    station.clock.advance(int(days * DAY_MS))


def said_anywhere(station: Station, *words: str) -> set[str]:
    """The tables in which one of *words* still stands, in any column."""
    found = set()
    for table in schema.metadata.sorted_tables:
        rows = station.store.read(partial(_all, table=table))
        text = msgspec.json.encode([list(map(str, row)) for row in rows]).decode()
        if any(word in text for word in words):
            found.add(table.name)
    return found


def _all(view: View, table: sa.Table) -> Sequence[Row]:
    return view.all(sa.select(table))
