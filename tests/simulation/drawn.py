"""What stands on a simulated sign: the real drawing, each text once."""

from contract.wire import Grant, Lease, Listing
from signage.layout import notice
from signage.script import Drawing
from signage.showing import Script
from tests.simulation.kinds import CANVAS, YARD_CANVAS

PLAIN = Drawing(CANVAS)
PAGED = Drawing(CANVAS, second="KÖR IN")
LISTED = Drawing(YARD_CANVAS)
STALE = "FRÅGA"
STALE_FRAME = notice(STALE, YARD_CANVAS)

_SCRIPTS: dict[tuple[str, str, str], Script] = {}


def script_of(drawing: Drawing, lease: Lease) -> Script:
    """Draw as the service does."""
    if not isinstance(lease, Grant):
        return drawing.script(lease)
    key = (drawing.second, lease.text, lease.door)
    if key not in _SCRIPTS:
        _SCRIPTS[key] = drawing.script(lease)
    return Script((lease.call,), _SCRIPTS[key].pages)


def calls_of(answer: Lease) -> list[str]:
    """The calls whose plates an answer lets stand."""
    if isinstance(answer, Listing):
        return [row.call for row in answer.rows if row.call is not None]
    return [answer.call] if isinstance(answer, Grant) else []
