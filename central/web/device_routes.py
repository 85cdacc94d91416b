"""What a post and a sign ask."""

import hashlib
from datetime import UTC, datetime

import msgspec
from flask import Blueprint, Response, request

from central.clock import Clock
from central.web import reading
from central.web.answers import JSON
from central.web.asking import (
    ElsewhereAsked,
    EventsAsked,
    Known,
    LastSeen,
    SendersClocks,
    StatusAsked,
)
from central.web.gate import device, who_asks
from central.web.limits import Limit
from central.web.replies import as_json, empty
from central.web.routes import LINE, SIGNED_IN, Body, Gives, Who, blueprint, route
from central.web.telling import EVENT_STREAM, EVENTS, NUDGES
from central.words import SendClocks
from central.yard import Yard
from contract import problems
from contract.plate import Plate
from contract.problems import Problem
from contract.wire import (
    HEADER_AGE_MS,
    HEADER_AT,
    HEADER_BOOT,
    HEADER_MONO_MS,
    Arrival,
    Beat,
    Booked,
    Enrol,
    Enrolled,
    Expected,
    HelpCall,
    HelpState,
    Lease,
    Standing,
)
from contract.words import DeskArrival

LOOK_UPS = 60  # a post asks every 2 s while a door stands on its screen: "drive in" must be fresh
WRONG_CODES = 10
MINUTE_MS = 60_000
_ETAG = {"ETag": "Send it back in `If-None-Match`: while nothing has changed the answer is 304."}
_OFTEN = "This post has asked often; ask again in a little while."
LONGEST_BOOT_MS = 10 * 366 * 24 * 3_600_000
OLDEST_MS = 7 * 24 * 3_600_000  # longer than any outbox waits


