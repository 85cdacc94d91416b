"""Letters as tall as the distance asks, and screens that are too small for them."""

from pathlib import Path

import pytest

from device.settings import SettingsError, load
from kiosk.legibility import capital_mm, capital_px, capital_share, least_inches
from kiosk.settings import PageSettings, PostSettings

LEAST = '[central]\nurl = "http://127.0.0.1:8081"\nstation = "pitea"\n[page]\n'


def read(folder: Path, text: str) -> PostSettings:
    path = folder / "post.toml"
    path.write_text(LEAST + text)
    return load(path, PostSettings)


@pytest.mark.parametrize(("metres", "mm"), [(0.7, 8.54), (1.0, 12.2), (1.5, 18.3), (2.0, 24.4)])
def test_a_capital_letter_grows_with_the_distance(metres: float, mm: float) -> None:
    assert capital_mm(metres) == pytest.approx(mm)


def test_on_the_usual_screen_it_is_fifty_pixels_tall() -> None:
    assert capital_px(0.7, 10.1, 1280, 800) == pytest.approx(50.25, abs=0.01)
    assert capital_px(0.7, 10.1, 800, 1280) == capital_px(0.7, 10.1, 1280, 800)


def test_it_is_as_tall_in_millimetres_on_a_finer_screen() -> None:
    assert capital_px(0.7, 10.1, 2560, 1600) == pytest.approx(2 * capital_px(0.7, 10.1, 1280, 800))


def test_a_larger_screen_needs_a_smaller_share_of_itself() -> None:
    assert capital_share(0.7, 20.2) == pytest.approx(capital_share(0.7, 10.1) / 2)


def test_the_usual_settings_are_just_possible() -> None:
    page = PageSettings()
    assert least_inches(page.reading_m) == page.screen_inches


def test_a_screen_that_cannot_hold_the_letters_is_refused_and_the_least_one_is_named(
    tmp_path: Path,
) -> None:
    with pytest.raises(
        SettingsError, match=r"reading_m = 2 need a screen of at least 28\.9 inches"
    ):
        read(tmp_path, "reading_m = 2.0\n")
    assert read(tmp_path, "reading_m = 2.0\nscreen_inches = 28.9\n").page.screen_inches == 28.9


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("reading_m = 0.4\n", "page.reading_m"),
        ("reading_m = 2.1\n", "page.reading_m"),
        ('aspect = "21:9"\n', "page.aspect"),
        ("screen_inches = 7.0\n", "at least 10.1 inches"),
    ],
)
def test_what_nobody_has_drawn_is_refused(tmp_path: Path, line: str, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        read(tmp_path, line)
