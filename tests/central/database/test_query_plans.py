"""No statement of a day's work walks through the years behind it, on either engine.

A station with thousands of past visits works for a day, and the engine explains every statement that was
sent.  What grows with the years may only be searched: by its key, by two or more words of an index, or by an
index that holds nothing but what is still open.  So whatever is sorted was found by such a search.
"""

import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from central import schema
from central.places.setup import StationSetup
from central.serving import figures
from contract.ids import uuid7
from contract.plate import Plate
from contract.transitions import Verb
from contract.visit import BayState
from contract.wire import DeviceFault, Heartbeat, HelpCall
from contract.words import Approved, BayChange, HelpClose, ReInspection, UndoWords, VisitWords
from portvakt.bench.past import fill, plate
from tests.central.yards import DESK_1, PITEA, Station
from tests.fakes.clock import MORNING, FakeClock

YEARS = timedelta(days=3_650)
EVENTS = 30_000
TODAY = "2026-11-23"
GROWS = {"event", "visit", "arrival", "call", "booking", "inspection", "help_call"}
# Partial indexes hold what is open, standing or due; but these hold all that is over.
PAST = ("ended_at IS NOT NULL", "match_key2 IS NOT NULL")
SMALL = {
    index.name
    for table in schema.metadata.tables.values()
    for index in table.indexes
    if (where := index.dialect_options["sqlite"]["where"]) is not None
    and not any(past in str(where) for past in PAST)
}
_NUMBERED = re.compile(r"_\d+$")
_SQLITE = re.compile(
    r"^(?P<how>SCAN|SEARCH) (?P<table>\w+)(?: USING (?:COVERING )?INDEX (?P<index>\w+))?(?: \((?P<by>.*)\))?"
)


class Statements:
    """Every statement that SQLAlchemy sends, once, with the words of its first time."""

    def __init__(self) -> None:
        self.all: dict[str, Any] = {}

    def keep(self, *words: Any) -> None:
        _connection, _cursor, statement, parameters, _context, many = words
        if statement.lstrip().startswith(("SELECT", "UPDATE", "DELETE", "WITH")):
            self.all.setdefault(statement, parameters[0] if many else parameters)


@contextmanager
def statements() -> Iterator[Statements]:
    kept = Statements()
    sa.event.listen(sa.Engine, "before_cursor_execute", kept.keep)
    try:
        yield kept
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", kept.keep)


# -- a station with a past, and its day -----------------------------------------------------------


@pytest.fixture
def old_station(station: Station, tmp_path: Path) -> Iterator[Station]:
    """The same station ten years later: one visit was made by hand, and thousands are like it."""
    station.clock.set_wall(MORNING - YEARS)
    day = f"{station.clock.now():%Y-%m-%d}"
    station.books(f"00000000-booked,{plate(0)},{day} 08:40,full")
    station.sign_1.wakes()
    visit = station.comes(plate(0)).visit
    station.comes(plate(0))
    helped(station, plate(0))
    station.calls(plate(0))
    station.sign_1.lit()
    station.does(Verb.ENTER, plate(0), "1")
    station.sign_1.dark()
    finishes(station, plate(0))
    station.store.close()
    assert visit is not None
    fill(station.url, PITEA, visit, EVENTS, YEARS - timedelta(hours=12), lambda _: None)
    old = Station(tmp_path, FakeClock(), station.url).find()
    yield old
    old.store.close()


def helped(station: Station, text: str) -> None:
    """Somebody asks for help, and gets it."""
    call = HelpCall(id=uuid7(int(station.clock.now().timestamp() * 1_000)), plate=text)
    station.yard.raise_help(PITEA, station.post, call)
    station.yard.help_state(PITEA, station.post.id, call.id)
    station.yard.acknowledge(PITEA, DESK_1, call.id)
    station.yard.close_help(PITEA, DESK_1, call.id, HelpClose(word="explained"))


def finishes(station: Station, text: str, *, approved: bool = True) -> None:
    row = station.row(text)
    outcome = Approved() if approved else ReInspection(remarks=["The lamp is broken."])
    words = VisitWords(version=row.version, outcome=outcome)
    station.yard.act(PITEA, DESK_1, row.visit, Verb.FINISH, words)


