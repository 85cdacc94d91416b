"""A station as it is set up, in words for people and for scripts."""

from datetime import datetime, timedelta

from central.places.hours import COUNTRIES, calendar_of
from central.places.hours_words import spans_text, week_text
from central.places.places import Place

# How many of the coming holidays are named: enough to see whose calendar it is.
_HOLIDAYS = 4
_LOOKS_DAYS = 366


def station_words(place: Place, now: datetime) -> dict[str, object]:
    """Everything that `set station` and `set bay` may change, and what follows from it at *now*."""
    hours = place.hours
    return {
        "id": place.id,
        "name": place.name,
        "time_zone": place.zone.key,
        "hours": week_text(hours.week),
        "special_days": {
            day.isoformat(): spans_text(spans)
            for day, spans in sorted(hours.special_days.items())
            if day >= now.astimezone(place.zone).date()
        },
        "holidays": hours.holidays,
        "holidays_of": _country(place, now),
        "next_holidays": _next_holidays(place, now),
        "is_open": hours.is_open(now),
        "next_opening": hours.next_opening(now),
        "next_closing": hours.next_closing(now),
        "early_min": hours.early_min,
        "sweep_after_min": place.sweep_after_min,
        "overnight": place.overnight,
        "recheck_days": place.recheck_days,
        "sign_closed": place.sign_closed,
        "sign_break": place.sign_break,
        "next_on_yard": place.next_on_yard,
        "keep": place.keep,
        "bays": place.bays,
    }


def _country(place: Place, now: datetime) -> str | None:
    """Whose holidays count; None for nobody's, and for those that the library knows no longer."""
    country = place.hours.holidays
    if country is None or not calendar_of(country, now.year):
        return None
    return COUNTRIES[country.partition("-")[0]]


def _next_holidays(place: Place, now: datetime) -> dict[str, str]:
    if place.hours.holidays is None:
        return {}
    today = now.astimezone(place.zone).date()
    until = today + timedelta(days=_LOOKS_DAYS)
    coming = {
        day: name
        for year in (today.year, today.year + 1)
        for day, name in calendar_of(place.hours.holidays, year).items()
        if today <= day < until
    }
    return {day.isoformat(): coming[day] for day in sorted(coming)[:_HOLIDAYS]}
