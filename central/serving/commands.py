"""What the running central does for the command line."""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from msgspec import structs

from central.copies.backup import Wanted
from central.devices.enrolment import Purpose
from central.fleet import commands as fleet_commands
from central.fleet.asked import FleetCommand
from central.places.listing import station_words
from central.places.setup import BaySetup, StationSetup
from central.serving.asked import (
    About,
    AssignSign,
    Command,
    CreateBay,
    CreateStation,
    CreateToken,
    CreateUser,
    DeviceCode,
    DeviceCodes,
    DeviceLists,
    DoToUser,
    ErasePlate,
    ExportPlate,
    HowLong,
    ImportBookings,
    InviteUser,
    LinkUser,
    ListAll,
    ListTokens,
    OneAgain,
    RevokeDevice,
    RevokeToken,
    RotateDevice,
    SetBay,
    SetStation,
    SignInCode,
    TakeBackup,
    WithdrawCode,
)
from central.words import COMMAND_LINE
from central.yard import Yard
from contract.accounts import Looked
from contract.plate import Plate

Progress = Callable[[int, int], None]
_OfCode = DeviceCode | DeviceCodes | WithdrawCode


class Commands:
    """Does what is asked.

    *address* is where pages are served, *ended* hears a device that is revoked, *provider* is the issuer
    by which people may sign in, or empty.
    """

    def __init__(
        self, yard: Yard, address: str, ended: Callable[[str], None], provider: str = ""
    ) -> None:
        self._provider = provider
        self._yard = yard
        self._address = address
        self._ended = ended

    def do(self, asked: Command, progress: Progress) -> object:
        """Do *asked* and give its result; *progress* hears `(done, of)` of long work.

        Raises:
            PortvaktError: it cannot be done; the text says why.
        """
        if isinstance(asked, FleetCommand):
            return fleet_commands.do(self._yard.fleet, asked, progress)
        match asked:
            case About():
                return {"address": self._address}
            case ListAll():
                return self._list()
            case ImportBookings() | TakeBackup():
                return self._do_long(asked, progress)
            case HowLong() | ExportPlate() | ErasePlate():
                return self._do_privacy(asked, progress)
            case CreateStation() | SetStation() | CreateBay() | SetBay():
                return self._set_up(asked)
            case CreateUser() | DoToUser() | InviteUser() | LinkUser():
                return self._do_user(asked)
            case SignInCode():
                return {"code": self._yard.people.sign_in_code(asked.user)}
            case CreateToken() | ListTokens() | RevokeToken():
                return self._do_token(asked)
            case _:
                return self._do_device(asked)

    def _set_up(self, asked: CreateStation | SetStation | CreateBay | SetBay) -> object:
        """Set up or change a station or a bay; give the station as it is then."""
        places = self._yard.places
        match asked:
            case CreateStation():
                places.create_station(
                    asked.station,
                    asked.name,
                    asked.time_zone,
                    holidays=asked.holidays,
                    actor=COMMAND_LINE,
                )
            case SetStation():
                change = StationSetup(**_words(asked))
                places.set_station(asked.station, change, actor=COMMAND_LINE)
            case CreateBay():
                places.create_bay(asked.station, asked.bay, **_words(asked), actor=COMMAND_LINE)
            case SetBay():
                bay = BaySetup(**_words(asked))
                places.set_bay(asked.station, asked.bay, bay, actor=COMMAND_LINE)
        return self._station(asked.station)

    def _do_user(self, asked: CreateUser | DoToUser | InviteUser | LinkUser) -> object:
        people, staffing = self._yard.people, self._yard.staffing
        match asked:
            case CreateUser(password=None):
                return staffing.add(None, asked.name, asked.role, asked.stations)
            case CreateUser():
                person = people.create_user(
                    asked.name, asked.password or "", asked.stations, asked.role
                )
                return {"id": person.id, "name": person.name}
            case InviteUser():
                return staffing.invite(None, "", staffing.id_of(asked.user))
            case DoToUser():
                return staffing.do(None, "", staffing.id_of(asked.user), asked.deed)
            case LinkUser():
                before = people.link(asked.user, asked.issuer, asked.subject)
                return {"before": before, "provider": self._provider}
        return None

    def _do_code(self, asked: _OfCode) -> object:
        codes = self._yard.devices.codes
        match asked:
            case DeviceCode():
                words = (asked.station, asked.role, asked.name, asked.bay, asked.replaces)
                return codes.make(Purpose(*words))
            case DeviceCodes():
                return codes.open(asked.station)
            case WithdrawCode():
                codes.withdraw(asked.station, asked.handle)
        return None

    def _do_device(
        self, asked: _OfCode | AssignSign | DeviceLists | RevokeDevice | RotateDevice | OneAgain
    ) -> object:
        devices = self._yard.devices
        match asked:
            case DeviceCode() | DeviceCodes() | WithdrawCode():
                return self._do_code(asked)
            case AssignSign():
                devices.assign_sign(asked.station, COMMAND_LINE, asked.device, asked.bay)
            case DeviceLists():
                devices.set_lists(asked.station, COMMAND_LINE, asked.device, asked.bays)
            case RevokeDevice():
                devices.revoke(asked.station, COMMAND_LINE, asked.device)
                self._ended(asked.device)
            case RotateDevice():
                devices.ask_rotation(asked.station, asked.device)
            case OneAgain():
                devices.one_again(asked.station, COMMAND_LINE, asked.device)
        return None

    def _do_token(self, asked: CreateToken | ListTokens | RevokeToken) -> object:
        tokens = self._yard.tokens
        match asked:
            case CreateToken():
                return tokens.create(asked.stations, COMMAND_LINE, asked.words)
            case ListTokens():
                return tokens.of_station(asked.station)
            case RevokeToken():
                tokens.revoke(asked.station, COMMAND_LINE, asked.token)
                return None

    def _do_privacy(self, asked: HowLong | ExportPlate | ErasePlate, progress: Progress) -> object:
        personal_data = self._yard.personal_data
        match asked:
            case HowLong():
                return personal_data.keeping(asked.station)
            case ExportPlate():
                plate = Plate.parse(asked.plate)
                found = personal_data.export(asked.station, plate)
                self._yard.looks.note(asked.station, COMMAND_LINE, Looked.EXPORT, plate.masked)
                return found
            case ErasePlate():
                plate = Plate.parse(asked.plate)
                done = personal_data.erase(asked.station, COMMAND_LINE, plate, progress)
                self._yard.looks.note(asked.station, COMMAND_LINE, Looked.ERASE, plate.masked)
                return done

    def _do_long(self, asked: ImportBookings | TakeBackup, progress: Progress) -> object:
        if isinstance(asked, TakeBackup):
            return self._back_up(asked, progress)
        return self._import(asked, progress)

    def _import(self, asked: ImportBookings, progress: Progress) -> object:
        return self._yard.import_bookings(
            asked.station, COMMAND_LINE, asked.csv, dry_run=asked.dry_run, progress=progress
        )

    def _back_up(self, asked: TakeBackup, progress: Progress) -> object:
        wanted = Wanted(
            folder=Path(asked.folder),
            file=asked.file,
            keep=asked.keep,
            check_up_to=asked.check_up_to,
        )
        made = self._yard.back_up(wanted, progress)
        return {**asdict(made), "checked": made.how_checked}

    def _station(self, station: str) -> object:
        return next(one for one in self._list()["stations"] if one["id"] == station)

    def _list(self) -> dict[str, list[dict[str, object]]]:
        now = self._yard.now()
        return {
            "stations": [
                {
                    **station_words(place, now),
                    "devices": self._yard.heartbeats.rows(place.id),
                    "shut_out": self._yard.devices.shut_out(place.id),
                }
                for place in self._yard.places.stations()
            ]
        }


def _words(asked: SetStation | CreateBay | SetBay) -> dict[str, Any]:
    """What is told of a station or a bay, without its name in addresses."""
    return {
        word: value
        for word, value in structs.asdict(asked).items()
        if word not in ("station", "bay")
    }
