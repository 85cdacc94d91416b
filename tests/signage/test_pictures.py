"""The pictures in docs/sign: they show what is drawn today, as a driver's eye gets it."""

from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat

from signage.fonts import ALL, Typeface
from signage.frame import Frame
from signage.layout import Canvas
from tests.signage.draw_pictures import (
    DOT_PX,
    LOOKED_AT,
    letters,
    pages,
    sheet_of_yards,
    yard_pages,
)
from tests.signage.from_afar import LEAST_SIGHT, SCREEN_DOTS_PER_MM, Look
from tests.signage.golden import CANVASES, panel, size

PICTURES = Path(__file__).parents[2] / "docs" / "sign"
TWO_DOTS = Frame(3, 1, (1, 0, 1))
KB = 1_000
# The kept pictures have a dozen colours.
FEW_COLOURS = 60


def brightness(picture: Image.Image, share: float) -> int:
    """How bright *picture* is in its middle row, at a *share* of its width."""
    grey = picture.convert("L")
    value = grey.getpixel((int(grey.width * share), grey.height // 2))
    assert isinstance(value, int)
    return value


def dip(look: Look) -> float:
    """How dark it is between two dots with a dark one between them: 1 is black, 0 as bright as they are."""
    seen = look.at(TWO_DOTS, enlarged=20)
    return 1 - brightness(seen, 1 / 2) / brightness(seen, 1 / 6)


@pytest.mark.parametrize("face", ALL, ids=size)
def test_the_letters_in_the_docs_are_the_letters_of_today(face: Typeface) -> None:
    frame = letters(face, face.letters)
    with Image.open(PICTURES / f"letters-{size(face)}.png") as file:
        picture = file.convert("L")
    middle = DOT_PX // 2
    shown = [
        "".join(
            "#" if picture.getpixel((x * DOT_PX + middle, y * DOT_PX + middle)) > 60 else "."  # type: ignore[operator]
            for x in range(frame.width_px)
        )
        for y in range(frame.height_px)
    ]
    assert shown == list(frame.rows)


def test_every_typeface_and_panel_has_its_pictures_and_none_is_large() -> None:
    wanted = {f"letters-{size(face)}{what}.png" for face in ALL for what in ("", "-from-25-m")}
    wanted |= {f"layouts-{panel(canvas)}.png" for canvas in CANVASES}
    wanted |= {f"layouts-{panel(canvas)}-from-25-m.png" for canvas in LOOKED_AT}
    wanted |= {"from-25-m.png", "yard-from-25-m.png"}
    found = {file.name: file.stat().st_size for file in PICTURES.glob("*.png")}
    assert wanted <= set(found)
    assert max(found.values()) < 150 * KB


def test_the_yard_sign_in_the_docs_is_the_one_of_today() -> None:
    drawn = sheet_of_yards().convert("L")
    with Image.open(PICTURES / "yard-from-25-m.png") as file:
        shown = file.convert("L")
    assert shown.size == drawn.size
    differs = ImageChops.difference(shown, drawn).point(lambda value: 255 * (value > FEW_COLOURS))
    assert ImageStat.Stat(differs).mean[0] < 1


def test_a_yard_sign_is_drawn_with_doors_that_are_called_and_a_word_above_those_who_wait() -> None:
    called, *_, waiting = [frame.words for frame in yard_pages(Canvas(96, 16))]
    assert called.split("\n")[0].split() == ["ABC", "123", "PORT", "1"]
    assert waiting.split("\n") == ["NÄST", "AB 12"]


def test_what_follows_a_plate_and_what_a_door_may_say_is_drawn_where_it_fits() -> None:
    titles = {title for title, _ in pages(Canvas(96, 16))}
    assert {
        "KÖR IN, door none, arrow none",
        "KÖR IN, door 3, arrow right",
        "notice STÄNGD",
    } <= titles
    assert "notice FRÅGA I DISKEN" not in {title for title, _ in pages(Canvas(48, 8))}


def test_a_p10_panel_of_96_dots_is_as_wide_as_11_5_mm_30_cm_from_the_eye() -> None:
    """What a reader with another screen zooms to."""
    width_px = Look(pitch_mm=10).at(Frame.dark(96, 16)).width
    assert width_px / SCREEN_DOTS_PER_MM == pytest.approx(11.5, abs=0.05)


def test_a_panel_of_64_dots_fills_121_dots_of_a_telephone() -> None:
    """640 mm at 25 m are 1.47 degrees, and so are 7.7 mm at 30 cm."""
    look = Look(pitch_mm=10)
    assert look.minutes_a_dot * 64 / 60 == pytest.approx(1.47, abs=0.01)
    assert look.at(Frame.dark(64, 16)).size == (121, 30)


def test_normal_sight_sees_one_dark_dot_between_two_at_25_m_where_dots_are_10_mm_apart() -> None:
    assert dip(Look(pitch_mm=10)) > 0.5


def test_the_least_sight_hardly_sees_it() -> None:
    assert 0.05 < dip(Look(pitch_mm=10, sight=LEAST_SIGHT)) < 0.5


def test_nobody_sees_it_where_dots_are_4_mm_apart() -> None:
    assert dip(Look(pitch_mm=4, sight=LEAST_SIGHT)) <= 0
