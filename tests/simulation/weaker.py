"""Weaker rules, to show that the searches can find a fault, and how long a search is."""

import os
from dataclasses import replace

import msgspec

from central import lit
from contract.wire import Beat

SOAK = bool(os.environ.get("PORTVAKT_SOAK"))


def without_the_rule(station: lit.Station, beat: Beat, *more: object) -> lit.Verdict:
    """The same decision by a central that keeps no rows of who may be lit."""
    return lit.decide(replace(station, rows=()), beat, *more)  # type: ignore[arg-type]


def any_dark_report_frees(station: lit.Station, beat: Beat, *more: object) -> lit.Verdict:
    """A central that believes every report of darkness, however old it is."""
    if lit.says_dark(beat):
        beat = msgspec.structs.replace(beat, seq=station.seq, epoch=station.epoch)
    return lit.decide(station, beat, *more)  # type: ignore[arg-type]
