"""The sign's manual says what the board and the programs say, word by word."""

import re
from pathlib import Path

import pytest

from device.settings import load
from signage.layout import CannotDraw, Canvas, listing
from signage.settings import SignSettings, YardSettings

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs/sign.md").read_text(encoding="utf-8")
EXAMPLES = {
    "plate": "ABC 123",
    "door": "door 1",
    "notice": "STÄNGD",
    "time": "10:42",
    "age": "2 min",
    "n": "10",
    "why": "...",
    "names": "Yard",
}
SWEDISH = EXAMPLES | {"door": "port 1", "names": "Gården"}
LOG_IN = {"signIn", "signInBy", "signOut", "signOutThere"}


def board_words() -> list[tuple[str, str]]:
    """Each sentence about a sign that the board may say, in both languages, with an example's words."""
    found = []
    for language, examples in (("en", EXAMPLES), ("sv", SWEDISH)):
        source = (ROOT / f"central/board/words_{language}.js").read_text(encoding="utf-8")
        said = re.findall(r'\b(sign[A-Z]\w*|seenDark): "([^"]*)"', source)
        found += [(name, said_of(words, examples)) for name, words in said if name not in LOG_IN]
    return found


def said_of(words: str, examples: dict[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda one: examples[one[1]], words)


@pytest.mark.parametrize(("name", "words"), board_words())
def test_every_sentence_of_the_board_about_a_sign_is_explained(name: str, words: str) -> None:
    assert words in PAGE, name


def test_every_sentence_is_looked_for_in_both_languages() -> None:
    names = [name for name, _ in board_words()]
    assert len(names) >= 2 * 20
    assert all(names.count(name) == 2 for name in names)


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("signage/panel.py", "does not take what is written to it"),
        ("signage/panels/serial_line.py", "it was unplugged"),
        ("signage/panels/serial_line.py", "it is not there"),
        ("signage/panels/serial_line.py", "it may not be opened; the sign must be in the group dialout"),
        ("signage/panels/serial_line.py", "another program has it open"),
        ("signage/panels/serial_line.py", "it takes too long"),
        ("signage/panels/signhead_line.py", "it has started anew, and again; look at its power"),
        ("signage/panels/signhead_line.py", "its supply is too low"),
        ("signage/panels/signhead_line.py", "it has heard a newer message; somebody else talks to it"),
        ("signage/panels/signhead_line.py", "the line is too slow for so many dots; set panel.baud higher"),
        ("signage/panels/signhead_line.py", "its enable timer takes "),
        ("signage/panels/signhead.py", "it does not go dark; pull its power"),
        ("signage/current.py", "The panel draws current though it is dark"),
        ("signage/self_test.py", "current than expected"),
        ("signage/timer_line.py", "cannot be used ("),
        ("signage/service.py", "settings refused, the last good ones stay in force"),
        ("signage/alone.py", "Another process has this sign's panel"),
        ("signage/face.py", "it could not be made dark, so the timer has taken its supply away"),
        ("signage/layout.py", "characterNotDefined"),
        ("signage/layout.py", "textTooBig"),
    ],
)  # fmt: skip
def test_a_fault_that_the_manual_explains_is_one_that_the_sign_says(place: str, words: str) -> None:
    assert words in PAGE
    assert words in (ROOT / place).read_text(encoding="utf-8")


def test_a_yard_sign_needs_the_columns_that_the_page_says() -> None:
    found = re.search(
        r"7 signs (\d+) columns with a bare door number of one digit, (\d+) with `PORT`", PAGE
    )
    assert found is not None
    for columns, door in zip(map(int, found.groups()), ("1", "PORT 1"), strict=True):
        listing([("ABCDEFÖ", door)], Canvas(columns, 16))
        with pytest.raises(CannotDraw):
            listing([("ABCDEFÖ", door)], Canvas(columns - 1, 16))


def test_the_words_of_a_yard_sign_are_those_of_its_settings() -> None:
    yard = YardSettings()
    assert f"`{yard.door} 1` at the right" in PAGE
    assert f"the word `{yard.next}` (`yard.next`)" in PAGE


def test_every_picture_on_the_page_is_there_and_every_look_from_25_m_is_on_the_page() -> None:
    named = set(re.findall(r"\((sign/[^)]+\.png)\)", PAGE))
    there = {f"sign/{file.name}" for file in (ROOT / "docs/sign").glob("*.png")}
    assert named <= there
    assert {name for name in there if "from-25-m" in name} <= named


def test_commands_on_the_page_are_ones_that_portvakt_has() -> None:
    for command in ("check", "sign test", "sign show", "sign head"):
        assert f"portvakt {command}" in PAGE
    for command in ("device code", "device lists", "list", "set station"):
        assert f"sudo -u portvakt-central portvakt central {command}" in PAGE


def test_every_command_of_central_on_the_page_runs_as_the_user_who_may_read_its_folder() -> None:
    assert len(re.findall("portvakt central ", PAGE)) == len(
        re.findall("sudo -u portvakt-central portvakt central ", PAGE)
    )


def test_the_code_is_written_where_the_installed_settings_look_for_it() -> None:
    settings = load(ROOT / "deploy/settings/sign.toml", SignSettings)
    assert Path("/etc/portvakt/enrol-code") == settings.identity.code_file
    assert "sudo portvakt enrol --ca ca.pem\n" in PAGE


def test_a_sign_is_enrolled_before_it_is_asked_how_it_is() -> None:
    first_light = PAGE.partition("## First light")[2]
    assert first_light.index("central device code") < first_light.index("portvakt check")
