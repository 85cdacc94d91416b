"""`portvakt card take`: what the first boot runs before post and sign begin."""

import sys
from contextlib import suppress
from pathlib import Path

import click

from device.files import write_whole
from portvakt.card.brought import CardRefused
from portvakt.card.taking import Place, take
from portvakt.own_settings import FOR_ALL


@click.group()
def card() -> None:
    """What the card of a post or a sign brings, made by deploy/make-card."""


@card.command("take")
@click.option(
    "--root",
    type=click.Path(file_okay=False, exists=True, path_type=Path),
    default=Path("/"),
    help="The root of the machine.",
)
def card_take(root: Path) -> None:
    """Take what lies in the folder portvakt of the boot partition, all of it or nothing, and clear it."""
    place = Place(root)
    with suppress(OSError):
        place.refused.unlink(missing_ok=True)
    try:
        for folder in place.cards():
            click.echo(f"{take(folder, place)}.")
    except CardRefused as error:
        _refuse(place, str(error))
    except OSError as error:
        where = error.filename or root
        _refuse(
            place,
            f"the card cannot be taken: {where}: {error.strerror}; the next start tries again.",
        )


def _refuse(place: Place, why: str) -> None:
    click.echo(f"portvakt: {why}", err=True)
    with suppress(OSError):  # the journal has it
        write_whole(place.refused, f"{why}\n".encode(), FOR_ALL)
    sys.exit(2)
