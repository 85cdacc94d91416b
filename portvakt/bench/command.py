"""`portvakt bench`: the figures of this machine, each beside its floor in the same run."""

import platform
from collections.abc import Callable, Iterator
from functools import partial

import click
import msgspec
from rich.console import Console

from portvakt.bench import arrivals, calls, cuts, frames, history, keys, memory, presses
from portvakt.bench.figure import Figure, lines

# 100 cars a day for ten years, and some eight events for each.
PAST, SHORT_PAST = 3_000_000, 100_000
PLATES, SHORT_PLATES = 100_000, 5_000
BEEPS, SHORT_BEEPS = 1_000, 200
PIXELS, SHORT_PIXELS = 200, 40
CALLS, SHORT_CALLS = 60, 20
CUTS, SHORT_CUTS = 5, 1
CROWD, SHORT_CROWD = calls.CROWD, 180
PARTS = (
    "frames", "arrivals", "history", "calls", "cuts", "presses", "beep", "pixels", "memory",
)  # fmt: skip

Progress = Callable[[str], None]


@click.command()
@click.option("--short", is_flag=True, help="Fewer and shorter passes: a look, not a measurement.")
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON, for scripts.")
@click.option(
    "--only", multiple=True, type=click.Choice(PARTS), help="This part alone; may be given again."
)
def bench(*, short: bool, as_json: bool, only: tuple[str, ...]) -> None:
    """Measure what people feel, as ratios to a floor in the same run.

    Nothing here is a test: machines are noisy, so look at the passes before you believe a figure.
    """
    console = Console(stderr=True, quiet=as_json)
    with console.status("measuring ...") as status:
        skipped = partial(click.echo, err=True)
        figures = list(_all(short, only or PARTS, status.update, skipped))
    if as_json:
        click.echo(msgspec.json.encode({"machine": _machine(), "figures": figures}).decode())
        return
    for line in lines(figures):
        click.echo(line)
    click.echo(_machine())


def _all(
    short: bool, parts: tuple[str, ...], progress: Progress, skipped: Progress
) -> Iterator[Figure]:
    passes = 3 if short else 7
    measured: dict[str, Callable[[], Iterator[Figure]]] = {
        "frames": lambda: frames.measure(passes, 2_000),
        "arrivals": lambda: arrivals.measure(passes, 160 if short else 320, progress),
        "history": lambda: history.measure(
            SHORT_PAST if short else PAST, passes, 30 if short else 60, progress
        ),
        "calls": lambda: calls.measure(
            passes,
            SHORT_CALLS if short else CALLS,
            progress,
            SHORT_CROWD if short else CROWD,
        ),
        "cuts": lambda: cuts.measure(SHORT_CUTS if short else CUTS, progress),
        "presses": lambda: presses.measure(SHORT_PLATES if short else PLATES, progress),
        "beep": lambda: keys.measure_beep(SHORT_BEEPS if short else BEEPS, progress),
        "pixels": lambda: keys.measure_pixels(SHORT_PIXELS if short else PIXELS, progress, skipped),
        "memory": lambda: memory.measure(passes, progress),
    }
    for part in parts:
        progress(part)
        yield from measured[part]()


def _machine() -> str:
    return f"{platform.machine()}, Python {platform.python_version()}, Linux {platform.release()}"
