"""A customer who knows the plate, reads the screen, and presses what it asks for."""

from contract.plate import Plate
from kiosk.keys import KEY_OF, Key
from tests.kiosk.typist import Typist


def presses_for(post: Typist, plate: str) -> int:
    """Type *plate* on ten keys until it is saved; give the number of presses, OK included."""
    presses = 0

    def press(key: str) -> None:
        nonlocal presses
        presses += 1
        post.press(key)

    for sign in plate:
        press(KEY_OF.get(sign, sign))
        if _offered(post, plate):
            press(Key.OK)
            return presses
    while not post.saves:
        press(_next_key(post, plate))
    return presses


def spell(post: Typist, plate: str) -> None:
    """Type *plate* with two keys for a letter."""
    post.press(Key.OTHER)
    for sign in plate:
        post.press(KEY_OF.get(sign, sign))
        if post.screen.name == "spell":
            post.press(_choice(post, sign))
    post.press(Key.OK, Key.OK)


def _offered(post: Typist, plate: str) -> bool:
    name = post.screen.name in {"offer", "confirm", "no_booking"}
    return name and post.screen.plates == {Plate.parse(plate)}


def _next_key(post: Typist, plate: str) -> str:
    if _offered(post, plate):
        return Key.OK
    match post.screen.name:
        case "which":
            return _choice(post, Plate.parse(plate).display, otherwise="3")
        case "spell":
            settled = [cell.asked for cell in post.screen.cells].index(True)
            return _choice(post, plate[settled])
        case "offer":
            return Key.CLEAR
    return Key.OK


def _choice(post: Typist, text: str, otherwise: str = "") -> str:
    found = [choice.key for choice in post.screen.choices if str(choice.text) == text]
    return found[0] if found else otherwise
