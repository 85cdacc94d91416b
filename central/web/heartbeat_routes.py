"""How posts and signs are: they say so, and people look; and the token that a device asks for."""

from flask import Blueprint

from central.clock import Clock
from central.devices.devices import Device
from central.errors import NotThere
from central.web.gate import device as who_speaks
from central.web.limits import Limit
from central.web.routes import DEVICES, SIGNED_IN, blueprint, route
from central.yard import Yard
from contract import problems
from contract.accounts import NewToken
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
        faults that come and go become events.  `new_token` in the answer asks the device to fetch one.
        """
        speaker = _itself(device)
        self._often.take(speaker.id, "One heartbeat a minute is enough; wait a little.")
        return self._yard.heartbeats.hear(speaker, words)

    @route(
        "POST",
        "/v1/stations/<station>/devices/<device>/token",
        DEVICES,
        status={201: "The next token, shown this once."},
        refuses=(problems.WRONG_STATE, problems.TOO_MANY),
    )
    def next_token(self, station: str, device: str) -> NewToken:
        """Give a device its next token, when a heartbeat's answer has told it to ask.

        Both tokens work until the next one was used once: then the old one is void.  A device saves the
        next one before it uses it.  If the answer was lost it asks again, and what was lost is void.
        """
        speaker = _itself(device)
        self._often.take(speaker.id, "This device has asked often; wait a little.")
        try:
            return NewToken(token=self._yard.devices.next_token(station, speaker.id))
        except NotThere as error:  # it was taken out of service on the way here
            raise Problem(problems.UNKNOWN_DEVICE, str(error)) from error

    @route("GET", "/v1/stations/<station>/devices", SIGNED_IN)
    def devices(self, station: str) -> list[DeviceRow]:
        """Give the station's devices, and how each was when it was last heard."""
        return self._yard.heartbeats.rows(station)


def _itself(device: str) -> Device:
    """The device that asks, which may speak for itself only."""
    speaker = who_speaks()
    if speaker.id != device:
        raise Problem(problems.NOT_ALLOWED, "A device may speak for itself only.")
    return speaker
