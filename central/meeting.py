"""What an arrival is: a new visit, or part of one that we know.  Values in, values out."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from central.line import Visit
from central.words import SendClocks
from contract.visit import MAY_COME_BACK, OPEN, State
from contract.wire import Arrival


class Outcome(StrEnum):
    """What an arrival was: a new visit, one that is open, one that came back, or only a note."""

    NEW = "new"
    AGAIN = "again"
    REOPENED = "reopened"
    NOTED = "noted"


OLDEST = timedelta(days=366)  # what says that it is older has a broken clock


def own_time(arrival: Arrival, sent: SendClocks | None, received_at: datetime) -> datetime:
    """When the plate was typed: receipt minus its age within one boot, else the post's clock if that was
    synced, else receipt; never in the future, and never older than an outbox can be."""
    if sent is not None and sent.boot_id == arrival.boot_id:
        age_ms = sent.mono_ms - arrival.mono_ms
        if 0 <= age_ms <= OLDEST // timedelta(milliseconds=1):
            return received_at - timedelta(milliseconds=age_ms)
    believed = arrival.synced and arrival.at >= received_at - OLDEST
    return min(arrival.at, received_at) if believed else received_at


def meet(
    visits: Sequence[Visit], came_at: datetime, today: datetime
) -> tuple[Outcome, Visit | None]:
    """Say which of the vehicle's *visits* an arrival is, if any.

    Args:
        visits: the open one, and those that ended since *today* began.
        came_at: the arrival's own time.
        today: when the day of the arrival began at the station.
    """
    for visit in visits:
        if visit.state in OPEN:
            inside = visit.state is State.IN_BAY
            return (Outcome.NOTED if inside else Outcome.AGAIN), visit
    ended = [(visit.ended_at, visit) for visit in visits if visit.ended_at is not None]
    if not ended:
        return Outcome.NEW, None
    ended_at, last = max(ended, key=lambda pair: pair[0])
    if ended_at > came_at:
        return Outcome.NOTED, last
    if last.state in MAY_COME_BACK and ended_at >= today:
        return Outcome.REOPENED, last
    return Outcome.NEW, None
