"""`portvakt enrol`: makes this post or sign known to central, by questions at the device itself."""

import math
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

import click

from contract.problems import CODE_FOR_ANOTHER
from device.brought_code import BroughtCode
from device.central_settings import CentralPlace, address_fault, check_ca
from device.fault_codes import CODES
from device.identity import IdentityBroken, load_identity
from device.refused_code import RefusedCode, begins
from device.settings import SettingsError
from portvakt.own_settings import (
    FILES,
    FOR_ALL,
    FOR_DEVICES,
    OWN_CA,
    SERVICES,
    Chosen,
    judged,
    keep,
    only_device,
    read,
    with_all,
)
from portvakt.settings_command import etc_option, role_option

PATIENCE_S = 120
pause, now_s = time.sleep, time.monotonic
_LOOK_S = 0.5
_DEAD = "was mistyped, used or too old"
_WHY = {CODE_FOR_ANOTHER.reason: "is for another kind of machine"}
_SIGNS, _LONGEST = 8, 256
_LONG_MIN = 15  # when central does not say it
# As central makes them: no 0 and O, no 1 and I.
_CODE = re.compile("[A-HJ-NP-Z2-9]{8}")


@click.command()
@role_option
@click.option("--url", help="Central's address, such as https://hall.example.")
@click.option("--station", help="The station's name at central.")
@click.option(
    "--ca",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The hall's own CA (ca.pem), if it has one.",
)
@click.option(
    "--code-file",
    type=click.File("r"),
    help='Take the one-time code from this file; "-" is standard input. Asked for without it.',
)
@click.option("--no-code", is_flag=True, help="A post asks for it on its own keys.")
@etc_option
@click.option("--wait/--no-wait", default=True, help="Wait until central has answered.")
def enrol(
    role: str | None,
    url: str | None,
    station: str | None,
    ca: Path | None,
    code_file: TextIO | None,
    etc: Path,
    *,
    no_code: bool,
    wait: bool,
) -> None:
    """Tell this post or sign where its central is, and trade a one-time code for its own token."""
    role = only_device(role, etc)
    before = read(role, etc).settings.central
    if url and (why := address_fault(url)):
        raise click.UsageError(f"--url {why}.")
    url = url or _asked("Central's address", before.url, address_fault)
    station = station or _asked("Station", before.station, lambda _: "")
    if no_code and role == "sign":
        raise click.UsageError("A sign has no keys, so it needs a code.")
    values: dict[str, object] = {"central.url": url.rstrip("/"), "central.station": station}
    # All of it is found good before a person types a secret.
    text, chosen = _planned(role, etc, values, ca)
    token, place = chosen.settings.identity.token_file, chosen.settings.central
    known_before = _token(token)
    code = "" if no_code else _code(code_file, may_keep=bool(known_before))
    if known_before and BroughtCode(chosen.code_file, token, place).is_used(code):
        code = ""  # it is what that code made of it: nothing is to be waited for
    if ca is not None:
        keep(etc / OWN_CA, ca.read_bytes(), FOR_ALL)
    keep(chosen.path, text.encode("utf-8"), FOR_ALL)
    if code:
        keep(chosen.code_file, f"{code}\n".encode(), FOR_DEVICES)
    refused = RefusedCode(token, place)
    refused.forget_wait()  # of an earlier try
    is_running = _restart(role)
    if not code and not no_code:
        click.echo("It keeps the token that it has. Now: sudo portvakt check")
    elif not code:
        click.echo("Now type the one-time code on the keys of this post.")
    elif wait and is_running:
        _told(lambda: _token(token) not in {"", known_before}, refused, code, place)


def _asked(what: str, now: str, wrong: Callable[[str], str]) -> str:
    while True:
        said: str = click.prompt(what, default=now).strip()
        if not (why := wrong(said)):
            return said
        click.echo(f"It {why}.")


