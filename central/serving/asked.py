"""What the command line may ask of the running central: the words of each command."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from central.copies.backup import CHECK_UP_TO
from central.fleet.asked import FleetCommand
from contract.accounts import TokenWords
from contract.secrecy import discreet
from contract.wire import Role

_Named = Annotated[str, Meta(min_length=1, max_length=64)]


class _Asked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="do"):
    """The words of a command; `do` names it."""

    def __repr__(self) -> str:
        """A password may be among them."""
        return discreet(self)


class About(_Asked, frozen=True, kw_only=True, tag="about"):
    """Where is central?"""


class ListAll(_Asked, frozen=True, kw_only=True, tag="list"):
    """What is set up: stations with their bays and devices, and people."""


class CreateStation(_Asked, frozen=True, kw_only=True, tag="create_station"):
    """Set up a station."""

    station: _Named
    name: _Named
    time_zone: str = "Europe/Stockholm"
    holidays: str | None = None


class SetStation(_Asked, frozen=True, kw_only=True, tag="set_station"):
    """Change a station; what is None stays.  Hours, holidays and special days are words of people."""

    station: _Named
    name: str | None = None
    time_zone: str | None = None
    hours: str | None = None
    special_days: list[str] = []
    holidays: str | None = None
    early_min: int | None = None
    sweep_after_min: int | None = None
    overnight: bool | None = None
    recheck_days: int | None = None
    sign_closed: str | None = None
    sign_break: str | None = None
    next_on_yard: int | None = None
    keep_days: int | None = None
    keep_recheck_days: int | None = None
    keep_names_days: int | None = None
    keep_looks_days: int | None = None


class CreateBay(_Asked, frozen=True, kw_only=True, tag="create_bay"):
    """Set up a bay and its door."""

    station: _Named
    bay: _Named
    door: _Named
    kinds: tuple[_Named, ...] = ("full", "recheck")
    capacity: int = 1
    call_ahead: bool = False


class SetBay(_Asked, frozen=True, kw_only=True, tag="set_bay"):
    """Change a bay; what is None stays."""

    station: _Named
    bay: _Named
    door: str | None = None
    kinds: list[_Named] | None = None
    capacity: int | None = None
    call_ahead: bool | None = None


class CreateUser(_Asked, frozen=True, kw_only=True, tag="create_user"):
    """Give a person an account at one or more stations; without a password they are invited to set one."""

    name: _Named
    password: str | None = None
    stations: Annotated[list[_Named], Meta(min_length=1)]
    role: str = "staff"


class DoToUser(_Asked, frozen=True, kw_only=True, tag="do_to_user"):
    """Disable a person, let them in again, or take the lock of too many wrong tries away."""

    user: _Named
    deed: Literal["disable", "enable", "unlock"]


class InviteUser(_Asked, frozen=True, kw_only=True, tag="invite_user"):
    """Let a person set a password anew."""

    user: _Named


class LinkUser(_Asked, frozen=True, kw_only=True, tag="link_user"):
    """Let a person sign in by their account at a provider."""

    user: _Named
    issuer: str
    subject: str


class SignInCode(_Asked, frozen=True, kw_only=True, tag="sign_in_code"):
    """Make a code that signs a person in once."""

    user: _Named


class DeviceCode(_Asked, frozen=True, kw_only=True, tag="device_code"):
    """Make a code that enrols a device once."""

    station: _Named
    role: Role
    name: _Named
    bay: str | None = None
    replaces: str | None = None


class DeviceCodes(_Asked, frozen=True, kw_only=True, tag="device_codes"):
    """The codes of a station that wait for their devices."""

    station: _Named


class WithdrawCode(_Asked, frozen=True, kw_only=True, tag="withdraw_code"):
    """Let a code work no longer; its first half names it."""

    station: _Named
    handle: _Named


class RotateDevice(_Asked, frozen=True, kw_only=True, tag="rotate_device"):
    """Let a device fetch a new token."""

    station: _Named
    device: _Named


class OneAgain(_Asked, frozen=True, kw_only=True, tag="one_again"):
    """Say that one machine has the token of a device that had two."""

    station: _Named
    device: _Named


class AssignSign(_Asked, frozen=True, kw_only=True, tag="assign_sign"):
    """Hang a sign above another bay, or above none."""

    station: _Named
    device: _Named
    bay: str | None = None


class DeviceLists(_Asked, frozen=True, kw_only=True, tag="device_lists"):
    """Say which bays a yard sign lists."""

    station: _Named
    device: _Named
    bays: list[_Named]


class RevokeDevice(_Asked, frozen=True, kw_only=True, tag="revoke_device"):
    """Let a device's token work no longer."""

    station: _Named
    device: _Named


class CreateToken(_Asked, frozen=True, kw_only=True, tag="create_token"):
    """Make a token for another system, at one or more stations."""

    stations: Annotated[list[_Named], Meta(min_length=1)]
    words: TokenWords


class ListTokens(_Asked, frozen=True, kw_only=True, tag="list_tokens"):
    """The tokens of other systems that work or have worked at a station."""

    station: _Named


class RevokeToken(_Asked, frozen=True, kw_only=True, tag="revoke_token"):
    """Let another system's token work no longer."""

    station: _Named
    token: _Named


class ImportBookings(_Asked, frozen=True, kw_only=True, tag="import_bookings"):
    """Take in a CSV file's text, all of it or nothing."""

    station: _Named
    csv: str
    dry_run: bool = False


class HowLong(_Asked, frozen=True, kw_only=True, tag="keeping"):
    """How long a station keeps what."""

    station: _Named


class ExportPlate(_Asked, frozen=True, kw_only=True, tag="export_plate"):
    """Give everything that a station holds about a plate."""

    station: _Named
    plate: _Named


class ErasePlate(_Asked, frozen=True, kw_only=True, tag="erase_plate"):
    """Erase a plate at a station, in its copies too."""

    station: _Named
    plate: _Named


class TakeBackup(_Asked, frozen=True, kw_only=True, tag="backup"):
    """Take a backup: into *file* of the folder, or one named by its time.

    `keep` says how many stay in the folder; up to `check_up_to` rows the file is restored once.
    """

    folder: Annotated[str, Meta(pattern="^/")]
    file: _Named | None = None
    keep: int | None = None
    check_up_to: int = CHECK_UP_TO


Command = (
    About
    | ListAll
    | CreateStation
    | SetStation
    | CreateBay
    | SetBay
    | CreateUser
    | DoToUser
    | InviteUser
    | LinkUser
    | SignInCode
    | DeviceCode
    | DeviceCodes
    | WithdrawCode
    | RotateDevice
    | OneAgain
    | AssignSign
    | DeviceLists
    | RevokeDevice
    | CreateToken
    | ListTokens
    | RevokeToken
    | ImportBookings
    | HowLong
    | ExportPlate
    | ErasePlate
    | TakeBackup
    | FleetCommand
)
