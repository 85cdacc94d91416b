"""The pace of a station follows every service that ends, and reads each only once."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from central.line.pace import LOOKS_BACK, Paces
from contract.transitions import Verb
from contract.words import VisitWords
from tests.central.yards import DESK_1, PITEA, Station


def serve(station: Station, plate: str, minutes: float, bay: str = "1") -> None:
    """A car drives in and leaves after so many minutes."""
    station.comes(plate)
    station.does(Verb.ENTER, plate, bay)
    station.minutes(minutes)
    station.does(Verb.FINISH, plate)


def learned(station: Station, paces: Paces) -> float:
    return station.store.read(lambda view: paces.means(view, PITEA))["full"]


def anew(station: Station) -> float:
    """What a process that starts now would learn."""
    return learned(station, Paces(shared=False))


@contextmanager
def rows_read() -> Iterator[list[int]]:
    """The number of rows that each look at ended services gave."""
    found: list[int] = []

    def count(*words: Any) -> None:
        connection, _cursor, statement, parameters, _context, _many = words
        if re.search(r"SELECT visit.ended_at, visit.in_bay_at", statement):
            found.append(
                len(connection.connection.cursor().execute(statement, parameters).fetchall())
            )

    sa.event.listen(sa.Engine, "before_cursor_execute", count)
    try:
        yield found
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", count)


@pytest.fixture
def paces(station: Station) -> Paces:
    """The yard's own."""
    return station.yard._known.paces


def test_every_service_that_ends_moves_the_mean(station: Station, paces: Paces) -> None:
    before = learned(station, paces)
    for number, minutes in enumerate((40, 42, 44)):
        serve(station, f"AAA{number:03}", minutes)
        assert anew(station) == learned(station, paces) > before
        before = learned(station, paces)


def test_only_what_ended_since_is_read(station: Station, paces: Paces) -> None:
    for number in range(5):
        serve(station, f"AAA{number:03}", 30)
    learned(station, paces)
    with rows_read() as found:
        learned(station, paces)
        assert [] == found
        serve(station, "BBB222", 50)
        learned(station, paces)
        assert max(found) <= 2
    assert anew(station) == learned(station, paces)


def test_a_service_that_was_taken_back_is_forgotten(station: Station, paces: Paces) -> None:
    serve(station, "AAA111", 20)
    serve(station, "BBB222", 55)
    with_both = learned(station, paces)
    visit = next(e.visit for e in station.yard.events_after(PITEA, 0) if e.kind == "finished")
    assert visit is not None
    version = station.yard.timeline(PITEA, visit)[-1].data["version"]
    assert isinstance(version, int)
    station.yard.act(PITEA, DESK_1, visit, Verb.REOPEN, VisitWords(version=version))
    assert anew(station) == learned(station, paces) != with_both


def test_two_services_that_ended_together_are_two(station: Station, paces: Paces) -> None:
    for plate, bay in (("AAA111", "1"), ("BBB222", "2")):
        station.comes(plate)
        station.does(Verb.ENTER, plate, bay)
    station.minutes(50)
    station.does(Verb.FINISH, "AAA111")
    learned(station, paces)
    station.does(Verb.FINISH, "BBB222")
    assert anew(station) == learned(station, paces)


def test_another_process_s_services_count(station: Station) -> None:
    other = Paces(shared=True)
    before = learned(station, other)
    serve(station, "AAA111", 55)
    assert anew(station) == learned(station, other) > before


def test_what_is_older_than_a_fortnight_counts_no_more(station: Station, paces: Paces) -> None:
    serve(station, "AAA111", 55)
    old = learned(station, paces)
    station.minutes(LOOKS_BACK.total_seconds() / 60)
    serve(station, "BBB222", 20)
    assert anew(station) == learned(station, paces) < old
