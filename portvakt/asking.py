"""Asks the central that runs on this machine, and tells a person what it said."""

import sys
from pathlib import Path
from typing import Any

import click

from central.serving.admin import AdminClient, CommandRefused, Progress


def ask(data: Path, name: str, /, *, progress: Progress | None = None, **words: object) -> Any:  # noqa: ANN401 - JSON
    """Do *name* at the central whose data folder is *data*; a refusal ends the command, told in full."""
    try:
        return AdminClient(data / "central.sock").ask(name, progress=progress, **words)
    except CommandRefused as refused:
        for line in refused.document.get("lines", []):
            click.echo(f"line {line['line']}: {line['reason']}", err=True)
        raise


def show_progress(words: str, *, last: bool) -> None:
    """Say on standard error how far long work is: in one line for a person, for a log only at the end."""
    if sys.stderr.isatty():
        click.echo(f"\r{words}", nl=last, err=True)
    elif last:
        click.echo(words, err=True)
