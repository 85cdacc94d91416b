"""How many keys a customer presses, OK included."""

import random
from statistics import mean

from tests.kiosk.presses import presses_for
from tests.kiosk.typist import Typist

LETTERS = "ABCDEFGHJKLMNOPRSTUWXYZ"
LETTER_LAST = 0.25


def plate(chance: random.Random) -> str:
    """An ordinary Swedish plate as they are on the road: one in four ends in a letter."""
    end = "0123456789"
    if chance.random() < LETTER_LAST:
        end = LETTERS.replace("O", "")
    letters = [chance.choice(LETTERS) for _ in range(3)]
    return "".join([*letters, f"{chance.randrange(100):02d}", chance.choice(end)])


def test_a_booked_car_needs_at_most_seven_presses_and_a_drop_in_eleven() -> None:
    chance = random.Random(7)
    today = [plate(chance) for _ in range(100)]
    assert mean(presses_for(Typist(today), one) for one in today[:60]) <= 7.2
    assert mean(presses_for(Typist(today), plate(chance)) for _ in range(100)) <= 11
