"""Options that several `portvakt central` commands take."""

from pathlib import Path

import click

DATA = Path("/var/lib/portvakt-central")

data_option = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    default=DATA,
    show_default=True,
    help="Central's data folder.",
)
database_option = click.option(
    "--database",
    envvar="PORTVAKT_DATABASE",
    default="",
    help="A PostgreSQL, such as postgresql://portvakt@db.example/portvakt; without it, a file in the data"
    " folder.  A password given here is seen by everybody on the machine: put it into ~/.pgpass or"
    " PGPASSWORD, or the whole address into PORTVAKT_DATABASE.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Answer as JSON, for scripts.")
file_path = click.Path(exists=True, dir_okay=False, path_type=Path)
station_option = click.option("--station", required=True, help="The station's id.")
