"""The panel without hardware: its picture on the disk and its text in a terminal."""

from pathlib import Path

import pytest

from contract.wire import font_shows
from signage.frame import Frame
from signage.layout import layout
from signage.panel import PanelLost
from signage.panel_settings import PanelSettings
from signage.panels.emulator import KEPT_FRAMES, EmulatorPanel, from_settings
from signage.png import png

ABC = layout("ABC 123", 40, 8)
WMX = layout("WMX 99", 40, 8)


def test_it_draws_each_picture_once_as_png_and_text(tmp_path: Path) -> None:
    said: list[str] = []
    picture = tmp_path / "sign.png"
    panel = EmulatorPanel(40, 8, picture, said.append)
    panel.init()
    panel.show(ABC, 7_000)
    panel.heal(6_000)
    panel.show(ABC, 5_000)
    assert [Frame.dark(40, 8), ABC] == list(panel.frames)
    assert png(ABC) == picture.read_bytes()
    assert said[1].splitlines()[0] == ABC.rows[0].replace("#", "●").replace(".", "·")
    panel.blank()
    assert panel.frames[-1].is_dark
    assert png(Frame.dark(40, 8)) == picture.read_bytes()


def test_the_hash_tells_one_picture_from_another() -> None:
    panel = EmulatorPanel(40)
    assert panel.show(ABC, 7_000) == panel.show(ABC, 5_000) != panel.show(WMX, 7_000)
    assert panel.blank() != panel.show(ABC, 7_000)


def test_it_forgets_old_pictures() -> None:
    panel = EmulatorPanel(40)
    for turn in range(KEPT_FRAMES + 20):
        panel.show((ABC, WMX)[turn % 2], 7_000)
    assert KEPT_FRAMES == len(panel.frames)


def test_it_is_lost_when_it_cannot_write_its_picture(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    panel = EmulatorPanel(40, picture=tmp_path / "file" / "sign.png")
    with pytest.raises(PanelLost):
        panel.init()


@pytest.mark.parametrize(
    ("width_px", "height_px", "lines"), [(80, 7, 1), (96, 16, 2), (128, 32, 4)]
)
def test_it_is_as_large_as_the_settings_say(width_px: int, height_px: int, lines: int) -> None:
    settings = PanelSettings(kind="emulator", width_px=width_px, height_px=height_px)
    panel = from_settings(settings)
    assert (width_px, height_px) == (panel.canvas.width_px, panel.canvas.height_px)
    assert (width_px, height_px) == (panel.facts.width_px, panel.facts.height_px)
    assert lines == panel.facts.lines
    assert font_shows(panel.facts.fonts, width_px, "ABC 123")


def test_a_picture_outlives_the_process_so_it_counts_as_a_last_frame(tmp_path: Path) -> None:
    picture = tmp_path / "sign.png"
    assert from_settings(PanelSettings(kind="emulator", picture=picture)).facts.holds_last_frame
    assert not from_settings(PanelSettings(kind="emulator")).facts.holds_last_frame


def test_it_stands_in_for_a_slow_panel() -> None:
    assert 700 == from_settings(PanelSettings(kind="emulator", dark_ms=700)).facts.worst_dark_ms
    assert 0 == from_settings(PanelSettings(kind="emulator")).facts.worst_dark_ms


def test_what_was_drawn_is_what_stands() -> None:
    panel = EmulatorPanel(40)
    panel.init()
    assert panel.health() is True
    assert panel.facts.reads_back


@pytest.fixture
def full_disk(tmp_path: Path) -> tuple[EmulatorPanel, Path]:
    """A plate stands, and its folder takes no new file."""
    picture = tmp_path / "now" / "sign.png"
    picture.parent.mkdir()
    panel = EmulatorPanel(40, 8, picture)
    panel.show(ABC, 7_000)
    picture.parent.rename(tmp_path / "was")
    (tmp_path / "now").write_text("")
    return panel, picture


def mended(picture: Path) -> None:
    picture.parent.unlink()
    (picture.parent.parent / "was").rename(picture.parent)


def test_a_blank_that_could_not_be_written_is_never_called_done(
    full_disk: tuple[EmulatorPanel, Path],
) -> None:
    panel, picture = full_disk
    for _ in range(2):
        with pytest.raises(PanelLost):
            panel.blank()
    with pytest.raises(PanelLost):
        panel.heal(0)
    assert panel.health() is False
    assert panel.frames[-1] == ABC
    mended(picture)
    panel.blank()
    assert png(Frame.dark(40, 8)) == picture.read_bytes()
    assert panel.health() is True


def test_a_heal_writes_what_the_disk_had_not_taken(full_disk: tuple[EmulatorPanel, Path]) -> None:
    panel, picture = full_disk
    with pytest.raises(PanelLost):
        panel.show(WMX, 7_000)
    mended(picture)
    panel.heal(5_000)
    assert png(WMX) == picture.read_bytes()
    assert panel.frames[-1] == WMX
