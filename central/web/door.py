"""Who asks: a plain function of two headers, which Flask's threads and the streams both call."""

from dataclasses import dataclass

from werkzeug.http import parse_cookie

from central.devices import Device
from central.people import SignedIn
from central.web.routes import Who
from central.words import Actor
from central.yard import Yard
from contract import problems
from contract.problems import Problem

COOKIE = "portvakt_session"
CSRF_HEADER = "X-Portvakt-Csrf"


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody whom we know: a device by its token, or a person by their session."""

    who: Device | SignedIn

    @property
    def is_device(self) -> bool:
        """Whether it is a device."""
        return isinstance(self.who, Device)

    @property
    def id(self) -> str:
        """The device's or the person's id."""
        return self.actor.id

    @property
    def role(self) -> str:
        """What they may be let in as."""
        return self.who.role if isinstance(self.who, Device) else self.who.person.role

    @property
    def actor(self) -> Actor:
        """Their name on what they do."""
        return self.who.actor if isinstance(self.who, Device) else self.who.person.actor

    def may_see(self, station: str) -> bool:
        """Whether *station* is theirs."""
        if isinstance(self.who, Device):
            return self.who.station == station
        return station in self.who.person.stations


def admit(yard: Yard, authorization: str, cookies: str) -> Guest:
    """Say who asks, by the Authorization header or else by the session cookie.

    Raises:
        Problem: `unknown_device`, or `not_signed_in`.
    """
    if authorization:
        scheme, _, token = authorization.partition(" ")
        known = yard.devices.by_token(token.strip()) if scheme.lower() == "bearer" else None
        if known is None:
            raise Problem(problems.UNKNOWN_DEVICE, "This device is not known here; enrol it again.")
        return Guest(known)
    token = session_token(cookies)
    signed_in = yard.people.session(token) if token else None
    if signed_in is None:
        raise Problem(problems.NOT_SIGNED_IN, "Sign in first, at /login.")
    return Guest(signed_in)


def session_token(cookies: str) -> str:
    """Find the session's token in a Cookie header."""
    return parse_cookie(cookies).get(COOKIE, "")


def check_station(guest: Guest, station: str | None) -> None:
    """Refuse whoever asks about a station that is not theirs."""
    if station is not None and not guest.may_see(station):
        raise Problem(problems.NOT_ALLOWED, f"You may see nothing of station {station}.")


def check_role(guest: Guest, may: frozenset[Who]) -> None:
    """Refuse a role that *may* does not name."""
    if guest.role not in may:
        raise Problem(problems.NOT_ALLOWED, f"A {guest.role} may not do this.")
