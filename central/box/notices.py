"""What the board says of the box itself: that no copy has left it for days."""

from datetime import datetime
from pathlib import Path

from central.box.left import Left
from contract.yard import DeviceNotice, FaultRow

PART = "copies"
NAME = "Central"


def notices(path: Path, now: datetime) -> list[DeviceNotice]:
    """The box as one of the devices that need somebody, by what the last copy left in the file *path*."""
    late = Left(path).late(now)
    if late is None:
        return []
    since, why = late
    fault = FaultRow(part=PART, since=since, reason=why)
    return [DeviceNotice(device="box", name=NAME, role="central", heard_at=now, faults=[fault])]
