"""What must be true when everything has healed: each arrival once, in its own time, at its own place."""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from contract.wire import LEASE_CAP_MS
from tests.simulation.course import BrokenPromise
from tests.simulation.post import Saved
from tests.simulation.station_model import LAST_PLATES, key_of, since_start_ms, wall
from tests.simulation.station_promises import Taken
from tests.simulation.station_truth import ArrivalRow, VisitRow

if TYPE_CHECKING:
    from tests.simulation.station import Station

TOLERANCE_MS = 2_000
MINUTE = timedelta(minutes=1)
_EVENTS = {
    "arrival": ("arrived", "typed_again", "reopened", "arrival_noted"),
    "call": ("called", "recalled", "moved"),
    "help_call": ("help_raised",),
}


def all_settled(station: Station) -> bool:
    """Whether nothing is on its way any more."""
    lives = [machine.life for machine in station.machines]
    return (
        all(process.alive for process in station.processes)
        and not station.at_the_keys
        and all(life is not None and not life.waiting_plates() for life in lives)
        and not _dark_calls(station)
        and all(station.truth.has_arrival(arrival) for arrival in station.staff.desk)
    )


def all_promises_kept(station: Station) -> None:
    """Judge a history by its end."""
    for machine in station.machines:
        waiting = None if machine.life is None else machine.life.waiting_plates()
        if waiting != []:
            raise BrokenPromise(f"{machine.name} still holds {waiting}")
    if _dark_calls(station):
        raise BrokenPromise(f"calls {_dark_calls(station)} stand and nobody sees them")
    arrivals, visits = station.truth.arrivals(), station.truth.visits()
    _each_once(station, arrivals)
    _one_visit_a_vehicle(station, arrivals, visits)
    for arrival in arrivals:
        if arrival.id in station.promises.saves:
            _in_its_own_time(arrival, station)
    for visit in visits:
        _turn_is_right(visit, arrivals)
    _each_has_its_event(station)
    for post, plate in LAST_PLATES.items():
        if (post, key_of(plate)) not in station.promises.registered:
            raise BrokenPromise(f"{post} does not register {plate}, though all is well again")
    if station.staff.look() is None:
        raise BrokenPromise("central does not give a board")


def _dark_calls(station: Station) -> list[str]:
    """Calls that stand under a sign, have time left, and are lit nowhere."""
    if station.jumps:
        return []  # the time of a showing is kept by wall clocks, and those were wrong
    hung = {bay: device for device, bay in station.truth.signs().items()}
    dark = []
    for call, (bay, granted_at) in station.truth.standing_calls().items():
        age_ms = 0 if granted_at is None else station.now_ms - since_start_ms(granted_at)
        device = hung.get(bay)
        if device and age_ms < LEASE_CAP_MS - 10_000 and station.signs[device].shows != call:
            dark.append(call)
    return dark


def _each_once(station: Station, arrivals: list[ArrivalRow]) -> None:
    """What a post saved and what a desk entered is there, and nothing else."""
    saves = station.promises.saves
    there = {arrival.id: arrival for arrival in arrivals}
    for saved in saves.values():
        if saved.arrival.id not in there:
            raise BrokenPromise(f"{saved.arrival.plate} was saved at {saved.at_ms} ms and is lost")
        if there[saved.arrival.id].body_sha256 != hashlib.sha256(saved.body).hexdigest():
            raise BrokenPromise(f"{saved.arrival.plate} arrived with another body")
    strange = there.keys() - saves.keys() - station.staff.desk.keys()
    if strange or len(there) != len(arrivals):
        raise BrokenPromise(f"{len(strange)} arrivals that nobody made")


def _each_has_its_event(station: Station) -> None:
    """A change and its event are one transaction: whatever died between them, there are as many of both."""
    events = station.truth.events()
    for table, kinds in _EVENTS.items():
        if sum(events[kind] for kind in kinds) != station.truth.count(table):
            raise BrokenPromise(f"{station.truth.count(table)} rows in {table}, but {events}")


