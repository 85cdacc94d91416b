"""post.toml."""

from pathlib import Path

import pytest

from device.settings import SettingsError, known, load, render
from kiosk.key_codes import KERNEL_CODES
from kiosk.keys import Key, Pad
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
    with pytest.raises(SettingsError, match='pad = "full" needs 6 rows and 8 columns'):
        read(tmp_path, LEAST + '[keypad]\npad = "full"\n')


def test_a_keypad_that_is_not_on_gpio_needs_no_rows(tmp_path: Path) -> None:
    settings = read(
        tmp_path,
        LEAST + '[keypad]\nkind = "usb"\npad = "full"\n'
        '[keypad.usb]\nvendor = "2047"\ncodes = ["KEY_F5=ok", "KEY_TAB=none"]\n',
    )
    keys = settings.keypad.usb_keys()
    assert keys[KERNEL_CODES["KEY_F5"]] == Key.OK
    assert KERNEL_CODES["KEY_TAB"] not in keys
    assert keys[KERNEL_CODES["KEY_A"]] == "A"


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
        ("[keypad]\nlockout_s = -0.1\n", "keypad.lockout_s"),
        ('[keypad]\nkind = "hid"\n', 'must be one of "matrix", "usb", "serial", "terminal"'),
        ('[keypad.usb]\nvendor = "20"\n', 'vendor = "20" must be four hexadecimal signs, as in'),
        ('[keypad.usb]\nvendor = "0x20"\n', "must be four hexadecimal signs"),
        ('[keypad.usb]\nproduct = "0301"\n', "product says nothing without vendor"),
        ('[keypad.usb]\ncodes = ["KEY_F5=okk"]\n', "keypad *usb.codes: .* known are the signs"),
        ('[keypad.usb]\ncodes = ["KEY_F5=A"]\n', "this pad has no key A; see keypad.pad"),
        ('[keypad.serial]\ncodes = ["AB=ok"]\n', "keypad *serial.codes: .* one character"),
        ("[keypad.serial]\nbaud = 9601\n", "keypad.serial.baud = 9601 *must be one of 300, 600"),
        ('[keypad.serial]\nport = "COM3"\n', 'must be a device, such as "/dev/ttyUSB0"'),
    ],
)
def test_faults_are_named(tmp_path: Path, line: str, words: str) -> None:
    text = LEAST + line if line.startswith("[") else line + LEAST
    with pytest.raises(SettingsError, match=words):
        read(tmp_path, text)


@pytest.mark.parametrize("kind", ["usb", "serial"])
def test_a_demo_has_only_keys_of_its_own(tmp_path: Path, kind: str) -> None:
    with pytest.raises(SettingsError, match=f'demo = true has .* not keypad.kind = "{kind}"'):
        read(tmp_path, f'demo = true\n{LEAST}[keypad]\nkind = "{kind}"\n')


def test_every_setting_says_what_it_is() -> None:
    assert all(one.doc.endswith(".") for one in known(PostSettings))
    assert {one.path for one in known(PostSettings) if one.pin} == {
        "keypad.rows",
        "keypad.columns",
        "keypad.help",
        "signals.buzzer",
        "signals.lamp",
        "signals.hall_lamp",
        "signals.hall_sense",
    }
