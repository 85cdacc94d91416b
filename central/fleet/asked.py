"""What the command line may ask of the running central about machines and releases."""

from typing import Annotated

from msgspec import Meta, Struct

from contract.fleet import ReleaseName
from contract.fleet_view import RingName

_Named = Annotated[str, Meta(min_length=1, max_length=64)]
_File = Annotated[str, Meta(pattern=r"^[^/]{1,160}$")]


class _Asked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="do"):
    """The words of a command; `do` names it."""


class AddRelease(_Asked, frozen=True, kw_only=True, tag="add_release"):
    """Take in the release in *file*, which lies with its `.sig` in the data folder's `releases`."""

    file: _File


class RemoveRelease(_Asked, frozen=True, kw_only=True, tag="remove_release"):
    """Forget a release and delete its files."""

    release: ReleaseName


class ListFleet(_Asked, frozen=True, kw_only=True, tag="fleet"):
    """Every machine, the rings and the releases."""


class ReleaseTo(_Asked, frozen=True, kw_only=True, tag="release"):
    """Let a ring, and those before it, run a release."""

    release: ReleaseName
    ring: RingName


class HaltRelease(_Asked, frozen=True, kw_only=True, tag="halt_release"):
    """Give a release to nobody who has not begun it."""

    release: ReleaseName
    why: Annotated[str, Meta(max_length=200)] = ""


class ResumeRelease(_Asked, frozen=True, kw_only=True, tag="resume_release"):
    """Let a halted release go on."""

    release: ReleaseName


class PinMachine(_Asked, frozen=True, kw_only=True, tag="pin_machine"):
    """Let a machine stay at a release, or, without one, follow its ring again."""

    station: _Named
    device: _Named
    release: ReleaseName | None = None


class PutInRing(_Asked, frozen=True, kw_only=True, tag="put_in_ring"):
    """Put a station into a ring."""

    station: _Named
    ring: RingName


FleetCommand = (
    AddRelease
    | RemoveRelease
    | ListFleet
    | ReleaseTo
    | HaltRelease
    | ResumeRelease
    | PinMachine
    | PutInRing
)
