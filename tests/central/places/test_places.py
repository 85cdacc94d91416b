"""Stations and bays, as the office sets them up."""

from typing import Any

import pytest

from central.database.tx import Tx
from central.errors import AlreadyThere, NotPossible, NotThere
from central.places.hours_words import from_row, read_week, to_row, week_text
from central.places.places import Place
from central.places.setup import BaySetup, StationSetup, change_bay
from tests.central.yards import DESK_1, PITEA, Station, local, together


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


def change(station: Station, **words: Any) -> Place:
    station.yard.places.set_station(PITEA, StationSetup(**words), actor=DESK_1)
    (place,) = station.yard.places.stations()
    return place


def changes(station: Station, kind: str) -> list[dict[str, object]]:
    return [one.data for one in station.yard.events_after(PITEA, 0) if one.kind == kind]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("mon-fri 07:00-17:00, sat 09:00-13:00", "mon-fri 07:00-17:00, sat 09:00-13:00"),
        ("Mon–Fri 7–17", "mon-fri 07:00-17:00"),
        ("monday 07.30-11.30 12.30-17", "mon 07:30-11:30 12:30-17:00"),
        ("fri-mon 08:00-24:00", "mon 08:00-24:00, fri-sun 08:00-24:00"),
        ("mon wed 07:00-17:00, tue closed", "mon 07:00-17:00, wed 07:00-17:00"),
        ("mon 13:00-17:00, mon 07:00-12:00", "mon 07:00-12:00 13:00-17:00"),
        ("always", "always"),
    ],
)
def test_hours_are_read_as_people_write_them(written: str, read: str) -> None:
    week = read_week(written)
    assert read == week_text(week)
    assert week == from_row(to_row(week)), "and are the same when they come back from a row"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"hours": "mon-fri 7-17, tus 8-12"}, '"tus" is no day of the week; did you mean tue?'),
        ({"hours": "mon-fri 17-07"}, "mon 17:00-07:00 ends before it begins"),
        ({"hours": "mon 17-07"}, "write a night as 17:00-24:00 and 00:00-07:00 of the next day"),
        ({"hours": "mon 7-12 11-15"}, "mon 07:00-12:00 and 11:00-15:00 overlap"),
        ({"hours": "mon 07:00-25:00"}, '"25:00" in "mon 07:00-25:00" is no time'),
        ({"hours": "mon 07:60-08:00"}, '"07:60" in "mon 07:60-08:00" is no time'),
        ({"hours": "mon 07:00"}, '"07:00" in "mon 07:00" is no span'),
        ({"hours": "mon"}, 'Say when it is open on "mon"'),
        ({"hours": "07:00-17:00"}, 'Say for which days "07:00-17:00" is'),
        ({"hours": ""}, 'Say for which days "" is'),
        ({"hours": "sun closed"}, "opens on no day"),
        ({"special_days": ["24/12 closed"]}, '"24/12" is no day; write it like 2026-12-24'),
        ({"special_days": ["2026-12-24"]}, "Say when 2026-12-24 is open"),
        ({"special_days": ["2026-12-24 12-8"]}, "2026-12-24 12:00-08:00 ends before it begins"),
        ({"holidays": "Sweden"}, r"did you mean SE \(Sweden\)"),
        ({"holidays": "Swedne"}, r"SE \(Sweden\)"),
        ({"holidays": "DE-XX"}, "Germany has no part XX"),
        ({"holidays": "?"}, "write its two letters"),
        ({"time_zone": "Stockholm"}, "The nearest is Europe/Stockholm"),
        ({"time_zone": "Europe"}, '"Europe" is no time zone'),
        ({"early_min": -1}, "early -1 cannot be; choose 0 to 1440"),
        ({"sweep_after_min": 2000}, "sweep-after 2000 cannot be"),
        ({"recheck_days": 0}, "recheck 0 cannot be; choose 1 to 366"),
        ({"name": " "}, "Give the station a name"),
        ({"sign_closed": "ABC 123"}, '"1" cannot stand in a notice'),
        ({"sign_break": "KÖR IN"}, "said only with a plate"),
        ({"next_on_yard": -1}, "next-on-yard -1 cannot be; choose 0 to 20"),
    ],
)
def test_what_cannot_be_set_is_named_and_nothing_changes(
    sqlite_station: Station, words: dict[str, Any], sentence: str
) -> None:
    station = sqlite_station  # what is refused never reaches the database
    before = change(station)
    with pytest.raises(NotPossible, match=sentence):
        change(station, **words)
    assert before == change(station)


