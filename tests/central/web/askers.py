"""Everybody who could ever ask: who is let in as something, and whose word is worth nothing."""

from collections.abc import Callable
from dataclasses import dataclass, field

from central.web.app import create_app
from central.web.metrics import Metrics
from central.web.routes import Who
from central.words import SYSTEM
from contract.accounts import Scope
from contract.wire import Role
from tests.central.web import marks
from tests.central.web.hall import STATION, Asker, Hall

PEOPLE = frozenset({"staff", "manager", "technician", "office"})
SCRAPERS_TOKEN = "what stands in metrics.token"


@dataclass(frozen=True)
class Somebody:
    """One who asks.  `roles` are what they are let in as; without any they are a stranger."""

    asker: Asker
    roles: frozenset[str] = frozenset()
    stations: frozenset[str] = field(default_factory=lambda: frozenset({STATION}))
    invited: bool = False


def _device(role: Role) -> Callable[[Hall], Somebody]:
    return lambda hall: Somebody(hall.device(role), frozenset({role.value}))


def _person(role: Who) -> Callable[[Hall], Somebody]:
    return lambda hall: Somebody(hall.person(role), frozenset({role.value}))


def _system(*scopes: Scope) -> Callable[[Hall], Somebody]:
    return lambda hall: Somebody(hall.system(*scopes), frozenset(map(str, scopes)))


def _everywhere(hall: Hall) -> Somebody:
    return Somebody(hall.person(Who.OFFICE, "*"), frozenset({"office"}), frozenset({"*"}))


def _invited(hall: Hall) -> Somebody:
    return Somebody(hall.invited(Who.MANAGER), frozenset({"manager"}), invited=True)


def _bearer(hall: Hall, token: str) -> Somebody:
    client = hall.app.test_client(use_cookies=False)
    return Somebody(Asker(client, {"Authorization": f"Bearer {token}"}))


def _too_old(hall: Hall) -> Somebody:
    asker = hall.system(Scope.BOOKINGS_READ, Scope.BOOKINGS_WRITE, days=1)
    hall.clock.advance(25 * 3_600_000)
    return Somebody(asker)


def _revoked_token(hall: Hall) -> Somebody:
    asker = hall.system(Scope.BOOKINGS_READ, Scope.BOOKINGS_WRITE)
    hall.yard.tokens.revoke(STATION, SYSTEM, asker.id)
    return Somebody(asker)


def _revoked_device(hall: Hall) -> Somebody:
    asker = hall.device(Role.POST)
    hall.yard.devices.revoke(STATION, SYSTEM, asker.id)
    return Somebody(asker)


def _signed_out(hall: Hall) -> Somebody:
    asker = hall.person(Who.MANAGER)
    cookie = asker.client.get_cookie("portvakt_session")
    assert cookie is not None
    assert asker.post("/logout").status_code == 204
    kept = hall.with_cookies(f"portvakt_session={cookie.value}")
    return Somebody(Asker(kept.client, {**asker.headers, **kept.headers}))


def _disabled(hall: Hall) -> Somebody:
    asker = hall.person(Who.MANAGER)
    staffing = hall.yard.staffing
    staffing.do(None, STATION, staffing.id_of(f"manager of {STATION}"), "disable")
    return Somebody(asker)


def _scraper(hall: Hall) -> Somebody:
    """The scraper's token opens what is counted, in an application that was told of it."""
    app = create_app(hall.yard, hall.clock, metrics=Metrics(token=SCRAPERS_TOKEN))
    marks.watch(app)
    headers = {"Authorization": f"Bearer {SCRAPERS_TOKEN}"}
    return Somebody(Asker(app.test_client(use_cookies=False), headers), frozenset({"scraper"}))


EVERYBODY: dict[str, Callable[[Hall], Somebody]] = {
    "a stranger": lambda hall: Somebody(hall.stranger()),
    "a post": _device(Role.POST),
    "a sign": _device(Role.SIGN),
    "staff": _person(Who.STAFF),
    "a manager": _person(Who.MANAGER),
    "a technician": _person(Who.TECHNICIAN),
    "the office": _person(Who.OFFICE),
    "the office of all stations": _everywhere,
    "a manager who has no password yet": _invited,
    "a system that reads bookings": _system(Scope.BOOKINGS_READ),
    "a system that writes bookings": _system(Scope.BOOKINGS_WRITE),
    "a hall box": _system(Scope.HALL),
    "the scraper": _scraper,
    "a system whose token is too old": _too_old,
    "a system whose token was revoked": _revoked_token,
    "a device that was revoked": _revoked_device,
    "somebody who was disabled": _disabled,
    "somebody who has signed out": _signed_out,
    "who guesses a device's token": lambda hall: _bearer(hall, "pv_post-00000000_guessed"),
    "who guesses a system's token": lambda hall: _bearer(hall, "pv_api-00000000_guessed"),
    "who guesses a session": lambda hall: Somebody(hall.with_cookies("portvakt_session=guessed")),
    "who shows no token at all": lambda hall: _bearer(hall, ""),
}
