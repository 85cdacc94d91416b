from pathlib import Path

import pytest

from device.settings import SettingsError, load, load_or_last_good
from signage.bus import UnixSocket
from signage.panel_settings import MobitecSettings, PanelSettings
from signage.panels.emulator import EmulatorPanel
from signage.panels.opened import open_panel
from signage.service import panel_of
from signage.settings import SignSettings

LEAST = 'central.url = "http://127.0.0.1:8081"\ncentral.station = "pitea"\n'


def loaded(folder: Path, more: str = "") -> SignSettings:
    path = folder / "sign.toml"
    path.write_text(LEAST + more)
    return load(path, SignSettings)


def test_two_settings_are_enough(tmp_path: Path) -> None:
    settings = loaded(tmp_path)
    assert ("max7219", 6, 0) == (
        settings.panel.kind,
        settings.panel.modules,
        settings.panel.orientation,
    )
    assert 7_000 == settings.lease.ttl_ms


def test_times_may_only_be_made_shorter(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as refused:
        loaded(tmp_path, "lease.ttl_ms = 7001\nlease.cap_ms = 120001\nlease.beat_lit_ms = 2001\n")
    assert "3 problems" in str(refused.value)
    assert "lease.ttl_ms = 7001" in str(refused.value)


def test_a_bus_that_is_none_is_a_fault_of_the_panel(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"write spi:0\.0"):
        loaded(tmp_path, 'panel.bus = "usb"\n')
    bus = loaded(tmp_path, 'panel.bus = "unix:/run/p.sock"\n').panel.wire
    assert UnixSocket(Path("/run/p.sock")) == bus


def test_an_emulated_panel_has_the_size_that_it_is_given(tmp_path: Path) -> None:
    size = "panel.width_px = 56\npanel.height_px = 8\n"
    panel = open_panel(loaded(tmp_path, f'panel.kind = "emulator"\n{size}').panel)
    assert isinstance(panel, EmulatorPanel)
    assert (56, 8) == (panel.facts.width_px, panel.facts.height_px)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ('panel.kind = "alpha"\n', "alpha cannot hang on spi:0.0; write serial:/dev/portvakt-sign"),
        ("panel.modules = 20\npanel.rows = 2\n", "2 rows of 20 modules are more than 32"),
        (
            'panel.kind = "alpha"\npanel.bus = "serial:/dev/x"\ntimer.pin = 24\n',
            "wakes with the text that it had before",
        ),
        ("panel.dark_ms = 2001\n", "panel.dark_ms = 2001"),
        ("pages.arrow = 'up'\n", "pages.arrow"),
    ],
)
def test_what_cannot_hang_at_a_door_is_refused_with_a_reason(
    tmp_path: Path, words: str, said: str
) -> None:
    with pytest.raises(SettingsError, match=said):
        loaded(tmp_path, words)


def test_a_lease_that_ends_before_it_can_be_renewed_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="make beat_lit_ms 500 or less"):
        loaded(tmp_path, "lease.ttl_ms = 1000\n")
    slow = 'panel.kind = "mobitec"\npanel.bus = "serial:/dev/x"\npanel.dark_ms = 1900\n'
    settings = loaded(tmp_path, f"{slow}lease.ttl_ms = 2500\nlease.beat_lit_ms = 1000\n")
    with pytest.raises(SettingsError, match="this panel needs 1900 ms to go dark"):
        panel_of(settings)


def test_a_panel_that_its_driver_refuses_does_not_take_the_place_of_the_last_good_one(
    tmp_path: Path,
) -> None:
    keep = tmp_path / "good.toml"
    head = 'panel.kind = "signhead"\npanel.bus = "serial:/dev/x"\n'
    loaded(tmp_path, head)
    file = tmp_path / "sign.toml"
    assert load_or_last_good(file, SignSettings, keep, panel_of).error is None
    loaded(tmp_path, f"{head}panel.baud = 1200\n")
    settings, error = load_or_last_good(file, SignSettings, keep, panel_of)
    assert 0 == settings.panel.baud
    assert "bits a second" in str(error)


def test_the_font_of_dots_is_refused_for_letters_and_taken_for_dots() -> None:
    def panel(font: int, draws: str) -> PanelSettings:
        own = MobitecSettings(font=font, draws=draws)
        return PanelSettings(kind="mobitec", bus="serial:/dev/x", height_px=16, mobitec=own)

    with pytest.raises(ValueError, match=r'font 119, .* panel\.mobitec\.draws = "dots"'):
        panel(0x77, "text")
    assert panel(0x77, "dots").mobitec.font == 0x77
    assert panel(0x64, "text").mobitec.font == 0x64


def test_a_file_of_an_older_release_still_starts_a_sign(tmp_path: Path) -> None:
    assert "max7219" == loaded(tmp_path, "panel.brightness = 7\n").panel.kind
