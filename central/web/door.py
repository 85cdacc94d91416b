"""Who asks: a plain function of two headers, which Flask's threads and the streams both call."""

from dataclasses import dataclass

from central.devices.devices import Device
from central.people import api_tokens
from central.people.api_tokens import ApiToken
from central.people.people import SignedIn
from central.web.routes import DEVICES, OTHER_SYSTEMS, SIGNED_IN, Who
from central.words import Actor
from central.yard import Yard
from contract import problems
from contract.problems import Problem

CSRF_HEADER = "X-Portvakt-Csrf"


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody whom we know: a device or another system by its token, or a person by their session."""

    who: Device | SignedIn | ApiToken

    @property
    def is_device(self) -> bool:
        """Whether it is a device."""
        return isinstance(self.who, Device)

    @property
    def id(self) -> str:
        """The device's, the person's or the token's id."""
        return self.actor.id

    @property
    def roles(self) -> frozenset[Who]:
        """What they may be let in as.  Nobody is what only another kind of guest can be."""
        if isinstance(self.who, Device):
            return DEVICES.intersection([self.who.role])
        if isinstance(self.who, ApiToken):
            return OTHER_SYSTEMS & self.who.scopes
        return SIGNED_IN.intersection([self.who.person.role])

    @property
    def actor(self) -> Actor:
        """Their name on what they do."""
        return self.who.person.actor if isinstance(self.who, SignedIn) else self.who.actor

    def may_see(self, station: str) -> bool:
        """Whether *station* is theirs."""
        if isinstance(self.who, SignedIn):
            return self.who.person.works_at(station)
        if isinstance(self.who, Device):
            return self.who.station == station
        return station in self.who.stations


def admit(yard: Yard, authorization: str, token: str) -> Guest:
    """Say who asks, by the Authorization header or else by the *token* of the session cookie.

    Raises:
        Problem: `unknown_device`, `token_refused`, or `not_signed_in`.
    """
    if authorization:
        return Guest(_bearer(yard, authorization))
    signed_in = yard.people.session(token) if token else None
    if signed_in is None:
        raise Problem(problems.NOT_SIGNED_IN, "Sign in first, at /login.")
    return Guest(signed_in)


def _bearer(yard: Yard, authorization: str) -> Device | ApiToken:
    """Whose token it is.  Its beginning says whether a device would have to enrol again for want of it."""
    scheme, _, token = authorization.partition(" ")
    token = token.strip() if scheme.lower() == "bearer" else ""
    if token.startswith(api_tokens.PREFIX):
        return yard.tokens.by_token(token)
    known = yard.devices.by_token(token) if token else None
    if known is None:
        raise Problem(problems.UNKNOWN_DEVICE, "This device is not known here; enrol it again.")
    return known


def check_station(guest: Guest, station: str | None) -> None:
    """Refuse whoever asks about a station that is not theirs."""
    if station is not None and not guest.may_see(station):
        raise Problem(problems.NOT_ALLOWED, f"You may see nothing of station {station}.")


def check_role(guest: Guest, may: frozenset[Who]) -> None:
    """Refuse who has no role that *may* names."""
    if guest.roles & may:
        return
    if isinstance(guest.who, ApiToken) and may & OTHER_SYSTEMS:
        scopes = " or ".join(sorted(may & OTHER_SYSTEMS))
        raise Problem(
            problems.NOT_ALLOWED, f"This token needs {scopes}; ask the station for another."
        )
    roles = ", ".join(sorted(guest.roles)) or "stranger"
    raise Problem(problems.NOT_ALLOWED, f"This may not be done as {roles}.")


def check_password(guest: Guest, *, invited: bool) -> None:
    """Refuse somebody who has no password yet what is not for those who were only *invited*."""
    if isinstance(guest.who, SignedIn) and guest.who.sets_password and not invited:
        raise Problem(problems.SET_PASSWORD_FIRST, "Set your password first, then go on.")
