"""The options of `portvakt central serve` that make it a hall box: the office to which it reports."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from portvakt.central_options import file_path

_Command = TypeVar("_Command", bound=Callable[..., Any])
_PREFIX = "office_"

_OPTIONS = (
    click.option(
        "--office-url",
        default="",
        help="This is a hall box: report to the office at this address, such as https://office.example.com.",
    ),
    click.option(
        "--office-token-file",
        # It may come later: until then the log says that it is missing, and the line works.
        type=click.Path(dir_okay=False, path_type=Path),
        help="The file with this hall's token there, of mode 600; it is read anew for each question.",
    ),
    click.option(
        "--office-ca", type=file_path, help="The only authority that the office is checked by."
    ),
)


def office_options(command: _Command) -> _Command:
    """Give *command* these options."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def office_words(words: dict[str, Any]) -> dict[str, Any]:
    """Take these options out of all *words*, by the names that the settings have."""
    ours = [name for name in words if name.startswith(_PREFIX)]
    return {name.removeprefix(_PREFIX): words.pop(name) for name in ours}
