"""Deeds are rows: planned once, claimed by one process, and never silently repeated."""

import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
import sqlalchemy as sa

from central import deeds, schema
from central.database.store import Store
from central.database.tx import Tx, View
from central.deeds import Planned
from tests.central.yards import PITEA, Station

TEXT = "text"


def plans(station: Station, cause: str, in_min: float = 0, kind: str = TEXT) -> None:
    def job(tx: Tx) -> None:
        deeds.plan(tx, PITEA, kind, cause, tx.now + timedelta(minutes=in_min), {"to": "desk"})

    station.store.write(job, station=PITEA)


def claims(station: Station, process: str = "one", store: Store | None = None) -> list[Planned]:
    def job(tx: Tx) -> list[Planned]:
        return deeds.claim(tx, PITEA, process, [TEXT])

    # Nothing but the claim itself keeps two processes apart: the station's row is not locked.
    return (store or station.store).write(job)


def ends(station: Station, how: Callable[[Tx, str], bool], deed: Planned) -> bool:
    return station.store.write(lambda tx: how(tx, deed.id), station=PITEA)


def states(station: Station) -> list[tuple[str, str]]:
    def look(view: View) -> list[tuple[str, str]]:
        rows = view.all(sa.select(schema.deed).order_by(schema.deed.c.cause))
        return [(row.cause, row.state) for row in rows if row.kind == TEXT]

    return station.store.read(look)


def doubts(station: Station) -> list[object]:
    stale = station.store.read(deeds.stale)
    for one in stale:
        station.store.write(partial(deeds.doubt, station=one), station=one)
    events = station.yard.events_after(PITEA, 0)
    return [one.data["cause"] for one in events if one.kind == "deed_uncertain"]


def test_a_deed_is_planned_once_for_each_cause(station: Station) -> None:
    plans(station, "visit 1")
    plans(station, "visit 1")
    plans(station, "visit 2")
    assert [("visit 1", "pending"), ("visit 2", "pending")] == states(station)


def test_planning_again_moves_it_while_nobody_has_begun(station: Station) -> None:
    plans(station, "visit 1", in_min=10)
    plans(station, "visit 1", in_min=0)
    (deed,) = claims(station)
    plans(station, "visit 1", in_min=10)
    assert ends(station, deeds.done, deed)
    plans(station, "visit 1")
    assert [] == claims(station), "it has happened"


def test_a_deed_is_not_done_before_its_time(station: Station) -> None:
    plans(station, "visit 1", in_min=1)
    assert [] == claims(station)
    station.minutes(1)
    assert ["visit 1"] == [deed.cause for deed in claims(station)]


def test_a_claim_tells_what_the_deed_is_about(station: Station) -> None:
    plans(station, "visit 1")
    (deed,) = claims(station)
    assert (PITEA, TEXT, {"to": "desk"}) == (deed.station, deed.kind, deed.data)


def test_who_comes_second_gets_nothing(station: Station) -> None:
    plans(station, "visit 1")
    assert 1 == len(claims(station, "one"))
    assert [] == claims(station, "two")


def test_of_two_processes_exactly_one_does_each_deed(postgres_station: Station) -> None:
    """Two stores on one database, as two central processes have them, both at the same deeds."""
    station = postgres_station
    other = Store(station.url, station.clock)
    taken: list[str] = []
    starts = threading.Barrier(4)

    def work(store: Store, process: str) -> None:
        starts.wait()
        for _ in range(20):
            taken.extend(deed.cause for deed in claims(station, process, store))

    try:
        for number in range(40):
            plans(station, f"visit {number:02}")
        workers = [
            threading.Thread(target=work, args=(store, f"{process} {thread}"))
            for process, store in enumerate((station.store, other))
            for thread in range(2)
        ]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    finally:
        other.close()
    assert sorted(taken) == [f"visit {number:02}" for number in range(40)]


def test_a_claim_that_was_rolled_back_was_never_made(station: Station) -> None:
    plans(station, "visit 1")

    def breaks(tx: Tx) -> None:
        assert deeds.claim(tx, PITEA, "one", [TEXT])
        raise OSError("the modem is gone")

    with pytest.raises(OSError, match="modem"):
        station.store.write(breaks, station=PITEA)
    assert ["visit 1"] == [deed.cause for deed in claims(station, "two")]


def test_a_process_that_dies_after_its_claim_leaves_a_doubt_and_no_repetition(
    station: Station,
) -> None:
    plans(station, "visit 1")
    claims(station, "one")
    station.restart()
    station.minutes(1)
    assert [] == doubts(station), "it may still be at it"
    station.clock.advance(1)
    assert ["visit 1"] == doubts(station)
    assert ["visit 1"] == doubts(station), "said once"
    assert [("visit 1", "uncertain")] == states(station)
    assert [] == claims(station, "two"), "nobody repeats it"


def test_the_yard_s_own_tick_doubts_old_claims(station: Station) -> None:
    plans(station, "visit 1")
    claims(station)
    station.minutes(2)
    station.yard.tick()
    assert "deed_uncertain" in station.happened()


def test_who_reports_late_ends_the_doubt(station: Station) -> None:
    plans(station, "visit 1")
    (deed,) = claims(station)
    station.minutes(2)
    doubts(station)
    assert ends(station, deeds.done, deed)
    assert [("visit 1", "done")] == states(station)
    assert not ends(station, deeds.done, deed), "no news the second time"


def test_what_needs_doing_no_longer_is_not_done(station: Station) -> None:
    plans(station, "visit 1")
    (deed,) = station.store.read(lambda view: deeds.due(view, [TEXT]))
    assert ends(station, deeds.void, deed)
    assert [] == claims(station)
    assert not ends(station, deeds.done, deed)
    assert [("visit 1", "void")] == states(station)


def test_a_deed_that_is_put_off_may_be_claimed_by_anybody_then(station: Station) -> None:
    plans(station, "visit 1")
    (deed,) = claims(station, "one")
    later = station.clock.now() + timedelta(minutes=5)
    station.store.write(lambda tx: deeds.put_off(tx, deed, later), station=PITEA)
    assert [] == claims(station, "two")
    station.minutes(5)
    assert 1 == len(claims(station, "two"))
