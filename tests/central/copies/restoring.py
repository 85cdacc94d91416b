"""What the tests of restoring share: a backup of a station, and a station on what was restored."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from central.copies.backup import BackupMade, Wanted
from central.copies.restore import Asked, Restored, restore
from contract.transitions import Verb
from contract.wire import DeviceFault, Heartbeat, HelpCall, Role
from tests.central.yards import PITEA, Station

PASSWORD = "a long enough word"


def quiet(_done: int, _of: int) -> None:
    """Nobody looks at the progress."""


def take(station: Station, folder: Path, **words: Any) -> BackupMade:
    return station.yard.back_up(Wanted(folder=folder, **words), quiet)


def a_morning(station: Station) -> None:
    """Something in most corners: a booking, cars in each state, a lit sign, a call for help."""
    station.books("r1,KLM 456,2026-11-23 10:00,full")
    station.sign_1.wakes()
    for plate in ("ABC123", "DEF456", "GHJ789", "ÅÄÖ12A"):
        station.comes(plate)
    station.calls("ABC123")
    station.sign_1.lit()
    station.does(Verb.PARK, "DEF456")
    help_id = "01900000-0000-7000-8000-000000000001"
    station.yard.raise_help(PITEA, station.post, HelpCall(id=help_id, plate="GHJ789"))
    ill = Heartbeat(release="26.11.2", boot="b1", faults=[DeviceFault(part="keypad")])
    for device in station.yard.devices.all(PITEA):
        station.yard.heartbeats.hear(device, ill)


def somebody(station: Station) -> tuple[str, str]:
    """A person with an account; gives their session and a code that signs them in."""
    station.yard.people.create_user("Desk 1", PASSWORD, [PITEA])
    station.yard.devices.create_device_code(PITEA, Role.POST, "Post 3", None)
    token = station.yard.people.sign_in("Desk 1", PASSWORD).token
    return token, station.yard.people.sign_in_code("Desk 1")


def restored(
    station: Station,
    made: BackupMade,
    data: Path,
    database: str | None = None,
    *,
    replace: bool = False,
) -> Restored:
    """Restore into *data*, or into *database*."""
    asked = Asked(file=Path(made.file), data=data, database=database or "", replace=replace)
    return restore(asked, station.clock, quiet)


@contextmanager
def reopened(station: Station, data: Path, database: str | None = None) -> Iterator[Station]:
    """Another central on the restored database, with the same signs and posts outside."""
    again = Station(data, station.clock, database or "")
    try:
        yield again.find()
    finally:
        again.store.close()
