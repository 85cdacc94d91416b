"""`portvakt central set ...`: change how a station or a bay works."""

from pathlib import Path
from typing import Any

import click

from portvakt.asking import ask
from portvakt.central_options import data_option, station_option
from portvakt.station_words import bay_line, station_lines


@click.group("set")
def set_() -> None:
    """Change how a station or a bay works; what is not named stays as it is."""


@set_.command("station")
@click.argument("station")
@click.option("--name", help="What people call it.")
@click.option("--time-zone", help="Like Europe/Stockholm.")
@click.option(
    "--hours",
    help='Like "mon-fri 07:00-17:00, sat 09:00-13:00"; a day may have several spans, as in'
    ' "mon-fri 07:00-11:30 12:30-17:00". "always" takes the hours away.',
)
@click.option(
    "--special",
    "special_days",
    multiple=True,
    help='A day that is otherwise, holidays too: "2026-12-24 closed", "2026-12-23 07:00-12:00";'
    ' "2026-12-24 usual" takes it back. Repeat.',
)
@click.option(
    "--holidays", help='Closed on the holidays of a country: SE, or a part: DE-BY; or "none".'
)
@click.option(
    "--early", "early_min", type=int, help="Minutes before opening that arrivals are taken."
)
@click.option(
    "--sweep-after",
    "sweep_after_min",
    type=int,
    help="Minutes after closing until whoever is still in the line is taken out of it.",
)
@click.option(
    "--keep-overnight/--sweep",
    "overnight",
    default=None,
    help="Keep the line after closing, or take out who is still in it.",
)
@click.option(
    "--recheck-days", type=int, help="How long after a re-inspection was asked for it is a recheck."
)
@click.option(
    "--sign-closed",
    help='What a door\'s sign says while its bay is closed, like "STÄNGD"; "" leaves it dark.',
)
@click.option("--sign-break", help='The same for a break, like "RAST"; "" leaves it dark.')
@click.option(
    "--next-on-yard",
    type=int,
    help="How many of those who wait a yard sign names, below those who are called.",
)
@click.option(
    "--keep-days", type=int, help="Days after a visit's end until its plate is erased everywhere."
)
@click.option(
    "--keep-recheck-days", type=int, help="The same while the vehicle has a re-inspection open."
)
@click.option(
    "--keep-names-days", type=int, help="Days until events forget who of the staff it was."
)
@click.option("--keep-looks-days", type=int, help="Days until it is erased who looked at what.")
@data_option
def set_station(station: str, data: Path, **words: Any) -> None:  # noqa: ANN401 - each option by its name
    """Change the station STATION, and show how it works now."""
    told = {word: value for word, value in words.items() if value not in (None, ())}
    _require(told, "--hours")
    for line in station_lines(ask(data, "set_station", station=station, **told)):
        click.echo(line)


@set_.command("bay")
@click.argument("bay")
@station_option
@click.option("--door", help="What stands above the door.")
@click.option("--kind", "kinds", multiple=True, help="The kinds that it takes from now on. Repeat.")
@click.option("--capacity", type=int, help="How many cars fit inside.")
@click.option(
    "--call-ahead/--no-call-ahead",
    default=None,
    help="Whether the next may be called while the bay is still full.",
)
@data_option
def set_bay(bay: str, station: str, data: Path, **words: Any) -> None:  # noqa: ANN401 - the same
    """Change the bay BAY, and show how it works now."""
    told = {word: value for word, value in words.items() if value not in (None, ())}
    _require(told, "--kind")
    now = ask(data, "set_bay", station=station, bay=bay, **told)
    click.echo(bay_line(now, next(one for one in now["bays"] if one["id"] == bay)))


def _require(told: dict[str, Any], example: str) -> None:
    if not told:
        raise click.UsageError(
            f"Say what to change, for instance {example}; --help names the rest."
        )
