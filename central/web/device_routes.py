"""What a post and a sign ask."""

import hashlib
from datetime import UTC, datetime

import msgspec
from flask import Blueprint, Response, request

from central.clock import Clock
from central.web import reading
from central.web.gate import device, who_asks
from central.web.limits import Limit
from central.web.replies import as_json, empty
from central.web.routes import LINE, SIGNED_IN, Who, blueprint, route
from central.words import SendClocks
from central.yard import Yard
from contract import problems
from contract.problems import Problem
from contract.wire import (
    HEADER_AT,
    HEADER_BOOT,
    HEADER_MONO_MS,
    Arrival,
    Beat,
    DeskArrival,
    Enrol,
    HelpCall,
)

LOOK_UPS = 60  # a post asks every 2 s while a door stands on its screen: "drive in" must be fresh
WRONG_CODES = 10
MINUTE_MS = 60_000
LONGEST_BOOT_MS = 10 * 366 * 24 * 3_600_000


class DeviceRoutes:
    """Arrivals, look-ups, help, beats and enrolment."""

    def __init__(self, yard: Yard, clock: Clock) -> None:
        self._yard = yard
        self._look_ups = Limit(clock, LOOK_UPS, MINUTE_MS)
        self._wrong_codes = Limit(clock, WRONG_CODES, MINUTE_MS)

    def blueprint(self) -> Blueprint:
        """Collect the routes."""
        return blueprint(self, "devices")

    @route("POST", "/v1/stations/<station>/arrivals", Who.POST, LINE)
    def arrive(self, station: str) -> Response:
        """Check a vehicle in; 201 the first time, 200 when it was here already."""
        guest = who_asks()
        raw = reading.raw_json(request)
        kind: type[Arrival | DeskArrival] = Arrival if guest.is_device else DeskArrival
        arrival = reading.parsed(raw, kind)
        standing = self._yard.arrive(station, guest.actor, arrival, raw, send_clocks())
        return as_json(standing, 200 if standing.again else 201)

    @route("GET", "/v1/stations/<station>/status", Who.POST)
    def status(self, station: str) -> Response:
        """Say where a plate stands that this post itself took."""
        post = device()
        self._look_ups.take(post.id, "This post has asked often; ask again in a little while.")
        plate = request.args.get("plate", "")
        standing = self._yard.status(station, post.id, plate)
        if standing is None:
            raise Problem(problems.NOT_FOUND, "This post has taken no such plate today.")
        return as_json(standing)

    @route("GET", "/v1/stations/<station>/expected", Who.POST)
    def expected(self, station: str) -> Response:
        """Give today's plates for the keypad; 304 when the post has them."""
        answer = as_json(self._yard.expected(station))
        answer.set_etag(hashlib.sha256(answer.get_data()).hexdigest())
        answer.make_conditional(request)
        return answer

    @route("POST", "/v1/stations/<station>/help", Who.POST)
    def raise_help(self, station: str) -> Response:
        """Put a call for help on the board."""
        call = reading.words(request, HelpCall)
        return as_json(self._yard.raise_help(station, who_asks().actor, call), 201)

    @route("GET", "/v1/stations/<station>/help/<help_id>", Who.POST)
    def help_state(self, station: str, help_id: str) -> Response:
        """Say what became of it."""
        return as_json(self._yard.help_state(station, device().id, help_id))

    @route("POST", "/v1/stations/<station>/signs/<sign>/beat", Who.SIGN)
    def beat(self, station: str, sign: str) -> Response:
        """Answer a sign: light this, or be dark."""
        own_sign(sign)
        return as_json(self._yard.beat(station, sign, reading.words(request, Beat)))

    @route("GET", "/v1/stations/<station>/signs/<sign>/nudges", Who.SIGN)
    def nudges(self, station: str, sign: str) -> Response:  # noqa: ARG002 - the address names it
        """Give an empty stream: a server that cannot hold streams lets the sign's own beats do the work."""
        own_sign(sign)
        return empty_stream()

    @route("GET", "/v1/stations/<station>/events", SIGNED_IN)
    def events(self, station: str) -> Response:  # noqa: ARG002 - the same
        """Give an empty stream, for the same reason."""
        return empty_stream()

    @route("POST", "/v1/stations/<station>/devices/enrol", Who.ANYBODY)
    def enrol(self, station: str) -> Response:
        """Turn a one-time code into a device's token."""
        asker = request.remote_addr or "unknown"
        self._wrong_codes.check(asker, "Too many codes that do not work; wait a minute.")
        words = reading.words(request, Enrol)
        try:
            return as_json(self._yard.devices.enrol(station, words), 201)
        except Problem:
            self._wrong_codes.count(asker)
            raise


def own_sign(sign: str) -> None:
    """Refuse a sign that speaks for another."""
    if device().id != sign:
        raise Problem(problems.NOT_ALLOWED, "A sign may speak for itself only.")


def empty_stream() -> Response:
    """A stream that ends at once."""
    return empty(200, "text/event-stream")


def send_clocks() -> SendClocks | None:
    """Read the sender's clocks from the headers; None when they make no sense.

    An arrival has happened, so it is never refused for a header.
    """
    boot_id = request.headers.get(HEADER_BOOT, "")
    try:
        mono_ms = msgspec.convert(request.headers.get(HEADER_MONO_MS), int, strict=False)
        at = request.headers.get(HEADER_AT)
        sent_at = None if at is None else datetime.fromisoformat(at).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    if not boot_id or not 0 <= mono_ms <= LONGEST_BOOT_MS:
        return None
    return SendClocks(boot_id, mono_ms, sent_at)
