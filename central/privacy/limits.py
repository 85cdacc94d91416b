"""Since when something may not be kept any more: pure arithmetic of nights and days."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

# While nearly every station is closed, and long before the first car.
NIGHT = time(3)


@dataclass(frozen=True, slots=True)
class Limits:
    """What is older than these goes now, because the next night would be too late."""

    plates: datetime
    recheck: datetime
    names: datetime
    looks: datetime


@dataclass(frozen=True, slots=True)
class Days:
    """For how many days a station keeps what."""

    plates: int
    recheck: int
    names: int
    looks: int


# Plates a week, a month while a re-inspection is open; who did and who saw what a little over a year.
KEEP_DAYS = Days(plates=7, recheck=30, names=400, looks=400)


def days_of(station: Any) -> Days:  # noqa: ANN401 - a row of the table `station`
    """What a station's row says."""
    return Days(
        station.keep_days,
        station.keep_recheck_days,
        station.keep_names_days,
        station.keep_looks_days,
    )


def limits(now: datetime, zone: ZoneInfo, days: Days) -> Limits:
    """Say what goes now.  A re-inspection never lets go earlier than an ordinary visit."""
    until = _night(now, zone) + timedelta(days=1)

    def before(kept_days: int) -> datetime:
        return (until - timedelta(days=kept_days)).astimezone(UTC)

    return Limits(
        plates=before(days.plates),
        recheck=before(max(days.recheck, days.plates)),
        names=before(days.names),
        looks=before(days.looks),
    )


def is_due(last: datetime | None, now: datetime, zone: ZoneInfo) -> bool:
    """Whether a night has begun since everything was erased *last*.

    A clock that was set back a little is no reason; one that was ahead for days must not stop it until then.
    """
    if last is None or last > now + timedelta(days=1):
        return True
    return last < _night(now, zone).astimezone(UTC)


def _night(now: datetime, zone: ZoneInfo) -> datetime:
    """The last night's hour that is not after *now*, on the station's own clock."""
    local = now.astimezone(zone)
    tonight = datetime.combine(local.date(), NIGHT, zone)
    return tonight if tonight <= local else tonight - timedelta(days=1)
