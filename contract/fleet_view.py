"""What people see of the fleet and may ask of it: machines in words, releases, rings."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from contract.fleet import ReleaseName, Why
from contract.wire import Count, Utc

# In their order: what goes wrong in one reaches nobody of those after it.
RINGS = ("lab", "one", "eight", "all")
LAST_RING = RINGS[-1]
RingName = Annotated[str, Meta(pattern="^(lab|one|eight|all)$", max_length=8)]
MachineId = Annotated[str, Meta(pattern="^[a-z]{2,12}-[0-9A-Za-z._-]{1,48}$", max_length=64)]


class MachineState(StrEnum):
    """How a machine is; in the order in which people want to see them, the worst first."""

    LOST = "lost"
    ROLLED_BACK = "rolled_back"
    UNIT_FAILING = "unit_failing"
    REFUSED = "refused"
    FAULT = "fault"
    LATE = "late"
    TRIAL = "trial"
    STAGING = "staging"
    OLD = "old"
    UNHEARD = "unheard"
    READY = "ready"
    REVOKED = "revoked"


class MachineRow(Struct, frozen=True, kw_only=True):
    """One machine of the fleet.

    `release` is what runs, `wanted` what its ring or its pin asks for.  `state` is in words; `why` and
    `about` (a release) say more of it, and `since` from when; `faults` are the parts that fail.  There
    may be no file of what is wanted for its platform: it `lacks_file`.  None where nothing is known.
    """

    station: str
    device: str
    name: str
    role: str
    station_name: str = ""
    door: str | None = None
    release: str = ""
    wanted: str | None = None
    ring: str = LAST_RING
    pinned: str | None = None
    platform: str = ""
    heard_at: Utc | None = None
    state: MachineState = MachineState.UNHEARD
    since: Utc | None = None
    about: str = ""
    why: str = ""
    faults: list[str] = []
    lacks_file: bool = False
    outbox_waiting: Count | None = None
    outbox_oldest_s: Count | None = None
    restarts: Count | None = None
    under_voltage: bool | None = None
    temperature_c: float | None = None
    disk_free_mb: Count | None = None
    clock_synced: bool | None = None
    root_writable: bool | None = None
    last_error: str = ""


class RingRow(Struct, frozen=True, kw_only=True):
    """A ring: how many stations are in it, which release it wants, and how many machines run that."""

    ring: str
    stations: list[str]
    machines: Count = 0
    running: Count = 0
    release: str | None = None
    since: Utc | None = None


class ReleaseRow(Struct, frozen=True, kw_only=True):
    """A release that central has: for which platforms, and whether it is halted and why."""

    release: str
    platforms: list[str]
    added_at: Utc
    size: Count = 0
    halted_at: Utc | None = None
    why: str = ""


class Fleet(Struct, frozen=True, kw_only=True):
    """The whole fleet at one moment: `says` in one line, then everything, what needs a person first.

    `stations` counts those that have machines, `ready` those of them where nothing needs anybody.
    """

    as_of: Utc
    says: str
    stations: Count
    ready: Count
    rings: list[RingRow]
    releases: list[ReleaseRow]
    machines: list[MachineRow]


class ReleaseWords(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which release a ring, and those before it, should run."""

    release: ReleaseName
    ring: RingName


class Released(Struct, frozen=True, kw_only=True):
    """The rings that want another release now than before."""

    release: str
    rings: list[str]


class TakeBackWords(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From which rings a release is taken back, as `Released` named them."""

    release: ReleaseName
    rings: Annotated[list[RingName], Meta(min_length=1, max_length=8)]


class HaltWords(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which release is halted, and why in a person's words."""

    release: ReleaseName
    why: Why = ""


class ResumeWords(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which release goes on."""

    release: ReleaseName


class PinWords(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The release at which a machine stays, whatever its ring wants."""

    release: ReleaseName


class RingWords(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The ring that a station is in."""

    ring: RingName
