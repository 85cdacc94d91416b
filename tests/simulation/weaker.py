"""Weaker rules and weaker signs, to show that the searches can find a fault, and how long a search is."""

import os
from collections.abc import Callable
from dataclasses import replace

import msgspec

from central.signs import lit
from contract.wire import Beat
from signage.face import Face
from signage.lease import LeaseEngine, _Asked
from signage.panel import Panel
from signage.showing import Showing
from tests.simulation.glass import SimPanel
from tests.simulation.sign import SimSign
from tests.simulation.world import Parts

SOAK = bool(os.environ.get("PORTVAKT_SOAK"))


def without_the_rule(station: lit.Station, beat: Beat, *more: object) -> lit.Verdict:
    """The same decision by a central that keeps no rows of who may be lit."""
    return lit.decide(replace(station, rows=()), beat, *more)  # type: ignore[arg-type]


def any_dark_report_frees(station: lit.Station, beat: Beat, *more: object) -> lit.Verdict:
    """A central that believes every report of darkness, however old it is."""
    if lit.says_dark(beat):
        beat = msgspec.structs.replace(beat, seq=station.seq, epoch=station.epoch)
    return lit.decide(station, beat, *more)  # type: ignore[arg-type]


class _Stretched(LeaseEngine):
    def _ends_ms(self, calls: tuple[str, ...], ttl_ms: int, asked: _Asked, now_ms: int) -> int:
        return super()._ends_ms(calls, ttl_ms, asked, now_ms) + 2_000


class _FromReceipt(LeaseEngine):
    def _ends_ms(self, calls: tuple[str, ...], ttl_ms: int, asked: _Asked, now_ms: int) -> int:
        return super()._ends_ms(calls, ttl_ms, replace(asked, sent_ms=now_ms), now_ms)


class _Deaf(LeaseEngine):
    def nudged_dark(self, call: str) -> None:
        self.nudged()


class _FlipsOn(Face):
    _kept: Showing | None = None

    def put(self, showing: Showing | None, now_ms: int) -> None:
        if showing is not None and len(showing.script.pages) > 1:
            self._kept = showing
        super().put(showing or self._kept, now_ms)


class _TooSoon(Face):
    def __init__(self, panel: Panel, clock_ms: Callable[[], int] | None = None) -> None:
        super().__init__(panel, clock_ms)
        panel.traits = replace(panel.traits, settle_ms=0)  # type: ignore[misc]


class _HealsTheOld(SimPanel):
    def blank(self) -> str:
        old = self._frame
        sha256 = super().blank()
        self._frame = old
        return sha256


class _StretchedSign(SimSign):
    engine_type = _Stretched


class _FromReceiptSign(SimSign):
    engine_type = _FromReceipt


class _DeafSign(SimSign):
    engine_type = _Deaf


class _FlipsOnSign(SimSign):
    face_type = _FlipsOn


class _TooSoonSign(SimSign):
    face_type = _TooSoon


class _HealsTheOldSign(SimSign):
    panel_type = _HealsTheOld


class _UnblankedSign(SimSign):
    has_blanker = False


PLANTED = {
    "a lease is stretched by two seconds": Parts(sign=_StretchedSign),
    "a lease is counted from the receipt of its answer": Parts(sign=_FromReceiptSign),
    "a sign is deaf to the word that its call is over": Parts(sign=_DeafSign),
    "a page is turned without a look at the lease": Parts(sign=_FlipsOnSign),
    "a sign says dark while its panel still draws": Parts(sign=_TooSoonSign),
    "a panel is healed to the plate before the darkness": Parts(sign=_HealsTheOldSign),
    "a killed sign has no blanker": Parts(sign=_UnblankedSign),
}
