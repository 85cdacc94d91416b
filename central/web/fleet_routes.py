"""What machines say of themselves and fetch, and what the office decides about releases."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Blueprint, Response

from central.clock import Clock
from central.errors import NotPossible, NotThere
from central.fleet.rings import RingSkipped
from central.web import files
from central.web.gate import device as who_speaks
from central.web.gate import person, who_asks
from central.web.limits import Limit
from central.web.reading import Nothing
from central.web.routes import DEVICES, FITTERS, Gives, Who, blueprint, route
from central.yard import Yard
from contract import problems
from contract.fleet import MachineHeard, MachineSaid
from contract.fleet_view import (
    Fleet,
    HaltWords,
    PinWords,
    Released,
    ReleaseWords,
    ResumeWords,
    RingWords,
    TakeBackWords,
)
from contract.problems import Problem

# A phase that changes is told at once, and an update has some few of them.
MOST_IN_A_MINUTE = 30
MINUTE_MS = 60_000
TAR = "application/x-tar"
_REFUSES = (problems.NOT_FOUND, problems.VALUE_REFUSED)
_DEVICE = "/v1/stations/<station>/devices/<device>"
_PART = {"Content-Range": "Which part it is.", "ETag": "The same for every part of the same file."}


class FleetRoutes:
    """Machines and releases."""

    def __init__(self, yard: Yard, clock: Clock, limits_times: int = 1) -> None:
        self._fleet = yard.fleet
        self._places = yard.places
        self._often = Limit(clock, MOST_IN_A_MINUTE * limits_times, MINUTE_MS)

    def blueprint(self) -> Blueprint:
        """Collect the routes."""
        return blueprint(self, "fleet")

    # -- machines -----------------------------------------------------------------------------

    @route("POST", f"{_DEVICE}/machine", DEVICES, refuses=(problems.TOO_MANY,))
    def machine(self, station: str, device: str, words: MachineSaid) -> MachineHeard:  # noqa: ARG002 - the token says which
        """Hear how a machine is, once a minute, and say which release it should run.

        The last word of each machine is kept; what changes becomes an event.  Without `wanted` it stays as
        it is.  `quiet` are the times in which the station is shut, two weeks ahead.
        """
        speaker = who_speaks()
        if speaker.id != device:
            raise Problem(problems.NOT_ALLOWED, "A machine may speak for itself only.")
        self._often.take(speaker.id, "Once a minute is enough; wait a little.")
        return self._fleet.hear(speaker, words)

    @route(
        "GET",
        "/v1/stations/<station>/releases/<file>",
        DEVICES,
        Who.HALL,
        gives=(
            Gives(200, says="The file: a release as a tar, or a signature as text.", headers=_PART),
            Gives(206, says="The part that `Range` asks for.", headers=_PART),
            Gives(304, says="The file is the one that `If-None-Match` names."),
        ),
        refuses=(problems.RANGE_REFUSED, problems.TOO_MANY),
    )
    def release_file(self, station: str, file: str) -> Response:  # noqa: ARG002 - any station's machine
        """Fetch a release, or with `.sig` behind its name the signature.

        `Range` and `ETag` work as in RFC 9110, so that a fetch that was cut goes on where it stopped.
        """
        path = self._fleet.releases.path_of(file)
        if path is None:
            raise Problem(problems.NOT_FOUND, f"There is no release file {file[:100]} here.")
        if file.endswith(".sig"):
            found = path.stat()
            return files.give(path, "text/plain; charset=us-ascii", f"{found.st_mtime_ns:x}")
        return files.give(path, TAR, self._fleet.releases.sha256_of(file) or "")

    # -- people -------------------------------------------------------------------------------

    @route("GET", "/v1/fleet", FITTERS)
    def fleet(self) -> Fleet:
        """Give every machine of one's own stations, what it runs and should run, and how it is.

        What needs a person comes first.  `says` is all of it in one line.
        """
        return self._fleet.all(person().person.works_at)

    @route("POST", "/v1/fleet/release", Who.OFFICE, refuses=_REFUSES)
    def release(self, words: ReleaseWords) -> Released:
        """Let a ring, and those before it, run a release.

        A ring that has stations is never passed: it wants the release first.  `rings` in the answer are
        those that wanted another one.
        """
        self._check_all()
        with _refusing():
            rings = self._fleet.release(who_asks().actor, words.release, words.ring)
        return Released(release=words.release, rings=rings)

    @route("POST", "/v1/fleet/take-back", Who.OFFICE, refuses=_REFUSES)
    def take_back(self, words: TakeBackWords) -> Released:
        """Let rings want what they wanted before a release, as long as no machine has begun it."""
        self._check_all()
        with _refusing():
            rings = self._fleet.take_back(who_asks().actor, words.release, list(words.rings))
        return Released(release=words.release, rings=rings)

    @route("POST", "/v1/fleet/halt", Who.OFFICE, refuses=_REFUSES)
    def halt(self, words: HaltWords) -> None:
        """Give a release to no machine that has not begun it; those that run it stay."""
        self._check_all()
        with _refusing():
            self._fleet.halt(who_asks().actor, words.release, words.why)

    @route("POST", "/v1/fleet/resume", Who.OFFICE, refuses=_REFUSES)
    def resume(self, words: ResumeWords) -> None:
        """Let a halted release go on to the rings that want it."""
        self._check_all()
        with _refusing():
            self._fleet.resume(who_asks().actor, words.release)

    @route("POST", f"{_DEVICE}/pin", Who.OFFICE, refuses=(problems.VALUE_REFUSED,))
    def pin(self, station: str, device: str, words: PinWords) -> None:
        """Let a machine stay at a release, whatever its ring wants."""
        with _refusing():
            self._fleet.pin(station, who_asks().actor, device, words.release)

    @route("POST", f"{_DEVICE}/unpin", Who.OFFICE, refuses=(problems.VALUE_REFUSED,))
    def unpin(self, station: str, device: str, words: Nothing) -> None:  # noqa: ARG002 - read, and empty
        """Let a machine follow its ring again."""
        with _refusing():
            self._fleet.pin(station, who_asks().actor, device, None)

    @route("POST", "/v1/stations/<station>/ring", Who.OFFICE, refuses=(problems.VALUE_REFUSED,))
    def set_ring(self, station: str, words: RingWords) -> None:
        """Put a station into a ring; one that is in none is in the last."""
        with _refusing():
            self._fleet.put_in(station, who_asks().actor, words.ring)

    def _check_all(self) -> None:
        """A ring has stations that somebody of one station knows nothing of."""
        who = person().person
        if not all(who.works_at(place.id) for place in self._places.stations()):
            raise Problem(
                problems.NOT_ALLOWED, "A release concerns all stations, and not all are yours."
            )


@contextmanager
def _refusing() -> Iterator[None]:
    """Turn what the command line is told into the refusals of the web."""
    try:
        yield
    except NotThere as error:
        raise Problem(problems.NOT_FOUND, str(error)) from error
    except (NotPossible, RingSkipped) as error:
        raise Problem(problems.VALUE_REFUSED, str(error)) from error
