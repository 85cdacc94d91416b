"""What the running central does with machines and releases for the command line."""

from collections.abc import Callable

from central.fleet.asked import (
    AddRelease,
    FleetCommand,
    HaltRelease,
    ListFleet,
    PinMachine,
    PutInRing,
    ReleaseTo,
    RemoveRelease,
    ResumeRelease,
)
from central.fleet.fleet import Fleets
from central.words import COMMAND_LINE


def do(fleet: Fleets, asked: FleetCommand, progress: Callable[[int, int], None]) -> object:
    """Do *asked* and give its result; *progress* hears `(bytes read, of)`.

    Raises:
        PortvaktError: it cannot be done; the text says why.
    """
    match asked:
        case AddRelease():
            facts = fleet.releases.add(asked.file, progress)
            return {"release": facts.release, "platform": facts.platform, "file": facts.file}
        case RemoveRelease():
            return {"files": fleet.releases.remove(asked.release)}
        case ListFleet():
            return fleet.all()
        case ReleaseTo():
            return {"rings": fleet.release(COMMAND_LINE, asked.release, asked.ring)}
        case HaltRelease():
            return {"halted": fleet.halt(COMMAND_LINE, asked.release, asked.why)}
        case ResumeRelease():
            return {"resumed": fleet.resume(COMMAND_LINE, asked.release)}
        case PinMachine():
            fleet.pin(asked.station, COMMAND_LINE, asked.device, asked.release)
        case PutInRing():
            fleet.put_in(asked.station, COMMAND_LINE, asked.ring)
    return None
