"""`portvakt bench`: the figures of this machine, each beside its floor in the same run."""

import platform
from collections.abc import Iterator

import click
import msgspec
from rich.console import Console

from portvakt.bench import arrivals, frames, history
from portvakt.bench.figure import Figure, lines

# 100 cars a day for ten years, and some eight events for each.
PAST, SHORT_PAST = 3_000_000, 100_000


@click.command()
@click.option("--short", is_flag=True, help="Fewer and shorter passes: a look, not a measurement.")
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON, for scripts.")
def bench(*, short: bool, as_json: bool) -> None:
    """Measure what people feel, as ratios to a floor in the same run.

    Nothing here is a test: machines are noisy, so look at the passes before you believe a figure.
    """
    console = Console(stderr=True, quiet=as_json)
    with console.status("measuring ...") as status:
        figures = list(_all(short, status.update))
    if as_json:
        click.echo(msgspec.json.encode({"machine": _machine(), "figures": figures}).decode())
        return
    for line in lines(figures):
        click.echo(line)
    click.echo(_machine())


def _all(short: bool, progress: arrivals.Progress) -> Iterator[Figure]:
    progress("encoding frames")
    yield from frames.measure(passes=3 if short else 7, calls=2_000)
    yield from arrivals.measure(3 if short else 7, 160 if short else 320, progress)
    yield from history.measure(
        SHORT_PAST if short else PAST, 3 if short else 7, 30 if short else 60, progress
    )


def _machine() -> str:
    return f"{platform.machine()}, Python {platform.python_version()}, Linux {platform.release()}"
