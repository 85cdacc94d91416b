"""What a technician may write about light, current, timer and self-test."""

from dataclasses import dataclass
from datetime import time
from pathlib import Path

import pytest

from device.settings import SettingsError, known, load, render, section
from signage.light_settings import (
    CurrentSettings,
    LightSettings,
    SelfTestSettings,
    TimerSettings,
)


@dataclass(frozen=True, slots=True)
class Settings:
    light: LightSettings = section(LightSettings)
    current: CurrentSettings = section(CurrentSettings)
    timer: TimerSettings = section(TimerSettings)
    self_test: SelfTestSettings = section(SelfTestSettings)


def read(tmp_path: Path, toml: str) -> Settings:
    (tmp_path / "sign.toml").write_text(toml, encoding="utf-8")
    return load(tmp_path / "sign.toml", Settings)


def test_an_empty_file_is_a_sign_without_sensors(tmp_path: Path) -> None:
    settings = read(tmp_path, "")
    assert settings.light.sensor == settings.current.sensor == "none"
    assert settings.light.place is None
    assert settings.timer.pin is None
    assert settings.self_test.nightly == time(5, 0)
    assert len(settings.light.table) == 5


def test_what_is_rendered_reads_back(tmp_path: Path) -> None:
    settings = read(
        tmp_path,
        """
        [light]
        sensor = "bh1750"
        address = 0x5C
        steps = ["10% 0-5", "100% 4-"]
        latitude = 65
        longitude = 21.5
        [current]
        sensor = "ina219"
        address = 0x4F
        dot_ma = 5
        [timer]
        pin = 24
        [self_test]
        at = ""
        """,
    )
    assert settings.light.place == (65.0, 21.5)
    assert settings.self_test.nightly is None
    assert read(tmp_path, render(settings)) == settings


@pytest.mark.parametrize(
    ("toml", "sentence"),
    [
        ('light.steps = ["5% 0-3"]', r"light +the last step, .* must have no end"),
        ("light.steps = []", r"light +there are no steps"),
        ('light.steps = ["bright"]', r'light +"bright" is not a step; write "15% 2-30"'),
        ("light.latitude = 65.3", r"light +latitude and longitude belong together"),
        ("light.longitude = 21.5", r"light +latitude and longitude belong together"),
        ("light.latitude = 91", r"light\.latitude = 91 +must be a number, -90 to 90"),
        ("light.night_percent = 0", r"light\.night_percent = 0 +must be a whole number, 1 to 100"),
        ("light.twilight_percent = 10", r"light +night_percent, twilight_percent .* must not fall"),
        ("light.night_percent_max = 10", r"light +night_percent must not be above"),
        ("light.address = 0x40", r"light\.address = 64 +must be one of 35, 92"),
        ('light.sensor = "eye"', r'light\.sensor = "eye" +must be one of "none", "bh1750"'),
        ('current.sensor = "ina219"', r"current +dot_ma is missing; measure"),
        ("current.shunt_mohm = 0", r"current\.shunt_mohm = 0 +must be a number, 0\.1 to 1000"),
        ("timer.pin = 28", r"timer\.pin = 28 +must be a GPIO number, 0 to 27"),
        ('self_test.at = "25:00"', r'self_test +at = "25:00" is not a time of day'),
        ('self_test.at = "5"', r'self_test +at = "5" is not a time of day; write "05:00"'),
        ('self_test.at = "05:00:00"', r"is not a time of day"),
    ],
)
def test_what_cannot_be_is_refused_in_words(tmp_path: Path, toml: str, sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence):
        read(tmp_path, toml)


def test_every_setting_says_what_it_is() -> None:
    assert all(one.doc for one in known(Settings))
