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
            "card": "portvakt.card.command",
            "check": "portvakt.check_command",
            "fleet": "portvakt.fleet_command",
            "enrol": "portvakt.enrol_command",
            "machine": "portvakt.machine_commands",
            "report": "portvakt.report.command",
            "settings": "portvakt.settings_command",
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
@click.option("--panel", help="max7219 (unless told), ws2812, alpha, mobitec, signhead, emulator.")
@click.option(
    "--config",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Take the panel, and its pages, from this settings file; the options below change it.",
)
@click.option("--modules", type=int, help="max7219: modules in a row; 6 unless told.")
@click.option("--rows", type=int, help="max7219: rows of modules.")
@click.option(
    "--orientation",
    type=click.Choice(["0", "90", "-90", "180"]),
    help="max7219: how the blocks are turned.",
)
@click.option(
    "--order", type=click.Choice(["left", "right"]), help="max7219: where the wire comes in."
)
@click.option("--width", "width_px", type=int, help="The others: columns of dots.")
@click.option("--height", "height_px", type=int, help="The others: rows of dots.")
@click.option("--colour", type=click.Choice(["red", "amber", "white"]), help="ws2812: of the text.")
@click.option(
    "--start",
    type=click.Choice(["top-left", "top-right", "bottom-left", "bottom-right"]),
    help="ws2812: where the chain begins.",
)
@click.option("--run", type=click.Choice(["rows", "columns"]), help="ws2812: the chain's way.")
@click.option("--snake/--no-snake", default=None, help="ws2812: whether each next one turns back.")
@click.option(
    "--draws", type=click.Choice(["text", "dots"]), help="mobitec: its own letters or ours."
)
@click.option("--font", type=int, help="mobitec: the number of its font.")
@click.option("--page", type=click.IntRange(1, 2), default=1, help="2: what follows the plate.")
@click.option("--door", default="", help="Page 2: with this door's name.")
@click.option(
    "--arrow", type=click.Choice(["none", "left", "right", "ahead"]), help="Page 2: an arrow."
)
@click.option("--png", type=click.Path(path_type=Path), help="Write the frame as a picture.")
@click.option("--hex", "as_hex", is_flag=True, help="Print the bytes only, one transfer a line.")
def sign_show(
    text: str,
    panel: str | None,
    config: Path | None,
    page: int,
    door: str,
    arrow: str | None,
    png: Path | None,
    *,
    as_hex: bool,
    **changes: object,
) -> None:
    """Draw TEXT through the real encoder, without hardware."""
    from portvakt.sign_command import Asked, show  # noqa: PLC0415

    told = {name: value for name, value in changes.items() if value is not None}
    if "orientation" in told:
        told["orientation"] = int(str(told["orientation"]))
    asked = Asked(panel, config, told, page, door, arrow)
    for line in show(text, asked, png, as_hex=as_hex):
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


@sign.command("test")
@_config
def sign_test(config: Path) -> None:
    """Show every dot of the panel while the service is stopped; Ctrl-C leaves it dark."""
    from signage.pixel_test import run  # noqa: PLC0415

    sys.exit(run(config, click.echo))


@sign.command("head")
@click.option("--width", "width_px", type=click.IntRange(16, 256), default=96, show_default=True)
@click.option("--height", "height_px", type=click.IntRange(7, 48), default=16, show_default=True)
@click.option("--address", type=click.IntRange(1, 254), default=1, show_default=True)
def sign_head(width_px: int, height_px: int, address: int) -> None:
    """Be a sign head in software (docs/sign-head.md), on a line of its own, until interrupted."""
    from signage.head_simulator import run  # noqa: PLC0415

    run(click.echo, width_px, height_px, address)


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
