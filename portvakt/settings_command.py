"""`portvakt settings`: the settings of this post or sign, shown, or changed without an editor."""

from pathlib import Path

import click

from device.settings import known, render
from device.settings_text import value_of
from portvakt.own_settings import (
    ETC,
    FOR_ALL,
    SERVICES,
    judged,
    keep,
    kind,
    only_device,
    read,
    with_all,
)
from portvakt.own_settings import FILES as _FILES

role_option = click.option("--role", type=click.Choice(["post", "sign"]), help="Where both are.")
etc_option = click.option(
    "--etc",
    type=click.Path(file_okay=False, path_type=Path),
    default=ETC,
    show_default=True,
    help="The folder of the settings.",
)


@click.command()
@click.argument("changes", nargs=-1, metavar="[NAME=VALUE]...")
@role_option
@etc_option
def settings(changes: tuple[str, ...], role: str | None, etc: Path) -> None:
    """Show how this post or sign is set, or change it: portvakt settings panel.modules=5.

    The file keeps its comments; a change that the service could not use is refused, and nothing is changed.
    """
    role = only_device(role, etc)
    if not changes:
        click.echo(render(read(role, etc).settings), nl=False)
        return
    values = dict(_split(one) for one in changes)
    texts = {one.path for one in known(kind(role)) if one.kind.startswith(("a text", "a path"))}
    typed = {
        name: value if name in texts and not value.startswith('"') else value_of(value)
        for name, value in values.items()
    }
    path = etc / _FILES[role]
    text = with_all(path.read_text("utf-8"), typed)
    judged(text, role)
    keep(path, text.encode("utf-8"), FOR_ALL)
    click.echo(f"{path} is changed. Then: sudo systemctl restart {SERVICES[role]}")


def _split(change: str) -> tuple[str, str]:
    name, sign, value = change.partition("=")
    if not sign or not name.strip():
        raise click.UsageError(
            f'"{change}" is no change; it is NAME=VALUE, such as panel.modules=5.'
        )
    return name.strip(), value.strip()
