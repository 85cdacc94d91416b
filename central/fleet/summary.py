"""The fleet in one line of words.  Values in, values out."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from central.fleet import states
from contract.fleet_view import MachineRow, MachineState

MOST_NAMED = 4
_FINE = "Nothing needs anybody."
# Halls that have not reported, each with when it did so last.
Away = Mapping[str, datetime]
_NONE: Away = {}


def says(machines: Sequence[MachineRow], now: datetime, zone: ZoneInfo, away: Away = _NONE) -> str:
    """Say like "71 of 73 stations ready; 0312 lost since 14:02", times by the clocks of *zone*.

    Of machines in halls that are *away* nothing is known since, and they are not called lost.
    """
    ready, stations = counts(machines, away)
    if not stations:
        return "No machine was heard yet."
    first = f"{ready} of {stations} {'station' if stations == 1 else 'stations'} ready"
    troubles = [*_troubles(machines, now, zone), *_cut(machines, now, zone, away)]
    if not troubles:
        return f"{first}. {_FINE}"
    more = len(troubles) - MOST_NAMED
    named = troubles[:MOST_NAMED] + ([f"{more} more"] if more > 0 else [])
    return "; ".join([first, *named]) + "."


def counts(machines: Iterable[MachineRow], away: Away = _NONE) -> tuple[int, int]:
    """How many stations are ready, and how many there are: of those that have machines in service."""
    by_station: defaultdict[str, bool] = defaultdict(lambda: True)
    for row in machines:
        if row.state is not MachineState.REVOKED:
            by_station[row.station] &= not states.needs_somebody(row) and row.station not in away
    return sum(by_station.values()), len(by_station)


def name_of(row: MachineRow) -> str:
    """A machine by its station and its own name."""
    return row.name if row.name.startswith(row.station) else f"{row.station} {row.name}"


def _troubles(machines: Sequence[MachineRow], now: datetime, zone: ZoneInfo) -> Iterable[str]:
    """One for each machine that needs somebody, or for its station where all are lost."""
    gone = _lost_stations(machines)
    told: set[str] = set()
    for row in sorted(filter(states.needs_somebody, machines), key=states.order):
        if row.station not in gone:
            yield _trouble(row, name_of(row), now, zone)
        elif row.station not in told:
            told.add(row.station)
            yield _trouble(row, row.station, now, zone)


def _cut(
    machines: Sequence[MachineRow], now: datetime, zone: ZoneInfo, away: Away
) -> Iterable[str]:
    """One for each hall that has not reported: what is known of its machines is from then."""
    there = {row.station for row in machines if row.state is not MachineState.REVOKED}
    ill = {row.station for row in machines if states.needs_somebody(row)}
    for station in sorted(there & away.keys()):
        well = "" if station in ill else ", its machines were well then"
        yield f"no contact with the hall {station} since {_moment(away[station], now, zone)}{well}"


def _lost_stations(machines: Iterable[MachineRow]) -> set[str]:
    found: defaultdict[str, set[MachineState]] = defaultdict(set)
    for row in machines:
        if row.state is not MachineState.REVOKED:
            found[row.station].add(row.state)
    return {station for station, seen in found.items() if seen == {MachineState.LOST}}


def _trouble(row: MachineRow, name: str, now: datetime, zone: ZoneInfo) -> str:
    words = {
        MachineState.LOST: f"lost since {_moment(row.since, now, zone)}",
        MachineState.ROLLED_BACK: f"rolled back {row.about}",
        MachineState.REFUSED: f"refused {row.about}",
        MachineState.UNIT_FAILING: "has a service that fails",
        MachineState.FAULT: "has a part that fails",
        MachineState.UNHEARD: "was never heard",
    }[row.state]
    return f"{name} {words}" + (f": {row.why}" if row.why else "")


def _moment(at: datetime | None, now: datetime, zone: ZoneInfo) -> str:
    if at is None:
        return "an unknown time"
    local, today = at.astimezone(zone), now.astimezone(zone).date()
    return f"{local:%H:%M}" if local.date() == today else f"{local:%Y-%m-%d %H:%M}"