def _code(file: TextIO | None, *, may_keep: bool) -> str:
    """A code, whatever stands between its halves and behind it; empty where a person keeps what there is."""
    while True:
        typed = _typed(may_keep=may_keep) if file is None else file.readline(_LONGEST)
        word = "".join(one for one in typed.upper() if one.isalnum())[:_SIGNS]
        if _CODE.fullmatch(word):
            return f"{word[:4]}-{word[4:]}"
        if file is None and may_keep and typed and not word:
            return ""
        if file is not None or not typed:
            raise SettingsError("that is no one-time code; it looks like K7QF-93TM.")
        click.echo(
            "A code never has 0, 1, I or O in it: look again."
            if len(word) == _SIGNS and word.isascii()
            else "A code has eight signs, like K7QF-93TM."
        )


def _typed(*, may_keep: bool) -> str:
    """What a person types without showing it, or a script says; nothing at its end."""
    if not sys.stdin.isatty():
        return sys.stdin.readline(_LONGEST)
    also = "; Enter alone keeps its token" if may_keep else ""
    question = f"One-time code (it does not show{also})"
    said = click.prompt(question, default="", show_default=False, hide_input=True)
    return f"{said}\n"


def _planned(
    role: str, etc: Path, values: dict[str, object], ca: Path | None
) -> tuple[str, Chosen]:
    """The text of the settings with *values*, and what it says, after it and the CA were found good."""
    path = etc / FILES[role]
    if ca is not None:
        values = {**values, "central.ca_file": str(etc / OWN_CA)}
    text = with_all(path.read_text("utf-8"), values)
    settings = judged(text, role)
    if ca is not None:
        check_ca(judged(with_all(text, {"central.ca_file": str(ca.resolve())}), role))
    return text, Chosen(role, path, settings)


def _restart(role: str) -> bool:
    """Have the service read what was written; false where nothing starts services."""
    service = SERVICES[role]
    if not Path("/run/systemd/system").exists():
        click.echo(f"No systemd runs here; start {service} to go on.")
        return False
    done = subprocess.run(  # noqa: S603 - no shell, and words of our own
        ["systemctl", "restart", service],  # noqa: S607 - as a person would
        check=False,
    )
    if done.returncode != 0:
        click.echo(f"{service} does not start; look: journalctl -u {service} -n 20", err=True)
        sys.exit(1)
    return True


def _told(
    enrolled: Callable[[], bool], refused: RefusedCode, code: str, place: CentralPlace
) -> None:
    """Wait for central's answer, and say it; exit status 1 when it is no, or none."""
    click.echo(f"Asking {place.url} ...")
    ends = now_s() + PATIENCE_S
    while now_s() < ends:
        if enrolled():
            click.echo("Enrolled: central knows this device. Now: sudo portvakt check")
            return
        if why := refused.why(code):
            click.echo(
                f"Central refused the code {begins(code)}-.... : it {_WHY.get(why, _DEAD)}."
                " Make a new one on the page /office.",
                err=True,
            )
            sys.exit(1)
        if (seconds := refused.wait_s(code)) is not None:
            click.echo(_too_many(code, seconds), err=True)
            sys.exit(1)
        pause(_LOOK_S)
    click.echo(
        f"No token from {place.url} in {PATIENCE_S} s: it does not answer."
        " It goes on trying; see why: sudo portvakt check",
        err=True,
    )
    sys.exit(1)


def _too_many(code: str, seconds: int) -> str:
    """Central does not say how it is with the code: that would help whoever guesses."""
    minutes = max(1, math.ceil(seconds / 60)) if seconds else _LONG_MIN
    return (
        f"{CODES['too_many_tries']}: central was asked with too many codes that do not work: wait"
        f" {minutes} minute{'s' * (minutes > 1)}, while this device goes on trying {begins(code)}-...."
        " by itself; a code that was still good is good then, one that was mistyped, used or too old is"
        " refused."
    )


def _token(token_file: Path) -> str:
    try:
        identity = load_identity(token_file)
    except IdentityBroken:
        return ""
    return "" if identity is None else identity.token
