"""A new release is tried; a good one stays, a bad one undoes itself, and the station goes on meanwhile."""

import time
from pathlib import Path

import pytest

from tests.boot.hall import Hall
from tests.boot.image import Images
from tests.boot.planted import BAD, nothing
from tests.boot.releases import name_of
from tests.boot.said import measured, step
from tests.boot.updating import offer, set_times, stage_beside, status, wait_settled, wait_trial

pytestmark = pytest.mark.boxes

NUMBER = {name: number for number, name in enumerate(BAD, 0xBAD0)}
LONG_S = 600


def test_a_good_release_is_kept(hall: Hall, images: Images, tmp_path: Path) -> None:
    tar = images.releases.altered(0x600D, nothing, tmp_path)
    before = status(hall)["release"]
    begun = time.monotonic()
    with step("a good update"):
        offer(hall, tar)
        said = wait_settled(hall, name_of(tar))
    assert said["last"]["phase"] == "settled", said["last"]
    assert said["release"] == name_of(tar) != before
    hall.wait_ready()
    measured(f"update good: kept after {time.monotonic() - begun:.0f} s, staging included")


@pytest.mark.parametrize("fault", BAD)
def test_a_bad_release_undoes_itself(
    hall: Hall, images: Images, tmp_path: Path, fault: str
) -> None:
    change, blamed = BAD[fault]
    tar = images.releases.altered(NUMBER[fault], change, tmp_path)
    before = status(hall)["release"]
    stage_beside(hall, tar)
    begun = time.monotonic()
    with step(f"a bad update: {fault}"):
        offer(hall, tar)
        said = wait_settled(hall, name_of(tar))
    assert said["last"]["phase"] == "rolled_back", said["last"]
    assert blamed in said["last"]["why"]
    assert said["release"] == before
    assert name_of(tar) in said["bad"]
    hall.wait_ready()
    assert hall.shows() == ""
    took_s = time.monotonic() - begun
    measured(f"update bad ({fault}): back after {took_s:.0f} s; {said['last']['why']}")


def test_the_third_boot_of_a_trial_goes_back(hall: Hall, images: Images, tmp_path: Path) -> None:
    tar = images.releases.altered(0x3B007, nothing, tmp_path)
    before = status(hall)["release"]
    stage_beside(hall, tar)
    set_times(hall, watch_s=LONG_S)
    with step("a trial that three boots interrupt"):
        offer(hall, tar)
        wait_trial(hall, name_of(tar))
        for boots in (1, 2):
            _boots_anew(hall)
            assert (status(hall)["trial"], status(hall)["boots"]) == (name_of(tar), boots)
        _boots_anew(hall)
    said = status(hall)
    assert (said["trial"], said["release"]) == (None, before)
    assert "started 3 times" in said["bad"][name_of(tar)]
    hall.wait_ready()
    measured(f"third boot: back; {said['bad'][name_of(tar)]}")


def _boots_anew(hall: Hall) -> None:
    hall.box.cut()
    hall.box.start()
