"""Typing with a key for every sign."""

import pytest

from kiosk.keys import Pad
from tests.kiosk.typist import Typist


def full(*expected: str) -> Typist:
    return Typist(list(expected), pad=Pad.FULL)


@pytest.mark.parametrize("expected", [["ABC123"], []])
def test_seven_presses_are_enough_booked_or_not(expected: list[str]) -> None:
    post = full(*expected).press("ABC123")
    assert post.saves == []
    assert {plate.display for plate in post.screen.plates} == {"ABC 123"}
    assert post.press("ok").saves == ["ABC 123"]


def test_a_car_without_a_booking_is_told_so() -> None:
    assert full().press("ABC123").screen.name == "no_booking"


def test_i_and_1_are_settled_by_place_and_shown_before_ok() -> None:
    post = full().press("ABCI23")
    assert "ABC 123" in post.text
    assert post.saves == []


def test_any_plate_is_taken_with_ok() -> None:
    post = full().press("EL12345")
    assert post.screen.name == "typing"
    post.press("ok")
    assert {plate.text for plate in post.screen.plates} == {"EL12345"}
    assert post.press("ok").saves == ["EL12345"]


def test_a_longer_plate_is_typed_on_through_the_question() -> None:
    post = full().press("ABC1234", "ok", "ok")
    assert post.saves == ["ABC1234"]


def test_change_takes_the_last_sign_away() -> None:
    post = full().press("ABC123", "clear")
    assert post.screen.name == "typing"
    assert "".join(cell.main for cell in post.screen.cells) == "ABC12"


def test_swedish_letters_have_keys_of_their_own() -> None:
    assert full("ÅKE777").press("ÅKE777", "ok").saves == ["ÅKE777"]


def test_the_only_expected_plate_that_begins_so_is_offered_but_needs_ok() -> None:
    post = full("ABC123").press("ABC12")
    assert post.screen.name == "offer"
    assert post.saves == []
