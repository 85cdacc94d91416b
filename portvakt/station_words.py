"""A station as it is set up, line by line, for a person to check."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

_STATES = {"open": "", "on_break": "on break", "closing": "closing", "closed": "closed"}


def station_lines(station: dict[str, Any]) -> Iterator[str]:
    """The station itself: its hours and what follows from them."""
    yield f"{station['id']}  {station['name']}  ({station['time_zone']})"
    yield f"  open {_hours(station)}"
    if station["holidays"]:
        yield f"  {_holidays(station)}"
    for day, spans in station["special_days"].items():
        yield f"  {_day(day)}: {spans}"
    if station["hours"] != "always" or station["special_days"]:
        yield f"  arrivals are taken from {station['early_min']} minutes before opening"
        yield f"  {_evening(station)}"
    yield f"  a recheck comes within {station['recheck_days']} days"


def bay_line(station: dict[str, Any], bay: dict[str, Any]) -> str:
    """One bay: what it takes, and whether it takes anybody now."""
    words = [f"  bay {bay['id']}: door {bay['door']}, takes {', '.join(sorted(bay['kinds']))}"]
    if bay["capacity"] > 1:
        words.append(f"room for {bay['capacity']}")
    if bay["call_ahead"]:
        words.append("calls ahead")
    if _STATES[bay["state"]]:
        until = f" until {_moment(station, bay['until'])}" if bay["until"] else ""
        words.append(f"{_STATES[bay['state']]}{until} now")
    return ", ".join(words)


def device_line(device: dict[str, Any]) -> str:
    """One post or sign, and where it hangs."""
    where = ""
    if device.get("bay"):
        where = f", above {device['bay']}"
    elif device.get("lists"):
        where = f", a yard sign for {', '.join(device['lists'])}"
    return f"  {device['role']} {device['id']}: {device['name']}{where}"


def _hours(station: dict[str, Any]) -> str:
    hours = str(station["hours"])
    if station["is_open"]:
        closes = station["next_closing"]
        return f"{hours}; open now" + (f", closes {_moment(station, closes)}" if closes else "")
    opens = station["next_opening"]
    return f"{hours}; closed now" + (f", opens {_moment(station, opens)}" if opens else "")


def _holidays(station: dict[str, Any]) -> str:
    code, country = station["holidays"], station["holidays_of"]
    if country is None:
        return f"holidays of {code} are not known to this release: they count as other days"
    return f"closed on holidays of {country} ({code}): {_days(station['next_holidays'])} ..."


def _days(days: dict[str, str]) -> str:
    return ", ".join(f"{_day(day)} {name}" for day, name in days.items())


def _evening(station: dict[str, Any]) -> str:
    if station["overnight"]:
        return "the line is kept overnight"
    return (
        f"who is still in the line {station['sweep_after_min']} minutes after closing is taken out"
    )


def _day(day: str) -> str:
    return f"{date.fromisoformat(day):%a %Y-%m-%d}"


def _moment(station: dict[str, Any], moment: str) -> str:
    local = datetime.fromisoformat(moment).astimezone(ZoneInfo(station["time_zone"]))
    return f"{local:%a %Y-%m-%d %H:%M}"