def test_what_is_set_is_remembered_by_the_next_process_too(station: Station) -> None:
    words = {
        "name": "Piteå norra",
        "time_zone": "Europe/Helsinki",
        "hours": "mon-fri 07:00-17:00",
        "holidays": "SE",
        "special_days": ["2026-12-24 08:00-12:00", "2026-12-23 closed"],
        "early_min": 30,
        "sweep_after_min": 15,
        "overnight": True,
        "recheck_days": 14,
        "sign_closed": "Stängd",
        "sign_break": "rast",
        "next_on_yard": 4,
    }
    place = change(station, **words)
    assert ("Piteå norra", "Europe/Helsinki", 30, 15, True, 14) == (
        place.name,
        place.zone.key,
        place.early_min,
        place.sweep_after_min,
        place.overnight,
        place.recheck_days,
    )
    assert ("STÄNGD", "RAST", 4) == (place.sign_closed, place.sign_break, place.next_on_yard)
    assert place.hours.is_open(local("2026-12-24 08:00"))
    station.restart()
    assert [place] == station.yard.places.stations()


def test_special_days_are_added_and_taken_back_one_by_one(station: Station) -> None:
    change(station, hours="mon-fri 07:00-17:00", special_days=["2026-12-23 closed"])
    both = change(station, special_days=["2026-12-22 08:00-12:00"])
    assert ["2026-12-22", "2026-12-23"] == [str(day) for day in both.hours.special_days]
    one = change(station, special_days=["2026-12-23 usual"])
    assert ["2026-12-22"] == [str(day) for day in one.hours.special_days]


def test_hours_and_holidays_can_be_taken_away_again(station: Station) -> None:
    change(station, hours="mon 07:00-17:00", holidays="SE")
    place = change(station, hours="always", holidays="none")
    assert place.hours.is_open(local("2026-12-25 03:00"))
    assert place.hours.holidays is None


def test_a_sign_without_notices_is_dark_and_may_become_so_again(station: Station) -> None:
    (new,) = station.yard.places.stations()
    assert ("", "", 2) == (new.sign_closed, new.sign_break, new.next_on_yard)
    change(station, sign_closed="STÄNGD")
    assert not change(station, sign_closed="").sign_closed


def test_each_change_is_an_event_that_says_what_was_before(station: Station) -> None:
    change(station, early_min=30)
    change(station, early_min=30)
    assert [{"created": True}, {"changed": {"early_min": [60, 30]}}] == changes(
        station, "station_changed"
    )
    station.yard.places.set_bay(PITEA, "1", BaySetup(capacity=2, call_ahead=True))
    assert {"capacity": [1, 2], "call_ahead": [False, True]} == changes(station, "bay_changed")[-1][
        "changed"
    ]


def test_whoever_remembers_a_station_can_see_that_it_was_changed(station: Station) -> None:
    """A cache is valid while `setup_seq` is the number of the event that last changed anything."""
    first = change(station, early_min=30)
    station.yard.places.set_bay(PITEA, "1", BaySetup(kinds=["heavy"]))
    (second,) = station.yard.places.stations()
    _, seq = station.yard.cursor(PITEA)
    assert first.setup_seq < second.setup_seq == seq
    station.comes("ABC123")
    assert second == change(station), "an arrival changes nothing of the station"


def test_a_bay_takes_other_kinds_at_once(station: Station) -> None:
    station.queue()
    station.yard.places.set_bay(PITEA, "1", BaySetup(kinds=["heavy", "full"], door="A"))
    bay = next(one for one in station.queue().bays if one.bay == "1")
    assert ("A", ["full", "heavy"]) == (bay.door, bay.kinds)


def test_a_bay_s_change_is_seen_by_the_next_job_of_the_same_commit(
    sqlite_station: Station,
) -> None:
    """Jobs that wait are committed together: the second must not use what was true before the first."""
    station = sqlite_station
    places = station.yard.places
    station.queue()
    seen: list[int] = []

    def widen(tx: Tx) -> None:
        seq = change_bay(tx, DESK_1, PITEA, "1", BaySetup(capacity=5))
        assert seq is not None
        places.changed(tx, PITEA, seq)

    def look(tx: Tx) -> None:
        seen.append(places.of(tx, PITEA).bay("1").capacity)

    for future in together(station.store, widen, look):
        future.result()
    assert [5] == seen
    assert 5 == station.queue().bays[0].capacity


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"kinds": []}, "at least one kind"),
        ({"kinds": [" "]}, "Give a kind a name"),
        ({"capacity": 0}, "room for 1 to 99"),
        ({"door": "2"}, "has bay 2 with door 2 already"),
        ({"door": " "}, "Give the door a name"),
    ],
)
def test_what_a_bay_cannot_be_is_said(
    sqlite_station: Station, words: dict[str, Any], sentence: str
) -> None:
    with pytest.raises((NotPossible, AlreadyThere), match=sentence):
        sqlite_station.yard.places.set_bay(PITEA, "1", BaySetup(**words))


def test_a_bay_or_station_that_is_not_there_cannot_be_changed(station: Station) -> None:
    with pytest.raises(NotThere, match="pitea has no bay 9"):
        station.yard.places.set_bay(PITEA, "9", BaySetup(capacity=2))
    with pytest.raises(NotThere, match="no station lulea"):
        station.yard.places.set_station("lulea", StationSetup(early_min=1))
