"""Opening hours as people write them and as a row keeps them.

    mon-fri 07:00-17:00, sat 09:00-13:00        the week; a day may have several spans
    2026-12-24 closed                           a special day; `2026-12-24 usual` takes it back

All raise NotPossible with a sentence that names the word that is wrong.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from difflib import get_close_matches
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from central.errors import NotPossible
from central.places.hours import COUNTRIES, DAY_MIN, WEEKDAYS, Span, Spans, holidays_of

ALWAYS = "always"
CLOSED = "closed"
USUAL = "usual"
NO_HOLIDAYS = "none"

_HOUR_MIN = 60
_TIME = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?")
_DASH = re.compile(r"\s*[-–—]\s*")
_LETTERS = 3  # of a day's name: mon, monday
_NEAREST = 0.55

Week = Mapping[str, Spans]


def read_week(text: str) -> dict[str, Spans]:
    """Read a week; `always` is the week of a station that never closes."""
    if text.strip().lower() == ALWAYS:
        return {}
    week: dict[str, list[Span]] = {}
    for entry in text.split(","):
        days, spans = _read_entry(entry)
        for day in days:
            week.setdefault(day, []).extend(spans)
    if not any(week.values()):
        raise NotPossible(
            f'"{text}" opens on no day; write "{ALWAYS}" for a station without hours.'
        )
    return {day: _checked(day, week[day]) for day in WEEKDAYS if week.get(day)}


def read_special(text: str) -> tuple[date, Spans | None]:
    """Read a special day and its spans: none when it is closed, None when it is as usual again."""
    word, _, rest = text.strip().partition(" ")
    try:
        day = date.fromisoformat(word)
    except ValueError as error:
        raise NotPossible(f'"{word}" is no day; write it like 2026-12-24 {CLOSED}.') from error
    if rest.strip().lower() == USUAL:
        return day, None
    spans = [span for part in rest.split(",") for span in _read_spans(part.split(), word)]
    if not spans and rest.strip().lower() != CLOSED:
        raise NotPossible(
            f"Say when {word} is open, like {word} 08:00-12:00, or {CLOSED}, or {USUAL}."
        )
    return day, _checked(word, spans)


def read_holidays(text: str) -> str | None:
    """Read whose public holidays count: a country's code, with a subdivision or without, or `none`."""
    code, _, subdivision = text.strip().upper().partition("-")
    if code == NO_HOLIDAYS.upper():
        return None
    if code not in COUNTRIES:
        raise NotPossible(f'"{text}" is no country whose holidays are known; {_country_like(text)}')
    country = f"{code}-{subdivision}" if subdivision else code
    try:
        holidays_of(country, date.today().year)  # noqa: DTZ011 - any year will do
    except NotImplementedError as error:
        raise NotPossible(
            f"{COUNTRIES[code]} has no part {subdivision} whose holidays are known;"
            f" write {code} for the whole country."
        ) from error
    return country


def read_zone(text: str) -> ZoneInfo:
    """Read a time zone by its name."""
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        by_city = {name.rpartition("/")[2].lower(): name for name in sorted(available_timezones())}
        by_city |= {name.lower(): name for name in available_timezones()}
        near = get_close_matches(text.lower(), by_city, n=1, cutoff=_NEAREST)
        hint = f" The nearest is {by_city[near[0]]}." if near else ""
        raise NotPossible(
            f'"{text}" is no time zone; write it like Europe/Stockholm.{hint}'
        ) from error


def week_text(week: Week) -> str:
    """Write a week as `read_week` reads it, with days that are alike together."""
    if not week:
        return ALWAYS
    groups: list[tuple[str, str, Spans]] = []
    for day in WEEKDAYS:
        spans = week.get(day, ())
        if groups and groups[-1][2] == spans:
            groups[-1] = (groups[-1][0], day, spans)
        else:
            groups.append((day, day, spans))
    return ", ".join(
        f"{first if first == last else f'{first}-{last}'} {spans_text(spans)}"
        for first, last, spans in groups
        if spans
    )


def spans_text(spans: Spans) -> str:
    """Write the spans of a day."""
    return " ".join(f"{_time(span.opens_min)}-{_time(span.closes_min)}" for span in spans) or CLOSED