def a_day(station: Station) -> None:
    """Everything that happens at a station on a day, and all that is asked of it."""
    yard, cars = station.yard, [plate(number) for number in range(100, 108)]
    station.books(
        f"new-booking,{cars[0]},{TODAY} 09:00,full", f"other,{cars[7]},{TODAY} 09:10,full"
    )
    for car in (*cars[:5], cars[0]):
        station.comes(car)
    station.told_at_the_desk(cars[5])
    visits = {row.plate: row.visit for row in station.queue().line}
    yard.status(PITEA, station.post, cars[0])
    yard.booked(PITEA, Plate.parse(cars[1]))
    yard.expected(PITEA)
    reports(station)
    station.sign_1.wakes()
    station.sign_2.wakes()
    grows(station, cars[4])
    station.calls(cars[0])
    station.sign_1.lit()
    station.minutes(3)
    yard.status(PITEA, station.post, cars[0])
    station.does(Verb.RECALL, cars[0])
    station.does(Verb.MOVE, cars[0], "2")
    station.sign_1.dark()
    station.sign_2.ask()
    yard.tick()
    station.does(Verb.ENTER, cars[0], "2")
    finishes(station, cars[0], approved=False)
    station.calls_next()
    yard.undo(PITEA, DESK_1, UndoWords())
    station.does(Verb.PARK, cars[1])
    station.does(Verb.UNPARK, cars[1])
    station.does(Verb.LEAVE, cars[2])
    reopened = VisitWords(version=2)
    yard.act(PITEA, DESK_1, visits[cars[2]], Verb.REOPEN, reopened)
    helped(station, cars[1])
    yard.timeline(PITEA, visits[cars[0]])
    yard.events_after(PITEA, yard.cursor(PITEA)[1] - 5)
    yard.desk.visits_with(PITEA, Plate.parse(cars[1]))
    yard.desk.vehicle(PITEA, visits[cars[0]])
    yard.desk.bookings_of(PITEA, station.clock.now().date())
    station.comes(cars[0])  # after a re-inspection
    station.store.read(figures.read)
    closes(station)


def forgets(station: Station) -> None:
    """Somebody asks about a plate and has it erased; then comes a night like any other."""
    personal = station.yard.personal_data
    personal.keeping(PITEA)
    station.comes(plate(50))
    station.does(Verb.LEAVE, plate(50))
    assert personal.export(PITEA, Plate(plate(50))).visits
    personal.erase(PITEA, DESK_1, Plate(plate(50)))
    station.minutes(24 * 60)
    personal.night()


def reports(station: Station) -> None:
    """Devices say how they are, and people look."""
    for device in station.yard.devices.all(PITEA):
        fault = DeviceFault(part="outbox", reason="The disk is full.")
        said = Heartbeat(release="26.11.2", boot="b1", faults=[fault])
        station.yard.heartbeats.hear(device, said)
    station.minutes(4)
    station.yard.tick()
    station.yard.heartbeats.rows(PITEA)


def grows(station: Station, text: str) -> None:
    """A wait grows beyond what was said, as a door is closed; later nobody comes when called."""
    yard = station.yard
    yard.change_bay(PITEA, DESK_1, "2", BayState.CLOSED, BayChange())
    station.minutes(2)
    told = yard.status(PITEA, station.post, text)
    assert told is not None
    assert told.longer is not None
    yard.change_bay(PITEA, DESK_1, "2", BayState.OPEN, BayChange())
    visit = station.row(text)
    station.calls(text)
    station.does(Verb.NO_SHOW, text)
    missed = yard.status(PITEA, station.post, text)
    assert missed is not None
    arrival = station.typed(text)
    back = station.deliver(arrival)
    assert back.missed_call_at is not None
    station.minutes(1)  # the answer was lost, and nobody stands there any more
    assert back.missed_call_at == station.deliver(arrival).missed_call_at
    assert visit.visit == missed.visit


def closes(station: Station) -> None:
    """The evening comes, and the line is swept; a post that was off-line sends what it had."""
    late = station.typed(plate(108))
    station.yard.places.set_station(PITEA, StationSetup(hours="mon 07:00-17:00"))
    station.yard.tick()
    station.minutes(12 * 60)
    station.yard.tick()
    station.deliver(late)
    station.queue()


# -- what the engines say -------------------------------------------------------------------------


def walks_sqlite(station: Station, kept: Statements) -> list[str]:
    """The lines of SQLite's plans that walk through what grows."""
    with closing(sqlite3.connect(str(make_url(station.url).database))) as connection:
        plans = {
            statement: connection.execute(f"EXPLAIN QUERY PLAN {statement}", words).fetchall()
            for statement, words in kept.all.items()
        }
    return [
        f"{row[3]}: {statement}"
        for statement, rows in plans.items()
        for row in rows
        if sqlite_walks(row[3])
    ]


