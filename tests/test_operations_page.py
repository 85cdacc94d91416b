"""What an operator pastes from the page exists: commands with their options, units, files."""

import re
import shlex
from pathlib import Path

import click
import pytest

from central.database.folder import DataFolder
from central.serving.serve import METRICS_FILE
from portvakt.cli import main

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
COMMANDS = sorted(set(re.findall(r"(?:\$P|bin/portvakt) (central [^&\n`|]+)", PAGE)))


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_of_the_page_is_one_that_portvakt_has(line: str) -> None:
    words = shlex.split(line)
    command: click.Command = main
    while isinstance(command, click.Group):
        found = command.get_command(click.Context(command), words[0])
        assert found is not None, f"portvakt has no command {words[0]}"
        command, words = found, words[1:]
    command.make_context(command.name, existing(words))


def existing(words: list[str]) -> list[str]:
    """A file that a command reads need not be on this machine."""
    return [
        str(ROOT / "README.md") if "$NEWEST" in word or "gz" in word else word for word in words
    ]


def test_the_page_has_commands_to_look_at() -> None:
    assert len(COMMANDS) >= 8


def test_units_that_are_linked_are_there_and_files_are_named_as_central_names_them() -> None:
    for unit in re.findall(r"current/systemd/(\S+\.service)", PAGE):
        assert (ROOT / "systemd" / unit).exists(), unit
    folder = DataFolder(Path("/var/lib/portvakt-central"))
    assert str(folder.socket_path) in PAGE
    assert str(folder.path / METRICS_FILE) in PAGE
    assert folder.url.removeprefix("sqlite:///") in PAGE


def test_the_page_names_every_option_of_the_environment_that_the_service_reads() -> None:
    unit = (ROOT / "systemd/portvakt-central@.service").read_text()
    for name in set(re.findall(r"PORTVAKT_\w+", unit)):
        assert name in PAGE, name
