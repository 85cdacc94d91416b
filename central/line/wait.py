"""A first honest wait: replay the station's own calling rule with mean service times, and a plain band.

Values in, values out.  The band is the spread of service times: with s doors and n cars before the one
who asks, the variance of the wait is about (m / s)² (a + c² n), where m is the mean service time, c its
coefficient of variation and a what is unknown about the cars already inside.
"""

import heapq
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from central.line.line import Bay, Queued, in_order
from contract.visit import BayState, Kind, State
from contract.wire import Window

# What a station that has finished nothing yet starts from, in minutes; worth `PRIOR_WEIGHT` finished visits.
PRIOR_MIN: Mapping[str, float] = {Kind.FULL: 25.0, Kind.RECHECK: 10.0, Kind.HEAVY: 55.0}
PRIOR_WEIGHT = 6
ENOUGH_FINISHED = 3
GAP_MIN = 2.0  # from the call until the car stands inside
LONGEST_MIN = 240.0  # a longer service is a Finish that somebody forgot

STEP_MIN = 5
NEAR_MIN = 30
_TENTH = 1.2816  # the 10 % and 90 % points of a normal distribution, in standard deviations
_SPREAD = 1.2  # cars that overtake and breaks are not replayed yet
_CV_SQUARED = 0.10
_LEFT_AT_LEAST = 0.2  # of the mean, however long a car has been inside

Estimate = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The yard as one customer's wait depends on it: *visits* are the open ones, *service_min* the means."""

    now: datetime
    bays: Sequence[Bay]
    visits: Sequence[Queued]
    service_min: Mapping[str, float]
    asked: str = ""


def estimate(snapshot: Snapshot) -> Estimate | None:
    """The wait of the visit *asked* until its call: 10, 50 and 90 % points in minutes.

    None when there is nothing to base it on: no bay takes the kind, or no service time is known.
    """
    for visit, wait_min, before in _replay(snapshot):
        if visit.id == snapshot.asked:
            return _band(snapshot, visit, wait_min, before)
    return None


def estimates(snapshot: Snapshot) -> dict[str, Estimate]:
    """The same for everybody who waits, by visit, from one replay."""
    return {
        visit.id: _band(snapshot, visit, wait_min, before)
        for visit, wait_min, before in _replay(snapshot)
    }


def service_means(finished: Sequence[tuple[str, float]]) -> dict[str, float]:
    """Mean minutes by kind of *finished* (kind, minutes), drawn towards what a new station starts from."""
    minutes: dict[str, list[float]] = {}
    for kind, lasted in finished:
        minutes.setdefault(kind, []).append(min(lasted, LONGEST_MIN))
    learned = {
        kind: sum(lasted) / len(lasted)
        for kind, lasted in minutes.items()
        if kind not in PRIOR_MIN and len(lasted) >= ENOUGH_FINISHED
    }
    shrunk = {
        kind: (PRIOR_WEIGHT * prior + sum(minutes.get(kind, ())))
        / (PRIOR_WEIGHT + len(minutes.get(kind, ())))
        for kind, prior in PRIOR_MIN.items()
    }
    return shrunk | learned


def window(now: datetime, wait: Estimate | None) -> Window | None:
    """What may be printed: rounded to 5 minutes, of the clock and of the wait, at least one step wide.

    Nothing is printed when the band is too wide to help: its end is more than twice its beginning plus
    10 minutes.  Who is nearly there has a beginning near 0 and would never get a window by that alone,
    so a band that ends within half an hour is always printed: it is short, and it is true.
    """
    if wait is None:
        return None
    low, median, high = wait
    if high > max(2 * low + 10, NEAR_MIN):
        return None
    low_min = STEP_MIN * round(low / STEP_MIN)
    starts_at = _nearest_step(now + timedelta(minutes=low))
    step = timedelta(minutes=STEP_MIN)
    return Window(
        low_min=low_min,
        median_min=round(median),
        high_min=max(STEP_MIN * round(high / STEP_MIN), low_min + STEP_MIN),
        starts_at=starts_at,
        ends_at=max(_nearest_step(now + timedelta(minutes=high)), starts_at + step),
    )