def sqlite_walks(line: str) -> bool:
    found = _SQLITE.match(line)
    if found is None or _NUMBERED.sub("", found["table"]) not in GROWS or found["index"] in SMALL:
        return False
    # "SEARCH visit" alone is a walk to the greatest or the least.
    searches = found["how"] == "SEARCH" and "USING" in line
    return not searches or found["by"] == "station=?"


def walks_postgres(station: Station, kept: Statements) -> list[str]:
    """The nodes of PostgreSQL's plans that walk through what grows."""
    address = make_url(station.url).set(drivername="postgresql")
    with psycopg.connect(
        address.render_as_string(hide_password=False), cursor_factory=psycopg.ClientCursor
    ) as connection:
        plans = {
            statement: connection.execute(f"EXPLAIN (FORMAT JSON) {statement}", words).fetchone()
            for statement, words in kept.all.items()
        }
    return [
        f"{node['Node Type']} {node.get('Relation Name', '')} {node.get('Index Cond')}: {statement}"
        for statement, plan in plans.items()
        for node in nodes(plan[0][0]["Plan"], "")  # type: ignore[index]
        if postgres_walks(node)
    ]


def nodes(node: dict[str, Any], table: str) -> Iterable[dict[str, Any]]:
    """A plan's nodes; one that only reads an index for another is of the other's table."""
    table = node.setdefault("Relation Name", table)
    yield node
    for below in node.get("Plans", ()):
        yield from nodes(below, table if node["Node Type"] == "Bitmap Heap Scan" else "")


def postgres_walks(node: dict[str, Any]) -> bool:
    if node["Relation Name"] not in GROWS or node.get("Index Name") in SMALL:
        return False
    searched_by = node.get("Index Cond", "")
    only_station = searched_by.startswith("(station =") or not searched_by
    return node["Node Type"] == "Seq Scan" or ("Index Name" in node and only_station)


def test_nothing_walks_through_the_years(old_station: Station) -> None:
    with statements() as kept:
        a_day(old_station)
    assert {"event", "visit", "arrival", "call", "booking", "inspection", "help_call"} <= {
        table for table in GROWS if any(f" {table}" in statement for statement in kept.all)
    }
    walks = walks_postgres if old_station.store.shared else walks_sqlite
    assert [] == walks(old_station, kept)


def test_to_forget_somebody_walks_through_the_years_neither(old_station: Station) -> None:
    old_station.yard.personal_data.night()  # the first one has ten years to go through
    if old_station.store.shared:
        old_station.store.wipe(60)  # and tells the planner what is left
    with statements() as kept:
        forgets(old_station)
    walks = walks_postgres if old_station.store.shared else walks_sqlite
    # Of bookings only those of the last days are left, and a few rows are read faster than an index.
    assert [] == [
        walk for walk in walks(old_station, kept) if " booking" not in walk.partition(":")[0]
    ]


def test_a_statement_that_walks_is_found(old_station: Station) -> None:
    """What the test above must not see, seen."""
    with statements() as kept:
        old_station.store.read(
            lambda view: [
                view.all(sa.select(schema.event.c.seq).where(schema.event.c.actor == "Desk 1")),
                view.all(
                    sa.select(schema.visit).where(
                        schema.visit.c.station == PITEA, schema.visit.c.kind == "x"
                    )
                ),
            ]
        )
    walks = walks_postgres if old_station.store.shared else walks_sqlite
    assert 2 == len(walks(old_station, kept))


@pytest.mark.parametrize(
    ("line", "walks"),
    [
        ("SCAN event", True),
        ("SCAN visit_1 USING INDEX visit_by_end", True),
        ("SCAN visit USING COVERING INDEX open_visits", False),
        ("SCAN station", False),
        ("SEARCH visit", True),
        ("SEARCH visit USING INDEX visit_by_end (station=?)", True),
        ("SEARCH visit USING INDEX visit_by_end (station=? AND state=? AND ended_at>?)", False),
        ("SEARCH visit USING INDEX open_visits (station=?)", False),
        ("SEARCH event USING INDEX sqlite_autoindex_event_1 (station=? AND seq>?)", False),
    ],
)
def test_a_line_of_sqlite_s_plan_is_a_walk_or_a_search(line: str, walks: bool) -> None:
    assert walks == sqlite_walks(line)
