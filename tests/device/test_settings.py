from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import pytest

from device.settings import SettingsError, known, load, load_or_last_good, render, section, setting


class PanelKind(StrEnum):
    MAX7219 = "max7219"
    EMULATOR = "emulator"


@dataclass(frozen=True, kw_only=True)
class Panel:
    kind: PanelKind = setting(PanelKind.MAX7219, doc="Which panel hangs there.")
    modules: int = setting(5, low=1, high=16, doc="Modules of 8 columns, side by side.")
    bright: float = setting(0.5, low=0, high=1, doc="Share of full light.")
    rows: tuple[int, ...] = setting((5, 6), pin=True, doc="Row lines.")


@dataclass(frozen=True, kw_only=True)
class Sign:
    url: str = setting(low=1, doc="Where central answers.")
    code: str | None = setting(None, secret=True, doc="One-time code.")
    state: Path = setting(Path("/var/lib/x"), doc="Own folder.")
    languages: tuple[str, ...] = setting(("sv", "en"), choices=("sv", "en"), doc="First is shown.")
    lamp: int = setting(7, pin=True, doc="Help lamp.")
    demo: bool = setting(False, doc="Whether a browser may press keys.")
    panel: Panel = section(Panel)

    def __post_init__(self) -> None:
        if self.demo and self.url.startswith("https"):
            raise ValueError("demo and a real central do not go together")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "sign.toml"


def refused(file: Path, text: str) -> str:
    file.write_text(text, "utf-8")
    with pytest.raises(SettingsError) as caught:
        load(file, Sign)
    return str(caught.value)


def test_a_short_file_gives_typed_values_and_defaults(file: Path) -> None:
    file.write_text('url = "http://x"\nstate = "/tmp"\n[panel]\nkind = "emulator"\nbright = 1\n')

    settings = load(file, Sign)

    assert settings == Sign(
        url="http://x", state=Path("/tmp"), panel=Panel(kind=PanelKind.EMULATOR, bright=1.0)
    )
    assert isinstance(settings.panel.bright, float)
    assert settings.languages == ("sv", "en")


def test_all_faults_are_named_at_once_with_value_range_and_nearest_name(file: Path) -> None:
    text = refused(
        file, 'lagnuages = 1\nlamp = 28\n[panel]\nmodules = "six"\nkind = "flipdot"\n[pane]\n'
    )

    assert text.splitlines() == [
        "sign.toml: 6 problems",
        "  lagnuages                is not a setting; did you mean languages?",
        "  lamp = 28                must be a GPIO number, 0 to 27",
        "  pane                     is not a section; did you mean panel?",
        '  panel.kind = "flipdot"   must be one of "max7219", "emulator"',
        '  panel.modules = "six"    must be a whole number, 1 to 16',
        "  url                      is missing; it must be a text that is not empty",
    ]


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("demo = 1", "demo = 1   must be true or false"),
        ("lamp = true", "lamp = true   must be a GPIO number, 0 to 27"),
        ('languages = ["sv", "xx"]', 'languages = ["sv", "xx"]   must be one of "sv", "en"'),
        ('languages = "sv"', 'languages = "sv"   must be one of "sv", "en"'),
        ("panel = 3", "panel = 3   must be a section: [panel]"),
        ("[panel]\nbright = 1.5", "panel.bright = 1.5   must be a number, 0 to 1"),
        ('[panel]\nrows = [4, "b"]', 'panel.rows = [4, "b"]   must be a list, each a GPIO number'),
        ("[panel]\nrows = [7, 8]", "panel.rows = 7   is taken: lamp uses that pin"),
        ("[panel]\nrows = [8, 8]", "panel.rows = 8   is taken: panel.rows uses that pin"),
        ("demo = true", "demo and a real central do not go together"),
    ],
)
def test_one_wrong_value_gets_one_sentence(file: Path, line: str, complaint: str) -> None:
    text = refused(file, f'url = "https://x"\n{line}\n')

    assert "sign.toml: 1 problem\n" in text
    assert complaint in text


def test_a_wrong_secret_is_not_printed(file: Path) -> None:
    assert "12345" not in refused(file, 'url = "x"\ncode = 12345\n')


@pytest.mark.parametrize(
    ("content", "complaint"),
    [(b"url = ", "is not TOML"), (b"\xff\xfe", "is not TOML"), (None, "is not there")],
)
def test_a_file_that_cannot_be_read_says_why(
    file: Path, content: bytes | None, complaint: str
) -> None:
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(SettingsError, match=complaint):
        load(file, Sign)


def test_a_bad_new_file_leaves_the_last_good_one_in_force(file: Path, tmp_path: Path) -> None:
    keep = tmp_path / "state" / "good.toml"
    file.write_text('url = "http://good"\ncode = "secret"\n')
    assert load_or_last_good(file, Sign, keep).error is None
    assert keep.stat().st_mode & 0o777 == 0o600

    file.write_text("url = 3\n")
    settings, error = load_or_last_good(file, Sign, keep)

    assert settings.url == "http://good"
    assert "sign.toml: 1 problem" in str(error)


def test_a_bad_first_file_is_refused(file: Path, tmp_path: Path) -> None:
    file.write_text("url = 3\n")

    with pytest.raises(SettingsError, match=r"sign\.toml: 1 problem"):
        load_or_last_good(file, Sign, tmp_path / "good.toml")


def test_good_settings_count_even_where_no_copy_can_be_kept(file: Path) -> None:
    file.write_text('url = "http://good"\n')

    settings, error = load_or_last_good(file, Sign, Path("/proc/good.toml"))

    assert settings.url == "http://good"
    assert "/proc/good.toml cannot be written" in str(error)


def test_effective_settings_are_shown_with_secrets_masked(file: Path) -> None:
    file.write_text('url = "http://x"\ncode = "K7QF-93TM"\n')
    settings = load(file, Sign)

    text = render(settings)

    assert "K7QF" not in text
    assert 'code = "********"' in text
    assert "[panel]\n" in text
    file.write_text(text)
    assert load(file, Sign).panel == settings.panel, "what is shown can be read again"


def test_every_setting_can_be_listed_for_a_reference() -> None:
    listed = {one.path: one for one in known(Sign)}

    assert list(listed)[-2:] == ["panel.bright", "panel.rows"]
    assert listed["panel.modules"].kind == "a whole number, 1 to 16"
    assert listed["panel.modules"].default == "5"
    assert listed["url"].default is None
    assert listed["lamp"].pin
    assert listed["code"].secret
