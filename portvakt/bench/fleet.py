"""Number plates as they stand on the cars that come."""

import random
from collections.abc import Callable

from contract.plate import Plate

# I, Q and V are not issued, O not in the last place; one plate in four ends in a letter.
LETTERS = "ABCDEFGHJKLMNOPRSTUWXYZ"
LETTER_LAST = 0.25
_NAMES = "ABCDEFGHIJKLMNOPQRSTUVWXYZÅÄÖ"
_DIGITS = "0123456789"

Kind = Callable[[random.Random], Plate]


def ordinary(chance: random.Random) -> Plate:
    """An ordinary Swedish plate."""
    last = LETTERS.replace("O", "") if chance.random() < LETTER_LAST else _DIGITS
    return Plate.parse(_some(chance, LETTERS, 3) + _some(chance, _DIGITS, 2) + chance.choice(last))


def personal(chance: random.Random) -> Plate:
    """A personal Swedish plate: two to seven signs, often a figure or two at the end."""
    figures = chance.choice((0, 0, 0, 1, 2))
    return Plate.parse(
        _some(chance, _NAMES, chance.randint(max(2 - figures, 1), 7 - figures))
        + _some(chance, _DIGITS, figures)
    )


def foreign(chance: random.Random) -> Plate:
    """A Norwegian, Danish or Finnish car's plate, or one of a country that we know nothing of."""
    shape = chance.choice((_norwegian, _norwegian, _finnish, _finnish, _danish, _other))
    return Plate.parse(shape(chance))


def day(chance: random.Random, cars: int) -> list[Plate]:
    """So many different plates."""
    found: dict[Plate, None] = {}
    while len(found) < cars:
        found[ordinary(chance)] = None
    return list(found)


def _norwegian(chance: random.Random) -> str:
    return _some(chance, "ABCDEFGHJKLNPRSTUVWXYZ", 2) + str(chance.randint(10_000, 99_999))


def _danish(chance: random.Random) -> str:
    return _some(chance, "ABCDEFGHJKLMNPRSTUVWXYZ", 2) + str(chance.randint(10_000, 99_999))


def _finnish(chance: random.Random) -> str:
    return _some(chance, _NAMES[:26], 3) + str(chance.randint(1, 999))


def _other(chance: random.Random) -> str:
    return "".join(
        (str(chance.randint(1, 81)), _some(chance, _NAMES[:26], 2), _some(chance, _DIGITS, 4))
    )


def _some(chance: random.Random, signs: str, count: int) -> str:
    return "".join(chance.choices(signs, k=count))
