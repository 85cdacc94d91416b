"""Ten years of history: made of one real visit, and what they cost."""

from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from central import schema
from central.clock import SystemClock
from central.database.folder import DataFolder
from central.database.store import Store
from central.database.tx import View
from portvakt.bench.history import YEARS, _make, measure
from portvakt.bench.past import plate


@pytest.mark.processes
def test_the_cost_of_history_is_measured_beside_an_empty_station() -> None:
    said: list[str] = []
    figures = list(measure(900, 1, 2, said.append))
    assert ["queue", "call", "arrival"] == [one.name.partition(" ")[0] for one in figures]
    assert all(one.value > 0 and one.target == 1.2 for one in figures)
    assert "empty" in figures[0].detail
    assert said[0].endswith("0 %")
    assert said[-1].endswith("pass 1 of 1")


def test_the_past_is_whole_visits_of_many_vehicles_over_ten_years(tmp_path: Path) -> None:
    url = DataFolder(tmp_path / "data").url
    total = _make(url, 3_000, lambda _: None)

    def look(view: View) -> None:
        visits = view.all(sa.select(schema.visit).order_by(schema.visit.c.id))
        events = view.all(sa.select(schema.event).order_by(schema.event.c.seq))
        assert list(range(1, total + 1)) == [event.seq for event in events]
        assert total == view.one(sa.select(schema.station)).seq
        assert {"done"} == {visit.state for visit in visits}
        assert len(visits) == len({visit.plate for visit in visits}) > 300
        span = max(visit.ended_at for visit in visits) - min(visit.arrived_at for visit in visits)
        assert YEARS - timedelta(days=30) < span < YEARS
        for table, least in ((schema.arrival, 2), (schema.call, 2), (schema.booking, 1)):
            rows = view.all(sa.select(table))
            assert least * len(visits) == len(rows), table.name
            assert {row.visit for row in rows} == {visit.id for visit in visits}, table.name
        assert [] == view.all(sa.select(schema.claim))
        assert [] == view.all(sa.text("PRAGMA foreign_key_check"))

    with closing(Store(url, SystemClock())) as store:
        store.read(look)


def test_every_vehicle_has_a_plate_of_its_own() -> None:
    assert 40_000 == len({plate(number) for number in range(40_000)})
    assert "AAA000" == plate(0)
