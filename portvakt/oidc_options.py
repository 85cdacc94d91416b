"""The options of `portvakt central serve` that name a provider to sign in by (OpenID Connect)."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from portvakt.central_options import file_path

_Command = TypeVar("_Command", bound=Callable[..., Any])
_PREFIX = "oidc_"

_OPTIONS = (
    click.option(
        "--public-url",
        "oidc_public_url",
        default="",
        help="The board's address as browsers know it, such as https://board.example.com.",
    ),
    click.option("--oidc-issuer", default="", help="Let people sign in by this provider too."),
    click.option("--oidc-client-id", default="", help="Who we are there."),
    click.option(
        "--oidc-client-secret-file", type=file_path, help="Our secret there, in a file of mode 600."
    ),
    click.option("--oidc-label", default="", help="What the sign-in page calls it."),
    click.option(
        "--oidc-role-claim",
        default="",
        help="The claim whose values say who is what where, such as portvakt:staff@hall; without it only"
        " people who were linked to their account come in.",
    ),
    click.option(
        "--oidc-every-station",
        is_flag=True,
        help="Let that claim say portvakt:office@*, which is every station.",
    ),
    click.option(
        "--oidc-ca-file", type=file_path, help="The authorities that its certificate is checked by."
    ),
)


def oidc_options(command: _Command) -> _Command:
    """Give *command* these options."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def oidc_words(words: dict[str, Any]) -> dict[str, Any]:
    """Take these options out of all *words*, by the names that the settings have."""
    ours = [name for name in words if name.startswith(_PREFIX)]
    return {name.removeprefix(_PREFIX): words.pop(name) for name in ours}
