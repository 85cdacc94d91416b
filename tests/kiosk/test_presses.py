"""How many keys a customer presses who does what the screens say, OK included."""

import random
from statistics import mean

import pytest

from contract.plate import Plate
from kiosk.keys import Pad
from portvakt.bench import fleet
from portvakt.bench.customer import Slip, Stuck, give_plate, spell_plate
from tests.kiosk.typist import Unhurried

ABC_123 = Plate.parse("ABC 123")
CHANCE = random.Random(7)
CARS = fleet.day(CHANCE, 200)
TODAY = [plate.text for plate in CARS[:100]]


def presses(plate: Plate, pad: Pad = Pad.PHONE, slip: Slip | None = None) -> int:
    post = Unhurried(TODAY, pad=pad)
    needed = give_plate(post, plate, pad, slip)
    assert post.saves == [plate.display]
    return needed


def test_a_booked_car_needs_at_most_seven_presses_and_a_drop_in_eleven() -> None:
    assert mean(presses(plate) for plate in CARS[:60]) <= 7.2
    assert mean(presses(plate) for plate in CARS[100:]) <= 11


def test_a_key_for_every_sign_is_seven_presses_for_everybody() -> None:
    assert max(presses(plate, Pad.FULL) for plate in CARS) == 7


def test_a_car_with_no_ordinary_plate_is_taken_too() -> None:
    for kind in (fleet.personal, fleet.foreign):
        for plate in (kind(CHANCE) for _ in range(50)):
            assert presses(plate) <= 30
            assert presses(plate, Pad.FULL) <= 11


def test_a_wrong_key_costs_itself_and_one_for_yellow() -> None:
    post = Unhurried()
    right = give_plate(post, ABC_123)
    assert give_plate(Unhurried(), ABC_123, slip=Slip(4, "5", seen=True)) == right + 2


@pytest.mark.parametrize("pad", Pad)
def test_a_wrong_key_that_was_not_seen_is_found_before_the_ok(pad: Pad) -> None:
    for place in range(6):
        for plate in CARS[::20]:
            wrong = "5" if pad is Pad.PHONE else "K"
            presses(plate, pad, Slip(place, wrong, seen=False))


def test_a_whole_plate_that_begins_another_is_not_taken_for_it() -> None:
    post = Unhurried(["ABC123"])
    give_plate(post, Plate.parse("ABC12"))
    assert post.saves == ["ABC12"]


def test_the_key_for_other_letters_spells_any_plate() -> None:
    post = Unhurried()
    spell_plate(post, Plate.parse("ÅÄÖ 1"))
    assert post.saves == ["ÅÄÖ1"]


def test_a_customer_whom_the_screens_lead_nowhere_is_counted_as_that() -> None:
    class Broken(Unhurried):
        def press(self, *keys: str) -> "Unhurried":
            return self

    with pytest.raises(Stuck, match="80 presses"):
        give_plate(Broken(), ABC_123)
