"""The gate in front of every view: who asks, whether they may, and whether their page is ours."""

import hmac
from collections.abc import Callable
from typing import cast

from flask import Flask, current_app, g, request
from werkzeug.wrappers import Response

from central.devices.devices import Device
from central.people.people import SignedIn
from central.web import door
from central.web.cookies import Cookies
from central.web.door import CSRF_HEADER, Guest
from central.web.pages import to_set_password, to_sign_in
from central.web.routes import Route, Who
from central.yard import Yard
from contract import problems
from contract.problems import Problem

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def put_up(app: Flask, yard: Yard, is_scraper: Callable[[str], bool], cookies: Cookies) -> None:
    """Let nobody into *app* but whom the route names; *is_scraper* knows one by its Authorization."""

    def gate() -> Response | None:
        if request.url_rule is None:
            return None  # nothing is behind it: Flask answers 404 or 405
        marked = marked_route()
        if Who.ANYBODY in marked.may:
            _refuse_line(yard)
            return None
        if Who.SCRAPER in marked.may and is_scraper(request.headers.get("Authorization", "")):
            return None
        try:
            guest = _let_in(yard, marked, cookies)
        except Problem as refused:
            if marked.page and refused.kind is problems.NOT_SIGNED_IN:
                return to_sign_in()
            if marked.page and refused.kind is problems.SET_PASSWORD_FIRST:
                return to_set_password()
            raise
        g.guest = guest
        return None

    app.before_request(gate)


def who_asks() -> Guest:
    """Whoever the gate let in."""
    return cast("Guest", g.guest)


def device() -> Device:
    """The device that asks."""
    return cast("Device", who_asks().who)


def person() -> SignedIn:
    """The person who asks."""
    return cast("SignedIn", who_asks().who)


def marked_route() -> Route:
    """What the route that is asked for says of itself."""
    view = current_app.view_functions[request.endpoint or ""]
    return getattr(view, "route", None) or Route(request.method, request.path, frozenset())


def _let_in(yard: Yard, marked: Route, cookies: Cookies) -> Guest:
    token = cookies.session_token(request.headers.get("Cookie", ""))
    guest = door.admit(yard, request.headers.get("Authorization", ""), token)
    door.check_role(guest, marked.may)
    door.check_password(guest, invited=marked.invited)
    door.check_station(guest, (request.view_args or {}).get("station"))
    _refuse_line(yard)
    if isinstance(guest.who, SignedIn) and request.method not in _SAFE:
        _check_csrf(guest.who)
    return guest


def _refuse_line(yard: Yard) -> None:
    """A line that a hall box keeps is neither moved nor shown by its office."""
    yard.halls.marks.refuse_line(request.path, (request.view_args or {}).get("station"))


def _check_csrf(signed_in: SignedIn) -> None:
    """A cookie comes along with requests that other pages make; only our own page knows this value."""
    shown = request.headers.get(CSRF_HEADER, "")
    if not hmac.compare_digest(shown.encode(), signed_in.csrf.encode()):
        raise Problem(problems.CSRF, f"Send the page's own value in {CSRF_HEADER}; load it again.")