def _one_visit_a_vehicle(
    station: Station, arrivals: list[ArrivalRow], visits: list[VisitRow]
) -> None:
    """At most one open; and an arrival whose time is known belongs to a visit that was not over by then."""
    open_keys = Counter(visit.match_key for visit in visits if visit.is_open)
    if any(count > 1 for count in open_keys.values()):
        raise BrokenPromise(f"two open visits of one vehicle: {open_keys}")
    by_id = {visit.id: visit for visit in visits}
    for arrival in arrivals:
        visit = by_id[arrival.visit]
        ended_at = visit.ended_at
        if ended_at is not None and not station.jumps and ended_at < arrival.at:
            raise BrokenPromise(f"{visit.plate} came at {arrival.at} and was put on a visit ended")
    if not station.jumps:
        _no_ghosts(station, arrivals, by_id)


def _no_ghosts(station: Station, arrivals: list[ArrivalRow], visits: dict[str, VisitRow]) -> None:
    """A late delivery of a car that has left never queues it again, where its own time is known."""
    first: dict[str, ArrivalRow] = {}
    for arrival in arrivals:
        first.setdefault(arrival.visit, arrival)
    for visit_id, arrival in first.items():
        saved = station.promises.saves.get(arrival.id)
        taken = station.promises.taken.get(arrival.id)
        if saved is None or taken is None or not _time_is_known(saved, taken):
            continue
        known = wall(saved.at_ms + TOLERANCE_MS + taken.transit_ms)
        for other in visits.values():
            over_at = other.ended_at if other.match_key == visits[visit_id].match_key else None
            if over_at and known < over_at < arrival.received_at:
                raise BrokenPromise(
                    f"{other.plate} was done and is queued again by its old arrival"
                )


def _time_is_known(saved: Saved, taken: Taken) -> bool:
    return saved.arrival.synced or taken.boot_id == saved.arrival.boot_id


def _in_its_own_time(arrival: ArrivalRow, station: Station) -> None:
    """Within two seconds of the truth, the way of the packet aside; never after receipt."""
    saved, taken = station.promises.saves[arrival.id], station.promises.taken[arrival.id]
    if arrival.at > arrival.received_at:
        raise BrokenPromise(f"{saved.arrival.plate} came {arrival.at}, after it was received")
    same_boot = taken.boot_id == saved.arrival.boot_id
    if not _time_is_known(saved, taken) or (taken.wall_off_ms and not same_boot):
        return
    # By central's clock as it was, or by the post's, which named the time of sending.
    came_ms = since_start_ms(arrival.at)
    off_ms = min(abs(came_ms - saved.at_ms - off) for off in (0, taken.wall_off_ms))
    if off_ms > TOLERANCE_MS + taken.transit_ms:
        raise BrokenPromise(f"{saved.arrival.plate} came {off_ms} ms off its own time")


def _turn_is_right(visit: VisitRow, arrivals: list[ArrivalRow]) -> None:
    """The earliest arrival counts, and the turn is reckoned from it."""
    mine = [one for one in arrivals if one.visit == visit.id and one.outcome != "noted"]
    if visit.arrived_at != min(one.at for one in mine):
        raise BrokenPromise(f"{visit.plate} has not the time of its earliest arrival")
    turn_at = visit.arrived_at + 10 * MINUTE
    if visit.slot_at is not None and visit.arrived_at <= visit.slot_at + 5 * MINUTE:
        turn_at = visit.slot_at
    elif visit.kind == "recheck":
        turn_at = visit.arrived_at - 20 * MINUTE
    elif visit.slot_at is not None:
        turn_at = visit.arrived_at
    if visit.turn_at != turn_at:
        raise BrokenPromise(f"{visit.plate} has the turn {visit.turn_at}, not {turn_at}")
