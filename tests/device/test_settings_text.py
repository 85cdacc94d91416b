"""One setting changed in a file that a person wrote."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.settings_text import CannotChange, changed, value_of

FILE = """# A comment about the file.
languages = ["sv"]

[central]
# Where central answers.
url = "http://127.0.0.1:8081"
#ca_file = "/etc/portvakt/central-ca.pem"

[panel]
modules = 6 # six of them

#[panel.ws2812]
#colour = "amber"
#snake = true
"""


def at(text: str, path: str) -> object:
    found: object = tomllib.loads(text)
    for name in path.split("."):
        assert isinstance(found, dict)
        found = found[name]
    return found


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("central.url", "https://hall.example"),
        ("central.ca_file", "/etc/portvakt/central-ca.pem"),
        ("central.station", "0417"),
        ("panel.modules", 5),
        ("panel.ws2812.snake", False),
        ("languages", ["sv", "en"]),
        ("door", 'a "left" one'),
        ("light.latitude", 65.3),
    ],
)
def test_one_setting_is_changed_and_every_other_line_stays(path: str, value: object) -> None:
    after = changed(FILE, path, value)
    assert value == at(after, path)
    before, now = FILE.splitlines(), after.splitlines()
    assert len([line for line in before if line not in now]) <= 2
    assert "# Where central answers." in now
    assert after == changed(after, path, value), "once more changes nothing"


def test_a_suggestion_is_taken_where_it_stands() -> None:
    after = changed(FILE, "central.ca_file", "/x.pem").splitlines()
    assert after[6] == 'ca_file = "/x.pem"'
    assert "[panel.ws2812]" in changed(FILE, "panel.ws2812.colour", "red").splitlines()


def test_a_file_that_is_no_toml_is_left_to_a_person() -> None:
    with pytest.raises(CannotChange, match="not TOML"):
        changed("[central\n", "central.url", "x")


@pytest.mark.parametrize(
    "text", ["languages = [\n 'sv',\n]\n", "central = {url = 'x'}\n", "central.url = 'x'\n"]
)
def test_what_is_written_in_another_way_is_left_to_a_person(text: str) -> None:
    path = "languages" if "languages" in text else "central.url"
    with pytest.raises(CannotChange, match="open the file"):
        changed(text, path, ["x"])


@given(st.text(max_size=30))
def test_any_text_comes_back_as_it_was_given(value: str) -> None:
    if value.isprintable():
        assert value == at(changed(FILE, "central.station", value), "central.station")


@pytest.mark.parametrize(
    ("typed", "value"),
    [("5", 5), ("true", True), ("red", "red"), ('"5"', "5"), ("[1, 2]", [1, 2]), ("0.5", 0.5)],
)
def test_what_is_typed_is_a_value_where_it_is_one(typed: str, value: object) -> None:
    assert value == value_of(typed)
