import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.plate import DIGITS, LETTERS, Plate, PlateRefused, RefusalReason

Case = tuple[str, list[str]]


def _cases() -> Iterator[Case]:
    for line in (Path(__file__).parent / "plates.csv").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            typed, *made = line.split("|")
            yield _unescaped(typed), made


def _unescaped(typed: str) -> str:
    for name in ("\\t", "\\n"):
        typed = typed.replace(name, {"\\t": "\t", "\\n": "\n"}[name])
    while "\\u" in typed:
        at = typed.index("\\u")
        typed = typed[:at] + chr(int(typed[at + 2 : at + 6], 16)) + typed[at + 6 :]
    return typed


CASES = list(_cases())


def test_the_table_is_long_enough_to_be_worth_reading() -> None:
    assert len(CASES) >= 100


@pytest.mark.parametrize(("typed", "made"), CASES, ids=[ascii(typed) for typed, _ in CASES])
def test_a_plate_is_read_as_the_table_says(typed: str, made: list[str]) -> None:
    if made[0] == "!":
        with pytest.raises(PlateRefused) as refused:
            Plate.parse(typed)
        assert made[1] == refused.value.reason
    else:
        plate = Plate.parse(typed)
        assert made == [plate.text, plate.display, plate.match_key, plate.masked]


def test_a_refusal_names_the_sign_that_cannot_stand_on_a_plate() -> None:
    with pytest.raises(PlateRefused, match="superscript two"):
        Plate.parse("ABC12²")


def test_a_refusal_of_an_unprintable_sign_says_its_number() -> None:
    with pytest.raises(PlateRefused, match=r"(?i)U\+0000"):
        Plate.parse("ABC\0")


ALPHABET = LETTERS + DIGITS


@given(st.text(alphabet=ALPHABET, min_size=2, max_size=10))
def test_nothing_of_two_to_ten_letters_and_digits_is_ever_refused(typed: str) -> None:
    assert Plate.parse(typed).text


@given(st.text(max_size=300))
def test_any_text_is_a_plate_or_is_refused_for_one_of_three_reasons(typed: str) -> None:
    made = _read(typed)
    if isinstance(made, Plate):
        assert 2 <= len(made.text) <= 10
        assert set(made.text) <= set(ALPHABET)
    else:
        assert made in RefusalReason


def _read(typed: str) -> Plate | RefusalReason:
    try:
        return Plate.parse(typed)
    except PlateRefused as refused:
        return refused.reason


@given(st.text(alphabet=ALPHABET + ALPHABET.lower() + " -.", min_size=2, max_size=12))
def test_a_plate_that_is_shown_and_typed_again_is_the_same_plate(typed: str) -> None:
    try:
        plate = Plate.parse(typed)
    except PlateRefused:
        return
    assert plate == Plate.parse(plate.display) == Plate.parse(plate.text.lower())


ISSUED = "ABCDEFGHJKLMNOPRSTUWXYZ"
SWEDISH = st.tuples(
    st.text(alphabet=ISSUED, min_size=3, max_size=3),
    st.text(alphabet=string.digits, min_size=2, max_size=2),
    st.sampled_from(string.digits + ISSUED.replace("O", "")),
).map("".join)


@given(SWEDISH, SWEDISH)
def test_two_ordinary_swedish_plates_never_share_a_match_key(one: str, other: str) -> None:
    same = Plate.parse(one).match_key == Plate.parse(other).match_key
    assert same == (one == other)


@given(SWEDISH, st.data())
def test_an_o_typed_for_a_zero_on_a_swedish_plate_is_put_right(
    plate: str, data: st.DataObject
) -> None:
    swapped = "".join(
        data.draw(st.sampled_from({"O": "O0", "0": "0O", "1": "1I"}.get(sign, sign)))
        for sign in plate
    )
    typed = swapped if set(swapped[:3]) - set("O0") else plate
    assert plate == Plate.parse(typed).text


@given(st.text(alphabet=ALPHABET, min_size=3, max_size=10))
def test_a_masked_plate_shows_two_signs_at_most(typed: str) -> None:
    plate = Plate.parse(typed)
    assert plate.masked.count("*") == len(plate.text) - 2
