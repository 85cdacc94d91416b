"""`portvakt central user ...`: people who may sign in, each by the name that they sign in with."""

from pathlib import Path
from typing import Any, TextIO

import click

from portvakt.asking import ask
from portvakt.central_options import data_option

_name = click.argument("name")


@click.group()
def user() -> None:
    """People: invite, disable, let in again, unlock, link to an account elsewhere."""


@click.command("user")
@_name
@click.option("--station", "stations", multiple=True, required=True, help="Repeat; * is every one.")
@click.option(
    "--role", default="staff", show_default=True, help="staff, manager, technician or office."
)
@click.option(
    "--invite", is_flag=True, help="Print a code with which they set a password of their own."
)
@click.option(
    "--password-file",
    type=click.File(encoding="utf-8"),
    help="Take the password from the first line of this file, or of standard input: -.",
)
@data_option
def create_user(
    name: str,
    stations: tuple[str, ...],
    role: str,
    password_file: TextIO | None,
    data: Path,
    *,
    invite: bool,
) -> None:
    """Give the person NAME an account; their password is asked for, and shown nowhere."""
    password = None if invite else _password(password_file)
    made = ask(
        data, "create_user", name=name, stations=list(stations), role=role, password=password
    )
    click.echo(f"{name} can sign in at {', '.join(stations)} as {role}.")
    if invite:
        _show(made)


@user.command("invite")
@_name
@data_option
def invite_user(name: str, data: Path) -> None:
    """Print a code with which the person NAME sets a password anew; it works once, within 48 hours."""
    _show(ask(data, "invite_user", user=name))
    click.echo("A code that they were given before is void.")


@user.command("disable")
@_name
@data_option
def disable_user(name: str, data: Path) -> None:
    """Let the person NAME sign in no longer; whatever they have open ends."""
    ask(data, "do_to_user", user=name, deed="disable")
    click.echo(f"{name} can sign in no longer.")


@user.command("enable")
@_name
@data_option
def enable_user(name: str, data: Path) -> None:
    """Let the person NAME sign in again."""
    ask(data, "do_to_user", user=name, deed="enable")
    click.echo(f"{name} can sign in again.")


@user.command("unlock")
@_name
@data_option
def unlock_user(name: str, data: Path) -> None:
    """Take away the lock that too many wrong passwords for NAME have made."""
    ask(data, "do_to_user", user=name, deed="unlock")
    click.echo(f"{name} can try again.")


@user.command("link")
@_name
@click.option("--issuer", required=True, help="The provider's address, as its tokens say it.")
@click.option("--subject", required=True, help="Who they are there: the `sub` of their tokens.")
@data_option
def link_user(name: str, issuer: str, subject: str, data: Path) -> None:
    """Let the person NAME sign in by their account at a provider (OpenID Connect)."""
    done = ask(data, "link_user", user=name, issuer=issuer, subject=subject)
    if done["before"]:
        click.echo(f"This replaces the account that {name} had at {done['before']}.")
    if done["provider"] == issuer:
        click.echo(f"{name} can sign in by {issuer} now.")
    elif done["provider"]:
        click.echo(
            f"{name} is linked to {issuer}, but this central lets people sign in by"
            f" {done['provider']}: link them to that one, or change --oidc-issuer."
        )
    else:
        click.echo(
            f"{name} is linked to {issuer}. They can sign in by it once central is started with"
            " --oidc-issuer and the options beside it."
        )


def _password(file: TextIO | None) -> str:
    """Never from an argument: everybody on a machine sees the arguments of every program."""
    if file is not None:
        return file.readline().rstrip("\r\n")
    asked: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return asked


def _show(made: dict[str, Any]) -> None:
    click.echo(
        f'{made["code"]}   for {made["person"]["name"]}: at /login, with "I was given a code";'
        " it works once, within 48 hours."
    )
