"""Our bytes against luma's own: its device draws on an interface that records."""

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from luma.core.interface.serial import noop
from luma.led_matrix.device import max7219
from PIL import Image

from signage.frame import Frame, layout
from signage.max7219 import blank, encode, lit, still_dark
from signage.show import render
from tests.fakes.panel_recorder import Chain


class Recording(noop):  # type: ignore[misc]  # luma has no types
    """luma's own stand-in for a bus, with a memory."""

    sent: list[bytes] = []  # noqa: RUF012 - noop takes no attributes of its own

    def data(self, data: list[int]) -> None:
        self.sent.append(bytes(data))


def by_luma(frame: Frame, orientation: int) -> list[bytes]:
    image = Image.new("1", (frame.width_px, frame.height_px))
    for x, column in enumerate(frame.columns):
        for y in range(frame.height_px):
            image.putpixel((x, y), 255 * (column >> y & 1))
    device = max7219(Recording(), cascaded=frame.width_px // 8, block_orientation=orientation)
    Recording.sent.clear()
    device.display(image)
    return list(Recording.sent)


frames = (
    st.integers(4, 16)
    .flatmap(
        lambda modules: st.lists(st.integers(0, 255), min_size=8 * modules, max_size=8 * modules)
    )
    .map(lambda columns: Frame(len(columns), 8, tuple(columns)))
)


@settings(deadline=None, max_examples=60)
@given(frames, st.sampled_from([0, 90, -90, 180]))
def test_any_frame_leaves_as_luma_would_send_it(frame: Frame, orientation: int) -> None:
    assert by_luma(frame, orientation) == encode(frame, orientation)


@pytest.mark.parametrize("text", ["ABC 123", "KÖR IN"])
@pytest.mark.parametrize("orientation", [0, 90, -90, 180])
def test_a_plate_leaves_as_luma_would_send_it(text: str, orientation: int) -> None:
    frame = layout(text, 40, 8)
    assert by_luma(frame, orientation) == encode(frame, orientation)


def test_the_start_of_luma_sets_the_registers_that_we_set() -> None:
    Recording.sent.clear()
    max7219(Recording(), cascaded=4, contrast=0x70)
    *begin, on = Recording.sent
    assert still_dark(4, 7)[1:] == begin
    assert bytes.fromhex("0c01") * 4 == on


def test_eight_transfers_farthest_module_first() -> None:
    lines = render("ABC 123", "max7219", 5).hex_lines
    assert 8 == len(lines)
    assert [f"{register:02x}" for register in range(1, 9)] == [line[:2] for line in lines]
    # Column 33 of the frame is the left column of the rightmost module, which goes first.
    column = layout("ABC 123", 40, 8).columns[32]
    assert f"01 {column:02x} " == lines[0][:6]


def test_the_farthest_module_is_the_rightmost() -> None:
    corner = Frame(40, 8, (*[0] * 39, 1))
    assert bytes([8, 1, 8, 0, 8, 0, 8, 0, 8, 0]) == encode(corner)[7]


def test_darkness_takes_one_transfer() -> None:
    chain = Chain(5)
    for transfer in lit(encode(layout("ABC 123", 40, 8)), 5, 7):
        chain.take(transfer)
    assert list(layout("ABC 123", 40, 8).rows) == chain.rows()

    chain.take(blank(5)[0])

    assert chain.is_dark


def test_a_plate_appears_all_at_once() -> None:
    """Until the last transfer nothing is lit, so nobody reads half a plate."""
    chain = Chain(5)
    for transfer in blank(5):
        chain.take(transfer)
    *before, last = lit(encode(layout("ABC 123", 40, 8)), 5, 7)
    for transfer in before:
        chain.take(transfer)
        assert chain.is_dark
    chain.take(last)
    assert not chain.is_dark


def test_healing_takes_thirteen_transfers_and_undoes_any_register() -> None:
    columns = encode(layout("ABC 123", 40, 8))
    for name, healing in {"lit": lit(columns, 5, 7), "dark": still_dark(5, 7)}.items():
        chain = Chain(5)
        for chip in chain.chips:
            chip.registers.update(dict.fromkeys(range(1, 16), 0xFF))
        for transfer in healing:
            chain.take(transfer)
        assert 13 == len(healing)
        assert ("dark" == name) == chain.is_dark
        assert {7} == {chip.registers[0xB] & 7 for chip in chain.chips}


def test_a_frame_that_is_no_row_of_modules_is_refused() -> None:
    with pytest.raises(ValueError, match="modules"):
        encode(Frame.dark(36, 8))
    with pytest.raises(ValueError, match="not at 45"):
        encode(Frame.dark(40, 8), 45)


def test_the_encoder_needs_neither_luma_nor_pillow() -> None:
    code = (
        "import sys, signage.show; signage.show.render('ABC 123');"
        "print(sorted({'luma', 'PIL'} & {name.split('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "[]" == done.stdout.strip()