def _replay(snapshot: Snapshot) -> Iterator[tuple[Queued, float, Sequence[int]]]:
    """Call everybody as the station would: who, after how many minutes, how many each bay called before."""
    doors = _doors(snapshot)
    serves_min = [_serves_min(bay, snapshot.now) for bay in snapshot.bays]
    waiting = in_order(snapshot.visits)
    before = [0] * len(snapshot.bays)
    while doors and waiting:
        free_min, number = heapq.heappop(doors)
        if free_min >= serves_min[number]:
            continue
        visit = _take_first(waiting, snapshot.bays[number].kinds)
        if visit is None:
            continue
        yield visit, free_min, before
        before[number] += 1
        heapq.heappush(doors, (free_min + GAP_MIN + _mean(snapshot, visit.kind), number))


def _take_first(waiting: list[Queued], kinds: frozenset[str]) -> Queued | None:
    for place, visit in enumerate(waiting):
        if visit.kind in kinds:
            return waiting.pop(place)
    return None


def _doors(snapshot: Snapshot) -> list[tuple[float, int]]:
    """When each place inside is free, in minutes from now, and the number of its bay."""
    doors: list[tuple[float, int]] = []
    for number, bay in enumerate(snapshot.bays):
        left = sorted(
            _left_min(snapshot, visit) for visit in snapshot.visits if visit.bay == bay.id
        )
        left = left[-bay.capacity :]
        free = [0.0] * (bay.capacity - len(left)) + left
        back_min = _back_min(bay, snapshot.now)
        doors += [(max(free_min, back_min), number) for free_min in free]
    heapq.heapify(doors)
    return doors


def _back_min(bay: Bay, now: datetime) -> float:
    """When a bay takes calls again, in minutes: a break has its announced end, or none that we know.

    A break that has lasted longer than announced is about to end.
    """
    if bay.state is BayState.OPEN or bay.takes_calls(now):
        return 0.0
    if bay.state is BayState.ON_BREAK and bay.until is not None:
        return max((bay.until - now) / timedelta(minutes=1), 0.0)
    return math.inf


def _serves_min(bay: Bay, now: datetime) -> float:
    """Until when a bay takes calls, in minutes: an announced closing ends it."""
    if bay.state is BayState.CLOSING and bay.until is not None:
        return (bay.until - now) / timedelta(minutes=1)
    return math.inf


def _left_min(snapshot: Snapshot, visit: Queued) -> float:
    mean = _mean(snapshot, visit.kind)
    if visit.state == State.IN_BAY:
        return max(mean - _minutes_since(snapshot.now, visit.in_bay_at), _LEFT_AT_LEAST * mean)
    return max(GAP_MIN - _minutes_since(snapshot.now, visit.called_at), 0.0) + mean


def _minutes_since(now: datetime, then: datetime | None) -> float:
    return 0.0 if then is None else max((now - then) / timedelta(minutes=1), 0.0)


def _mean(snapshot: Snapshot, kind: str) -> float:
    """A kind that was never finished here takes as long as the others; without any, nobody knows."""
    known = snapshot.service_min
    if kind in known:
        return known[kind]
    return sum(known.values()) / len(known) if known else math.inf


def _band(snapshot: Snapshot, visit: Queued, wait_min: float, before: Sequence[int]) -> Estimate:
    if wait_min <= 0:
        return (0.0, 0.0, GAP_MIN)
    able = [
        n
        for n, bay in enumerate(snapshot.bays)
        if visit.kind in bay.kinds and not math.isinf(_back_min(bay, snapshot.now))
    ]
    doors = sum(snapshot.bays[n].capacity for n in able)
    unknown_inside = 0.08 + 0.066 * doors  # fitted for 2 to 8 doors with lognormal service times
    spread = math.sqrt(unknown_inside + _CV_SQUARED * sum(before[n] for n in able))
    half = _TENTH * _SPREAD * spread * _mean(snapshot, visit.kind) / doors
    return (max(wait_min - half, 0.0), wait_min, wait_min + half)


def _nearest_step(moment: datetime) -> datetime:
    step = STEP_MIN * 60
    return datetime.fromtimestamp(step * round(moment.timestamp() / step), UTC)
