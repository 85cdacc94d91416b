"""`portvakt enrol`: makes this post or sign known to central, by questions at the device itself."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

import click

from device.central_settings import CentralPlace, address_fault, check_ca
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
_SIGNS, _LONGEST = 8, 256


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
    url = url or _asked("Central's address", before.url, _bad_address)
    station = station or _asked("Station", before.station, lambda _: "")
    if no_code and role == "sign":
        raise click.UsageError("A sign has no keys, so it needs a code.")
    code = "" if no_code else _code(code_file)
    chosen = _put(role, etc, {"central.url": url.rstrip("/"), "central.station": station}, ca)
    token, place = chosen.settings.identity.token_file, chosen.settings.central
    known_before = _token(token)
    if code:
        keep(chosen.code_file, f"{code}\n".encode(), FOR_DEVICES)
    is_running = _restart(role)
    if not code:
        click.echo("Now type the one-time code on the keys of this post.")
    elif wait and is_running:
        refused = RefusedCode(token, place)
        _told(lambda: _token(token) not in {"", known_before}, refused, code, place)


def _bad_address(url: str) -> str:
    return address_fault(url)


def _asked(what: str, now: str, wrong: Callable[[str], str]) -> str:
    while True:
        said: str = click.prompt(what, default=now).strip()
        if not (why := wrong(said)):
            return said
        click.echo(f"It {why}.")


def _code(file: TextIO | None) -> str:
    """A code, whatever stands between its halves and behind it."""
    while True:
        typed = _typed() if file is None else file.readline(_LONGEST)
        word = "".join(one for one in typed.upper() if one.isalnum())[:_SIGNS]
        if len(word) == _SIGNS:
            return f"{word[:4]}-{word[4:]}"
        if file is not None or not typed:
            raise SettingsError("that is no one-time code; it looks like K7QF-93TM.")
        click.echo("A code has eight signs, like K7QF-93TM.")


def _typed() -> str:
    """What a person types without showing it, or a script says; nothing at its end."""
    if not sys.stdin.isatty():
        return sys.stdin.readline(_LONGEST)
    return str(click.prompt("One-time code (it does not show)", hide_input=True))


def _put(role: str, etc: Path, values: dict[str, object], ca: Path | None) -> Chosen:
    """Write the settings and the CA, after both were found good."""
    path = etc / FILES[role]
    if ca is not None:
        values["central.ca_file"] = str(etc / OWN_CA)
    text = with_all(path.read_text("utf-8"), values)
    settings = judged(text, role)
    if ca is not None:
        judged_ca = judged(with_all(text, {"central.ca_file": str(ca.resolve())}), role)
        check_ca(judged_ca)
        keep(etc / OWN_CA, ca.read_bytes(), FOR_ALL)
    keep(path, text.encode("utf-8"), FOR_ALL)
    return Chosen(role, path, settings)


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
        if refused.is_it(code):
            click.echo(
                f"Central refused the code {begins(code)}-.... : it was mistyped, used or too old."
                " Make a new one on the page /office.",
                err=True,
            )
            sys.exit(1)
        pause(_LOOK_S)
    click.echo(
        f"No answer from {place.url} in {PATIENCE_S} s. It goes on trying; see why: sudo portvakt check",
        err=True,
    )
    sys.exit(1)


def _token(token_file: Path) -> str:
    try:
        identity = load_identity(token_file)
    except IdentityBroken:
        return ""
    return "" if identity is None else identity.token
