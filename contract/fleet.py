"""What machines and central say of releases: what runs, what is wanted, how an update went.

Like all that devices say, these types only ever gain optional fields.  No plate is ever in them.
"""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from contract.wire import Count, Token, Utc

# `26.11.5-1a2b3c4d`: the version, and what it was made of.
ReleaseName = Annotated[
    str, Meta(pattern=r"^[0-9][0-9A-Za-z.]{0,31}(-[0-9a-f]{8})?$", max_length=48)
]
# Python and processor, as wheels name them: `cp311-aarch64`.
Platform = Annotated[str, Meta(pattern=r"^cp[0-9]{3}-[a-z0-9_]{3,16}$", max_length=24)]
Sha256 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
Why = Annotated[str, Meta(max_length=200)]

MACHINE_LATE_S = 180
MACHINE_LOST_S = 900


class Phase(StrEnum):
    """Where an update stands on a machine."""

    SETTLED = "settled"
    STAGING = "staging"
    TRIAL = "trial"
    ROLLED_BACK = "rolled_back"
    REFUSED = "refused"  # never begun: a wrong signature, a full disk


class UnitFacts(Struct, frozen=True, kw_only=True):
    """One of our services as systemd sees it; `restarts` since the boot."""

    unit: Token
    state: Token
    restarts: Count = 0


class BadRelease(Struct, frozen=True, kw_only=True):
    """A release that this machine tried and left, and will not try again."""

    release: ReleaseName
    why: Why = ""


class MachineSaid(Struct, frozen=True, kw_only=True):
    """How a machine is, once a minute, said by a process that lives when post and sign do not."""

    release: ReleaseName
    platform: Platform
    boot: Token
    roles: list[Token] = []
    phase: Phase = Phase.SETTLED
    # The release that `phase` speaks of; empty when it is the one that runs.
    about: str = ""
    why: Why = ""
    bad: Annotated[list[BadRelease], Meta(max_length=8)] = []
    units: Annotated[list[UnitFacts], Meta(max_length=16)] = []
    clock_synced: bool = False
    root_writable: bool = True
    under_voltage: bool | None = None
    temperature_c: float | None = None
    disk_free_mb: Count | None = None
    uptime_s: Count = 0


class WantedRelease(Struct, frozen=True, kw_only=True):
    """A release that a machine should run, as one file to fetch; beside it lies `<file>.sig`."""

    release: ReleaseName
    file: Annotated[str, Meta(pattern=r"^[A-Za-z0-9._-]{1,100}$")]
    size: Count
    sha256: Sha256


class QuietTime(Struct, frozen=True, kw_only=True):
    """A time in which the station is shut, so that an update disturbs nobody."""

    begins_at: Utc
    ends_at: Utc


class MachineHeard(Struct, frozen=True, kw_only=True):
    """Central has it.  Without `wanted` the machine stays as it is; `quiet` reaches two weeks ahead."""

    every_s: Count = 60
    wanted: WantedRelease | None = None
    quiet: Annotated[list[QuietTime], Meta(max_length=64)] = []
