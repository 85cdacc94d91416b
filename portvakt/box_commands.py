"""`portvakt central box ...`: the machine that a hall's central runs on; done as root."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import click

from contract.errors import PortvaktError

OWNER = "portvakt-central"
_STICK = Path("/run/portvakt_box/stick")
_root_option = click.option(
    "--root", type=click.Path(file_okay=False, path_type=Path), default=Path("/"), hidden=True
)


@click.group()
def box() -> None:
    """The hall box itself: proxy and certificate, copies that leave it, a new one for a dead one."""


@box.command("set-up")
@click.option("--proxy", required=True, type=click.Choice(["nginx", "caddy"]))
@click.option("--name", required=True, help="How browsers and devices call it: hall.example.com.")
@click.option("--address", required=True, help="Its address in the hall's network: 192.0.2.20.")
@_root_option
def set_up(proxy: str, name: str, address: str, root: Path) -> None:
    """Put a proxy with TLS in front of central, with a CA of this box's own; run again, it changes nothing.

    A certificate or a proxy's file of your own stays.
    """
    from central.box.place import Place  # noqa: PLC0415 - only this role has a central
    from central.box.services import CENTRAL, TIMERS, Services  # noqa: PLC0415
    from central.box.setting_up import Asked  # noqa: PLC0415
    from central.box.setting_up import set_up as run  # noqa: PLC0415

    notes = run(Place(root), Asked(proxy=proxy, name=name, address=address), _now())
    if root == Path("/"):
        services = Services()
        services.take_up(proxy)
        services.systemctl("restart", CENTRAL)
        services.systemctl("start", *TIMERS)
    for note in notes:
        click.echo(note)
    click.echo(f"Browsers, posts and signs reach this box at https://{name}")


@box.command()
@_root_option
def renew(root: Path) -> None:
    """Make the certificate of this box anew when it ends within two months; a timer does so each week."""
    from central.box import setting_up  # noqa: PLC0415 - only this role has a central
    from central.box.certificates import days_left  # noqa: PLC0415
    from central.box.place import Place  # noqa: PLC0415
    from central.box.services import Services  # noqa: PLC0415

    place = Place(root)
    leaf = place.tls / "fullchain.pem"
    if not leaf.exists():
        click.echo("This box has no certificate.")
        return
    done = setting_up.renew(place, _now())
    if done:
        Services().renewed(str(place.told().get("proxy")))
    words = "new certificate" if done else "certificate is not due yet; it"
    click.echo(f"The {words} holds for {days_left(leaf, _now())} days.")


@box.command()
@click.option("--to", "stick", type=click.Path(path_type=Path), default=_STICK, show_default=True)
@click.option("--keep", type=click.IntRange(1), default=7, show_default=True)
@_root_option
def copy(stick: Path, keep: int, root: Path) -> None:
    """Copy the newest backups to the stick that this box knows, and read them back."""
    from central.box.copying import copy_out  # noqa: PLC0415 - only this role has a central
    from central.box.place import Place  # noqa: PLC0415

    done = copy_out(Place(root), stick, _now(), keep)
    if done.newest is None:
        click.echo("This box has no station yet; there is nothing to keep.")
        return
    click.echo(f"{done.newest} is on the stick; {done.written} written, {done.removed} removed.")


@box.command()
@click.option("--at", "folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--take-over", is_flag=True, help="Write over the copies of another box.")
@_root_option
def stick(folder: Path | None, root: Path, *, take_over: bool) -> None:
    """Make the stick named PORTVAKT one that this box writes to, and write the first copy.

    With --at it is a folder that you have mounted yourself; the timer writes to the stick only.
    """
    from central.box.copying import make_known  # noqa: PLC0415 - only this role has a central
    from central.box.place import Place  # noqa: PLC0415
    from central.box.services import COPY, STICK, Services  # noqa: PLC0415

    services = Services()
    if folder is None:
        services.systemctl("start", STICK)
    try:
        make_known(Place(root), folder or _STICK, take_over=take_over)
    finally:
        if folder is None:
            services.systemctl("stop", STICK)
    if folder is None:
        services.systemctl("start", COPY)
    click.echo("This box knows the stick now.  It holds plates and keys: keep it locked away.")


@box.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Keep the database that is there aside.")
@click.option("--owner", default=OWNER, hidden=True)
@_root_option
def restore(folder: Path, root: Path, owner: str, *, replace: bool) -> None:
    """Make this new box the dead one, from the stick that is mounted at FOLDER."""
    from central.box import kit  # noqa: PLC0415 - only this role has a central
    from central.box.bringing_back import bring_back, look  # noqa: PLC0415
    from central.box.place import Place  # noqa: PLC0415
    from central.box.proxies import chosen  # noqa: PLC0415
    from central.box.services import CENTRAL, Services, as_user  # noqa: PLC0415

    place, found, here = Place(root), look(folder), root == Path("/")
    services = Services() if here else Services(root / "run/systemd/system")
    facts = kit.facts(found.kit)
    if here and "proxy" in facts:
        chosen(facts["proxy"])  # said before anything is stopped
    if not replace:
        _check_empty(place.data)

    def load(inbox: Path) -> None:
        words = ["central", "restore", str(inbox), "--data", str(place.data)]
        more = ["--replace"] if replace else []
        as_user([sys.executable, "-m", "portvakt", *words, *more], owner)

    for note in bring_back(place, found, owner, load, services):
        click.echo(note)
    try:
        if "proxy" in facts:
            words = {name: facts[name] for name in ("proxy", "name", "address")}
            click.get_current_context().invoke(set_up, **words, root=root)
    finally:
        services.systemctl("start", CENTRAL)
    click.echo(
        "Give this box the address of the dead one; posts, signs and boards go on by themselves."
    )


@box.command()
@click.argument("where", nargs=-1)
@_root_option
def reach(where: tuple[str, ...], root: Path) -> None:
    """Let central reach WHERE: its office, its provider of accounts, its register.  Nothing named: nobody.

    WHERE is an address, a network, a host name (whose addresses are looked up now) or "any".
    """
    from central.box.place import Place  # noqa: PLC0415 - only this role has a central
    from central.box.reaching import may_reach  # noqa: PLC0415
    from central.box.services import CENTRAL, Services  # noqa: PLC0415

    allowed = may_reach(Place(root), where)
    if root == Path("/"):
        services = Services()
        services.systemctl("daemon-reload")
        services.systemctl("try-restart", CENTRAL)
    click.echo(f"Central reaches {', '.join(allowed) or 'nobody'} besides this machine.")


@box.command()
@click.argument("url")
@click.option(
    "--token-file",
    type=click.File("r"),
    help="Read the hall's key from here, - for standard input; otherwise it is asked for.",
)
@click.option(
    "--ca",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The only authority that the office is checked by.",
)
@_root_option
def office(url: str, token_file: IO[str] | None, ca: Path | None, root: Path) -> None:
    """Connect this hall to the office at URL, with the key that the office showed once.

    Central gets the key, the options and the way there, and starts again.  What it was told besides stays.
    """
    from central.box.office import Office, tell  # noqa: PLC0415 - only this role has a central
    from central.box.place import Place  # noqa: PLC0415
    from central.box.services import CENTRAL, Services  # noqa: PLC0415

    given = click.prompt("The key", hide_input=True) if token_file is None else token_file.read()
    allowed = tell(Place(root), Office(url=url, token=given.strip(), ca=ca))
    if root == Path("/"):
        services = Services()
        services.systemctl("daemon-reload")
        services.systemctl("try-restart", CENTRAL)
    click.echo(f"Central reports to {url} and reaches {', '.join(allowed)} besides this machine.")
    click.echo("The office shows this hall within a minute; if not: sudo portvakt check")


def _check_empty(data: Path) -> None:
    """Refuse a box whose central serves a station already, while it still does."""
    from central.serving.admin import AdminClient  # noqa: PLC0415 - only this role has a central

    try:
        found = AdminClient(data / "central.sock").ask("list")
    except PortvaktError:
        return  # it does not run, or is too new to say so; `central restore` looks into the file itself
    if found["stations"]:
        raise click.ClickException(
            f"This box serves station {found['stations'][0]['id']} already, and goes on; give --replace to"
            " keep its database aside and restore in its place."
        )


def _now() -> datetime:
    return datetime.now(UTC)
