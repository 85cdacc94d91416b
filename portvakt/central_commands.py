"""`portvakt central ...`: serve, and what is asked of a running central over its local socket."""

import json
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from portvakt.asking import ask, show_progress
from portvakt.backup_commands import backup, restore
from portvakt.box_commands import box
from portvakt.central_options import (
    data_option,
    database_option,
    file_path,
    json_option,
    station_option,
)
from portvakt.device_commands import device
from portvakt.office_options import office_options, office_words
from portvakt.oidc_options import oidc_options, oidc_words
from portvakt.privacy_commands import privacy
from portvakt.release_commands import release
from portvakt.set_commands import set_
from portvakt.station_words import bay_line, device_line, shut_out_line, station_lines
from portvakt.token_commands import token
from portvakt.user_commands import create_user, user


@click.group()
def central() -> None:
    """The queue API: one line for all, the board, who may be lit."""


@central.command()
@data_option
@database_option
@click.option("--port", default=8081, show_default=True, help="The port on the loopback address.")
@click.option("--host", default="127.0.0.1", hidden=True)
@click.option(
    "--frame-ancestor",
    "frame_ancestors",
    multiple=True,
    help="An origin that may show the board inside its own page.",
)
@click.option("--secure-cookie", is_flag=True, help="Browsers reach us through TLS.")
@click.option(
    "--behind-proxy",
    is_flag=True,
    help="A proxy on this machine adds the asker's address to X-Forwarded-For; without it, limits on"
    " strangers count all of them as one.",
)
@click.option(
    "--lease-ttl-ms", default=7_000, show_default=True, help="How long a sign may show unasked."
)
@click.option(
    "--copies",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("/var/lib/portvakt-box/copies.json"),
    hidden=True,
    help="Says when a copy of a backup left this machine.",
)
@click.option("--register-csv", type=file_path, help="Look vehicles up in this file.")
@click.option(
    "--register-url", default="", help="Look vehicles up there, as docs/register.md says."
)
@click.option("--register-token-file", type=file_path, help="Who we are there.")
@oidc_options
@office_options
def serve(**words: Any) -> None:  # noqa: ANN401 - each word is a setting of the same name
    """Serve the queue API and the board until stopped."""
    from central.halls.asking import OfficeWords  # noqa: PLC0415 - the same
    from central.oidc.settings import OidcWords  # noqa: PLC0415 - the same
    from central.serving.serve import ServeSettings  # noqa: PLC0415 - only this role has a web framework
    from central.serving.serve import serve as run  # noqa: PLC0415
    from device import log  # noqa: PLC0415 - the same

    log.set_up()
    for chatty in ("alembic", "uvicorn"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    words["oidc"] = OidcWords(**oidc_words(words))
    words["office"] = OfficeWords(**office_words(words))
    sys.exit(run(ServeSettings(**words)))


@central.command()
@data_option
@database_option
def migrate(data: Path, database: str) -> None:
    """Bring the database to this release, while nobody serves it; `serve` does so by itself."""
    from central.serving.migrate import migrate as run  # noqa: PLC0415 - only this role has a database

    click.echo(f"The database is at {run(data, database)} now.")


central.add_command(set_)
central.add_command(backup)
central.add_command(box)
central.add_command(restore)
central.add_command(device)
central.add_command(privacy)
central.add_command(release)
central.add_command(token)
central.add_command(user)


@central.group()
def create() -> None:
    """Set up a station, a bay or a person."""


@create.command("station")
@click.argument("station")
@click.option("--name", required=True, help="What people call it.")
@click.option("--time-zone", default="Europe/Stockholm", show_default=True)
@click.option("--holidays", help="Closed on the holidays of a country: SE, or a part: DE-BY.")
@data_option
def create_station(
    station: str, name: str, time_zone: str, holidays: str | None, data: Path
) -> None:
    """Set up a station with the id STATION."""
    ask(data, "create_station", station=station, name=name, time_zone=time_zone, holidays=holidays)
    click.echo(
        f"Station {station} ({name}) is set up and always open; its bays come next,"
        f" and its hours: portvakt central set station {station} --hours ..."
    )


@create.command("bay")
@click.argument("bay")
@station_option
@click.option("--door", required=True, help="What stands above the door: 1, 2, A ...")
@click.option(
    "--kind", "kinds", multiple=True, default=("full", "recheck"), show_default=True, help="Repeat."
)
@click.option("--capacity", default=1, show_default=True, help="How many cars fit inside.")
@click.option(
    "--call-ahead", is_flag=True, help="The next may be called while the bay is still full."
)
@data_option
def create_bay(
    bay: str,
    station: str,
    door: str,
    kinds: tuple[str, ...],
    capacity: int,
    data: Path,
    *,
    call_ahead: bool,
) -> None:
    """Set up a bay with the id BAY."""
    ask(
        data,
        "create_bay",
        station=station,
        bay=bay,
        door=door,
        kinds=list(kinds),
        capacity=capacity,
        call_ahead=call_ahead,
    )
    click.echo(f"Bay {bay} is set up behind door {door}; it takes {', '.join(kinds)}.")


create.add_command(create_user)


@central.command("import")
@click.argument("what", type=click.Choice(["bookings"]))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@station_option
@click.option("--dry-run", is_flag=True, help="Only look whether the file is right.")
@data_option
@json_option
def import_(
    what: str, file: Path, station: str, data: Path, *, dry_run: bool, as_json: bool
) -> None:
    """Take in the bookings of FILE (CSV): all of it, or nothing and every bad line named."""
    del what
    result = ask(
        data,
        "import_bookings",
        progress=None if as_json else _counter(),
        station=station,
        csv=_read(file),
        dry_run=dry_run,
    )
    if as_json:
        click.echo(json.dumps(result))
        return
    would = "would be taken in" if dry_run else "taken in"
    click.echo(
        f"{result['total']} bookings {would}: {result['new']} new, {result['changed']} changed."
    )


@central.command("list")
@data_option
@json_option
def list_(data: Path, *, as_json: bool) -> None:
    """Show stations, bays and devices."""
    result = ask(data, "list")
    if as_json:
        click.echo(json.dumps(result))
        return
    for station in result["stations"]:
        lines = [
            *station_lines(station),
            *(bay_line(station, bay) for bay in station["bays"]),
            *(device_line(one) for one in station["devices"]),
            *(shut_out_line(station, one) for one in station["shut_out"]),
        ]
        click.echo("\n".join(lines))


def _counter() -> Callable[[int, int], None]:
    return lambda done, of: show_progress(f"{done} of {of} lines read", last=done == of)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise click.ClickException(
            f"{file} is not UTF-8 ({error.reason} at byte {error.start}); save it as CSV UTF-8."
        ) from error
