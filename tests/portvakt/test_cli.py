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


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("Ж 1",), "CYRILLIC CAPITAL LETTER ZHE"),
        (("ABC 123", "--modules", "4"), "needs 37 columns"),
        (("ABC 123", "--panel", "neon"), "There is no panel neon"),
        (("ABC 123", "--modules", "99"), "1 to 32 modules"),
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


def test_every_command_has_a_sentence_of_help() -> None:
    for name in ("bench", "central", "demo", "kiosk", "plate", "sign"):
        assert name in portvakt("--help").stdout
        assert 0 == portvakt(name, "--help").exit_code
