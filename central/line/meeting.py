"""What an arrival is: a new visit, or part of one that we know.  Values in, values out."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from central.line.line import Visit
from central.words import SendClocks
from contract.visit import MAY_COME_BACK, OPEN, State
from contract.wire import Arrival


class Outcome(StrEnum):
    """What an arrival was: a new visit, one that is open, one that came back, or only a note.

    `held` is none of them yet: a person must look at it first.
    """

    NEW = "new"
    AGAIN = "again"
    REOPENED = "reopened"
    NOTED = "noted"
    HELD = "held"


OLDEST = timedelta(days=366)  # what says that it is older has a broken clock
# A request's time on the way: more than this is a clock that is wrong, not a network that is slow.
LONGEST_WAY = timedelta(seconds=20)


def own_time(arrival: Arrival, sent: SendClocks | None, received_at: datetime) -> datetime:
    """When the plate was typed; never in the future, and never older than an outbox can be.

    Within one boot it is the moment of sending minus the age that the post's own monotonic clock counts.
    After a reboot it is the post's wall clock if that was synced; else as late as it can have been: before
    the present boot began, and as old as the post knows that it is at the least.
    """
    sent_at = _sent_at(sent, received_at)
    same_boot = sent is not None and sent.boot_id == arrival.boot_id
    age = _age(arrival.mono_ms if same_boot else 0, sent)
    if same_boot and age is not None:
        return sent_at - age
    latest = sent_at if age is None else sent_at - age
    if arrival.synced and arrival.at >= received_at - OLDEST:
        return min(arrival.at, latest)
    return latest if sent is None else min(latest, sent_at - timedelta(milliseconds=sent.age_ms))


def _age(since_ms: int, sent: SendClocks | None) -> timedelta | None:
    """Time on the sender's monotonic clock since *since_ms*; None where it says what cannot be."""
    age_ms = -1 if sent is None else sent.mono_ms - since_ms
    possible = 0 <= age_ms <= OLDEST // timedelta(milliseconds=1)
    return timedelta(milliseconds=age_ms) if possible else None


def _sent_at(sent: SendClocks | None, received_at: datetime) -> datetime:
    """Receipt, or the time of sending that a synced post names, so that a slow network makes nobody late."""
    if sent is None or sent.at is None or not sent.synced:
        return received_at
    return sent.at if timedelta() <= received_at - sent.at <= LONGEST_WAY else received_at


def meet(
    visits: Sequence[Visit], came_at: datetime, today: datetime
) -> tuple[Outcome, Visit | None]:
    """Say which of the vehicle's *visits* an arrival is, if any.

    Args:
        visits: the open ones, likeliest first, and those that ended since *today* began.
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
    if ended_at > came_at and not _was_there(last, came_at):
        return Outcome.NOTED, last
    if last.state in MAY_COME_BACK and ended_at >= today:
        return Outcome.REOPENED, last
    return Outcome.NEW, None


def _was_there(visit: Visit, came_at: datetime) -> bool:
    """Whether who typed at *came_at* answered the call that a person gave up a moment later."""
    called_at = visit.called_at if visit.state is State.NO_SHOW else None
    return called_at is not None and called_at < came_at
