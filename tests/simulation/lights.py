"""What a driver may see: no plate after its lease or its end, none on two doors at once."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from central.signs import lit
from contract.wire import LEASE_TTL_MAX_MS, Grant, Lease
from tests.simulation.course import BrokenPromise

SLACK_MS = 200  # a killed sign's blanker needs a moment; the promise is 7.2 s


@dataclass
class Lights:
    """Every lease that was ever granted, when each call ended, and a driver's look at the signs."""

    leases: dict[tuple[str, str], int] = field(default_factory=dict)
    ended_ms: dict[str, int] = field(default_factory=dict)

    def answered(self, device: str, answer: Lease, sent_ms: int) -> None:
        """Note what central has answered to a beat that was sent at *sent_ms*."""
        if isinstance(answer, Grant):
            key, ends_ms = (device, answer.call), sent_ms + answer.ttl_ms
            self.leases[key] = max(ends_ms, self.leases.get(key, 0))

    def check(self, shown: Iterable[tuple[str, lit.Call]], now_ms: int) -> None:
        """Look at the signs, each with the call that it shows, as a driver does."""
        doors: dict[str, str] = {}
        for device, call in shown:
            if call.match_key in doors:
                raise BrokenPromise(f"{call.text} on two doors: {doors[call.match_key]}, {device}")
            doors[call.match_key] = device
            self._check_lease(device, call, now_ms)

    def _check_lease(self, device: str, call: lit.Call, now_ms: int) -> None:
        over_ms = now_ms - self.leases.get((device, call.id), 0)
        if over_ms > SLACK_MS:
            raise BrokenPromise(f"{call.text} stands {over_ms} ms after its lease on {device}")
        ended_ms = self.ended_ms.get(call.id)
        if ended_ms is not None and now_ms - ended_ms > LEASE_TTL_MAX_MS + SLACK_MS:
            raise BrokenPromise(f"{call.text} stands on {device} long after its call ended")
