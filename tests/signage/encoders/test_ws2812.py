"""Bits on the data line against the data sheet, and the chain's way against luma's own device."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from luma.led_matrix.device import ws2812
from PIL import Image

from signage.encoders.ws2812 import (
    COLOURS,
    DOTS_AT_MOST,
    SPI_HERTZ,
    Wiring,
    along_the_chain,
    blank,
    encode,
)
from signage.frame import Frame
from signage.layout import layout
from tests.fakes.ws2812_chain import Flicker, Ws2812Chain
from tests.goldens import golden, spi_texts

# The numbers of the pixels of a wall of 3 by 2, as an electrician would write them on a drawing.
DRAWINGS = {
    ("top-left", "rows", False): ["012", "345"],
    ("top-left", "rows", True): ["012", "543"],
    ("top-left", "columns", False): ["024", "135"],
    ("top-left", "columns", True): ["034", "125"],
    ("top-right", "rows", False): ["210", "543"],
    ("top-right", "rows", True): ["210", "345"],
    ("top-right", "columns", False): ["420", "531"],
    ("top-right", "columns", True): ["430", "521"],
    ("bottom-left", "rows", False): ["345", "012"],
    ("bottom-left", "rows", True): ["543", "012"],
    ("bottom-left", "columns", False): ["135", "024"],
    ("bottom-left", "columns", True): ["125", "034"],
    ("bottom-right", "rows", False): ["543", "210"],
    ("bottom-right", "rows", True): ["345", "210"],
    ("bottom-right", "columns", False): ["531", "420"],
    ("bottom-right", "columns", True): ["521", "430"],
}
WIRINGS = st.sampled_from(list(DRAWINGS))
FRAMES = st.tuples(st.integers(1, 20), st.integers(1, 21)).flatmap(
    lambda size: st.lists(st.integers(0, 2 ** size[1] - 1), min_size=size[0], max_size=size[0]).map(
        lambda columns: Frame(*size, tuple(columns))
    )
)


class Library:
    """The C library under luma's device, with a memory instead of pixels."""

    def __init__(self) -> None:
        self.pixels: dict[int, int] = {}

    def __getattr__(self, name: str) -> Any:
        return lambda *_: 0

    def ws2811_led_set(self, _: object, pixel: int, colour: int) -> None:
        self.pixels[pixel] = colour


def by_luma(frame: Frame, colour: str, mapping: list[int]) -> list[tuple[int, int, int]]:
    """Red, green and blue along the chain, as luma hands them over."""
    image = Image.new("RGB", (frame.width_px, frame.height_px))
    for y, row in enumerate(frame.rows):
        for x, dot in enumerate(row):
            image.putpixel((x, y), COLOURS[colour] if dot == "#" else (0, 0, 0))
    library = Library()
    ws2812(library, frame.width_px, frame.height_px, mapping=mapping).display(image)
    found = [library.pixels[pixel] for pixel in range(len(mapping))]
    return [(value >> 16, value >> 8 & 255, value & 255) for value in found]


