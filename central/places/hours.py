"""When a station is open: its week, public holidays, and special days that win over both.

Values in, values out.  Spans are times of the station's own clock; every moment that goes in or comes
out is UTC.  No hours at all means always open.
"""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import holidays
from holidays.registry import COUNTRIES as COUNTRIES_BY_NAME

log = logging.getLogger(__name__)

DAY_MIN = 24 * 60
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

# Who waits over lunch does not go home: a shorter gap between two spans is a pause, and no closing.
PAUSE_MAX = timedelta(hours=4)
# A station that is closed for longer than this is taken for closed for ever.
LOOKS_DAYS = 400

# Two countries' calendars count every Sunday as a holiday unless they are told not to.
_SUNDAYS_TOO = frozenset({"NO", "SE"})
_DAY = timedelta(days=1)

# By its code of two letters (ISO 3166-1): what the library calls the country.
COUNTRIES: Mapping[str, str] = {
    codes[1]: name.replace("_", " ").title() for name, codes in COUNTRIES_BY_NAME.items()
}


class Span(NamedTuple):
    """From when until when a day is open, in minutes since its midnight; 1440 is the next midnight."""

    opens_min: int
    closes_min: int


Spans = tuple[Span, ...]
_WHOLE_DAY: Spans = (Span(0, DAY_MIN),)
_Opening = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Hours:
    """A station's opening hours.

    `week` has the spans of each weekday (`mon` ...); a weekday that is missing is closed, and with no
    weekday at all the station is always open, holidays too.  `holidays` is a country of the library
    `holidays`, or country-subdivision (`DE-BY`).  `early_min` is how long before an opening arrivals are
    taken.
    """

    zone: ZoneInfo
    week: Mapping[str, Spans] = field(default_factory=dict)
    special_days: Mapping[date, Spans] = field(default_factory=dict)
    holidays: str | None = None
    early_min: int = 60

    def on(self, day: date) -> Spans:
        """When the station is open on *day*; nothing when it is closed."""
        special = self.special_days.get(day)
        if special is not None:
            return special
        if not self.week:
            return _WHOLE_DAY
        if self.holidays is not None and day in calendar_of(self.holidays, day.year):
            return ()
        return self.week.get(WEEKDAYS[day.weekday()], ())

    def is_open(self, at: datetime) -> bool:
        """Whether somebody works at *at*."""
        return self._always or any(
            opens <= at < closes for opens, closes in self._openings(at - _DAY, 3)
        )

    def accepts(self, at: datetime) -> bool:
        """Whether arrivals are taken: from `early_min` before an opening until the closing, pauses too."""
        if self._always:
            return True
        early = timedelta(minutes=self.early_min)
        closed: datetime | None = None
        for opens, closes in self._openings(at - _DAY, 3 + self.early_min // DAY_MIN):
            paused = closed is not None and opens - closed <= PAUSE_MAX and closed <= at
            if (paused or opens - early <= at) and at < closes:
                return True
            closed = closes
        return False

    def last_closing(self, at: datetime) -> datetime | None:
        """When the station last closed for longer than a pause, at or before *at*; None when it never did."""
        if self._always:
            return None
        # Nearly always it was one of the last days; the rest is for who was closed all summer.
        for back, days in ((3, 5), *((back + 14, 16) for back in range(0, LOOKS_DAYS, 14))):
            closed = [end for end in self._day_closings(at - _DAY * back, days) if end <= at]
            if closed:
                return closed[-1]
        return None

    def closes_for_the_day(self, at: datetime) -> bool:
        """Whether *at* is a closing that is no mere pause."""
        return self.last_closing(at) == at

    def next_opening(self, at: datetime) -> datetime | None:
        """The first opening after *at*; None when it never opens, or never closes."""
        if self._always:
            return None
        openings = self._openings(at - _DAY, LOOKS_DAYS)
        return next((opens for opens, _ in openings if opens > at), None)

    def next_closing(self, at: datetime) -> datetime | None:
        """The first closing after *at*, a pause's too; None when it never closes."""
        if self._always:
            return None
        end = self._end(at - _DAY, LOOKS_DAYS)
        openings = self._openings(at - _DAY, LOOKS_DAYS)
        return next((closes for _, closes in openings if at < closes < end), None)

    def next_day_closing(self, at: datetime) -> datetime | None:
        """The first closing after *at* that is no pause; None when it never closes."""
        if self._always:
            return None
        return next((end for end in self._day_closings(at - _DAY, LOOKS_DAYS) if end > at), None)

    @property
    def _always(self) -> bool:
        return not self.week and not self.special_days

    def _openings(self, first: datetime, days: int) -> Iterator[_Opening]:
        """The stretches in which it is open, in order, of *days* days from the day of *first* on.

        What closes at midnight and opens at midnight has not closed.
        """
        day = first.astimezone(self.zone).date()
        running: _Opening | None = None
        for span_day in (day + timedelta(days=number) for number in range(days)):
            for span in self.on(span_day):
                opens, closes = _moments(self.zone, span_day, span)
                if running is not None and opens <= running[1]:
                    running = (running[0], max(closes, running[1]))
                    continue
                if running is not None:
                    yield running
                running = (opens, closes)
        if running is not None:
            yield running

    def _day_closings(self, first: datetime, days: int) -> Iterator[datetime]:
        """The ends after which nobody opens for a while."""
        end = self._end(first, days)
        closed: datetime | None = None
        for opens, closes in chain(self._openings(first, days), [(end, end)]):
            if closed is not None and opens - closed > PAUSE_MAX:
                yield closed
            closed = closes

    def _end(self, first: datetime, days: int) -> datetime:
        """Where `_openings` stops looking."""
        day = first.astimezone(self.zone).date() + _DAY * days
        return _local(self.zone, day, 0).astimezone(UTC)


# An arrival asks about the same few days as the one before it.
@lru_cache(maxsize=4096)
def _moments(zone: ZoneInfo, day: date, span: Span) -> _Opening:
    """In the hour that the clock shows twice, open from the first time until the second.

    A time that the clock skips counts as so much later (PEP 495).
    """
    opens = _local(zone, day, span.opens_min)
    closes = _local(zone, day, span.closes_min)
    return opens.astimezone(UTC), max(
        closes.astimezone(UTC), closes.replace(fold=1).astimezone(UTC)
    )


def _local(zone: ZoneInfo, day: date, minute: int) -> datetime:
    wall = datetime.combine(day, time()) + timedelta(minutes=minute)
    return wall.replace(tzinfo=zone)


@lru_cache(maxsize=256)
def calendar_of(country: str, year: int) -> Mapping[date, str]:
    """The same as `holidays_of`, but nothing for a country that the library knows no longer.

    An update of the library must not keep a station from taking arrivals: its week counts alone.
    """
    try:
        return holidays_of(country, year)
    except NotImplementedError:
        _say_unknown(country)
        return {}


@lru_cache(maxsize=256)
def _say_unknown(country: str) -> None:
    """Once for each country, not for each year."""
    log.warning(
        "holidays of %s are not known any more; its stations count their week alone", country
    )


@lru_cache(maxsize=256)
def holidays_of(country: str, year: int) -> Mapping[date, str]:
    """The days of *year* on which nobody works, and their names.

    The days that a country's law puts beside its public holidays (Christmas Eve in Sweden) are among
    them.  Raises NotImplementedError for a country or subdivision that the library does not know.
    """
    code, _, subdivision = country.partition("-")
    options: dict[str, Any] = {"include_sundays": False} if code in _SUNDAYS_TOO else {}
    if code not in COUNTRIES:
        raise NotImplementedError(code)
    known = getattr(holidays, code).supported_categories
    # A calendar of its own each time: one that grows while two threads read it would lose days.
    return dict(
        holidays.country_holidays(
            code,
            subdiv=subdivision or None,
            years=year,
            expand=False,
            categories=tuple({"public", "de_facto"} & set(known)),
            **options,
        )
    )
