"""The printed page: one sheet, and nothing on it that does not exist.  tests/boot runs its commands."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import click
import pytest
from markdown_it import MarkdownIt

from deploy.card.command import main as make_card
from deploy.installer import main as install
from deploy.switch.command import main as switch
from device.fault_codes import CODES, rows
from portvakt.cli import main

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs/technician.md").read_text()
BLOCKS = re.findall(r"^```sh (\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
# As a printer has it: A4, narrow borders, letters that can be read at arm's length.
STYLE = """<!doctype html><meta charset="utf-8"><style>@page{size:A4;margin:9mm}
body{font:8pt/1.2 Roboto Condensed,Arial,sans-serif;margin:0}
h1{font-size:12pt;margin:0 0 3pt}p{margin:3pt 0}pre{margin:2pt 0;padding:2pt 4pt;background:#eee;
white-space:pre-wrap}code{font-size:6.9pt}table{border-collapse:collapse;width:100%}
td,th{border-bottom:.3pt solid #999;padding:.4pt 3pt;text-align:left}</style>"""


def spoken() -> list[str]:
    """Every command on the page, in blocks and within sentences."""
    lines = [line for _, block in BLOCKS for line in block.splitlines()]
    lines += re.findall(r"`(sudo [^`]+)`", PAGE)
    return [part.strip() for line in lines for part in re.split(r"&&|;", line)]


def words(command: str) -> list[str]:
    found = shlex.split(command)
    if found[:1] == ["sudo"]:
        found = found[3:] if found[1] == "-u" else found[1:]
    return found


def test_every_block_says_on_which_machine_it_is_typed() -> None:
    assert {"hall", "sign", "post"} == {machine for machine, _ in BLOCKS}
    assert PAGE.count("```") == 2 * len(BLOCKS)


def test_each_machine_is_told_the_same_names_once() -> None:
    firsts = {machine: block.splitlines()[0] for machine, block in reversed(BLOCKS)}
    assert len(set(firsts.values())) == 1
    named = dict(one.split("=") for one in firsts["hall"].split())
    used = {name for _, block in BLOCKS for name in re.findall(r"\$([A-Z]+)", block)}
    assert used <= named.keys()


def test_no_editor_is_opened() -> None:
    assert not re.search(r"\b(nano|vi|vim|editor|sensible-editor)\b [/$]", PAGE)


@pytest.mark.parametrize("line", [one for one in spoken() if words(one)[:1] == ["portvakt"]])
def test_every_command_of_portvakt_is_one_with_these_options(line: str) -> None:
    _, *rest = words(line)
    command: click.Command = main
    while isinstance(command, click.Group):
        found = command.get_command(click.Context(command), rest[0])
        assert found is not None, f"portvakt has no command {rest[0]}"
        command, rest = found, rest[1:]
    known = {option for one in command.params for option in one.opts}
    assert {word for word in rest if word.startswith("--")} <= known


@pytest.mark.parametrize(
    ("program", "run"),
    [("./install", install), ("deploy/make-card", make_card), ("switch", switch)],
)
def test_every_option_of_the_other_programs_is_known(
    program: str, run: object, capsys: pytest.CaptureFixture[str]
) -> None:
    assert callable(run)
    with pytest.raises(SystemExit):
        run(["--help"])
    told = capsys.readouterr().out
    lines = [one for one in spoken() if words(one) and words(one)[0].endswith(program)]
    assert lines
    options = {word for line in lines for word in words(line) if word.startswith("--")}
    assert {option for option in options if option not in told} == set()


def test_the_table_is_that_of_the_devices() -> None:
    printed = [line for line in PAGE.splitlines() if re.match(r"\| \d", line)]
    assert rows() == printed
    assert len({code.number for code in CODES.values()}) == len(CODES)


def test_the_steps_of_the_devices_own_story_are_on_it() -> None:
    for word in ("NET", "ENROL", "READY", "PASS", "LOOK", "WAIT", "FAIL"):
        assert word in PAGE


@pytest.mark.browser
def test_it_is_one_sheet_of_paper(tmp_path: Path) -> None:
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("no chromium")
    if "Roboto Condensed" not in (
        subprocess.run(["fc-list"], capture_output=True, text=True, check=False).stdout
    ):
        pytest.skip("no Roboto Condensed: another font is wider")
    page = tmp_path / "page.html"
    page.write_text(STYLE + MarkdownIt("commonmark").enable("table").render(PAGE))
    subprocess.run(
        [
            program,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            f"--user-data-dir={tmp_path}/profile",
            "--no-pdf-header-footer",
            f"--print-to-pdf={tmp_path}/page.pdf",
            page.as_uri(),
        ],
        check=True,
        capture_output=True,
        timeout=60,
    )
    sheets = re.findall(rb"/Type\s*/Page\b", (tmp_path / "page.pdf").read_bytes())
    assert len(sheets) == 1
