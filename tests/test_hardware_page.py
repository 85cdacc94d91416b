"""What a technician solders by is what the settings say."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from kiosk.settings import KeypadSettings, SignalSettings
from signage.panel_settings import PanelSettings

PAGE = (Path(__file__).parent.parent / "hardware.md").read_text(encoding="utf-8")


def second_column(setting: str) -> str:
    row = re.search(rf"^\| `{re.escape(setting)}` \| ([^|]*) \|", PAGE, re.MULTILINE)
    assert row is not None, f"hardware.md does not name {setting}"
    return row[1].strip().strip("`")


@pytest.mark.parametrize("name", ["rows", "columns", "help"])
def test_the_pins_of_the_keypad_are_on_the_page(name: str) -> None:
    pins = getattr(KeypadSettings(), name)
    assert str(pins).strip("()") == second_column(f"keypad.{name}")


@pytest.mark.parametrize("name", [field.name for field in fields(SignalSettings)])
def test_the_pins_of_lamp_and_buzzer_are_on_the_page(name: str) -> None:
    assert str(getattr(SignalSettings(), name)) == second_column(f"signals.{name}")


@pytest.mark.parametrize(
    "name", [field.name for field in fields(PanelSettings) if field.name != "picture"]
)
def test_the_settings_of_the_panel_are_on_the_page(name: str) -> None:
    assert str(getattr(PanelSettings(), name)) == second_column(f"panel.{name}")


def test_the_page_names_the_keys_in_their_places() -> None:
    assert "`1 2 3 OK`, `4 5 6 RÄTTA`, `7 8 9 AVBRYT`, `ÅÄÖ 0 SPRÅK TAL`" in PAGE
