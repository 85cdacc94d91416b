"""What the running central does for the command line."""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from msgspec import structs

from central.asked import (
    About,
    AssignSign,
    Command,
    CreateBay,
    CreateStation,
    CreateUser,
    DeviceCode,
    DeviceLists,
    ImportBookings,
    ListAll,
    RevokeDevice,
    SetBay,
    SetStation,
    SignInCode,
    TakeBackup,
)
from central.backup import Wanted
from central.errors import NotPossible
from central.listing import station_words
from central.setup import BaySetup, StationSetup
from central.web.routes import SIGNED_IN
from central.words import COMMAND_LINE
from central.yard import Yard

Progress = Callable[[int, int], None]


class Commands:
    """Does what is asked.  *address* is where pages are served, *ended* hears a device that is revoked."""

    def __init__(self, yard: Yard, address: str, ended: Callable[[str], None]) -> None:
        self._yard = yard
        self._address = address
        self._ended = ended

    def do(self, asked: Command, progress: Progress) -> object:
        """Do *asked* and give its result; *progress* hears `(done, of)` of long work.

        Raises:
            PortvaktError: it cannot be done; the text says why.
        """
        match asked:
            case About():
                return {"address": self._address}
            case ListAll():
                return self._list()
            case ImportBookings():
                return self._import(asked, progress)
            case TakeBackup():
                return self._back_up(asked, progress)
            case CreateStation() | SetStation() | CreateBay() | SetBay():
                return self._set_up(asked)
            case CreateUser():
                return self._create_user(asked)
            case SignInCode():
                return {"code": self._yard.people.sign_in_code(asked.user)}
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

    def _create_user(self, asked: CreateUser) -> object:
        if asked.role not in SIGNED_IN:
            raise NotPossible(
                f"There is no role {asked.role}; choose {', '.join(sorted(SIGNED_IN))}."
            )
        person = self._yard.people.create_user(
            asked.name, asked.password, asked.stations, asked.role
        )
        return {"id": person.id, "name": person.name}

    def _do_device(self, asked: DeviceCode | AssignSign | DeviceLists | RevokeDevice) -> object:
        devices = self._yard.devices
        match asked:
            case DeviceCode():
                code = devices.create_device_code(asked.station, asked.role, asked.name, asked.bay)
                return {"code": code}
            case AssignSign():
                devices.assign_sign(asked.station, COMMAND_LINE, asked.device, asked.bay)
            case DeviceLists():
                devices.set_lists(asked.station, COMMAND_LINE, asked.device, asked.bays)
            case RevokeDevice():
                devices.revoke(asked.station, COMMAND_LINE, asked.device)
                self._ended(asked.device)
        return None

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
                {**station_words(place, now), "devices": self._yard.heartbeats.rows(place.id)}
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
