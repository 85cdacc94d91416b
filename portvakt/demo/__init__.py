"""A whole station on this machine, on one web page."""

import click

from contract.errors import PortvaktError
from portvakt.demo.options import DemoOptions

__all__ = ["DemoOptions", "run"]


def run(options: DemoOptions) -> int:
    """Run the demo until Ctrl-C or SIGTERM; 0 when it was stopped, 2 when it could not start."""
    from portvakt.demo.preflight import check  # noqa: PLC0415 - what is missing is said, not raised

    try:
        check(options)
        from portvakt.demo.station import stand  # noqa: PLC0415 - imports Flask, which check() found

        return stand(options)
    except PortvaktError as error:
        click.echo(f"portvakt demo: {error}", err=True)
        return 2
