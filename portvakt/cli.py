"""The `portvakt` command.

Each part is imported only when it is asked for: a sign has no web framework, and `portvakt plate`
starts at once.
"""

import json
import sys
from importlib import import_module
from pathlib import Path
from types import MappingProxyType

import click

from contract.errors import PortvaktError


class _LaterGroup(click.Group):
    """A command whose module is imported when it is called or its help is asked for."""

    LATER = MappingProxyType(
        {
            "central": "portvakt.central_commands",
            "bench": "portvakt.bench.command",
            "check": "portvakt.check_command",
        }
    )

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), *self.LATER])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.LATER:
            return super().get_command(ctx, cmd_name)
        command: click.Command = getattr(import_module(self.LATER[cmd_name]), cmd_name)
        return command


class _Sentences(_LaterGroup):
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
    from portvakt.plate_command import describe  # noqa: PLC0415 - imported when asked for

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
    from portvakt.sign_command import show  # noqa: PLC0415

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
    from signage.service import run  # noqa: PLC0415

    sys.exit(run(config))


@sign.command("blank")
@_config
def sign_blank(config: Path) -> None:
    """Make the panel dark, whatever happened to the service."""
    from signage.blank import run  # noqa: PLC0415

    sys.exit(run(config))


@main.group()
def kiosk() -> None:
    """The keypad post outside the hall."""


@kiosk.command("run")
@_config
def kiosk_run(config: Path) -> None:
    """Run the post's service until it is stopped."""
    from kiosk.service import run  # noqa: PLC0415

    sys.exit(run(config))


@kiosk.command("show")
@_config
def kiosk_show(config: Path) -> None:
    """Show the post's page full screen, and end when the browser no longer draws it."""
    from kiosk.browser import run  # noqa: PLC0415

    sys.exit(run(config))


@main.command()
@click.option("--port", default=8080, show_default=True, help="The page; two more ports follow.")
@click.option(
    "--traffic",
    type=click.FloatRange(1, 600),
    is_flag=False,
    flag_value=60.0,
    metavar="[SPEED]",
    help="Simulated cars as well, so many times faster than life (60 unless told).",
)
@click.option(
    "--lang", "language", type=click.Choice(["en", "sv"]), default="en", show_default=True
)
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep everything here; otherwise it lives in a temporary folder.",
)
@click.option("--no-open", is_flag=True, help="Do not open a browser.")
def demo(
    port: int, traffic: float | None, language: str, data: Path | None, *, no_open: bool
) -> None:
    """Run a whole station on this machine, on one web page."""
    from portvakt.demo import DemoOptions, run  # noqa: PLC0415

    options = DemoOptions(
        port=port, traffic=traffic, language=language, data=data, open_browser=not no_open
    )
    sys.exit(run(options))
