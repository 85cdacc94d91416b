"""The way to the provider and back, for browsers."""

import logging
from collections.abc import Callable

from flask import Blueprint, redirect, request
from msgspec import Struct
from werkzeug.wrappers import Response

from central.clock import Clock
from central.oidc.provider import Provider
from central.oidc.refusals import SENTENCES, OidcRefused, Why
from central.oidc.settings import OidcSettings
from central.oidc.sign_in import Brought, SignInElsewhere
from central.oidc.trip import LASTS
from central.web.asker import asker_address
from central.web.cookies import Cookies
from central.web.limits import Limit
from central.web.login_page import Doors
from central.web.pages import next_page
from central.web.routes import Who, blueprint, route
from central.yard import Yard
from contract.problems import Problem

log = logging.getLogger(__name__)

# A whole shift behind one address may sign in at seven o'clock.
TRIES, WITHIN_MS = 60, 60_000


class Onward(Struct, frozen=True, kw_only=True):
    """The page that somebody is on the way to."""

    next: str = ""


def routes_to(
    settings: OidcSettings, yard: Yard, clock: Clock, cookies: Cookies, *, times: int
) -> "OidcRoutes":
    """Make the routes for the provider that the *settings* name."""
    signing_in = SignInElsewhere(
        settings,
        Provider(settings, clock),
        yard.people,
        lambda: frozenset(place.id for place in yard.places.stations()),
        clock,
    )
    return OidcRoutes(signing_in, clock, cookies, yard.people.sign_out, times=times)


class OidcRoutes:
    """Signing in by the provider.  Whatever goes wrong is said on the sign-in page."""

    def __init__(
        self,
        signing_in: SignInElsewhere,
        clock: Clock,
        cookies: Cookies,
        sign_out: Callable[[str], None],
        *,
        times: int,
    ) -> None:
        self._signing_in = signing_in
        self._limit = Limit(clock, TRIES * times, WITHIN_MS)
        self._cookies = cookies
        self._sign_out = sign_out

    @property
    def doors(self) -> Doors:
        """What the sign-in page shows of this way in."""
        sentences = {why.value: sentence for why, sentence in SENTENCES.items()}
        label = self._signing_in.settings.label
        return Doors(label, sentences, self._signing_in.leads_out)

    def blueprint(self) -> Blueprint:
        """Collect the routes."""
        return blueprint(self, "oidc")

    @route("GET", "/login/oidc", Who.ANYBODY, call=False)
    def set_out(self, asked: Onward) -> Response:
        """Send the browser to the provider."""
        try:
            self._take_turn()
            address, trip = self._signing_in.begin(next_page(asked.next))
        except OidcRefused as refused:
            return _to_form(refused)
        answer = redirect(address, 303)
        self._cookies.keep_trip(answer, trip, int(LASTS.total_seconds()))
        return answer

    @route("GET", "/login/oidc/back", Who.ANYBODY, call=False)
    def come_back(self, asked: Brought) -> Response:
        """Begin a session for whoever comes back from the provider."""
        try:
            self._take_turn()
            trip = self._cookies.trip_of(request.headers.get("Cookie", ""))
            session, onward = self._signing_in.finish(asked, trip)
            self._end_other(request.headers.get("Cookie", ""))
        except OidcRefused as refused:
            answer = _to_form(refused)
        else:
            answer = redirect(onward, 303)
            self._cookies.keep(answer, session)
        self._cookies.drop_trip(answer)
        return answer

    @route("GET", "/login/oidc/out", Who.ANYBODY, call=False)
    def way_out(self) -> Response:
        """Send the browser to where the session at the provider ends."""
        try:
            return redirect(self._signing_in.way_out(), 303)
        except OidcRefused as refused:
            return _to_form(refused)

    def _end_other(self, cookies: str) -> None:
        """No token outlives a sign-in: whoever planted one in this browser would be signed in by it."""
        token = self._cookies.session_token(cookies)
        if token:
            self._sign_out(token)

    def _take_turn(self) -> None:
        try:
            self._limit.take(asker_address(), "")
        except Problem:
            raise OidcRefused(Why.BUSY, "many from one address") from None


def _to_form(refused: OidcRefused) -> Response:
    """Send the browser to the form, which says why; the code and the state leave the address with that."""
    log.warning("sign-in by the provider refused why=%s detail=%s", refused.why, refused.detail)
    return redirect(f"/login?elsewhere={refused.why}", 303)
