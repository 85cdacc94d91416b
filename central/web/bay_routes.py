"""What people do to a bay: open it, send it on its break, close it."""

from flask import Blueprint

from central.web.gate import who_asks
from central.web.reading import Nothing
from central.web.routes import LINE, Each, blueprint, route
from central.yard import Yard
from contract import problems
from contract.visit import BAY_VERBS
from contract.words import BayChange
from contract.yard import BayRow

_SAYS = {
    "open": "The bay takes customers again.",
    "break": (
        "Nobody is called until somebody opens it; who is called or inside is finished. `until` announces"
        " the end, which the wait reckons with."
    ),
    "closing": (
        "Whoever is called or inside is finished, and then it closes by itself. With `until` it takes"
        " customers until then."
    ),
    "close": "It is closed at once; refused while somebody is called to it or inside.",
}


class BayRoutes:
    """A bay opens, pauses and closes."""

    def __init__(self, yard: Yard) -> None:
        self._yard = yard

    def blueprint(self) -> Blueprint:
        """Collect the routes."""
        return blueprint(self, "bays")

    @route(
        "POST",
        "/v1/stations/<station>/bays/<bay>/<change>",
        LINE,
        each=Each("change", _SAYS, {"open": Nothing, "close": Nothing}, name="{}_bay"),
        refuses=(problems.BAY_BUSY, problems.VALUE_REFUSED),
    )
    def change(self, station: str, bay: str, change: str, words: BayChange) -> BayRow:
        """Open, pause or close a bay."""
        return self._yard.change_bay(station, who_asks().actor, bay, BAY_VERBS[change], words)
