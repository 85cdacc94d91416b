"""Our bytes against luma's own: its device draws on an interface that records."""

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from luma.core.interface.serial import noop
from luma.led_matrix.device import max7219
from PIL import Image

from signage.encoders.max7219 import Wiring, blank, encode, lit, still_dark
from signage.frame import Frame
from signage.layout import layout
from tests.fakes.panel_recorder import Chain
from tests.goldens import golden, spi_texts

TURNS = [0, 90, -90, 180]


class Recording(noop):  # type: ignore[misc]  # luma has no types
    """luma's own stand-in for a bus, with a memory."""

    sent: list[bytes] = []  # noqa: RUF012 - noop takes no attributes of its own

    def data(self, data: list[int]) -> None:
        self.sent.append(bytes(data))


def by_luma(frame: Frame, orientation: int, *, reverse: bool = False) -> list[bytes]:
    image = Image.new("1", (frame.width_px, frame.height_px))
    for x, column in enumerate(frame.columns):
        for y in range(frame.height_px):
            image.putpixel((x, y), 255 * (column >> y & 1))
    device = max7219(
        Recording(),
        frame.width_px,
        frame.height_px,
        block_orientation=orientation,
        blocks_arranged_in_reverse_order=reverse,
    )
    Recording.sent.clear()
    device.display(image)
    return list(Recording.sent)


def frames(modules: st.SearchStrategy[int], rows: int = 1) -> st.SearchStrategy[Frame]:
    column = st.integers(0, 256**rows - 1)
    columns = modules.flatmap(lambda n: st.lists(column, min_size=8 * n, max_size=8 * n))
    return columns.map(lambda columns: Frame(len(columns), 8 * rows, tuple(columns)))


def turned_round(frame: Frame) -> Frame:
    """The modules of each row in the opposite order, each as it was."""
    parts = [frame.columns[at : at + 8] for at in range(0, frame.width_px, 8)]
    columns = tuple(column for part in reversed(parts) for column in part)
    return Frame(frame.width_px, frame.height_px, columns)


def seen(transfers: list[bytes], chain: Chain) -> list[str]:
    """What a person sees once *chain* has been lit with *transfers*."""
    for transfer in lit(transfers, len(chain.chips), 7):
        chain.take(transfer)
    return chain.rows()


@settings(deadline=None, max_examples=60)
@given(frames(st.integers(4, 16)), st.sampled_from(TURNS))
def test_any_frame_leaves_as_luma_would_send_it(frame: Frame, orientation: int) -> None:
    assert by_luma(frame, orientation) == encode(frame, Wiring(orientation=orientation))


@settings(deadline=None, max_examples=30)
@given(frames(st.integers(2, 6)), st.sampled_from(TURNS))
def test_a_row_whose_wire_comes_in_at_the_right_leaves_as_luma_reversed_would_send_it(
    frame: Frame, orientation: int
) -> None:
    assert by_luma(frame, orientation, reverse=True) == encode(frame, Wiring("right", orientation))


@settings(deadline=None, max_examples=30)
@given(
    st.integers(2, 4).flatmap(lambda rows: frames(st.integers(1, 5), rows)), st.sampled_from(TURNS)
)
def test_rows_of_modules_leave_as_luma_would_send_them(frame: Frame, orientation: int) -> None:
    assert by_luma(frame, orientation) == encode(frame, Wiring(orientation=orientation))
    reversed_first = by_luma(turned_round(frame), orientation)
    assert reversed_first == encode(frame, Wiring("right", orientation))


def test_luma_itself_cannot_reverse_two_rows() -> None:
    """So where the wire comes in at the right of each row there is only our own order."""
    with pytest.raises(IndexError):
        by_luma(Frame.dark(40, 16), 0, reverse=True)


@settings(deadline=None, max_examples=60)
@given(
    st.integers(1, 4).flatmap(lambda rows: frames(st.integers(1, 8), rows)),
    st.sampled_from(["left", "right"]),
    st.sampled_from(TURNS),
)
def test_however_the_modules_hang_the_picture_stands_upright(
    frame: Frame, order: str, orientation: int
) -> None:
    chain = Chain(frame.width_px // 8, frame.height_px // 8, order, orientation)
    assert list(frame.rows) == seen(encode(frame, Wiring(order, orientation)), chain)


def test_a_wrong_setting_makes_a_wrong_picture() -> None:
    frame = layout("ABC 123", 40, 16)
    for wrong in (Wiring("right"), Wiring(orientation=90), Wiring(orientation=180)):
        assert list(frame.rows) != seen(encode(frame, wrong), Chain(5, 2))


@pytest.mark.parametrize(("name", "text", "modules", "rows", "wiring"), spi_texts.MAX7219)
def test_golden_bytes(name: str, text: str, modules: int, rows: int, wiring: Wiring) -> None:
    """Each file is what we send, and what an independent reader of the data sheet makes the text of."""
    frame = spi_texts.picture(text, 8 * modules, 8 * rows)
    chain = Chain(modules, rows, wiring.order, wiring.orientation)
    assert golden("max7219", name) == encode(frame, wiring)
    assert list(frame.rows) == seen(golden("max7219", name), chain)


def test_golden_darkness() -> None:
    chain = Chain(5)
    seen(golden("max7219", "abc-123"), chain)
    assert golden("max7219", "darkness") == blank(5)
    for transfer in golden("max7219", "darkness"):
        chain.take(transfer)
        assert chain.is_dark


def test_the_start_of_luma_sets_the_registers_that_we_set() -> None:
    Recording.sent.clear()
    max7219(Recording(), cascaded=4, contrast=0x70)
    *begin, on = Recording.sent
    assert still_dark(4, 7)[1:] == begin
    assert bytes.fromhex("0c01") * 4 == on


def test_eight_transfers_farthest_module_first() -> None:
    frame = layout("ABC 123", 40, 8)
    lines = [transfer.hex(" ") for transfer in encode(frame)]
    assert [f"{register:02x}" for register in range(1, 9)] == [line[:2] for line in lines]
    # Column 33 of the frame is the left column of the rightmost module, which goes first.
    assert f"01 {frame.columns[32]:02x} " == lines[0][:6]


def test_the_farthest_module_is_the_rightmost() -> None:
    corner = Frame(40, 8, (*[0] * 39, 1))
    assert bytes([8, 1, 8, 0, 8, 0, 8, 0, 8, 0]) == encode(corner)[7]


def test_from_the_right_the_farthest_module_is_the_leftmost_of_the_bottom_row() -> None:
    corner = Frame(16, 16, (1 << 15, *[0] * 15))
    assert bytes([1, 0x80, 1, 0, 1, 0, 1, 0]) == encode(corner, Wiring("right"))[0]


def test_darkness_takes_one_transfer() -> None:
    chain = Chain(5)
    frame = layout("ABC 123", 40, 8)
    assert list(frame.rows) == seen(encode(frame), chain)

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


@pytest.mark.parametrize("size", [(36, 8), (40, 7), (40, 12), (40, 0)])
def test_a_frame_that_is_no_rows_of_modules_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="modules"):
        encode(Frame.dark(*size))


def test_a_wiring_that_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="not at 45"):
        Wiring(orientation=45)
    with pytest.raises(ValueError, match="left or right, not top"):
        Wiring("top")


def test_the_encoder_needs_neither_luma_nor_pillow() -> None:
    code = (
        "import sys, signage.encoders.max7219, signage.encoders.ws2812;"
        "print(sorted({'luma', 'PIL'} & {name.split('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "[]" == done.stdout.strip()
