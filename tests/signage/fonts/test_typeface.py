from signage.fonts.typeface import Typeface, read_art

ART = """
A  Ö
#. .#
## #.
#. ##

7
##
.#
.#
"""


def test_art_is_read_sign_by_sign_with_the_top_row_in_bit_0() -> None:
    glyphs = read_art(ART, 2)
    assert glyphs == {"A": (0b111, 0b010), "Ö": (0b110, 0b101), "7": (0b001, 0b111)}


def test_a_typeface_names_its_letters_in_the_order_of_the_art() -> None:
    assert Typeface(3, 3, 2, read_art(ART, 2)).letters == "AÖ7"
