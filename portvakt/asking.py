"""Asks the central that runs on this machine, and tells a person what it said."""

from pathlib import Path
from typing import Any

import click

from central.admin import AdminClient, CommandRefused, Progress


def ask(data: Path, name: str, /, *, progress: Progress | None = None, **words: object) -> Any:  # noqa: ANN401 - JSON
    """Do *name* at the central whose data folder is *data*; a refusal ends the command, told in full."""
    try:
        return AdminClient(data / "central.sock").ask(name, progress=progress, **words)
    except CommandRefused as refused:
        for line in refused.document.get("lines", []):
            click.echo(f"line {line['line']}: {line['reason']}", err=True)
        raise
