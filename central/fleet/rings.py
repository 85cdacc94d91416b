"""Which release a machine should run.  Values in, values out.

Rings come in an order.  A release goes to a ring and those before it, never past a ring that has stations
and does not want it yet.  A halted release reaches nobody new; whoever runs it stays.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace

from contract.errors import PortvaktError
from contract.fleet import Phase
from contract.fleet_view import RINGS

# Where an update stands on a machine that has begun it and may still come back.
UNDER_WAY = frozenset({Phase.STAGING, Phase.TRIAL})


class RingSkipped(PortvaktError):
    """A release would pass a ring that has not got it."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """Which release each ring wants, and which releases are halted."""

    rings: Mapping[str, str] = field(default_factory=dict)
    halted: AbstractSet[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Standing:
    """What of a machine decides: what it runs, what it is about, what it left, its ring and its pin."""

    runs: str
    ring: str
    pinned: str | None = None
    phase: Phase = Phase.SETTLED
    about: str = ""
    bad: AbstractSet[str] = frozenset()

    def has_begun(self, release: str) -> bool:
        """Whether it runs *release* or is on the way to it."""
        return self.runs == release or (self.phase in UNDER_WAY and self.about == release)


def through(ring: str) -> tuple[str, ...]:
    """The rings up to *ring*, in order."""
    return RINGS[: RINGS.index(ring) + 1]


def released(wishes: Wishes, release: str, ring: str, peopled: AbstractSet[str]) -> Wishes:
    """Let *ring* and those before it want *release*; *peopled* are the rings that have stations.

    Raises:
        RingSkipped: an earlier ring has stations and does not want the release yet.
    """
    for before in through(ring)[:-1]:
        if before in peopled and wishes.rings.get(before) != release:
            raise RingSkipped(
                f"Ring {before} has not got {release} yet; release it there first, and look how it goes."
            )
    return replace(wishes, rings={**wishes.rings, **dict.fromkeys(through(ring), release)})


def target(machine: Standing, wishes: Wishes) -> str | None:
    """The release that a machine should run: its pin, or what its ring wants."""
    return machine.pinned or wishes.rings.get(machine.ring)


def to_begin(machine: Standing, wishes: Wishes) -> str | None:
    """The release that a machine is told to run now; None when it stays as it is.

    It is never told what it runs, what it left itself, nor what is halted and it has not begun.
    """
    release = target(machine, wishes)
    if release is None or release == machine.runs or release in machine.bad:
        return None
    if release in wishes.halted and not machine.has_begun(release):
        return None
    return release
