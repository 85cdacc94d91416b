"""What the running central does for the command line."""

from collections.abc import Callable

from central.asked import (
    About,
    AssignSign,
    Command,
    CreateBay,
    CreateStation,
    CreateUser,
    DeviceCode,
    ImportBookings,
    ListAll,
    RevokeDevice,
    SignInCode,
)
from central.errors import NotPossible
from central.web.routes import SIGNED_IN
from central.words import Actor
from central.yard import Yard

COMMAND_LINE = Actor("system", "command-line", "Command line")
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
            case CreateStation() | CreateBay() | CreateUser() | SignInCode():
                return self._set_up(asked)
            case _:
                return self._do_device(asked)

    def _set_up(self, asked: CreateStation | CreateBay | CreateUser | SignInCode) -> object:
        match asked:
            case CreateStation():
                self._yard.places.create_station(asked.station, asked.name, asked.time_zone)
            case CreateBay():
                self._yard.places.create_bay(
                    asked.station, asked.bay, asked.door, asked.kinds, asked.capacity
                )
            case CreateUser():
                return self._create_user(asked)
            case SignInCode():
                return {"code": self._yard.people.sign_in_code(asked.user)}
        return None

    def _create_user(self, asked: CreateUser) -> object:
        if asked.role not in SIGNED_IN:
            raise NotPossible(
                f"There is no role {asked.role}; choose {', '.join(sorted(SIGNED_IN))}."
            )
        person = self._yard.people.create_user(
            asked.name, asked.password, asked.stations, asked.role
        )
        return {"id": person.id, "name": person.name}

    def _do_device(self, asked: DeviceCode | AssignSign | RevokeDevice) -> object:
        devices = self._yard.devices
        match asked:
            case DeviceCode():
                code = devices.create_device_code(asked.station, asked.role, asked.name, asked.bay)
                return {"code": code}
            case AssignSign():
                devices.assign_sign(asked.station, COMMAND_LINE, asked.device, asked.bay)
            case RevokeDevice():
                devices.revoke(asked.station, COMMAND_LINE, asked.device)
                self._ended(asked.device)
        return None

    def _import(self, asked: ImportBookings, progress: Progress) -> object:
        return self._yard.import_bookings(
            asked.station, COMMAND_LINE, asked.csv, dry_run=asked.dry_run, progress=progress
        )

    def _list(self) -> object:
        return {
            "stations": [
                {
                    "id": place.id,
                    "name": place.name,
                    "time_zone": place.zone.key,
                    "bays": place.bays,
                    "devices": self._yard.devices.all(place.id),
                }
                for place in self._yard.places.stations()
            ]
        }
