"""One station's trouble is its own: the others are swept, their signs are watched, and the log says once."""

import pytest
import sqlalchemy as sa

from central import schema
from central.database.tx import Tx, View
from central.line.closing import SWEEP
from central.places.setup import StationSetup
from central.serving.ticker import Ticker
from central.troubles import TickLost, Troubles
from contract import problems
from contract.problems import Problem
from contract.wire import Enrol, Role
from tests.central.yards import DESK_1, PITEA, Sign, Station, local
from tests.waiting import until

# Sorts behind Piteå, so that Piteå's trouble would come first.
UMEA = "umea"
HOURS = "mon-fri 07:00-17:00"
SILENT_MS = 31_000


@pytest.fixture
def two_stations(station: Station) -> Station:
    """Piteå and Umeå, both open until 17, each with a sign that was heard just now."""
    places, devices = station.yard.places, station.yard.devices
    places.create_station(UMEA, "Umeå", "Europe/Stockholm")
    places.create_bay(UMEA, "1", "1", ["full"])
    for place in (PITEA, UMEA):
        places.set_station(place, StationSetup(hours=HOURS), actor=DESK_1)
    code = devices.create_device_code(UMEA, Role.SIGN, "Sign 1", "1")
    sign = devices.by_token(devices.enrol(UMEA, Enrol(code=code)).token)
    assert sign is not None
    station.yard.beat(UMEA, sign.id, Sign(station.yard, sign).words())
    station.sign_1.wakes()
    return station


def breaks_hours(station: Station) -> None:
    """Piteå's time zone is none that this machine knows, as after an update of the zone files."""
    sets(station, sa.update(schema.station).where(schema.station.c.id == PITEA), time_zone="Gone")
    station.restart()


def mends_hours(station: Station) -> None:
    zone = "Europe/Stockholm"
    sets(station, sa.update(schema.station).where(schema.station.c.id == PITEA), time_zone=zone)


def breaks_signs(station: Station) -> None:
    """What a sign of Piteå declared is nothing that this release can read, and a call stands there."""
    station.comes("ABC123")
    station.calls("ABC123")
    station.sign_1.lit()
    panel = schema.device.c.panel
    of_pitea = sa.update(schema.device).where(schema.device.c.station == PITEA, panel.is_not(None))
    sets(station, of_pitea, panel={"plate": "ABC123"})


def sets(station: Station, statement: sa.Update, **words: object) -> None:
    def job(tx: Tx) -> None:
        tx.run(statement.values(words))

    station.store.write(job)


def tick_is_lost(station: Station) -> str:
    with pytest.raises(TickLost) as lost:
        station.yard.tick()
    return str(lost.value)


def happened(station: Station, place: str) -> list[str]:
    return [event.kind for event in station.yard.events_after(place, 0)]


def swept(station: Station, place: str) -> list[str]:
    deed = schema.deed.c

    def look(view: View) -> list[str]:
        rows = view.all(
            sa.select(deed.cause).where(
                deed.station == place, deed.kind == SWEEP, deed.state == "done"
            )
        )
        return [row.cause for row in rows]

    return station.store.read(look)


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    found = [one.getMessage() for one in caplog.records if one.name == "central.troubles"]
    caplog.clear()
    return found


def test_signs_that_cannot_be_watched_at_one_station_are_watched_at_the_other(
    two_stations: Station,
) -> None:
    two_stations.yard.tick()
    breaks_signs(two_stations)
    two_stations.clock.advance(SILENT_MS)
    lost = tick_is_lost(two_stations)
    assert PITEA in lost
    assert UMEA not in lost
    assert ["sign_silent"] == [
        kind for kind in happened(two_stations, UMEA) if kind.startswith("sign")
    ]


def test_a_station_whose_hours_cannot_be_read_does_not_keep_the_other_from_closing(
    two_stations: Station,
) -> None:
    breaks_hours(two_stations)
    tick_is_lost(two_stations)
    two_stations.clock.set_wall(local("2026-11-23 18:00"))
    tick_is_lost(two_stations)
    assert [local("2026-11-23 17:00").isoformat()] == swept(two_stations, UMEA)


def test_a_sweep_that_fails_at_one_station_is_done_at_the_other_and_later_at_the_first(
    two_stations: Station,
) -> None:
    two_stations.yard.tick()
    breaks_hours(two_stations)
    two_stations.clock.set_wall(local("2026-11-23 18:00"))
    tick_is_lost(two_stations)
    assert [] == swept(two_stations, PITEA)
    assert 1 == len(swept(two_stations, UMEA))
    mends_hours(two_stations)
    two_stations.yard.tick()
    assert 1 == len(swept(two_stations, PITEA))


