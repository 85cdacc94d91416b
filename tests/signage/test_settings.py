from pathlib import Path

import pytest

from device.settings import SettingsError, load
from signage.bus import UnixSocket
from signage.panels.emulator import EmulatorPanel
from signage.panels.opened import open_panel
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
