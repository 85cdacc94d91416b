from pathlib import Path

import pytest

from device.settings import SettingsError, load
from signage.bus import UnixSocket
from signage.emulator_panel import EmulatorPanel
from signage.service import open_panel
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


def test_an_emulated_panel_is_as_wide_as_its_modules(tmp_path: Path) -> None:
    panel = open_panel(loaded(tmp_path, 'panel.kind = "emulator"\npanel.modules = 7\n').panel)
    assert isinstance(panel, EmulatorPanel)
    assert 56 == panel.facts.width_px
