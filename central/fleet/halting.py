"""When a release is halted by itself: after one rollback, or after two machines that fell silent on it.

Values in, values out.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from central.fleet.states import LOST

SILENT_MAX = 2
# Whoever ran it for longer before falling silent did not fall silent over the update.
COUNTS_FOR = timedelta(hours=24)
# Machines of one station that fall silent within this of one another lost the same cable or fuse.
TOGETHER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Heard:
    """A machine in service: when it was last heard, and which release it began when."""

    station: str
    name: str
    heard_at: datetime
    begun: str | None = None
    begun_at: datetime | None = None


def silent(
    machines: Iterable[Heard], release: str, now: datetime, awake: datetime, resumed: datetime
) -> Sequence[Heard]:
    """The machines that began *release* and were not heard since, by name.

    Silence counts from *awake* at the earliest: who did not listen has heard nobody.  Those that were silent
    when a person let it go on, at *resumed*, do not count again.  Machines whose whole station went quiet,
    with one that never began it among them, lost their line.
    """
    gone = [one for one in machines if now - max(one.heard_at, awake) >= LOST]
    others = [one for one in gone if one.begun != release]
    found = [
        one
        for one in gone
        if one.begun == release
        and one.heard_at + LOST > resumed
        and _counts(one)
        and not _cut_off(one, others)
    ]
    return sorted(found, key=lambda one: (one.station, one.name))


def why(found: Sequence[Heard]) -> str:
    """Say why the release is halted for them; empty when they are too few."""
    if len(found) < SILENT_MAX:
        return ""
    names = " and ".join(f"{one.station} {one.name}" for one in found[:SILENT_MAX])
    return f"{names} have not been heard since they began it"


def _counts(one: Heard) -> bool:
    return one.begun_at is not None and one.heard_at - one.begun_at <= COUNTS_FOR


def _cut_off(one: Heard, others: Iterable[Heard]) -> bool:
    return any(
        other.station == one.station and abs(other.heard_at - one.heard_at) <= TOGETHER
        for other in others
    )
