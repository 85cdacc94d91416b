"""What a post and a sign ask."""

import hashlib

from flask import Blueprint, Response, request

from central.clock import Clock
from central.web import reading
from central.web.answers import JSON
from central.web.asker import asker_address
from central.web.asking import (
    ElsewhereAsked,
    EventsAsked,
    Known,
    LastSeen,
    SendersClocks,
    StatusAsked,
)
from central.web.gate import device, who_asks
from central.web.limits import Bucket, Limit
from central.web.replies import as_json, empty
from central.web.routes import LINE, SIGNED_IN, Body, Gives, Who, blueprint, route
from central.web.sent_with import send_clocks
from central.web.telling import EVENT_STREAM, EVENTS, NUDGES
from central.yard import Yard
from contract import problems
from contract.accounts import Looked
from contract.plate import Plate
from contract.problems import Problem
from contract.wire import (
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
# It is asked once for a plate that was typed and is not on the list; whoever sweeps plates asks more.
ELSEWHERE_A_MINUTE, ELSEWHERE_A_DAY = 10, 200
# Nobody types faster; and the outbox of a day without a line must be delivered all the same.
ARRIVALS, ARRIVAL_EACH_MS = 600, 1_000
WRONG_CODES = 10
# Argon2 for each: all strangers together may keep a tenth of one core busy with guesses.
ALL_WRONG_CODES = 60
MINUTE_MS = 60_000
DAY_MS = 24 * 60 * MINUTE_MS
_ETAG = {"ETag": "Send it back in `If-None-Match`: while nothing has changed the answer is 304."}
_OFTEN = "This post has asked often; ask again in a little while."
_MANY_CODES = "Too many codes that do not work; wait a minute."
_EVERYBODY = "everybody"


class DeviceRoutes:
    """Arrivals, look-ups, help, beats and enrolment."""

    def __init__(self, yard: Yard, clock: Clock, limits_times: int = 1) -> None:
        self._yard = yard
        self._look_ups = Limit(clock, LOOK_UPS * limits_times, MINUTE_MS)
        self._elsewhere = Limit(clock, ELSEWHERE_A_MINUTE * limits_times, MINUTE_MS)
        self._elsewhere_today = Limit(clock, ELSEWHERE_A_DAY * limits_times, DAY_MS)
        self._arrivals = Bucket(clock, ARRIVALS * limits_times, ARRIVAL_EACH_MS / limits_times)
        self._wrong_codes = Limit(clock, WRONG_CODES * limits_times, MINUTE_MS)
        self._all_wrong_codes = Limit(clock, ALL_WRONG_CODES * limits_times, MINUTE_MS)

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
        refuses=(
            problems.PLATE_REFUSED,
            problems.VALUE_REFUSED,
            problems.ID_REUSED,
            problems.TOO_MANY,
        ),
    )
    def arrive(self, station: str) -> tuple[Standing, int]:
        """Check a vehicle in; 201 the first time, 200 when it was here already.

        A post sends what it has saved, byte for byte, as often as it must: the same id is the same
        arrival, and hears how it stands now.  Who comes while the station is closed, or was on the way
        since before its last closing, is `held` for a person to look at.  A person at the desk sends the
        plate, and the kind of inspection if one was chosen; what they say is never held.  A post may
        deliver 600 at once, and then one a second.
        """
        guest = who_asks()
        if guest.is_device:
            self._arrivals.take(guest.id, "This post has sent very many; keep the rest and go on.")
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
        looks=Looked.ELSEWHERE,
    )
    def elsewhere(self, station: str, asked: ElsewhereAsked) -> Booked:
        """Say whether a plate is booked for a day to come, or at another station.

        For a plate that was just typed and is not on today's list: ten times a minute, 200 times a day.
        Nothing is said about the yard.
        """
        post = device().id
        self._elsewhere_today.check(post, _OFTEN)
        self._elsewhere.take(post, _OFTEN)
        self._elsewhere_today.count(post)
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
        """Give today's plates for the keypad; 304 when the post has them.

        They are those that are booked, whatever became of the booking, and those that this post took.
        """
        answer = as_json(self._yard.expected(station, device().id))
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
        looks=Looked.BOARD,
    )
    def events(self, station: str, asked: EventsAsked) -> Response:  # noqa: ARG002 - streams.py answers
        """Tell a board what happens: the whole yard first, then every event with its id."""
        return empty_stream()

    @route(
        "POST",
        "/v1/stations/<station>/devices/enrol",
        Who.ANYBODY,
        status={201: "The device's own token, shown this once."},
        refuses=(problems.CODE_REFUSED, problems.CODE_FOR_ANOTHER, problems.TOO_MANY),
    )
    def enrol(self, station: str, words: Enrol) -> Enrolled:
        """Turn a one-time code into a device's token."""
        asker = asker_address()
        self._wrong_codes.check(asker, _MANY_CODES)
        crowd = self._all_wrong_codes.refusal(_EVERYBODY, _MANY_CODES)
        try:
            # Whoever has the first half has five tries in all; a flood of guesses must not stop them.
            if crowd is not None and not self._yard.devices.codes.is_awaited(words.code):
                raise crowd
            return self._yard.devices.enrol(station, words)
        except Problem as refused:
            self._wrong_codes.count(asker)
            if crowd is None:
                self._all_wrong_codes.count(_EVERYBODY)
                raise
            if (
                refused.kind is problems.CODE_FOR_ANOTHER
            ):  # who has all of a code guesses at nothing
                raise
            # Else the answers would tell in which half of the code a guess is wrong.
            raise crowd from refused


def own_sign(sign: str) -> None:
    """Refuse a sign that speaks for another."""
    if device().id != sign:
        raise Problem(problems.NOT_ALLOWED, "A sign may speak for itself only.")


def empty_stream() -> Response:
    """A stream that ends at once."""
    return empty(200, EVENT_STREAM)
