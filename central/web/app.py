"""The Flask application: every route but the streams, and the form of every refusal."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from central.clock import Clock
from central.oidc.settings import OidcSettings
from central.people.first_person import FirstPerson
from central.web import gate, looking
from central.web.answers import protection, refusal
from central.web.api import calls
from central.web.api.api_routes import ApiRoutes
from central.web.asker import BEHIND_PROXY
from central.web.bay_routes import BayRoutes
from central.web.board_routes import BoardRoutes
from central.web.booking_routes import BookingRoutes
from central.web.cookies import Cookies
from central.web.device_admin_routes import DeviceAdminRoutes
from central.web.device_routes import DeviceRoutes
from central.web.first_routes import FirstRoutes
from central.web.fleet_routes import FleetRoutes
from central.web.hall_routes import HallRoutes
from central.web.health_routes import HealthRoutes
from central.web.heartbeat_routes import HeartbeatRoutes
from central.web.look_routes import LookRoutes
from central.web.metrics import Metrics
from central.web.pages import PageRoutes
from central.web.people_routes import PeopleRoutes
from central.web.privacy_routes import PrivacyRoutes
from central.web.replies import whole
from central.web.sign_routes import SignRoutes
from central.web.signing_in import SigningIn
from central.web.station_routes import StationRoutes
from central.web.token_routes import TokenRoutes
from central.yard import Yard
from contract import problems
from contract.errors import PortvaktError
from contract.plate import PlateRefused
from contract.problems import Problem, ProblemType

if TYPE_CHECKING:
    from central.web.oidc_routes import OidcRoutes

log = logging.getLogger(__name__)

_KINDS = {kind.status: kind for kind in (problems.NOT_FOUND, problems.TOO_LARGE, problems.NOT_JSON)}


@dataclass(frozen=True, slots=True)
class WebSettings:
    """Who may frame the board, what stands in front of us, and how many times the usual one may ask.

    `oidc` is the provider by which people may sign in too.
    """

    frame_ancestors: tuple[str, ...] = ()
    secure_cookie: bool = False
    limits_times: int = 1
    behind_proxy: bool = False
    oidc: OidcSettings | None = None


def create_app(
    yard: Yard,
    clock: Clock,
    settings: WebSettings | None = None,
    *,
    is_ready: Callable[[], bool] = lambda: True,
    metrics: Metrics | None = None,
    first: FirstPerson | None = None,
) -> Flask:
    """Put the application together.

    Args:
        yard: the use cases.
        clock: times the limits on look-ups and wrong passwords.
        settings: for the pages.
        is_ready: whether the database answers.
        metrics: counts what the application answers.
        first: the way in while there is nobody.

    Raises:
        OriginRefused: a frame ancestor is not an origin.
    """
    settings = settings or WebSettings()
    app = Flask("central", static_folder=None)
    app.config[BEHIND_PROXY] = settings.behind_proxy
    _protect(app, settings)
    _explain_refusals(app)
    metrics = metrics or Metrics()
    metrics.watch(app)
    cookies = Cookies(secure=settings.secure_cookie)
    signing_in = SigningIn(yard.people, clock, settings.limits_times)
    gate.put_up(app, yard, metrics.lets_in, cookies)
    looking.put_up(app, yard)
    elsewhere = _elsewhere(yard, clock, settings, cookies)
    pages = PageRoutes(
        yard.people,
        signing_in,
        cookies=cookies,
        first=first,
        doors=None if elsewhere is None else elsewhere.doors,
    )
    for group in (
        HealthRoutes(is_ready, metrics),
        DeviceRoutes(yard, clock, settings.limits_times),
        HeartbeatRoutes(yard, clock, settings.limits_times),
        DeviceAdminRoutes(yard),
        FleetRoutes(yard, clock, settings.limits_times),
        BoardRoutes(yard),
        BookingRoutes(yard),
        StationRoutes(yard),
        BayRoutes(yard),
        TokenRoutes(yard),
        LookRoutes(yard),
        SignRoutes(yard),
        PrivacyRoutes(yard),
        HallRoutes(yard),
        PeopleRoutes(yard.staffing, signing_in, cookies),
        FirstRoutes(first, signing_in, cookies),
        pages,
        ApiRoutes(lambda: calls.of(app)),
    ):
        app.register_blueprint(group.blueprint())
    if elsewhere is not None:
        app.register_blueprint(elsewhere.blueprint())
    return app


def _elsewhere(
    yard: Yard, clock: Clock, settings: WebSettings, cookies: Cookies
) -> "OidcRoutes | None":
    """The way in by a provider, if the settings name one."""
    if settings.oidc is None:
        return None
    # Only who has a provider needs the libraries that speak to it.
    from central.web.oidc_routes import routes_to  # noqa: PLC0415

    return routes_to(settings.oidc, yard, clock, cookies, times=settings.limits_times)


def _protect(app: Flask, settings: WebSettings) -> None:
    headers = protection(settings.frame_ancestors, tls=settings.secure_cookie)

    def protect(response: Response) -> Response:
        response.headers.update(headers)
        # Plates are in nearly every answer; only the board's own files may stay in a browser.
        static = request.endpoint == "pages.static_file"
        response.headers["Cache-Control"] = "no-cache" if static else "no-store"
        return response

    app.after_request(protect)


def _explain_refusals(app: Flask) -> None:
    app.register_error_handler(Problem, lambda problem: whole(refusal(problem)))
    app.register_error_handler(PlateRefused, _plate_refused)
    app.register_error_handler(HTTPException, _http_refusal)
    app.register_error_handler(Exception, _broken)


def _plate_refused(refused: PlateRefused) -> Response:
    problem = Problem(problems.PLATE_REFUSED, refused.detail, refusal=refused.reason)
    return whole(refusal(problem))


def _http_refusal(error: HTTPException) -> Response | HTTPException:
    """Turn Flask's own refusals into ours; redirects pass."""
    status = error.code or 500
    if status < 400:  # noqa: PLR2004 - the first status that refuses (RFC 9110 section 15.5)
        return error
    if status == problems.METHOD_NOT_ALLOWED.status:
        return _method_refusal(error)
    kind = _KINDS.get(status, problems.BAD_REQUEST)
    return whole(refusal(Problem(kind, _said(kind, error))))


def _method_refusal(error: HTTPException) -> Response:
    allowed = ", ".join(sorted(getattr(error, "valid_methods", None) or ()))
    problem = Problem(problems.METHOD_NOT_ALLOWED, f"Use {allowed or 'another method'} here.")
    answer = whole(refusal(problem))
    answer.headers["Allow"] = allowed
    return answer


def _said(kind: ProblemType, error: HTTPException) -> str:
    if kind is problems.NOT_FOUND:
        return "No such address; the queue's addresses begin with /v1/stations/."
    return error.description or kind.title


def _broken(error: Exception) -> Response:
    """Log what nobody expected; the caller learns only that it happened."""
    log.error("request broken method=%s rule=%s", request.method, request.url_rule, exc_info=error)
    sentence = (
        str(error) if isinstance(error, PortvaktError) else "Try again; if it stays, call support."
    )
    return whole(refusal(Problem(problems.BROKEN, sentence)))
