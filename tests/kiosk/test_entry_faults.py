"""A post that cannot do its work says so before somebody has typed, and calls for somebody."""

import pytest

from kiosk.faults import Fault, Part
from kiosk.happenings import Refuse
from tests.kiosk.typist import Typist

disabling = pytest.mark.parametrize("part", [Part.KEYPAD, Part.OUTBOX])


@disabling
def test_a_post_that_cannot_register_anybody_says_so_and_where_to_go(part: Part) -> None:
    post = Typist()
    post.tell(Fault(part, True))
    assert post.screen.name == "out_of_order"
    assert post.text == (
        "This machine is not working right now.\nPlease walk in through the door on the right.\n? = help."
    )
    assert post.screen.hall_lamp


@disabling
def test_it_is_back_as_soon_as_the_part_is(part: Part) -> None:
    post = Typist()
    post.tell(Fault(part, True))
    post.tell(Fault(part, False))
    assert post.screen.name == "idle"
    assert not post.screen.hall_lamp


def test_keys_are_answered_by_a_tone_and_help_still_works() -> None:
    post = Typist()
    post.tell(Fault(Part.OUTBOX, True))
    post.press("2")
    assert post.screen.name == "out_of_order"
    assert post.deeds[-1] == Refuse()
    assert post.press("help").screen.name == "help_calling"


def test_who_is_typing_already_may_try_to_the_end() -> None:
    post = Typist(["ABC123"]).press("2221")
    post.tell(Fault(Part.OUTBOX, True))
    assert post.press("23", "ok").saves == ["ABC 123"]
    assert post.not_saved().screen.name == "cannot_save"


def test_of_a_plate_that_is_registered_nobody_says_that_it_is_not() -> None:
    post = Typist(["ABC123"]).registered().press("cancel", "222123", "ok").not_saved()
    assert post.screen.name == "cannot_save"
    assert "not registered" not in post.text
    assert post.text.startswith("This machine is not working right now.")


@pytest.mark.parametrize("part", [Part.PAGE, Part.SCREEN])
def test_a_post_that_cannot_be_read_lights_the_lamp_in_the_hall(part: Part) -> None:
    post = Typist()
    post.tell(Fault(part, True))
    assert post.screen.hall_lamp
    assert post.screen.name == "idle"


@pytest.mark.parametrize("part", [Part.KEY, Part.HALL_LAMP, Part.SPEECH])
def test_a_small_fault_stops_nobody(part: Part) -> None:
    post = Typist(["ABC123"])
    post.tell(Fault(part, True))
    assert not post.screen.hall_lamp
    assert post.press("222123", "ok").saves == ["ABC 123"]
