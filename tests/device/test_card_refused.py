"""A card that was not taken is told by the sign and the post themselves, by its two digits."""

from pathlib import Path
from typing import Any, cast

import pytest

from device.boot_story import Step, Story
from device.central_settings import CentralPlace
from device.fault_codes import CODES
from kiosk.story import PostStory
from signage.story import SignStory
from tests.fakes.clock import FakeClock

URL = "http://127.0.0.1:8081"


class _Nobody:
    """A line to central of a device that is not enrolled."""

    identity = None
    device = ""
    lost_token = False
    has_code = False
    why_not = ""
    answered = False
    trouble = None
    who = None


@pytest.fixture
def refused(tmp_path: Path) -> Path:
    note = tmp_path / "run/portvakt-card/refused"
    note.parent.mkdir(parents=True)
    (tmp_path / "boot/firmware/portvakt").mkdir(parents=True)
    return note


def sign(refused: Path) -> Story:
    told = SignStory(CentralPlace(URL, "0417"), cast("Any", _Nobody()), FakeClock(), card=refused)
    return told.look()


def post(refused: Path) -> Story | None:
    return PostStory(cast("Any", _Nobody()), FakeClock(), URL, card=refused).look([])


def test_a_sign_and_a_post_show_that_their_card_was_refused(refused: Path) -> None:
    refused.write_text("code.txt on the card is no one-time code.\n")
    wanted = Story(Step.ENROL, CODES["card"])
    assert wanted == sign(refused)
    assert wanted == post(refused)


def test_a_card_that_somebody_emptied_since_is_no_fault_any_more(refused: Path) -> None:
    refused.write_text("code.txt on the card is no one-time code.\n")
    (refused.parents[2] / "boot/firmware/portvakt").rmdir()
    for told in (sign(refused), post(refused)):
        assert told is not None
        assert told.fault is not CODES["card"]


def test_without_such_a_card_they_tell_their_usual_story(refused: Path) -> None:
    for told in (sign(refused), post(refused)):
        assert told is not None
        assert told.fault is not CODES["card"]
