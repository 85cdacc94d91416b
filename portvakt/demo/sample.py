"""Sample bookings around now: one to type at once, and one of each kind that a station meets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from contract.plate import Plate
from contract.visit import Kind

SLOT = timedelta(minutes=15)
SOON = timedelta(minutes=3)  # the first slot is not over before a newcomer has typed its plate

# Made-up plates of ordinary Swedish shapes; minutes from the next quarter of an hour that is not upon us.
_CARS = (
    ("DEF456", Kind.FULL, -15),
    ("ABC123", Kind.FULL, 0),
    ("GHJ12A", Kind.FULL, 15),
    ("KLM789", Kind.RECHECK, 15),
    ("NPR345", Kind.HEAVY, 30),
    ("STU678", Kind.FULL, 45),
    ("WXY901", Kind.FULL, 60),
    ("BCD23E", Kind.RECHECK, 75),
)


@dataclass(frozen=True, slots=True)
class Booking:
    """One slot of today; `at` is aware."""

    ref: str
    plate: Plate
    kind: str
    at: datetime


_HEADER = "ref,plate,slot,kind"
_KEY = {
    letter: key
    for key, letters in zip(
        "23456789", ("ABC", "DEF", "GHI", "JKL", "MNO", "PQRS", "TUV", "WXYZ"), strict=True
    )
    for letter in letters
}


def presses_of(plate: str) -> str:
    """What to press on a keypad of twelve keys (ITU-T E.161), one press for each sign."""
    return "".join(_KEY.get(sign, sign) for sign in plate)


def next_quarter(now: datetime) -> datetime:
    """The next full quarter of an hour, *now* itself when it is one."""
    past = timedelta(minutes=now.minute % 15, seconds=now.second, microseconds=now.microsecond)
    return now if not past else now - past + SLOT


def bookings(now: datetime) -> list[Booking]:
    """Today's bookings around *now* (aware); all of them on the calendar day of *now*, in its zone."""
    first = next_quarter(now + SOON)
    return [
        Booking(f"demo-{now:%Y%m%d}-{plate}", Plate.parse(plate), kind, at)
        for plate, kind, minutes in _CARS
        if (at := _today(first + timedelta(minutes=minutes), now))
    ]


def _today(at: datetime, now: datetime) -> datetime:
    """Just before midnight the day's last minute takes more than one car: a sample must be today's."""
    first = now.replace(hour=0, minute=0, second=0, microsecond=0)
    last = now.replace(hour=23, minute=59, second=0, microsecond=0)
    return min(max(at, first), last)


def as_csv(rows: Sequence[Booking]) -> str:
    """The bookings as the file that a booking system would hand over."""
    lines = [f"{row.ref},{row.plate.text},{row.at.isoformat()},{row.kind}" for row in rows]
    return "\n".join([_HEADER, *lines]) + "\n"


def from_csv(table: str) -> list[Booking]:
    """Read what `as_csv` wrote."""
    cells = [line.split(",") for line in table.splitlines()[1:]]
    return [
        Booking(ref, Plate.parse(plate), kind, datetime.fromisoformat(at))
        for ref, plate, at, kind in cells
    ]
