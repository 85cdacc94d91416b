"""The `portvakt` command.  Each part is imported only when it is asked for, so that a sign needs no
web framework and `portvakt plate` starts at once."""

import json
import sys
from pathlib import Path

import click

from contract.errors import PortvaktError


class _Sentences(click.Group):
    """Every failure that a person can act on ends as one sentence and exit status 2."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except PortvaktError as error:
            click.echo(f"portvakt: {error}", err=True)
            ctx.exit(2)
        except ModuleNotFoundError as missing:
            click.echo(f"portvakt: {_missing(missing)}", err=True)
            ctx.exit(2)


def _missing(missing: ModuleNotFoundError) -> str:
    return (
        f"the package {missing.name} is not installed for this role; "
        "in a checkout run `make demo` once, on a device run deploy/install again."
    )


@click.group(cls=_Sentences, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="portvakt")
def main() -> None:
    """Run the yard of a vehicle-inspection station."""


@main.command()
@click.argument("text")
def plate(text: str) -> None:
    """Say what we make of a number plate, as JSON; exit status 1 when it is refused."""
    from portvakt.plate_command import describe

    answer, status = describe(text)
    click.echo(json.dumps(answer, ensure_ascii=False))
    sys.exit(status)


@main.group()
def sign() -> None:
    """The LED sign above a door."""


@sign.command("show")
@click.argument("text")
@click.option("--panel", default="max7219", show_default=True, help="Which panel to draw for.")
@click.option("--modules", default=6, show_default=True, help="Length of the cascade.")
@click.option(
    "--orientation",
    type=click.Choice(["0", "90", "-90", "180"]),
    default="0",
    show_default=True,
    help="How the blocks are turned.",
)
@click.option("--png", type=click.Path(path_type=Path), help="Write the frame as a picture.")
@click.option("--hex", "as_hex", is_flag=True, help="Print the bytes only, one transfer a line.")
def sign_show(
    text: str, panel: str, modules: int, orientation: str, png: Path | None, *, as_hex: bool
) -> None:
    """Draw TEXT through the real encoder, without hardware."""
    from portvakt.sign_command import show

    for line in show(text, panel, modules, int(orientation), png, as_hex=as_hex):
        click.echo(line)


_config = click.option(
    "--config",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="The settings file (TOML).",
)


@sign.command("run")
@_config
def sign_run(config: Path) -> None:
    """Run the sign's service until it is stopped."""
    from signage.service import run

    sys.exit(run(config))


@sign.command("blank")
@_config
def sign_blank(config: Path) -> None:
    """Make the panel dark, whatever happened to the service."""
    from signage.blank import run

    sys.exit(run(config))


@main.group()
def kiosk() -> None:
    """The keypad post outside the hall."""


@kiosk.command("run")
@_config
def kiosk_run(config: Path) -> None:
    """Run the post's service until it is stopped."""
    from kiosk.service import run

    sys.exit(run(config))