class DeviceRoutes:
    """Arrivals, look-ups, help, beats and enrolment."""

    def __init__(self, yard: Yard, clock: Clock, limits_times: int = 1) -> None:
        self._yard = yard
        self._look_ups = Limit(clock, LOOK_UPS * limits_times, MINUTE_MS)
        self._wrong_codes = Limit(clock, WRONG_CODES * limits_times, MINUTE_MS)

    def blueprint(self) -> Blueprint:
        """Collect the routes."""
        return blueprint(self, "devices")

    @route(
        "POST",
        "/v1/stations/<station>/arrivals",
        Who.POST,
        LINE,
        takes=Body(JSON, Arrival, DeskArrival),
        headers=SendersClocks,
        status={
            201: "A new visit, or an arrival that is held.",
            200: "This vehicle was here already, or this is a retry.",
        },
        refuses=(problems.PLATE_REFUSED, problems.VALUE_REFUSED, problems.ID_REUSED),
    )
    def arrive(self, station: str) -> tuple[Standing, int]:
        """Check a vehicle in; 201 the first time, 200 when it was here already.

        A post sends what it has saved, byte for byte, as often as it must: the same id is the same
        arrival, and hears how it stands now.  Who comes while the station is closed, or was on the way
        since before its last closing, is `held` for a person to look at.  A person at the desk sends the
        plate, and the kind of inspection if one was chosen; what they say is never held.
        """
        guest = who_asks()
        raw = reading.raw_json(request)
        kind: type[Arrival | DeskArrival] = Arrival if guest.is_device else DeskArrival
        arrival = reading.parsed(raw, kind)
        standing, retry = self._yard.take(station, guest.actor, arrival, raw, send_clocks())
        return standing, 200 if retry or standing.again else 201

    @route("GET", "/v1/stations/<station>/status", Who.POST, refuses=(problems.TOO_MANY,))
    def status(self, station: str, asked: StatusAsked) -> Standing:
        """Say where a plate stands that this post itself took today."""
        post = device()
        self._look_ups.take(post.id, _OFTEN)
        standing = self._yard.status(station, post.actor, asked.plate)
        if standing is None:
            raise Problem(problems.NOT_FOUND, "This post has taken no such plate today.")
        return standing

    @route(
        "GET",
        "/v1/stations/<station>/elsewhere",
        Who.POST,
        refuses=(problems.PLATE_REFUSED, problems.TOO_MANY),
    )
    def elsewhere(self, station: str, asked: ElsewhereAsked) -> Booked:
        """Say whether a plate is booked for a day to come, or at another station.

        For a plate that was just typed and is not on today's list.  Nothing is said about the yard.  It
        counts with the look-ups of `status`.
        """
        self._look_ups.take(device().id, _OFTEN)
        return self._yard.booked(station, Plate.parse(asked.plate))

    @route(
        "GET",
        "/v1/stations/<station>/expected",
        Who.POST,
        headers=Known,
        gives=(
            Gives(200, Expected, says="The plates.", headers=_ETAG),
            Gives(304, says="The plates are those that the post has.", headers=_ETAG),
        ),
    )
    def expected(self, station: str) -> Response:
        """Give today's plates for the keypad; 304 when the post has them."""
        answer = as_json(self._yard.expected(station))
        answer.set_etag(hashlib.sha256(answer.get_data()).hexdigest())
        answer.make_conditional(request)
        return answer

    @route(
        "POST",
        "/v1/stations/<station>/help",
        Who.POST,
        status={201: "It stands on the board."},
        refuses=(problems.ID_REUSED,),
    )
    def raise_help(self, station: str, words: HelpCall) -> HelpState:
        """Put a call for help on the board; once for each id."""
        return self._yard.raise_help(station, who_asks().actor, words)

    @route("GET", "/v1/stations/<station>/help/<help_id>", Who.POST)
    def help_state(self, station: str, help_id: str) -> HelpState:
        """Say what became of the help that this post asked for."""
        return self._yard.help_state(station, device().id, help_id)

    @route("POST", "/v1/stations/<station>/signs/<sign>/beat", Who.SIGN)
    def beat(self, station: str, sign: str, words: Beat) -> Lease:
        """Answer a sign: light this, or be dark."""
        own_sign(sign)
        return self._yard.beat(station, sign, words)

    @route("GET", "/v1/stations/<station>/signs/<sign>/nudges", Who.SIGN, gives=NUDGES)
    def nudges(self, station: str, sign: str) -> Response:  # noqa: ARG002 - the address names it
        """Tell a sign to beat at once or to go dark; no plate travels here.

        A server that cannot hold streams ends this one at once: the sign's own beats do the work.
        """
        own_sign(sign)
        return empty_stream()

    @route(
        "GET",
        "/v1/stations/<station>/events",
        SIGNED_IN,
        gives=EVENTS,
        headers=LastSeen,
        refuses=(problems.TOO_MANY,),
    )
    def events(self, station: str, asked: EventsAsked) -> Response:  # noqa: ARG002 - streams.py answers
        """Tell a board what happens: the whole yard first, then every event with its id."""
        return empty_stream()

    @route(
        "POST",
        "/v1/stations/<station>/devices/enrol",
        Who.ANYBODY,
        status={201: "The device's own token, shown this once."},
        refuses=(problems.CODE_REFUSED, problems.TOO_MANY),
    )
    def enrol(self, station: str, words: Enrol) -> Enrolled:
        """Turn a one-time code into a device's token."""
        asker = request.remote_addr or "unknown"
        self._wrong_codes.check(asker, "Too many codes that do not work; wait a minute.")
        try:
            return self._yard.devices.enrol(station, words)
        except Problem:
            self._wrong_codes.count(asker)
            raise


def own_sign(sign: str) -> None:
    """Refuse a sign that speaks for another."""
    if device().id != sign:
        raise Problem(problems.NOT_ALLOWED, "A sign may speak for itself only.")


def empty_stream() -> Response:
    """A stream that ends at once."""
    return empty(200, EVENT_STREAM)


def send_clocks() -> SendClocks | None:
    """Read the sender's clocks from the headers; None when they make no sense.

    An arrival has happened, so it is never refused for a header.
    """
    boot_id = request.headers.get(HEADER_BOOT, "")
    try:
        mono_ms = msgspec.convert(request.headers.get(HEADER_MONO_MS), int, strict=False)
    except (ValueError, OverflowError):
        return None
    if not boot_id or not 0 <= mono_ms <= LONGEST_BOOT_MS:
        return None
    sent_at = _sent_at(request.headers.get(HEADER_AT, ""))
    # A post names its wall clock only while it believes it.
    age_ms = _age_ms(request.headers.get(HEADER_AGE_MS, ""))
    return SendClocks(boot_id, mono_ms, sent_at, synced=sent_at is not None, age_ms=age_ms)


def _age_ms(text: str) -> int:
    is_count = text.isascii() and text.isdigit() and len(text) <= len(str(OLDEST_MS))
    return min(int(text), OLDEST_MS) if is_count else 0


def _sent_at(text: str) -> datetime | None:
    """Read a wall clock's time; one without a zone is nobody's."""
    try:
        at = datetime.fromisoformat(text)
        return None if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
