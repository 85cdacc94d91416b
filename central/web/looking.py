"""After every answer that showed somebody personal data: write down who looked, and at what."""

from flask import Flask, Response, g, request

from central.web.gate import marked_route, who_asks
from central.yard import Yard
from contract.plate import Plate, PlateRefused

_NOTHING_SHOWN = 204


def put_up(app: Flask, yard: Yard) -> None:
    """Note the looks at what *app* shows by the routes that are marked with `looks`."""

    def note(response: Response) -> Response:
        if request.url_rule is None or not _shown(response.status_code):
            return response
        looks, station = marked_route().looks, (request.view_args or {}).get("station")
        if looks is not None and station is not None:
            yard.looks.note(station, who_asks().actor, looks, _about())
        return response

    app.after_request(note)


def looked_at(plate: Plate) -> None:
    """Say which vehicle this answer is about, when that stands in the body and not in the address."""
    g.looked_at = plate.masked


def _shown(status: int) -> bool:
    return 200 <= status < 300 and status != _NOTHING_SHOWN  # noqa: PLR2004 - RFC 9110 section 15.3


def _about() -> str:
    """A visit, a sign, a day, or a masked plate: what was asked for, as far as the address says it."""
    words = {**request.args, **(request.view_args or {})}
    if "plate" in words:
        return _masked(words["plate"])
    named = (words[name] for name in ("visit", "sign", "day") if name in words)
    return next(named, getattr(g, "looked_at", ""))


def _masked(text: str) -> str:
    try:
        return Plate.parse(text).masked
    except PlateRefused:
        return ""
