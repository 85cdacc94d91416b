"""How posts and signs are: they say so, and people look."""

from flask import Blueprint

from central.clock import Clock
from central.web.gate import device as who_speaks
from central.web.limits import Limit
from central.web.routes import DEVICES, SIGNED_IN, blueprint, route
from central.yard import Yard
from contract import problems
from contract.problems import Problem
from contract.wire import Heartbeat, HeartbeatHeard
from contract.yard import DeviceRow

MOST_IN_A_MINUTE = 30  # a fault that comes or goes is told at once, but not oftener than every 5 s
MINUTE_MS = 60_000


class HeartbeatRoutes:
    """Heartbeats, and the devices that send them."""

    def __init__(self, yard: Yard, clock: Clock, limits_times: int = 1) -> None:
        self._yard = yard
        self._often = Limit(clock, MOST_IN_A_MINUTE * limits_times, MINUTE_MS)

    def blueprint(self) -> Blueprint:
        """Collect the routes."""
        return blueprint(self, "heartbeats")

    @route(
        "POST",
        "/v1/stations/<station>/devices/<device>/heartbeat",
        DEVICES,
        refuses=(problems.TOO_MANY,),
    )
    def heartbeat(self, station: str, device: str, words: Heartbeat) -> HeartbeatHeard:  # noqa: ARG002 - the token says which
        """Hear how a post or a sign is.

        Once a minute, and at once when a part fails or works again.  The last one of each device is kept;
        faults that come and go become events.
        """
        speaker = who_speaks()
        if speaker.id != device:
            raise Problem(problems.NOT_ALLOWED, "A device may speak for itself only.")
        self._often.take(speaker.id, "One heartbeat a minute is enough; wait a little.")
        return self._yard.heartbeats.hear(speaker, words)

    @route("GET", "/v1/stations/<station>/devices", SIGNED_IN)
    def devices(self, station: str) -> list[DeviceRow]:
        """Give the station's devices, and how each was when it was last heard."""
        return self._yard.heartbeats.rows(station)
