"""The plug is pulled at any moment of an update: the machine always comes back with a working release."""

import random
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.boot.hall import Hall
from tests.boot.image import Images
from tests.boot.planted import nothing
from tests.boot.releases import name_of
from tests.boot.said import measured, say
from tests.boot.updating import SWITCH, offer, set_times, stage_beside, status
from tests.waiting import until

pytestmark = pytest.mark.boxes

CUTS = 10
SEED = 73
WATCH_S, STEADY_S = 4, 1
# From before the file is verified to after the trial is over.
LATEST_S = 9.0


@pytest.fixture
def two(hall: Hall, images: Images, tmp_path: Path) -> list[Path]:
    """Two good releases that lie staged on the machine; a cut then falls into the switch, not the staging."""
    tars = [images.releases.altered(0xA + number, nothing, tmp_path) for number in (0, 1)]
    set_times(hall, watch_s=WATCH_S, steady_s=STEADY_S)
    for tar in tars:
        stage_beside(hall, tar)
    return tars


def test_ten_power_cuts_in_the_switch_always_leave_a_working_release(
    hall: Hall, two: list[Path]
) -> None:
    names = {status(hall)["release"], *(name_of(tar) for tar in two)}
    dice = random.Random(SEED)
    seen: list[str] = []
    for number, at_s in enumerate(_moments(dice)):
        tar = next(one for one in two if name_of(one) != status(hall)["release"])
        hall.box.run(f"{SWITCH} forget {name_of(tar)}")
        offer(hall, tar)
        cut_at = time.monotonic() + at_s
        until(partial(_is_past, cut_at), 60, "the moment of the cut")
        phase = _phase(hall, name_of(tar))
        hall.box.cut()
        boot_s = hall.box.start()
        hall.wait_ready()
        assert status(hall)["release"] in names
        until(lambda: status(hall)["trial"] is None, 60, "the end of the trial")
        hall.wait_ready()
        assert hall.shows() == ""
        seen.append(phase)
        say(f"cut {number + 1} at {at_s:.1f} s, {phase}: boot {boot_s:.1f} s, works")
    measured(
        f"{CUTS} power cuts in the switch: always a working release; cut while {_counted(seen)}"
    )
    assert "on trial" in seen, "no cut fell into the switch itself"


def _is_past(moment: float) -> bool:
    return time.monotonic() >= moment


def _moments(dice: random.Random) -> Iterator[float]:
    for _ in range(CUTS):
        yield dice.uniform(0.0, LATEST_S)


def _phase(hall: Hall, release: str) -> str:
    said = status(hall)
    if said["trial"] == release:
        return "on trial"
    return "kept" if said["release"] == release else "before the switch"


def _counted(seen: list[str]) -> str:
    return ", ".join(f"{word} {seen.count(word)}" for word in dict.fromkeys(seen))
