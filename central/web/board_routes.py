"""What the board asks."""

from flask import Blueprint, Response, request

from central.web import reading
from central.web.gate import person, who_asks
from central.web.replies import as_json, empty
from central.web.routes import LINE, SIGNED_IN, Who, blueprint, route
from central.yard import Yard
from contract import problems
from contract.problems import Problem
from contract.visit import Verb
from contract.wire import BayWords, HelpClose, VisitWords

_STATION = "/v1/stations/<station>"
_CSV = "text/csv"


class BoardRoutes:
    """The queue, what people do to it, help, bookings, and what they may look up."""

    def __init__(self, yard: Yard) -> None:
        self._yard = yard

    def blueprint(self) -> Blueprint:
        """Collect the routes."""
        return blueprint(self, "board")

    @route("GET", f"{_STATION}/queue", SIGNED_IN)
    def queue(self, station: str) -> Response:
        """Give the whole yard at one event."""
        return as_json(self._yard.queue(station))

    @route("POST", f"{_STATION}/visits/<visit>/<verb>", LINE)
    def act(self, station: str, visit: str, verb: str) -> Response:
        """Move a visit."""
        if verb not in set(Verb):
            raise Problem(problems.NOT_FOUND, f"A visit knows {', '.join(Verb)}.")
        words = reading.words(request, VisitWords)
        return as_json(self._yard.act(station, who_asks().actor, visit, Verb(verb), words))

    @route("GET", f"{_STATION}/visits/<visit>/timeline", SIGNED_IN)
    def timeline(self, station: str, visit: str) -> Response:
        """Give everything that happened to a visit."""
        return as_json(self._yard.timeline(station, visit))

    @route("POST", f"{_STATION}/bays/<bay>/call-next", LINE)
    def call_next(self, station: str, bay: str) -> Response:
        """Call whoever is next."""
        words = reading.words(request, BayWords)
        return as_json(self._yard.call_next(station, who_asks().actor, bay, words))

    @route("POST", f"{_STATION}/bays/<bay>/seen-dark", LINE)
    def seen_dark(self, station: str, bay: str) -> Response:
        """Take a person's word that a faulty sign shows nothing."""
        reading.words(request, reading.Nothing)
        self._yard.seen_dark(station, who_asks().actor, bay)
        return empty()

    @route("POST", f"{_STATION}/help/<help_id>/acknowledge", LINE)
    def acknowledge(self, station: str, help_id: str) -> Response:
        """Take a call for help in one's own name."""
        reading.words(request, reading.Nothing)
        return as_json(self._yard.acknowledge(station, who_asks().actor, help_id))

    @route("POST", f"{_STATION}/help/<help_id>/close", LINE)
    def close_help(self, station: str, help_id: str) -> Response:
        """Close it with a word on what it was."""
        words = reading.words(request, HelpClose)
        return as_json(self._yard.close_help(station, who_asks().actor, help_id, words))

    @route("POST", f"{_STATION}/bookings:import", Who.MANAGER, Who.OFFICE)
    def import_bookings(self, station: str) -> Response:
        """Take in a CSV file, all of it or nothing; `?dry-run=yes` only looks."""
        if request.mimetype != _CSV:
            raise Problem(problems.NOT_JSON, f"Say Content-Type: {_CSV} and send the file.")
        raw = reading.sized(request, reading.FILE_MAX)
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise Problem(
                problems.BAD_REQUEST, "The file is not UTF-8; save it as CSV UTF-8."
            ) from error
        dry_run = request.args.get("dry-run") == "yes"
        actor = who_asks().actor
        return as_json(self._yard.import_bookings(station, actor, text, dry_run=dry_run))

    @route("GET", f"{_STATION}/devices", SIGNED_IN)
    def devices(self, station: str) -> Response:
        """Give the station's devices."""
        return as_json(self._yard.devices.all(station))

    @route("GET", "/v1/session", SIGNED_IN)
    def session(self) -> Response:
        """Say who is signed in, and what their page must send back."""
        signed_in = person()
        return as_json(
            {
                "name": signed_in.person.name,
                "role": signed_in.person.role,
                "csrf": signed_in.csrf,
                "stations": sorted(signed_in.person.stations),
            }
        )
