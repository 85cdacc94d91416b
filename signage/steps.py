"""Brightness by the light outdoors: steps that overlap, so that the sign does not flicker between two."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

_STEP = re.compile(
    r"\s*(?P<percent>\d{1,3})\s*%\s+(?P<down>\d+(?:\.\d+)?)\s*-\s*(?P<up>\d+(?:\.\d+)?)?\s*"
)
EXAMPLE = '"15% 2-30"'


@dataclass(frozen=True, slots=True)
class Step:
    """One row of the table: `percent` until it is darker than `down_lux` or brighter than `up_lux`.

    As a row of dmsIllumBrightnessValues in NTCIP 1203: light output, photocell level down, level up.
    """

    percent: int
    down_lux: float
    up_lux: float

    def __str__(self) -> str:
        up = "" if math.isinf(self.up_lux) else f"{self.up_lux:g}"
        return f'"{self.percent}% {self.down_lux:g}-{up}"'


def parse_steps(texts: Sequence[str]) -> tuple[Step, ...]:
    """Read rows such as "5% 0-3", "15% 2-30", "100% 20-".

    Raises:
        ValueError: one cannot be read, or together they leave a gap, are out of order or do not overlap.
    """
    steps = tuple(_step(text) for text in texts)
    if not steps:
        raise ValueError(f"there are no steps; write at least one such as {EXAMPLE}")
    if steps[0].down_lux > 0:
        raise ValueError(f"the first step, {steps[0]}, must begin at 0 lux")
    if math.isfinite(steps[-1].up_lux):
        raise ValueError(f"the last step, {steps[-1]}, must have no end, as in {_open(steps[-1])}")
    for lower, upper in pairwise(steps):
        _check_order(lower, upper)
        _check_overlap(lower, upper)
    return steps


def step_at(steps: Sequence[Step], now: Step | None, lux: float) -> Step:
    """Give the step for *lux* when *now* is in force: the same for as long as it holds."""
    place = 0 if now is None else steps.index(now)
    while place + 1 < len(steps) and lux > steps[place].up_lux:
        place += 1
    while place > 0 and lux < steps[place].down_lux:
        place -= 1
    return steps[place]


def _step(text: str) -> Step:
    found = _STEP.fullmatch(text)
    if found is None:
        raise ValueError(f'"{text}" is not a step; write {EXAMPLE}')
    up_lux = math.inf if found["up"] is None else float(found["up"])
    step = Step(int(found["percent"]), float(found["down"]), up_lux)
    if not 1 <= step.percent <= 100:  # noqa: PLR2004 - percent; 0 would be a dark sign under a lease
        raise ValueError(f"{step} must give 1 to 100 percent")
    if step.down_lux >= step.up_lux:
        raise ValueError(f"{step} must end above where it begins")
    return step


def _check_order(lower: Step, upper: Step) -> None:
    in_order = (
        lower.percent < upper.percent
        and lower.down_lux < upper.down_lux
        and lower.up_lux < upper.up_lux
    )
    if not in_order:
        raise ValueError(f"{lower} stands before {upper}, which is not brighter; sort them")


def _check_overlap(lower: Step, upper: Step) -> None:
    if upper.down_lux > lower.up_lux:
        raise ValueError(
            f"no step holds between {lower.up_lux:g} and {upper.down_lux:g} lux; "
            f"let {lower} and {upper} overlap"
        )
    if upper.down_lux == lower.up_lux:
        raise ValueError(
            f"{lower} and {upper} only touch, and the sign would flicker there; let them overlap"
        )


def _open(step: Step) -> Step:
    return Step(step.percent, step.down_lux, math.inf)