def test_the_log_says_once_what_is_wrong_where_and_once_that_it_is_well_again(
    two_stations: Station, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    breaks_hours(two_stations)
    for _ in range(3):
        tick_is_lost(two_stations)
    (line,) = said(caplog)
    assert line.startswith("tick failed station=pitea part=planning reason=ZoneInfoNotFoundError")
    mends_hours(two_stations)
    for _ in range(2):
        two_stations.yard.tick()
    assert ["tick well again station=pitea part=planning"] == said(caplog)
    breaks_hours(two_stations)
    tick_is_lost(two_stations)
    assert [line] == said(caplog), "news again"


def test_a_country_whose_holidays_are_gone_keeps_nobody_from_arriving_or_from_the_sweep(
    station: Station,
) -> None:
    station.yard.places.set_station(PITEA, StationSetup(hours=HOURS), actor=DESK_1)
    of_pitea = sa.update(schema.station).where(schema.station.c.id == PITEA)
    sets(station, of_pitea, holidays="XZ")
    station.restart()
    assert "waiting" == station.comes("ABC123").state
    assert local("2026-11-23 17:00") == station.queue().closes_at
    station.yard.tick()
    station.clock.set_wall(local("2026-11-23 18:00"))
    station.yard.tick()
    assert [] == station.queue().line


def test_no_plate_is_in_the_log(two_stations: Station, caplog: pytest.LogCaptureFixture) -> None:
    breaks_signs(two_stations)
    lost = tick_is_lost(two_stations)
    assert 1 == len(said(caplog))
    assert "ABC123" not in lost + caplog.text
    assert "ABC 123" not in lost + caplog.text


def test_the_ticker_goes_on_and_says_where_to_look(
    two_stations: Station, caplog: pytest.LogCaptureFixture
) -> None:
    breaks_hours(two_stations)
    with Ticker(two_stations.yard.tick, 0.01) as ticker:
        until(lambda: "tick lost" in caplog.text, what="the word of the ticker")
        mends_hours(two_stations)
        caplog.set_level("INFO")
        until(lambda: "tick back" in caplog.text, what="the end of the trouble")
        assert ticker.alive
    assert "tick lost reason=What happens by itself failed at pitea; the log says why." in (
        record.getMessage() for record in caplog.records
    )


def test_a_database_that_cannot_be_read_does_not_end_the_ticker(sqlite_station: Station) -> None:
    """SQLite's own complaint is none of ours, and is no reason to take the boards away."""
    sqlite_station.store.write(lambda tx: tx.run(sa.text("ALTER TABLE lit RENAME TO dim")))
    tick_is_lost(sqlite_station)
    sqlite_station.store.write(lambda tx: tx.run(sa.text("ALTER TABLE dim RENAME TO lit")))
    sqlite_station.yard.tick()


def test_a_refusal_is_told_by_its_reason_and_an_error_by_where_it_was(
    caplog: pytest.LogCaptureFixture,
) -> None:
    troubles = Troubles()

    def turn() -> None:
        with troubles.turn():
            with troubles.apart("signs", UMEA):
                raise ValueError("ABC 123")
            with troubles.apart("closing", PITEA):
                raise Problem(problems.BAY_BUSY, "ABC 123 is in bay 1.")

    with pytest.raises(TickLost, match="at pitea, umea;"):
        turn()
    error, refusal = said(caplog)
    assert error == "tick failed station=umea part=signs reason=ValueError"
    assert refusal == "tick failed station=pitea part=closing reason=bay_busy"


def test_a_station_whose_beats_could_not_be_saved_gives_its_signs_their_time_again(
    two_stations: Station,
) -> None:
    """One station's row is locked by a maintenance that hangs: its signs beat, and nobody can note it."""
    heard = two_stations.yard._known.heard
    two_stations.clock.advance(SILENT_MS)
    heard.was_deaf(PITEA)
    assert [UMEA] == list(heard.fallen_silent())
    two_stations.clock.advance(SILENT_MS)
    assert [PITEA, UMEA] == sorted(heard.fallen_silent())


def test_what_concerns_every_station_is_no_trouble_of_one() -> None:
    """A server that is away says so itself, and nothing else can be tried."""
    troubles = Troubles()
    with pytest.raises(Problem, match="away"), troubles.turn(), troubles.apart("signs"):
        raise Problem(problems.NOT_SAVED, "The database is away.")
