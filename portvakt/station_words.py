"""A station as it is set up, line by line, for a person to check."""

import shlex
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from contract.wire import Font, PanelFacts, font_shows

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
    yield f"  {_notices(station['sign_closed'], station['sign_break'])}"
    yield from _refused(station)
    yield f"  {_next_on_yard(station['next_on_yard'])}"
    yield f"  {_kept(station['keep'])}"


def bay_line(station: dict[str, Any], bay: dict[str, Any]) -> str:
    """One bay: what it takes, and whether it takes anybody now."""
    words = [f"  bay {bay['id']}: door {bay['door']}, takes {', '.join(sorted(bay['kinds']))}"]
    if bay["capacity"] > 1:
        words.append(f"room for {bay['capacity']}")
    if bay["call_ahead"]:
        words.append("calls ahead")
    if _STATES[bay["state"]]:
        until = f" until {moment(station, bay['until'])}" if bay["until"] else ""
        words.append(f"{_STATES[bay['state']]}{until} now")
    return ", ".join(words)


def device_line(device: dict[str, Any]) -> str:
    """One post or sign, where it hangs, and what a sign's panel can do."""
    where = ""
    if device.get("bay"):
        where = f", above {device['bay']}"
    elif device.get("lists"):
        where = f", a yard sign for {', '.join(device['lists'])}"
    panel = _panel(device["panel"], device["lists"]) if device.get("panel") else ""
    return f"  {device['role']} {device['id']}: {device['name']}{where}{panel}"


def shut_out_line(station: dict[str, Any], device: dict[str, Any]) -> str:
    """One that was revoked, and how it is replaced."""
    at = moment(station, device["at"])
    return (
        f"  {device['role']} {device['id']}: {device['name']}, shut out {at};"
        f" replace it with: {replacing(station['id'], device)}"
    )


def replacing(station: str, device: dict[str, Any]) -> str:
    """The command that makes a code for what takes the place of *device*."""
    return (
        f"portvakt central device code {shlex.quote(device['name'])} --station {station}"
        f" --role {device['role']} --replaces {device['id']}"
    )


def _panel(panel: dict[str, Any], lists: list[str]) -> str:
    words = [
        f"{panel['width_px']} x {panel['height_px']} dots",
        f"dark within {panel['worst_dark_ms']} ms",
        "confirms what it shows" if panel["reads_back"] else "cannot confirm what it shows",
    ]
    if panel["holds_last_frame"]:
        words.append("keeps its last picture when nobody writes")
    if lists:
        words.append(f"{panel['lines']} lines" if panel["lines"] else "too small to list doors")
    return f" ({', '.join(words)})"


def _hours(station: dict[str, Any]) -> str:
    hours = str(station["hours"])
    if station["is_open"]:
        closes = station["next_closing"]
        return f"{hours}; open now" + (f", closes {moment(station, closes)}" if closes else "")
    opens = station["next_opening"]
    return f"{hours}; closed now" + (f", opens {moment(station, opens)}" if opens else "")


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


def _notices(closed: str, on_break: str) -> str:
    if not closed and not on_break:
        return "door signs are dark while their bay is closed or has a break"
    return f"door signs say {closed or 'nothing'} while closed, {on_break or 'nothing'} on a break"


def _refused(station: dict[str, Any]) -> Iterator[str]:
    """Each notice that a sign over a door is sure to refuse, by what its driver declared."""
    for text in filter(None, dict.fromkeys((station["sign_closed"], station["sign_break"]))):
        for device in station.get("devices", ()):
            hangs = device.get("bay") and device.get("panel")
            if hangs and not _may_show(msgspec.convert(device["panel"], PanelFacts), text):
                yield (
                    f"  {device['name']} ({device['id']}) cannot show {text}: its panel has no room or no"
                    " letters for it; choose shorter words"
                )


def _may_show(panel: PanelFacts, text: str) -> bool:
    """Whether some way to break *text* into lines may fit."""
    # Who writes its own letters declares no lines; none are lower than five dots and one between.
    room = panel.lines or max(1, (panel.height_px + 1) // 6)
    return any(_breaks(font, panel.width_px, text.split(), room) for font in panel.fonts)


def _breaks(font: Font, width_px: int, words: list[str], room: int) -> bool:
    lines: list[str] = []
    for word in words:
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font_shows([font], width_px, longer):
            lines[-1] = longer
        else:
            lines.append(word)
    return len(lines) <= room and all(font_shows([font], width_px, line) for line in lines)


def _next_on_yard(count: int) -> str:
    if count == 0:
        return "yard signs name only those who are called"
    return f"yard signs name those who are called and the next {count} in line"


def _kept(days: dict[str, int]) -> str:
    return (
        f"plates are erased {days['plates']} days after the visit,"
        f" {max(days['recheck'], days['plates'])} while a re-inspection is open"
    )


def _day(day: str) -> str:
    return f"{date.fromisoformat(day):%a %Y-%m-%d}"


def moment(station: dict[str, Any], at: str) -> str:
    """Say *at* in the station's own time."""
    local = datetime.fromisoformat(at).astimezone(ZoneInfo(station["time_zone"]))
    return f"{local:%a %Y-%m-%d %H:%M}"
