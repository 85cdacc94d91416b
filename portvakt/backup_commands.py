"""`portvakt central backup` and `restore`: everything that central keeps, in one file and back."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import click

from portvakt.asking import ask, show_progress
from portvakt.central_options import data_option, database_option, file_path, json_option

# More rows than any station will ever have: always.
_ANY = 2**53


@click.command()
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--to",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="A folder; the file there is named by its time.  [default: backups in the data folder]",
)
@click.option("--keep", type=click.IntRange(1), help="Remove all but the newest so many of it.")
@click.option(
    "--check/--no-check",
    default=None,
    help="Restore it once into a database that is thrown away, or only read it back."
    "  [default: --check up to 200,000 rows]",
)
@data_option
@json_option
def backup(
    file: Path | None,
    folder: Path | None,
    keep: int | None,
    data: Path,
    *,
    check: bool | None,
    as_json: bool,
) -> None:
    """Take a backup of all stations while they work: to FILE, or into a folder.

    The running central writes it, as its own user; the systemd unit lets it write to its data folder only.
    """
    if file is not None and (folder is not None or keep is not None):
        raise click.UsageError("Give FILE, or --to and --keep, not both.")
    words: dict[str, object] = {} if check is None else {"check_up_to": _ANY if check else 0}
    place = (folder or data / "backups") if file is None else file.parent
    made = ask(
        data,
        "backup",
        progress=None if as_json else counter("written", "read back", "restored once"),
        folder=str(place.absolute()),
        file=None if file is None else file.name,
        keep=keep,
        **words,
    )
    if as_json:
        click.echo(json.dumps(made))
        return
    click.echo(f"{made['file']}: {made['rows']} rows, {made['bytes']} bytes, {made['checked']}.")
    for one in made["removed"]:
        click.echo(f"Removed {one}.")


@click.command()
@click.argument("file", type=file_path)
@data_option
@database_option
@click.option(
    "--replace",
    is_flag=True,
    help="Keep the database file that is there aside, and take its place.",
)
@json_option
def restore(file: Path, data: Path, database: str, *, replace: bool, as_json: bool) -> None:
    """Make the database anew from the backup FILE, while nobody serves it.

    The same file restores into the data folder's own database and into an empty PostgreSQL.
    """
    from central.clock import SystemClock  # noqa: PLC0415 - only this role has a database
    from central.copies.restore import Asked  # noqa: PLC0415
    from central.copies.restore import restore as run  # noqa: PLC0415

    asked = Asked(file=file, data=data, database=database, replace=replace)
    progress = _quiet if as_json else counter("read and compared", "restored")
    done = run(asked, SystemClock(), progress)
    if as_json:
        click.echo(json.dumps(done.words()))
        return
    click.echo(
        f"Restored {done.rows} rows of {done.taken_at:%Y-%m-%d %H:%M} UTC into {done.database}."
    )
    if done.aside is not None:
        click.echo(f"The database before it is kept as {done.aside}; delete it when all is well.")
    click.echo("Start central now.  Signs stay dark for its first 10 seconds.")


def counter(*steps: str) -> Callable[[int, int], None]:
    """Show on standard error how far each of the *steps* is; the next begins when counting starts anew."""
    left: Sequence[str] = list(steps)
    before = -1

    def show(done: int, of: int) -> None:
        nonlocal left, before
        if done == before:
            return
        left = left[1:] if done < before else left
        before = done
        show_progress(f"{done} of {of} rows {left[0]}", last=done == of)

    return show


def _quiet(_done: int, _of: int) -> None:
    """Whoever reads JSON wants no progress."""
