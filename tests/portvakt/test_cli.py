"""The command line, as a technician types it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from portvakt.cli import main


def portvakt(*words: str) -> Result:
    return CliRunner().invoke(main, words)


def test_a_plate_is_described_as_json() -> None:
    answer = portvakt("plate", "abc 123")
    assert 0 == answer.exit_code
    assert {
        "text": "ABC123",
        "display": "ABC 123",
        "match_key": "ABC123",
        "masked": "A****3",
    } == json.loads(answer.stdout)


@pytest.mark.parametrize(
    ("typed", "reason"), [("A", "too_short"), ("ABCDEFGHIJK", "too_long"), ("AB²", "alphabet")]
)
def test_a_refused_plate_says_why_and_ends_with_status_1(typed: str, reason: str) -> None:
    answer = portvakt("plate", typed)
    assert 1 == answer.exit_code
    said = json.loads(answer.stdout)
    assert reason == said["reason"]
    assert said["detail"].endswith(".")


def test_a_plate_needs_nothing_but_the_contract_to_be_described() -> None:
    code = (
        "import sys; from portvakt.cli import main\n"
        "try: main(['plate', 'abc123'])\n"
        "finally: print(sorted(sys.modules.keys() & {'flask', 'luma', 'gpiozero', 'sqlalchemy'}))"
    )
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert out.endswith("[]\n")


def test_the_bytes_of_a_frame_are_printed_one_transfer_a_line_and_nothing_else() -> None:
    words = ("ABC 123", "--panel", "max7219", "--modules", "5", "--hex")
    lines = portvakt("sign", "show", *words).stdout.splitlines()
    assert 8 == len(lines)
    for register, line in enumerate(lines, start=1):
        transfer = bytes.fromhex(line)
        assert line == transfer.hex(" ")
        assert [register] * 5 == list(transfer[::2])


def test_a_frame_is_printed_in_dots_that_a_person_can_read() -> None:
    rows = portvakt("sign", "show", "1", "--modules", "1").stdout.splitlines()
    assert 8 == len(rows)
    assert any("●" in row for row in rows)


def test_a_frame_is_written_as_a_picture(tmp_path: Path) -> None:
    picture = tmp_path / "abc.png"
    answer = portvakt("sign", "show", "ABC 123", "--png", str(picture))
    assert f"{picture}: 48 x 8 dots\n" == answer.stdout
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("panel", ["max7219", "ws2812", "alpha", "mobitec", "signhead"])
def test_the_bytes_for_every_panel_are_printed_and_its_picture_is_written(
    panel: str, tmp_path: Path
) -> None:
    picture = tmp_path / "abc.png"
    words = ("ABC 123", "--panel", panel, "--hex", "--png", str(picture))
    lines = portvakt("sign", "show", *words).stdout.splitlines()
    assert lines
    assert lines == [bytes.fromhex(line).hex(" ") for line in lines]
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_an_emulator_prints_dots_and_no_bytes() -> None:
    words = ("ABC 123", "--panel", "emulator")
    assert "" == portvakt("sign", "show", *words, "--hex").stdout
    assert "●" in portvakt("sign", "show", *words).stdout


def test_the_bytes_follow_the_wiring() -> None:
    def sent(*words: str) -> str:
        return portvakt("sign", "show", "ABC 123", "--hex", *words).stdout

    plain = sent()
    assert 5 == len(
        {
            plain,
            sent("--orientation", "90"),
            sent("--order", "right"),
            sent("--rows", "2"),
            sent("--modules", "8"),
        }
    )
    pixels = sent("--panel", "ws2812")
    assert 4 == len(
        {
            pixels,
            sent("--panel", "ws2812", "--colour", "red"),
            sent("--panel", "ws2812", "--no-snake"),
            sent("--panel", "ws2812", "--width", "48"),
        }
    )


def test_the_panel_is_taken_from_a_settings_file_and_may_be_changed(tmp_path: Path) -> None:
    config = tmp_path / "sign.toml"
    config.write_text(
        '[central]\nurl = "http://127.0.0.1:9"\nstation = "pitea"\n'
        '[panel]\nkind = "signhead"\nbus = "serial:/dev/portvakt-sign"\nwidth_px = 96\n'
        'height_px = 16\n[pages]\nsecond = "KÖR"\n'
    )
    rows = portvakt("sign", "show", "ABC 123", "--config", str(config)).stdout.splitlines()
    assert (16, 96) == (len(rows), len(rows[0]))
    wider = portvakt("sign", "show", "ABC 123", "--config", str(config), "--width", "128")
    assert 128 == len(wider.stdout.splitlines()[0])
    second = portvakt("sign", "show", "ABC 123", "--config", str(config), "--page", "2")
    assert 0 == second.exit_code
    assert rows != second.stdout.splitlines()


def test_the_second_page_shows_the_arrow_and_the_door_that_were_asked_for() -> None:
    def page(*words: str) -> str:
        sized = ("--panel", "signhead", "--width", "128", "--height", "32", "--page", "2")
        return portvakt("sign", "show", "ABC 123", *sized, *words).stdout

    pages = [page(), page("--arrow", "right"), page("--door", "2"), page("--door", "3")]
    assert all("●" in one for one in pages)
    assert 4 == len(set(pages))


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("Ж 1",), "CYRILLIC CAPITAL LETTER ZHE"),
        (("ABC 123", "--modules", "4"), "needs 37 columns"),
        (("ABC 123", "--panel", "neon"), "There is no panel neon"),
        (("ABC 123", "--modules", "99"), "panel.modules = 99 must be a whole number, 1 to 32."),
        (("ABC 123", "--rows", "9"), "panel.rows = 9 must be a whole number, 1 to 4."),
        (("ABC 123", "--height", "64"), "panel.height_px = 64 must be a whole number, 7 to 48."),
        (
            ("ABC 123", "--panel", "mobitec", "--font", "999", "--hex"),
            "panel.mobitec.font = 999 must be a whole number, 96 to 127.",
        ),
        (("ABC 123", "--panel", "mobitec", "--font", "-5"), "panel.mobitec.font = -5 must be"),
        (("ABC 123", "--panel", "mobitec", "--font", "119"), "Letters cannot be drawn in font 119"),
        (("ABC 123", "--modules", "20", "--rows", "2"), "more than 32"),
        (("ABC 123", "--panel", "ws2812", "--width", "200"), "435"),
        (("ABC 123", "--panel", "emulator", "--width", "2"), "a whole number, 16 to 256."),
        (("ABC 123", "--panel", "alpha", "--page", "2"), "too slow for a second page"),
        (("ABC 123", "--config", "/no/such/sign.toml"), "is not there"),
        (("ABC 123", "--png", "/no/such/folder/a.png"), "cannot be written"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_a_sentence(words: tuple[str, ...], says: str) -> None:
    answer = portvakt("sign", "show", *words)
    assert 2 == answer.exit_code
    assert says in answer.stderr
    assert "Traceback" not in answer.output


def test_a_central_that_is_not_running_is_told_how_to_start(tmp_path: Path) -> None:
    answer = portvakt("central", "list", "--data", str(tmp_path))
    assert 2 == answer.exit_code
    assert f"start it with portvakt central serve --data {tmp_path}" in answer.stderr


def test_a_role_that_is_not_installed_is_named_with_what_to_do() -> None:
    code = (
        "import sys; sys.modules['luma.led_matrix'] = None; sys.modules['signage.service'] = None\n"
        "from portvakt.cli import main; main(['sign', 'run', '--config', 'sign.toml'])"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert 2 == ended.returncode
    assert "is not installed for this role" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_pixel_test_without_settings_says_so() -> None:
    answer = portvakt("sign", "test", "--config", "/no/such/sign.toml")
    assert 2 == answer.exit_code
    assert "/no/such/sign.toml is not there" in answer.stderr


def test_a_pixel_test_of_a_panel_that_cannot_be_says_what_to_change(tmp_path: Path) -> None:
    config = tmp_path / "sign.toml"
    config.write_text(
        'central = { url = "http://127.0.0.1:9", station = "pitea" }\n'
        f'identity.token_file = "{tmp_path}/token.json"\n'
        '[panel]\nkind = "signhead"\nbus = "serial:/dev/portvakt-sign"\nbaud = 4800\n'
    )
    answer = portvakt("sign", "test", "--config", str(config))
    assert 2 == answer.exit_code
    assert "panel: " in answer.stderr
    assert "Traceback" not in answer.output


def test_every_command_has_a_sentence_of_help() -> None:
    for name in ("bench", "central", "demo", "kiosk", "plate", "sign"):
        assert name in portvakt("--help").stdout
        assert 0 == portvakt(name, "--help").exit_code
