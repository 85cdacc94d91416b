"""`portvakt machine ...`: what a machine does beside its post or sign; systemd starts both commands."""

import sys

import click


@click.group()
def machine() -> None:
    """What a machine does beside its post or sign: says how it is, and fetches releases."""


@machine.command("heartbeat")
def machine_heartbeat() -> None:
    """Tell central once a minute how this machine is, until it is stopped."""
    from device.machine.heartbeat import run  # noqa: PLC0415 - imported when asked for

    sys.exit(run())


@machine.command("fetch")
def machine_fetch() -> None:
    """Bring the release that central wants, if this is the time for it, and lay it ready."""
    from device.machine.fetch import run  # noqa: PLC0415 - imported when asked for

    sys.exit(run())
