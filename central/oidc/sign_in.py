"""A sign-in by the provider, from the first redirect to the session."""

from collections.abc import Callable, Collection, Mapping
from typing import Any
from urllib.parse import urlencode

from central.clock import Clock
from central.errors import AlreadyThere, NotPossible, NotThere
from central.oidc import id_token, trip
from central.oidc.id_token import Expected, UnknownKey
from central.oidc.provider import Doors, Provider, word
from central.oidc.refusals import OidcRefused, Why
from central.oidc.roles import Grant, granted
from central.oidc.settings import OidcSettings
from central.oidc.trip import Seal, Trip
from central.people.elsewhere import Claim
from central.people.people import People, SignedIn
from contract import problems
from contract.problems import Problem
from contract.secrecy import Discreet

NAME_MAX = 64
_NAMES = ("name", "preferred_username", "nickname")


class Brought(Discreet, frozen=True, kw_only=True):
    """What a browser brings back from the provider (RFC 6749 section 4.1.2, RFC 9207 section 2)."""

    state: str = ""
    code: str = ""
    iss: str = ""
    error: str = ""


class SignInElsewhere:
    """Signs people in by one provider.  Every method may raise OidcRefused, which says why not."""

    def __init__(
        self,
        settings: OidcSettings,
        provider: Provider,
        people: People,
        stations: Callable[[], Collection[str]],
        clock: Clock,
    ) -> None:
        self.settings = settings
        self._provider = provider
        self._people = people
        self._stations = stations
        self._clock = clock
        self._seal = Seal(settings.client_secret)

    def begin(self, next_page: str) -> tuple[str, str]:
        """Give the address to send the browser to, and the cookie with which it must come back."""
        begun = trip.set_out(next_page, self._clock.now())
        return self._provider.way_there(begun), self._seal.seal(begun)

    def finish(self, brought: Brought, cookie: str) -> tuple[SignedIn, str]:
        """Begin a session for whoever comes back, and give the page that they were on the way to."""
        begun = self._seal.open(cookie, brought.state, self._clock.now())
        self._check_sender(self._provider.doors(), brought)
        if brought.error or not brought.code:
            raise OidcRefused(Why.DENIED, word(brought.error) or "no code")
        given = self._provider.redeem(brought.code, begun)
        claims = self._believed(given.id_token, given.access_token, begun)
        return self._let_in(claims), begun.next

    def leads_out(self) -> bool:
        """Whether there is a way out, as far as is known without asking."""
        return self._provider.leads_out

    def way_out(self) -> str:
        """Where somebody ends their session at the provider too (OpenID Connect RP-Initiated Logout 1.0)."""
        door = self._provider.doors().end_session_endpoint
        if not door:
            raise OidcRefused(Why.AWAY, "no end_session_endpoint")
        words = {
            "client_id": self.settings.client_id,
            "post_logout_redirect_uri": f"{self.settings.public_url}/login",
        }
        return f"{door}{'&' if '?' in door else '?'}{urlencode(words)}"

    def _check_sender(self, doors: Doors, brought: Brought) -> None:
        """Refuse what another provider sent (mix-up, RFC 9207 section 2.4)."""
        says_who = doors.authorization_response_iss_parameter_supported or brought.iss
        if says_who and brought.iss != self.settings.issuer:
            raise OidcRefused(Why.UNTRUSTED, "another iss")

    def _believed(self, raw: str, access_token: str, begun: Trip) -> Mapping[str, Any]:
        expected = Expected(
            self.settings.issuer, self.settings.client_id, begun.nonce, access_token
        )
        now = self._clock.now()
        for anew in (False, True):
            keys = self._provider.keys(anew=anew)
            if keys is None:
                break
            try:
                return id_token.verify(raw, keys, expected, now)
            except UnknownKey:
                continue
        raise OidcRefused(Why.UNTRUSTED, "id_token of an unknown key")

    def _let_in(self, claims: Mapping[str, Any]) -> SignedIn:
        issuer, subject = self.settings.issuer, claims["sub"]
        try:
            if not self.settings.role_claim:
                return self._people.by_subject(issuer, subject)
            grant = self._grant(claims)
            return self._people.by_claim(
                Claim(issuer, subject, _name(claims), grant.role, grant.stations)
            )
        except AlreadyThere:
            raise OidcRefused(Why.NAME_TAKEN, f"subject={subject!r}") from None
        except (NotPossible, NotThere) as error:
            raise OidcRefused(Why.NO_ROLE, type(error).__name__) from None
        except Problem as refused:
            if refused.kind is not problems.NOT_ALLOWED:
                raise
            raise OidcRefused(Why.UNKNOWN, f"subject={subject!r}") from None

    def _grant(self, claims: Mapping[str, Any]) -> Grant:
        settings = self.settings
        try:
            return granted(
                claims,
                settings.role_claim,
                self._stations(),
                every_station=settings.every_station,
            )
        except OidcRefused:
            # Whatever they were here before, their provider says that they are it no longer.
            self._people.shut_out(settings.issuer, claims["sub"])
            raise


def _name(claims: Mapping[str, Any]) -> str:
    """What people call them; no more than a label."""
    for claim in (*_NAMES, "sub"):
        name = claims.get(claim)
        shown = (
            "".join(sign for sign in name if sign.isprintable()) if isinstance(name, str) else ""
        )
        if shown.strip():
            return shown.strip()[:NAME_MAX]
    return ""
