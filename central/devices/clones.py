"""Two machines with one card: which boots a device's token spoke in tells them apart from one that restarts.

A machine that restarts leaves its earlier boot for good.  What that boot had sent may still arrive after
it, but not for long: whoever hears the earlier boot once the later one has proved that it lasts, or long
after it was first heard, hears two machines that take turns.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

# Longer than any request can be under way: a device waits 5 s for its answer, central 15 s for a body.
LATE = timedelta(seconds=60)
KEPT = 8
# Of one machine's, however it fails: nothing restarts once a second and is heard between.
MOST = 64


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
        kept = _kept((*known, Boot(boot, now)), now)
        return Heard(kept, cloned=sum(now - one.at <= LATE for one in kept) > MOST)
    if boot != newest.id:
        return Heard(known, cloned=newest.lasts or _was_followed(known, boot, now))
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


def _was_followed(boots: tuple[Boot, ...], boot: str, now: datetime) -> bool:
    """Whether a boot began after this one and so long ago that nothing of this one is on its way.

    What was first heard soon after this one began may have been sent before it, by the boot before.
    """
    place = next(place for place, one in enumerate(boots) if one.id == boot)
    since = boots[place].at
    return any(one.at - since > LATE and now - one.at > LATE for one in boots[place + 1 :])


def _kept(boots: tuple[Boot, ...], now: datetime) -> tuple[Boot, ...]:
    """Forget old ones, but none that may still be heard late: that would look like a new one.

    A post speaks once a minute: a copy that names itself anew all the time drives it out of no list.
    """
    over = len(boots) - KEPT
    return tuple(
        one
        for place, one in enumerate(boots)
        if place >= over or now - boots[place + 1].at <= 3 * LATE
    )