def to_row(days: Mapping[str, Spans]) -> dict[str, list[list[str]]]:
    """Spans by day, as a row keeps them."""
    return {
        day: [[_time(span.opens_min), _time(span.closes_min)] for span in spans]
        for day, spans in days.items()
    }


def from_row(days: Mapping[str, Iterable[Iterable[str]]]) -> dict[str, Spans]:
    """The same, read back."""
    return {
        day: tuple(Span(*(_minute(word, day) for word in span)) for span in spans)
        for day, spans in days.items()
    }


def _read_entry(entry: str) -> tuple[list[str], list[Span]]:
    """One entry of a week: its days, and the spans or `closed` behind them."""
    words = _DASH.sub("-", entry.strip()).split()
    days: list[str] = []
    while words and words[0][0].isalpha() and words[0].lower() != CLOSED:
        days += _read_days(words.pop(0))
    if not days:
        raise NotPossible(f'Say for which days "{entry.strip()}" is, like mon-fri 07:00-17:00.')
    if not words:
        raise NotPossible(f'Say when it is open on "{entry.strip()}", like mon-fri 07:00-17:00.')
    return days, _read_spans(words, entry.strip())


def _read_days(word: str) -> list[str]:
    first, dash, last = word.partition("-")
    start = _weekday(first)
    end = _weekday(last) if dash else start
    return [WEEKDAYS[(start + step) % 7] for step in range((end - start) % 7 + 1)]


def _weekday(word: str) -> int:
    short = word.lower()[:_LETTERS]
    if short in WEEKDAYS:
        return WEEKDAYS.index(short)
    near = get_close_matches(short, WEEKDAYS, n=1, cutoff=0)
    raise NotPossible(f'"{word}" is no day of the week; did you mean {near[0]}?')


def _read_spans(words: list[str], where: str) -> list[Span]:
    if [word.lower() for word in words] == [CLOSED]:
        return []
    spans = []
    for word in _DASH.sub("-", " ".join(words)).split():
        opens, dash, closes = word.partition("-")
        if not dash:
            raise NotPossible(f'"{word}" in "{where}" is no span; write it like 07:00-17:00.')
        spans.append(Span(_minute(opens, where), _minute(closes, where)))
    return spans


def _minute(word: str, where: str) -> int:
    parts = _TIME.fullmatch(word)
    minute = -1 if parts is None else int(parts[1]) * _HOUR_MIN + int(parts[2] or 0)
    if parts is None or int(parts[2] or 0) >= _HOUR_MIN or minute > DAY_MIN:
        raise NotPossible(
            f'"{word}" in "{where}" is no time; write 07:00, and 24:00 at the latest.'
        )
    return minute


def _checked(day: str, spans: Iterable[Span]) -> Spans:
    """The spans of a day in order; what ends before it begins, or overlaps, is refused."""
    ordered = tuple(sorted(spans))
    for span in ordered:
        if span.closes_min <= span.opens_min:
            raise NotPossible(
                f"{day} {spans_text((span,))} ends before it begins; write a night as"
                f" {_time(span.opens_min)}-24:00 and 00:00-{_time(span.closes_min)} of the next day."
            )
    for earlier, later in pairwise(ordered):
        if later.opens_min < earlier.closes_min:
            raise NotPossible(
                f"{day} {spans_text((earlier,))} and {spans_text((later,))} overlap; make one of them."
            )
    return ordered


def _country_like(text: str) -> str:
    """The nearest countries, by code or by name."""
    by_word = {name.lower(): code for code, name in COUNTRIES.items()}
    by_word |= {code.lower(): code for code in COUNTRIES}
    near = get_close_matches(text.strip().lower(), by_word, n=3, cutoff=_NEAREST)
    codes = dict.fromkeys(by_word[word] for word in near)
    names = " or ".join(f"{code} ({COUNTRIES[code]})" for code in codes)
    return f"did you mean {names}?" if names else "write its two letters, like SE."


def _time(minute: int) -> str:
    return f"{minute // _HOUR_MIN:02}:{minute % _HOUR_MIN:02}"
