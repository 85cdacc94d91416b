"""What an office says to a hall box of releases."""

from msgspec import Struct

from contract.fleet import Platform, ReleaseName, WantedRelease
from contract.wire import Utc


class Pin(Struct, frozen=True):
    """A machine that stays at a release."""

    station: str
    device: str
    release: ReleaseName


class WantedFile(WantedRelease, frozen=True, kw_only=True):
    """A file of a release that somebody wants, for one platform."""

    platform: Platform


class Halt(Struct, frozen=True):
    """A release's halt, and when a person last let it go on."""

    release: ReleaseName
    why: str = ""
    halted_at: Utc | None = None
    resumed_at: Utc | None = None


class Wants(Struct, frozen=True, kw_only=True):
    """All that an office says to a hall box of releases; unknown fields are passed over."""

    rings: dict[str, str] = {}
    stations: dict[str, str] = {}
    pins: list[Pin] = []
    halts: list[Halt] = []
    files: list[WantedFile] = []
