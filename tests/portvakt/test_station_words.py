"""A station line by line, as a technician reads it on a terminal."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from central.line.line import Bay
from central.places.hours import Hours
from central.places.hours_words import read_special, read_week
from central.places.listing import station_words
from central.places.places import Place
from contract.visit import BayState
from portvakt.station_words import bay_line, device_line, station_lines
from tests.central.yards import local

ZONE = ZoneInfo("Europe/Stockholm")


PANEL = {
    "width_px": 64,
    "height_px": 8,
    "worst_dark_ms": 50,
    "reads_back": False,
    "holds_last_frame": True,
    "lines": 0,
}
TALL = {**PANEL, "height_px": 31, "reads_back": True, "holds_last_frame": False, "lines": 4}


def words(moment: str, hours: Hours, *bays: Bay, **more: Any) -> dict[str, Any]:
    """A station as the socket gives it."""
    place = Place("pitea", "Piteå", ZONE, bays, hours, **more)
    found: dict[str, Any] = msgspec.json.decode(
        msgspec.json.encode(station_words(place, local(moment)))
    )
    return found


def shown(moment: str, hours: Hours, **more: Any) -> list[str]:
    return list(station_lines(words(moment, hours, **more)))


WEEK = read_week("mon-fri 07:00-17:00, sat 09:00-13:00")


def test_a_station_without_hours_is_always_open_and_says_little() -> None:
    assert [
        "pitea  Piteå  (Europe/Stockholm)",
        "  open always; open now",
        "  a recheck comes within 31 days",
        "  door signs are dark while their bay is closed or has a break",
        "  yard signs name those who are called and the next 2 in line",
        "  plates are erased 7 days after the visit, 30 while a re-inspection is open",
    ] == shown("2026-11-23 08:00", Hours(ZONE))


def test_all_of_it() -> None:
    special = dict([read_special("2026-12-24 08:00-12:00"), read_special("2026-11-20 closed")])
    days: dict[date, Any] = {day: spans for day, spans in special.items() if spans is not None}
    assert [
        "pitea  Piteå  (Europe/Stockholm)",
        "  open mon-fri 07:00-17:00, sat 09:00-13:00; open now, closes Mon 2026-11-23 17:00",
        (
            "  closed on holidays of Sweden (SE): Thu 2026-12-24 Christmas Eve,"
            " Fri 2026-12-25 Christmas Day, Sat 2026-12-26 Second Day of Christmas,"
            " Thu 2026-12-31 New Year's Eve ..."
        ),
        "  Thu 2026-12-24: 08:00-12:00",
        "  arrivals are taken from 60 minutes before opening",
        "  the line is kept overnight",
        "  a recheck comes within 31 days",
        "  door signs are dark while their bay is closed or has a break",
        "  yard signs name those who are called and the next 2 in line",
        "  plates are erased 7 days after the visit, 30 while a re-inspection is open",
    ] == shown("2026-11-23 08:00", Hours(ZONE, WEEK, days, "SE"), overnight=True)


@pytest.mark.parametrize(
    ("moment", "says"),
    [
        ("2026-11-23 06:00", "closed now, opens Mon 2026-11-23 07:00"),
        ("2026-11-28 14:00", "closed now, opens Mon 2026-11-30 07:00"),
        ("2026-11-28 12:00", "open now, closes Sat 2026-11-28 13:00"),
    ],
)
def test_it_says_whether_it_is_open_and_until_when(moment: str, says: str) -> None:
    assert shown(moment, Hours(ZONE, WEEK))[1].endswith(says)


def test_a_bay_says_what_is_special_about_it() -> None:
    full = frozenset({"recheck", "full"})
    until = local("2026-11-23 12:30")
    station = words(
        "2026-11-23 12:00",
        Hours(ZONE),
        Bay("1", "1", full),
        Bay("2", "A", full, 2, BayState.ON_BREAK, until, call_ahead=True),
        Bay("3", "B", full, state=BayState.CLOSED),
    )
    assert [
        "  bay 1: door 1, takes full, recheck",
        (
            "  bay 2: door A, takes full, recheck, room for 2, calls ahead,"
            " on break until Mon 2026-11-23 12:30 now"
        ),
        "  bay 3: door B, takes full, recheck, closed now",
    ] == [bay_line(station, bay) for bay in station["bays"]]


@pytest.mark.parametrize(
    ("device", "line"),
    [
        ({"role": "post", "id": "post-1", "name": "Post 1", "bay": None}, "  post post-1: Post 1"),
        (
            {"role": "sign", "id": "sign-1", "name": "Sign 1", "bay": "1"},
            "  sign sign-1: Sign 1, above 1",
        ),
        (
            {"role": "sign", "id": "sign-2", "name": "Yard", "bay": None, "lists": ["1", "2"]},
            "  sign sign-2: Yard, a yard sign for 1, 2",
        ),
        (
            {"role": "sign", "id": "s1", "name": "Sign 1", "bay": "1", "lists": [], "panel": PANEL},
            (
                "  sign s1: Sign 1, above 1 (64 x 8 dots, dark within 50 ms, cannot confirm what it"
                " shows, keeps its last picture when nobody writes)"
            ),
        ),
        (
            {
                "role": "sign",
                "id": "s2",
                "name": "Yard",
                "bay": None,
                "lists": ["1"],
                "panel": TALL,
            },
            (
                "  sign s2: Yard, a yard sign for 1 (64 x 31 dots, dark within 50 ms, confirms what it"
                " shows, 4 lines)"
            ),
        ),
        (
            {
                "role": "sign",
                "id": "s3",
                "name": "Yard",
                "bay": None,
                "lists": ["1"],
                "panel": PANEL,
            },
            (
                "  sign s3: Yard, a yard sign for 1 (64 x 8 dots, dark within 50 ms, cannot confirm what"
                " it shows, keeps its last picture when nobody writes, too small to list doors)"
            ),
        ),
    ],
)
def test_a_device_says_where_it_hangs(device: dict[str, Any], line: str) -> None:
    assert line == device_line(device)


@pytest.mark.parametrize("country", ["XY", "SE-XY"])
def test_holidays_that_an_update_took_away_are_said_to_be_unknown(country: str) -> None:
    lines = shown("2026-11-23 08:00", Hours(ZONE, WEEK, holidays=country))
    assert (
        f"  holidays of {country} are not known to this release: they count as other days" in lines
    )


def test_what_signs_say_beside_the_plates() -> None:
    def last_lines(**more: Any) -> list[str]:
        return shown("2026-11-23 08:00", Hours(ZONE), **more)[-3:]

    assert [
        "  door signs say STÄNGD while closed, RAST on a break",
        "  yard signs name only those who are called",
        "  plates are erased 7 days after the visit, 30 while a re-inspection is open",
    ] == last_lines(sign_closed="STÄNGD", sign_break="RAST", next_on_yard=0)
    assert (
        "  door signs say nothing while closed, RAST on a break" == last_lines(sign_break="RAST")[0]
    )


FONT = {
    "letters": "ABCDEFGHIJKLMNOPQRSTUVWXYZÅÄÖ0123456789",
    "advance_px": 6,
    "gap_px": 3,
}


def refusals(text: str, name: str = "Sign 1", **panel: Any) -> list[str]:
    """What is said of a sign over a door when the station says *text* while it is closed."""
    facts = {**PANEL, "width_px": 48, "lines": 1, "fonts": [FONT], **panel}
    device = {"role": "sign", "id": "sign-1", "name": name, "bay": "1", "panel": facts}
    told = words("2026-11-23 08:00", Hours(ZONE), sign_closed=text, sign_break=text)
    lines = station_lines({**told, "devices": [device]})
    return [line for line in lines if "cannot show" in line]


def test_a_sign_that_cannot_show_what_is_said_at_a_closed_door_is_named() -> None:
    assert [
        (
            "  Sign 1 (sign-1) cannot show STÄNGD FÖR DAGEN: its panel has no room or no letters for"
            " it; choose shorter words"
        )
    ] == refusals("STÄNGD FÖR DAGEN")


@pytest.mark.parametrize(
    ("text", "panel"),
    [
        ("STÄNGD", {}),
        ("", {}),
        ("STÄNGD FÖR DAGEN", {"width_px": 112}),
        ("STÄNGD FÖR DAGEN", {"height_px": 32, "lines": 4}),
        # A sign with letters of its own declares no lines; how high they are is not known.
        ("STÄNGD IDAG", {"height_px": 16, "lines": 0}),
    ],
)
def test_nothing_is_said_of_a_sign_that_may_show_it(text: str, panel: dict[str, Any]) -> None:
    assert [] == refusals(text, **panel)


@pytest.mark.parametrize(
    ("text", "panel"),
    [
        ("STÄNGD", {"fonts": [{**FONT, "letters": "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}]}),
        ("STÄNGD FÖR DAGEN", {"height_px": 16, "lines": 2}),
        ("BESIKTNING", {"height_px": 32, "lines": 4}),
        ("STÄNGD IDAG", {"height_px": 7, "lines": 0}),
    ],
)
def test_a_letter_or_a_line_or_a_word_too_many_is_said(text: str, panel: dict[str, Any]) -> None:
    assert 1 == len(refusals(text, **panel))


def test_a_yard_sign_shows_no_such_words_and_of_an_unheard_sign_nothing_is_known() -> None:
    told = words("2026-11-23 08:00", Hours(ZONE), sign_closed="STÄNGD FÖR DAGEN")
    yard = {"id": "y", "name": "Yard", "bay": None, "panel": {**PANEL, "fonts": [FONT]}}
    unheard = {"id": "s", "name": "Sign 2", "bay": "2", "panel": None}
    lines = station_lines({**told, "devices": [yard, unheard]})
    assert not any("cannot show" in line for line in lines)
