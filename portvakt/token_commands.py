"""`portvakt central token ...`: tokens of other systems, such as one for bookings."""

import json
from pathlib import Path
from typing import Any

import click

from portvakt.asking import ask
from portvakt.central_options import data_option, json_option, station_option

LONGEST_DAYS = 730


@click.group()
def token() -> None:
    """Tokens of other systems: make, list, revoke."""


@token.command("create")
@click.argument("name")
@click.option("--station", "stations", multiple=True, required=True, help="Repeat for several.")
@click.option(
    "--may",
    "scopes",
    multiple=True,
    required=True,
    type=click.Choice(["bookings:read", "bookings:write", "hall:link"]),
    help="Repeat for several.",
)
@click.option(
    "--days",
    default=365,
    show_default=True,
    type=click.IntRange(1, LONGEST_DAYS),
    help="How long it works.",
)
@data_option
@json_option
def token_create(
    name: str,
    stations: tuple[str, ...],
    scopes: tuple[str, ...],
    days: int,
    data: Path,
    *,
    as_json: bool,
) -> None:
    """Make a token for the system NAME; it is shown this once and kept nowhere."""
    words = {"name": name, "scopes": list(scopes), "days": days}
    made = ask(data, "create_token", stations=list(stations), words=words)
    if as_json:
        click.echo(json.dumps(made))
        return
    row = made["row"]
    click.echo(made["token"])
    click.echo(
        f"{row['id']} of {name} works until {row['expires_at'][:10]}. Nobody can show it again:"
        " give it to that system now.",
        err=True,
    )


@token.command("list")
@station_option
@data_option
@json_option
def token_list(station: str, data: Path, *, as_json: bool) -> None:
    """Show the tokens that work or have worked at a station."""
    rows = ask(data, "list_tokens", station=station)
    click.echo(json.dumps(rows) if as_json else "\n".join(map(_line, rows)) or "None.")


@token.command("revoke")
@click.argument("token_id")
@station_option
@data_option
def token_revoke(token_id: str, station: str, data: Path) -> None:
    """Let the token with the id TOKEN_ID work no longer."""
    ask(data, "revoke_token", station=station, token=token_id)
    click.echo(f"{token_id} is revoked; it works no longer.")


def _line(row: dict[str, Any]) -> str:
    """One token in one line; its text is kept nowhere."""
    used, revoked = row["last_used_at"], row["revoked_at"]
    ends = f"revoked {revoked[:10]}" if revoked else f"until {row['expires_at'][:10]}"
    last = f"last used {used[:16].replace('T', ' ')}" if used else "never used"
    may, where = ", ".join(row["scopes"]), ", ".join(row["stations"])
    return f"{row['id']}  {row['name']}  ({may}; at {where}; {ends}; {last})"
