"""post.toml."""

from pathlib import Path

import pytest

from device.settings import SettingsError, known, load, render
from kiosk.keys import Pad
from kiosk.settings import PostSettings

LEAST = '[central]\nurl = "http://127.0.0.1:8081"\nstation = "pitea"\n'


def read(folder: Path, text: str) -> PostSettings:
    path = folder / "post.toml"
    path.write_text(text)
    return load(path, PostSettings)


def test_the_least_file_gives_a_whole_post(tmp_path: Path) -> None:
    settings = read(tmp_path, LEAST)
    assert settings.languages == ("sv", "en")
    assert settings.keypad.pad is Pad.PHONE
    assert not settings.demo
    assert "station" in render(settings)


def test_pins_must_fit_the_keypad(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="needs 6 rows and 8 columns"):
        read(tmp_path, LEAST + '[keypad]\nkind = "full"\n')


def test_no_pin_is_used_twice(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="is taken"):
        read(tmp_path, LEAST + "[signals]\nlamp = 5\n")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('time_zone = "Mars/Olympus"\n', "is not a time zone"),
        ("languages = []\n", "at least one language"),
        ('languages = ["tlh"]\n', "languages"),
        ('door = "up"\n', "door"),
        ("[keypad]\nlockout_s = 1.5\n", "keypad.lockout_s"),
    ],
)
def test_faults_are_named(tmp_path: Path, line: str, words: str) -> None:
    text = LEAST + line if line.startswith("[") else line + LEAST
    with pytest.raises(SettingsError, match=words):
        read(tmp_path, text)


def test_every_setting_says_what_it_is() -> None:
    assert all(one.doc.endswith(".") for one in known(PostSettings))
    assert {one.path for one in known(PostSettings) if one.pin} == {
        "keypad.rows",
        "keypad.columns",
        "keypad.help",
        "signals.buzzer",
        "signals.lamp",
    }
