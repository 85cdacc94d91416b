"""`portvakt central privacy ...`: how long what is kept, all about one plate, and its erasure."""

import json
import sys
from pathlib import Path
from typing import Any

import click

from portvakt.asking import ask
from portvakt.central_options import data_option, json_option, station_option
from portvakt.notice_command import notice


@click.group()
def privacy() -> None:
    """What is kept of customers, for how long, and how it goes."""


@privacy.command("keeping")
@station_option
@data_option
@json_option
def keeping(station: str, data: Path, *, as_json: bool) -> None:
    """Say how long the station keeps what, and when it was last erased."""
    kept = ask(data, "keeping", station=station)
    if as_json:
        click.echo(json.dumps(kept, ensure_ascii=False))
        return
    click.echo(f"Plates: {kept['plates_days']} days after the visit ended,")
    click.echo(f"  {kept['recheck_days']} while a re-inspection is open.")
    click.echo(f"Names of staff on what they did: {kept['names_days']} days.")
    click.echo(f"Who looked at personal data: {kept['looks_days']} days.")
    last = kept["erased_at"] or "none yet; it comes after 03.00, and needs a clock that is synced"
    click.echo(f"The last night that erased: {last}.")
    click.echo(f"Change it with: portvakt central set station {station} --keep-days DAYS ...")


privacy.add_command(notice)


@privacy.command("export")
@station_option
@data_option
def export(station: str, data: Path) -> None:
    """Give everything that is held about one plate, as JSON on standard output.

    The plate is asked for: an argument would stand in the shell's history.
    """
    found = ask(data, "export_plate", station=station, plate=_plate())
    click.echo(json.dumps(found, ensure_ascii=False, indent=2))


@privacy.command("erase")
@station_option
@data_option
@click.option("--yes", is_flag=True, help="Do not ask once more.")
def erase(station: str, data: Path, *, yes: bool) -> None:
    """Erase one plate from visits, events, past bookings, calls for help and kept backups.

    Times stay, without whose they were.  It cannot be undone.
    """
    plate = _plate()
    if not yes:
        click.confirm(f"Erase everything about {plate} at {station}?", abort=True, err=True)
    done = ask(data, "erase_plate", station=station, plate=plate)
    click.echo(_told(done))
    for name in done.get("backups_failed", []):
        click.echo(f"This backup could not be written anew; delete it: {name}", err=True)
    sys.exit(1 if done.get("backups_failed") else 0)


def _plate() -> str:
    return str(click.prompt("Plate", err=True))


def _told(done: dict[str, Any]) -> str:
    rows = sum(
        done[name] for name in ("visits", "arrivals", "bookings", "help_calls", "inspections")
    )
    if not rows and not done["backups"]:
        told = "Nothing is held about this plate"
    else:
        told = (
            f"Erased: {done['visits']} visits, {done['arrivals']} arrivals, {done['bookings']}"
            f" bookings, {done['help_calls']} calls for help; {done['backups']} backups written anew"
        )
    to_come = done["bookings_to_come"]
    return f"{told}. Bookings to come, which stay: {to_come}." if to_come else f"{told}."
