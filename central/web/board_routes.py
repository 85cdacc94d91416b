"""What the board asks."""

from typing import Annotated, Literal

from flask import Blueprint, request
from msgspec import Meta, Struct

from central.bookings.bookings import Imported
from central.people.person import EVERYWHERE
from central.web import reading
from central.web.gate import person, who_asks
from central.web.reading import Nothing
from central.web.routes import IN_CHARGE, LINE, SIGNED_IN, Body, Each, Who, blueprint, route
from central.yard import Yard
from contract import problems
from contract.accounts import Looked
from contract.problems import Problem
from contract.secrecy import Discreet
from contract.transitions import TRANSITIONS, Verb
from contract.wire import HelpState
from contract.words import VERB_WORDS, BayWords, HelpClose, UndoWords, VisitWords
from contract.yard import EventRow, Queue, QueueRow

_STATION = "/v1/stations/<station>"
CSV = "text/csv"


class ImportAsked(Struct, frozen=True, rename={"dry_run": "dry-run"}):
    """How a file is to be taken in."""

    dry_run: Annotated[
        Literal["yes", "no"],
        Meta(description="`yes` says what an import would do, and does nothing."),
    ] = "no"


class Session(Discreet, frozen=True, kw_only=True):
    """Who is signed in.  `csrf` goes back in the header `X-Portvakt-Csrf` with everything that changes.

    `everywhere`: stations that are yet to come are theirs too.  `sets_password`: they were invited, and
    nothing is open to them until they have set a password.  `names`: what each station is called.
    """

    name: str
    role: str
    csrf: str
    stations: list[str]
    names: dict[str, str]
    everywhere: bool = False
    sets_password: bool = False


class BoardRoutes:
    """The queue, what people do to it, help, bookings, and what they may look up."""

    def __init__(self, yard: Yard) -> None:
        self._yard = yard

    def blueprint(self) -> Blueprint:
        """Collect the routes."""
        return blueprint(self, "board")

    @route("GET", f"{_STATION}/queue", SIGNED_IN, looks=Looked.BOARD)
    def queue(self, station: str) -> Queue:
        """Give the whole yard at one event."""
        return self._yard.queue(station)

    @route(
        "POST",
        f"{_STATION}/visits/<visit>/<verb>",
        LINE,
        each=Each("verb", {verb: row.says for verb, row in TRANSITIONS.items()}, VERB_WORDS),
        refuses=(
            problems.CHANGED_MEANWHILE,
            problems.WRONG_STATE,
            problems.BAY_BUSY,
            problems.BAY_CANNOT_SERVE,
            problems.BAY_CLOSED,
            problems.ALREADY_HERE,
            problems.TOO_LATE,
        ),
    )
    def act(self, station: str, visit: str, verb: str, words: VisitWords) -> QueueRow:
        """Move a visit.

        `version` is the one that the board showed: when somebody has moved the visit since, nothing is
        done, and the answer says who it was.
        """
        return self._yard.act(station, who_asks().actor, visit, Verb(verb), words)

    @route(
        "POST",
        f"{_STATION}/undo",
        LINE,
        refuses=(
            problems.TOO_LATE,
            problems.CHANGED_MEANWHILE,
            problems.WRONG_STATE,
            problems.BAY_BUSY,
            problems.BAY_CLOSED,
            problems.ALREADY_HERE,
        ),
    )
    def undo(self, station: str, words: UndoWords) -> QueueRow:
        """Take back one's own last deed.

        Within two minutes, and only while nobody has changed the visit since.  Name the visit that the
        board showed, or none for whatever was done last.
        """
        return self._yard.undo(station, who_asks().actor, words)

    @route("GET", f"{_STATION}/visits/<visit>/timeline", SIGNED_IN, looks=Looked.TIMELINE)
    def timeline(self, station: str, visit: str) -> list[EventRow]:
        """Give everything that happened to a visit."""
        return self._yard.timeline(station, visit)

    @route(
        "POST",
        f"{_STATION}/bays/<bay>/call-next",
        LINE,
        refuses=(
            problems.CHANGED_MEANWHILE,
            problems.NOBODY_WAITING,
            problems.BAY_BUSY,
            problems.BAY_CLOSED,
        ),
    )
    def call_next(self, station: str, bay: str, words: BayWords) -> QueueRow:
        """Call whoever is next.

        Say which row the board showed on top, and its version: when another one is next by now, nobody
        is called.
        """
        return self._yard.call_next(station, who_asks().actor, bay, words)

    @route("POST", f"{_STATION}/bays/<bay>/seen-dark", LINE, refuses=(problems.WRONG_STATE,))
    def seen_dark(self, station: str, bay: str, words: Nothing) -> None:  # noqa: ARG002 - read, and empty
        """Take a person's word that a faulty sign shows nothing."""
        self._yard.seen_dark(station, who_asks().actor, bay)

    @route(
        "POST",
        f"{_STATION}/help/<help_id>/acknowledge",
        LINE,
        refuses=(problems.CHANGED_MEANWHILE,),
    )
    def acknowledge(self, station: str, help_id: str, words: Nothing) -> HelpState:  # noqa: ARG002
        """Take a call for help in one's own name."""
        return self._yard.acknowledge(station, who_asks().actor, help_id)

    @route("POST", f"{_STATION}/help/<help_id>/close", LINE, refuses=(problems.CHANGED_MEANWHILE,))
    def close_help(self, station: str, help_id: str, words: HelpClose) -> HelpState:
        """Close it with a word on what it was."""
        return self._yard.close_help(station, who_asks().actor, help_id, words)

    @route(
        "POST",
        f"{_STATION}/bookings:import",
        IN_CHARGE,
        Who.BOOKINGS_WRITE,
        takes=Body(CSV, str),
        refuses=(problems.BOOKINGS_REFUSED,),
    )
    def import_bookings(self, station: str, asked: ImportAsked) -> Imported:
        """Take in a CSV file, all of it or nothing; `?dry-run=yes` only looks.

        The file begins with a header `ref,plate,slot` and may have more columns; commas or semicolons
        part its cells.  A booking with a `ref` that is here already is changed.
        """
        if request.mimetype != CSV:
            raise Problem(problems.NOT_JSON, f"Say Content-Type: {CSV} and send the file.")
        raw = reading.sized(request, reading.FILE_MAX)
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise Problem(
                problems.BAD_REQUEST, "The file is not UTF-8; save it as CSV UTF-8."
            ) from error
        reading.check_text(text)
        return self._yard.import_bookings(
            station, who_asks().actor, text, dry_run=asked.dry_run == "yes"
        )

    @route("GET", "/v1/session", SIGNED_IN, invited=True)
    def session(self) -> Session:
        """Say who is signed in, and what their page must send back."""
        signed_in = person()
        theirs = signed_in.person.stations
        everywhere = EVERYWHERE in theirs
        places = self._yard.places.stations()
        names = {place.id: place.name for place in places if everywhere or place.id in theirs}
        return Session(
            name=signed_in.person.name,
            role=signed_in.person.role,
            csrf=signed_in.csrf,
            stations=sorted(names) if everywhere else sorted(theirs),
            names=names,
            everywhere=everywhere,
            sets_password=signed_in.sets_password,
        )
