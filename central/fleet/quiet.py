"""When a station is shut, so that an update disturbs nobody.  Values in, values out."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta

from central.places.hours import Hours
from contract.fleet import QuietTime

AHEAD = timedelta(days=14)
MOST = 64
# Somebody still closes up, and somebody is there before the doors open.
MARGIN = timedelta(minutes=30)
# Of a station that never closes, the hours in which the fewest come.
NIGHT_FROM, NIGHT_UNTIL = time(1, 0), time(4, 30)
_DAY = timedelta(days=1)


def times(hours: Hours, now: datetime) -> list[QuietTime]:
    """The quiet times from *now* for two weeks, in order; the first may have begun already.

    Arrivals are taken before the doors open, so a quiet time ends before that.  A station that never shuts
    for long enough has the night, from 01:00 to 04:30 of its own clocks.
    """
    shut = [one for one in _shut(hours, now) if one.begins_at < one.ends_at]
    found = shut or list(_nights(hours, now))
    return [one for one in found if one.ends_at > now][:MOST]


def _shut(hours: Hours, now: datetime) -> Iterator[QuietTime]:
    end = now + AHEAD
    early = timedelta(minutes=hours.early_min)
    closed = _closed_since(hours, now) or hours.next_day_closing(now)
    while closed is not None and closed < end:
        opens = hours.next_opening(closed)
        until = end if opens is None else min(end, opens - early - MARGIN)
        yield QuietTime(begins_at=closed + MARGIN, ends_at=until)
        closed = None if opens is None else hours.next_day_closing(opens)


def _closed_since(hours: Hours, now: datetime) -> datetime | None:
    """When the station closed, if it is closed at *now* and for longer than a pause."""
    closed = hours.last_closing(now)
    if closed is None:
        return None
    opens = hours.next_opening(closed)
    return closed if opens is None or opens > now else None


def _nights(hours: Hours, now: datetime) -> Iterator[QuietTime]:
    first = now.astimezone(hours.zone).date() - _DAY
    for number in range(AHEAD.days + 2):
        day = first + _DAY * number
        begins, ends = (
            datetime.combine(day, clock, hours.zone).astimezone(UTC)
            for clock in (NIGHT_FROM, NIGHT_UNTIL)
        )
        if begins < now + AHEAD:
            yield QuietTime(begins_at=begins, ends_at=ends)