@pytest.mark.parametrize("way", DRAWINGS)
@pytest.mark.parametrize("colour", COLOURS)
def test_every_way_of_the_chain_gives_each_pixel_the_colour_that_luma_gives_it(
    way: tuple[str, str, bool], colour: str
) -> None:
    mapping = [int(number) for row in DRAWINGS[way] for number in row]
    for lit in range(6):
        frame = Frame(3, 2, tuple((lit % 3 == x) << lit // 3 for x in range(3)))
        chain = Ws2812Chain(3, 2)
        chain.take(encode(frame, Wiring(*way), colour)[0])
        assert by_luma(frame, colour, mapping) == chain.pixels
        assert (0, 0, 0) != chain.pixels[mapping[lit]]


@settings(deadline=None, max_examples=60)
@given(FRAMES, WIRINGS)
def test_however_the_chain_runs_the_picture_stands_upright(
    frame: Frame, way: tuple[str, str, bool]
) -> None:
    chain = Ws2812Chain(frame.width_px, frame.height_px, *way)
    chain.take(encode(frame, Wiring(*way))[0])
    assert list(frame.rows) == chain.rows()


def test_a_wrong_setting_makes_a_wrong_picture() -> None:
    frame = layout("ABC 123", 40, 7)
    for way in DRAWINGS.keys() - {("top-left", "columns", True)}:
        chain = Ws2812Chain(40, 7)
        chain.take(encode(frame, Wiring(*way))[0])
        assert list(frame.rows) != chain.rows()


@pytest.mark.parametrize(("name", "text", "size", "wiring", "colour", "percent"), spi_texts.WS2812)
def test_golden_bytes(
    name: str, text: str, size: tuple[int, int], wiring: Wiring, colour: str, percent: int
) -> None:
    """Each file is what we send, and what an independent reader of the data sheet makes the text of."""
    frame = spi_texts.picture(text, *size)
    chain = Ws2812Chain(*size, wiring.start, wiring.run, wiring.snake)
    chain.pixels = [(1, 2, 3)] * len(chain.pixels)
    assert golden("ws2812", name) == encode(frame, wiring, colour, percent)

    chain.take(*golden("ws2812", name))

    assert list(frame.rows) == chain.rows()
    shines = tuple(min(255, -(-value * percent // 100)) for value in COLOURS[colour])
    assert {shines, (0, 0, 0)} >= set(chain.pixels)


def test_a_pixel_takes_green_first_each_bit_three_spi_bits_long() -> None:
    (sent,) = encode(Frame(1, 1, (1,)), colour="red")
    green, red, blue = "100" * 8, "110" * 8, "100" * 8
    assert (green + red + blue) in f"{int.from_bytes(sent):b}"
    assert bytes(90) == sent[:90] == sent[-90:]
    assert 2_400_000 == SPI_HERTZ


def test_the_line_is_low_for_a_latch_before_and_after() -> None:
    """Whatever the line did before: an idle high would be the first pixel's first bit."""
    chain = Ws2812Chain(40, 7)
    frame = layout("ABC 123", 40, 7)
    bits = "".join(f"{byte:08b}" for byte in encode(frame)[0])
    chain.feed("110" * 5 + "1" + bits)
    assert list(frame.rows) == chain.rows()


@pytest.mark.parametrize("mhz", [2.28, 2.358, 2.404, 2.52])
def test_a_clock_that_is_five_percent_off_is_good_enough(mhz: float) -> None:
    """A Pi divides its core clock by a whole number, which seldom gives just 2.4 MHz.

    Two messages at once: each latch must be long enough to end what came before it.
    """
    frame, other = layout("ABC 123", 40, 7), layout("WMX 99", 40, 7)
    chain = Ws2812Chain(40, 7, mhz=mhz)
    both = encode(other)[0][:-90] + encode(frame)[0]
    chain.feed("".join(f"{byte:08b}" for byte in both))
    assert list(frame.rows) == chain.rows()


def test_darkness_for_any_number_of_pixels_is_one_message() -> None:
    chain = Ws2812Chain(40, 7)
    chain.pixels = [(255, 96, 0)] * 280
    (dark,) = blank(280)
    chain.take(dark)
    assert chain.is_dark
    assert blank(280) == encode(Frame.dark(40, 7))


def test_the_longest_chain_still_leaves_in_one_transfer() -> None:
    assert 435 == DOTS_AT_MOST
    assert 4_096 - 9 < len(blank(DOTS_AT_MOST)[0]) <= 4_096
    with pytest.raises(ValueError, match="436 dots are more than the 435"):
        blank(DOTS_AT_MOST + 1)
    with pytest.raises(ValueError, match="62 x 7 or 54 x 8"):
        encode(Frame.dark(80, 7))


def test_the_dimmest_lit_pixel_still_has_light_of_each_of_its_lamps() -> None:
    one = Frame(1, 1, (1,))
    assert bytes([1, 3, 0]) == along_the_chain(one, Wiring(), "amber", 1)
    assert bytes([96, 255, 0]) == along_the_chain(one, Wiring(), "amber", 100)


def test_a_wiring_that_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="not at middle"):
        Wiring("middle")
    with pytest.raises(ValueError, match="not along circles"):
        Wiring(run="circles")


@pytest.mark.parametrize("samples", ["1110", "10" * 24, "1" + "0" * 20 + "100" * 23])
def test_the_reader_accepts_no_bit_that_the_data_sheet_lacks(samples: str) -> None:
    with pytest.raises(Flicker):
        Ws2812Chain(1, 1).feed(samples)
