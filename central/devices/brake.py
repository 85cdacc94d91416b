"""What of a device's heartbeats becomes an event, so that a part that flickers does not flood the log.

Values in, values out.  What was told is kept beside the heartbeat: neither a restart nor another process
forgets it.  How things are right now is said by the heartbeat's row.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from msgspec import Struct, structs

# Each of the two, that it came and that it went: who mends a part at once sees so at once.
ONCE_IN = timedelta(minutes=10)
DAY, A_DAY = timedelta(days=1), 60
REFUSED = ""  # the arrivals that central refused; no part is called so
FLICKERS = "flickers"


class Said(Struct, frozen=True, omit_defaults=True):
    """What was told last of one part: 0 for well, 1 for a fault (or the number of refused arrivals)."""

    bad: int = 0
    came_at: datetime | None = None
    went_at: datetime | None = None


class Told(Struct, frozen=True, omit_defaults=True):
    """What was told of one device, by its parts, and by how many `events` of the day since `since`."""

    parts: dict[str, Said] = {}
    events: int = 0
    since: datetime | None = None


def news(told: Told, bad: Mapping[str, int], now: datetime) -> tuple[Told, list[str]]:
    """What is to be told of what is *bad* now: the parts that came or went, and what then was told.

    After `A_DAY` events of a day one more says `FLICKERS`; what is held back is told when it may be.
    """
    is_today = told.since is not None and _within(told.since, now, DAY)
    parts, events = dict(told.parts), told.events if is_today else 0
    found: list[str] = []
    for part in _turns(told, bad, now):
        if events >= A_DAY:
            found += [FLICKERS] if events == A_DAY else []
            events = A_DAY + 1
            break
        parts[part] = _after(parts.get(part, Said()), bad.get(part, 0), now)
        events += 1
        found.append(part)
    kept = {part: said for part, said in parts.items() if _matters(said, now)}
    return Told(parts=kept, events=events, since=told.since if is_today else now), found


def _turns(told: Told, bad: Mapping[str, int], now: datetime) -> Iterable[str]:
    """The parts of which something else was told than is so now, and may be told: who fails comes first."""
    for part in [*bad, *sorted(told.parts.keys() - bad.keys())]:
        said, is_now = told.parts.get(part, Said()), bad.get(part, 0)
        last = said.came_at if is_now else said.went_at
        if is_now != said.bad and not (last is not None and _within(last, now, ONCE_IN)):
            yield part


def _after(said: Said, bad: int, now: datetime) -> Said:
    if bad:
        return structs.replace(said, bad=bad, came_at=now)
    return structs.replace(said, bad=0, went_at=now)


def _matters(said: Said, now: datetime) -> bool:
    """Whether the next heartbeat depends on it; else any names a device makes up would be kept for ever."""
    last = [at for at in (said.came_at, said.went_at) if at is not None]
    return said.bad > 0 or any(_within(at, now, ONCE_IN) for at in last)


def _within(at: datetime, now: datetime, span: timedelta) -> bool:
    """Whether *at* is not longer ago; a clock that was set back holds nothing up."""
    return timedelta() <= now - at < span
