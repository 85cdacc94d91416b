"""The printed page: one sheet, and nothing on it that does not exist.  tests/boot runs its commands."""

import os
import re
import shlex
import shutil
import subprocess
import tarfile
from html import unescape
from pathlib import Path

import click
import pytest
from markdown_it import MarkdownIt

from deploy.card.command import main as make_card
from deploy.installer import main as install
from deploy.printed import printed
from deploy.switch.command import main as switch
from device.fault_codes import CODES, rows
from portvakt.cli import main

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs/technician.md").read_text()
BLOCKS = re.findall(r"^```sh (\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


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
    assert {"every", "hall", "sign", "post", "newhall"} == {machine for machine, _ in BLOCKS}
    assert PAGE.count("```") == 2 * len(BLOCKS)


def test_the_lines_for_every_machine_name_all_that_the_others_use() -> None:
    machine, block = BLOCKS[0]
    assert machine == "every"
    named = dict(one.split("=") for one in block.splitlines()[0].split())
    used = {name for _, block in BLOCKS for name in re.findall(r"\$([A-Z]+)", block)}
    assert used == named.keys()


def test_the_file_for_this_machine_is_unpacked_whatever_else_is_there(tmp_path: Path) -> None:
    """All four files of a release lie on the stick, and what somebody unpacked before lies about."""
    stick, here, ours = tmp_path / "stick", tmp_path / "here", os.uname().machine
    stick.mkdir()
    python = "".join(filter(str.isdecimal, Path("/usr/bin/python3").readlink().name))
    for platform in {f"cp{one}-{cpu}" for one in (python, "311", "313") for cpu in (ours, "vax")}:
        with tarfile.open(stick / f"portvakt-26.11.5-1a2b3c4d-{platform}.tar", "w") as tar:
            said = tarfile.TarInfo(f"portvakt-26.11.5-1a2b3c4d/{platform}")
            tar.addfile(said)
    here.mkdir()
    (here / "left-over").touch()
    typed = ['sudo() { "$@"; }', f"STICK={stick} HERE={here}", *BLOCKS[0][1].splitlines()[1:]]
    subprocess.run(["sh", "-euc", "\n".join(typed)], check=True, cwd=tmp_path)
    assert [f"cp{python}-{ours}"] == [path.name for path in here.iterdir()]


def test_no_machine_is_without_the_keys_of_those_whose_updates_it_takes() -> None:
    lines = [line for _, block in BLOCKS for line in block.splitlines() if "./install" in line]
    assert len(lines) == 4
    for line in lines:
        assert line.endswith("--signers $STICK/release.signers")


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
    [("./install", install), ("/deploy/make-card", make_card), ("switch", switch)],
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


def test_what_a_code_says_to_do_is_done_without_an_editor() -> None:
    for code in CODES.values():
        assert "central.url" not in code.todo, f"{code}: nobody is sent to a line of a file"
        assert "central.ca_file" not in code.todo
    for number in (23, 25, 26, 31, 33, 35):
        todo = next(code.todo for code in CODES.values() if code.number == number)
        assert "sudo portvakt enrol" in todo


def test_the_table_is_that_of_the_devices() -> None:
    printed = [line for line in PAGE.splitlines() if re.match(r"\| \d", line)]
    assert rows() == printed
    assert len({code.number for code in CODES.values()}) == len(CODES)


def test_the_steps_of_the_devices_own_story_are_on_it() -> None:
    for word in ("NET", "ENROL", "READY", "PASS", "LOOK", "WAIT", "FAIL"):
        assert word in PAGE


def test_the_sheet_says_what_the_page_says() -> None:
    """Compared with a whole renderer of Markdown: the same words in the same order, code as code."""
    whole, sheet = MarkdownIt("commonmark").enable("table").render(PAGE), printed(PAGE)
    assert _said(whole) == _said(sheet)
    for tag in ("code", "pre", "p", "td", "th"):
        assert len(re.findall(f"<{tag}[ >]", whole)) == len(re.findall(f"<{tag}[ >]", sheet))


def _said(html: str) -> list[str]:
    return unescape(re.sub("<[^>]*>", " ", html.partition("</style>")[2] or html)).split()


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
    page.write_text(printed(PAGE))
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
