"""A confirmed plate goes to the disk before anybody reads that it was saved."""

import logging
from collections.abc import Callable

import msgspec

from contract.ids import uuid7
from contract.plate import Plate
from contract.wire import Arrival
from device.clock import Clock
from device.log import event
from device.outbox import Outbox, OutboxBroken, OutboxFull, SavedAt
from kiosk.deliveries import Deliveries
from kiosk.happenings import NotSaved, Saved

_MS_PER_S = 1000

log = logging.getLogger(__name__)


class Saving:
    """Commits arrivals to the outbox, and tells *put* which were; the deliveries take them from there."""

    def __init__(
        self,
        outbox: Outbox,
        deliveries: Deliveries,
        clock: Clock,
        put: Callable[[Saved | NotSaved], object],
    ) -> None:
        self._outbox = outbox
        self._deliveries = deliveries
        self._clock = clock
        self._put = put

    def save(self, ticket: int, plate: Plate) -> None:
        """Commit the arrival, then say so: never the other way round."""
        arrival = arrival_of(plate, self._clock)
        saved = SavedAt(arrival.boot_id, arrival.mono_ms, arrival.at)
        self._deliveries.expect(arrival.id, ticket)
        try:
            self._outbox.save(arrival.id, msgspec.json.encode(arrival), saved)
        except (OutboxFull, OutboxBroken) as error:
            log.error(event("arrival not saved", plate=plate, reason=error))  # noqa: TRY400 - its text says all
            self._deliveries.forget(arrival.id)
            self._put(NotSaved(ticket))
            return
        self._put(Saved(ticket, arrival.at if arrival.synced else None))
        self._deliveries.soon()


def arrival_of(plate: Plate, clock: Clock) -> Arrival:
    """Write down an arrival with the clocks of this moment."""
    now = clock.now()
    return Arrival(
        id=uuid7(int(now.timestamp() * _MS_PER_S)),
        plate=plate.text,
        at=now,
        synced=clock.synced(),
        boot_id=clock.boot_id,
        mono_ms=clock.monotonic_ms(),
    )
