"""Stations and bays, as the office sets them up."""

import pytest

from central.errors import AlreadyThere, NotPossible, NotThere
from tests.central.yards import PITEA, Station, local


def test_a_station_and_its_doors_are_remembered(station: Station) -> None:
    (place,) = station.yard.places.stations()
    assert ("Piteå", "Europe/Stockholm", ["1", "2"]) == (
        place.name,
        place.zone.key,
        [bay.door for bay in place.bays],
    )


def test_a_new_door_is_used_at_once(station: Station) -> None:
    station.queue()
    station.yard.places.create_bay(PITEA, "3", "3", ["full"], capacity=2)
    assert ["1", "2", "3"] == [bay.door for bay in station.queue().bays]
    station.comes("ABC123")
    assert "3" == station.calls("ABC123", "3").bay


def test_the_day_turns_at_the_station_s_own_midnight(station: Station) -> None:
    (place,) = station.yard.places.stations()
    first, after = place.day_of(local("2026-11-23 00:00"))
    assert (local("2026-11-23 00:00"), local("2026-11-24 00:00")) == (first, after)


def test_what_cannot_be_set_up_is_said(station: Station) -> None:
    places = station.yard.places
    with pytest.raises(AlreadyThere, match="station pitea already"):
        places.create_station(PITEA, "Piteå", "Europe/Stockholm")
    with pytest.raises(NotPossible, match="Europe/Stockholm"):
        places.create_station("lulea", "Luleå", "Lapland")
    with pytest.raises(NotPossible, match="lower-case"):
        places.create_station("Luleå", "Luleå", "Europe/Stockholm")
    with pytest.raises(AlreadyThere, match="bay 1 with door 1"):
        places.create_bay(PITEA, "x", "1", ["full"])
    with pytest.raises(NotThere, match="no station lulea"):
        places.create_bay("lulea", "1", "1", ["full"])
    with pytest.raises(NotPossible, match="at least one kind"):
        places.create_bay(PITEA, "3", "3", [])
