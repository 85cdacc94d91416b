"""Faults to plant in the real code, each a mistake that somebody could make: the search must find them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest

from central.line import arrivals, coming, meeting
from central.line.meeting import Outcome
from contract.ids import uuid7
from device.outbox import Outbox
from device.session import CentralUnreachable
from kiosk import answer_screens, happenings
from kiosk.deliveries import Deliveries
from kiosk.saving import Saving

Plant = Callable[[pytest.MonkeyPatch], None]


def _deletes_before_the_answer(patch: pytest.MonkeyPatch) -> None:
    """The post takes a sent arrival for a delivered one."""
    send = Deliveries._sent

    def sent(self: Deliveries, row: Any) -> Any:
        self._outbox.delivered(row.id, "", row.saved)
        return send(self, row)

    patch.setattr(Deliveries, "_sent", sent)


def _says_saved_first(patch: pytest.MonkeyPatch) -> None:
    """The post says "saved" while the disk is still busy."""
    save = Saving.save

    def early(self: Any, ticket: int, plate: Any) -> None:
        self._put(happenings.Saved(ticket, self._clock.now()))
        life, machine = self.life, self.life._machine
        machine.station.after(4_000, lambda: machine.life is life and save(self, ticket, plate))

    patch.setattr(Saving, "save", early)


def _forgets_ids(patch: pytest.MonkeyPatch) -> None:
    """Central does not know a retry for what it is."""
    arrive = arrivals.arrive

    def forgetful(tx: Any, known: Any, station: Any, actor: Any, arrival: Any, *more: Any) -> Any:
        arrival = msgspec.structs.replace(arrival, id=uuid7(0))
        return arrive(tx, known, station, actor, arrival, *more)

    patch.setattr(arrivals, "arrive", forgetful)


def _forgets_who_left(patch: pytest.MonkeyPatch) -> None:
    """A late delivery of a car that was served meanwhile starts a new visit."""

    def forgetful(visits: Any, came_at: Any, today: Any) -> Any:
        outcome, visit = meeting.meet(visits, came_at, today)
        over = visit is not None and visit.ended_at is not None
        return (Outcome.NEW, None) if over else (outcome, visit)

    patch.setattr(coming, "meet", forgetful)


def _counts_from_receipt(patch: pytest.MonkeyPatch) -> None:
    """An arrival that waited in the outbox goes to the end of the line."""
    patch.setattr(arrivals, "own_time", lambda _arrival, _sent, received_at: received_at)


def _trusts_old_answers(patch: pytest.MonkeyPatch) -> None:
    """The post says "drive in" as long as nobody says otherwise."""
    patch.setattr(answer_screens, "is_fresh", lambda _asked_ms, _now_ms: True)


def _drops_what_is_refused(patch: pytest.MonkeyPatch) -> None:
    """The post gives up an arrival that could not be delivered at the first try."""
    send = Deliveries._sent

    def sent(self: Deliveries, row: Any) -> Any:
        try:
            return send(self, row)
        except CentralUnreachable:
            self._outbox.delivered(row.id, "", row.saved)
            raise

    patch.setattr(Deliveries, "_sent", sent)


def _keeps_in_memory(patch: pytest.MonkeyPatch) -> None:
    """The outbox says "saved" before it has committed: a power cut takes the last one."""
    save = Outbox.save

    def lazy(self: Outbox, *words: Any) -> None:
        machine = self._machine  # type: ignore[attr-defined]
        machine.station.after(300, lambda: machine.life and save(machine.life._outbox, *words))

    patch.setattr(Outbox, "save", lazy)


@dataclass(frozen=True, slots=True)
class Fault:
    """A planted fault, and what the judge must say of it."""

    plant: Plant
    verdict: str

    def __str__(self) -> str:
        return self.plant.__name__.strip("_")


FAULTS = (
    Fault(_deletes_before_the_answer, "is lost|saved here|sparad här"),
    Fault(_drops_what_is_refused, "is lost|saved here|sparad här"),
    Fault(_keeps_in_memory, "is lost"),
    Fault(_says_saved_first, "says without a reason: .*(saved here|sparad här)"),
    Fault(_trusts_old_answers, "says without a reason: .*(drive in|kör in)"),
    Fault(_forgets_ids, "is lost|nobody made"),
    Fault(_forgets_who_left, "queued again by its old arrival"),
    Fault(_counts_from_receipt, "off its own time"),
)
