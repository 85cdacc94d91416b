"""Two machines with one card: which boots a device's token spoke in tells them apart from one that restarts.

A machine that restarts leaves its earlier boot for good.  What that boot had sent may still arrive after
it, but not for long: whoever hears the earlier boot once the later one has proved that it lasts hears two
machines that take turns.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

# Longer than any request can be under way: a device waits 5 s for its answer, central 15 s for a body.
LATE = timedelta(seconds=60)
KEPT = 8


@dataclass(frozen=True, slots=True)
class Boot:
    """A boot, since when it was first heard.  It `lasts` once it was heard later than `LATE` after that."""

    id: str
    at: datetime
    lasts: bool = False


@dataclass(frozen=True, slots=True)
class Heard:
    """The boots to remember, newest last, and whether two machines speak."""

    boots: tuple[Boot, ...]
    cloned: bool = False


def hear(boots: Sequence[Boot], boot: str, now: datetime) -> Heard:
    """Take in that a token spoke in *boot*, which the speaker says of its own present life.

    The list changes twice in a boot at most, so that it need hardly ever be written.
    """
    known = tuple(boots)
    newest = known[-1] if known else None
    if newest is None or all(one.id != boot for one in known):
        return Heard(_kept((*known, Boot(boot, now)), now))
    if boot != newest.id:
        return Heard(known, cloned=newest.lasts)
    if not newest.lasts and now - newest.at > LATE:
        return Heard((*known[:-1], replace(newest, lasts=True)))
    return Heard(known)


def read(kept: Iterable[Sequence[object]] | None) -> tuple[Boot, ...]:
    """Read the boots as a row keeps them."""
    return tuple(
        Boot(str(boot), datetime.fromisoformat(str(at)), bool(lasts))
        for boot, at, lasts in kept or ()
    )


def written(boots: Iterable[Boot]) -> list[list[object]]:
    """What a row keeps of *boots*."""
    return [[one.id, one.at.isoformat(), one.lasts] for one in boots]


def _kept(boots: tuple[Boot, ...], now: datetime) -> tuple[Boot, ...]:
    """Forget old ones, but none that may still be heard late: that would look like a new one."""
    over = len(boots) - KEPT
    return tuple(
        one for place, one in enumerate(boots) if place >= over or now - boots[place + 1].at <= LATE
    )
