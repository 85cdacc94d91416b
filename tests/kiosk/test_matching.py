"""The list of the day, sorted by its first presses, finds what looking at every plate would find."""

from collections.abc import Iterable
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from contract.plate import Plate
from kiosk.keys import KEY_OF, Pad
from kiosk.matching import ExpectedPlates, Fits, _keys

signs = st.text("ABCDEIMNOÅÖ0123469", min_size=2, max_size=7)
ordinary = st.from_regex(r"[ABO]{3}[012]{2}[012AB]", fullmatch=True)
plates = st.lists(st.one_of(signs, ordinary), max_size=12)


def fitting(texts: Iterable[str], presses: str, pad: Pad) -> Fits:
    """Look at every plate, one after the other."""
    whole: list[Plate] = []
    begun: list[Plate] = []
    for plate in dict.fromkeys(map(Plate.parse, texts)):
        typed = presses if pad is Pad.PHONE else presses.translate(str.maketrans("OI", "01"))
        row = _keys(plate) if pad is Pad.PHONE else tuple(plate.match_key)
        spellings = {"".join(keys)[: len(typed)] for keys in product(*row)}
        if typed in spellings and len(typed) <= len(row):
            (whole if len(typed) == len(row) else begun).append(plate)
    return Fits(tuple(whole), tuple(begun))


@settings(max_examples=300, deadline=None)
@given(plates, st.data(), st.sampled_from(Pad))
def test_every_beginning_of_every_plate_finds_the_same(
    texts: list[str], data: st.DataObject, pad: Pad
) -> None:
    plate = data.draw(st.sampled_from(texts) if texts else signs)
    typed = "".join(KEY_OF.get(s, s) for s in plate) if pad is Pad.PHONE else plate
    today = ExpectedPlates(texts)
    for length in range(1, len(typed) + 2):
        presses = (typed + "1")[:length]
        assert today.fitting(presses, pad) == fitting(texts, presses, pad)


@settings(max_examples=100, deadline=None)
@given(plates, plates, st.sampled_from(Pad))
def test_a_list_that_grew_is_like_one_that_was_always_that_long(
    texts: list[str], more: list[str], pad: Pad
) -> None:
    today = ExpectedPlates(texts)
    presses = "22" if pad is Pad.PHONE else "AB"
    before = today.fitting(presses, pad)
    grown = today.adding(map(Plate.parse, more))
    whole = ExpectedPlates(grown.texts)
    assert grown.fitting(presses, pad) == whole.fitting(presses, pad)
    assert [plate in grown for plate in map(Plate.parse, more)] == [True] * len(more)
    assert today.fitting(presses, pad) == before
