"""`portvakt central device ...`: posts and signs, each by its id or by the name that stands on the board."""

import json
import re
from pathlib import Path
from typing import Any

import click

from contract.errors import PortvaktError
from portvakt.asking import ask
from portvakt.central_options import data_option, json_option, station_option
from portvakt.station_words import moment, replacing

_ID = re.compile("(post|sign)-[0-9a-f]{8}")


class UnclearDevice(PortvaktError):
    """A word that names no device of the station, or more than one."""


@click.group()
def device() -> None:
    """Posts and signs: enrol, hang elsewhere, give another token, revoke."""


@device.command("code")
@click.argument("name")
@station_option
@click.option("--role", type=click.Choice(["post", "sign"]), required=True)
@click.option("--bay", help="The bay above whose door a sign hangs.")
@click.option("--replaces", help="The device whose name, door and listing it takes over.")
@data_option
@json_option
def device_code(
    name: str,
    station: str,
    role: str,
    bay: str | None,
    replaces: str | None,
    data: Path,
    *,
    as_json: bool,
) -> None:
    """Make the one-time code with which the device NAME enrols itself.

    One that --replaces another has the other's name, and voids its token when it comes.
    """
    if replaces is not None and not _ID.fullmatch(replaces):
        replaces = _found(data, station, replaces, also="shut_out")["id"]
    words: dict[str, Any] = {"role": role, "name": name, "bay": bay, "replaces": replaces}
    result = ask(data, "device_code", station=station, **words)
    if as_json:
        click.echo(json.dumps(result))
        return
    whom = f"in the place of {replaces}" if replaces else f"for {name}"
    if role == "sign" and not bay and not replaces:
        whom += ", a yard sign (one above a door is made with --bay)"
    click.echo(f"{result['code']}   {whom}; it works once, within 48 hours.")


@device.command("codes")
@station_option
@data_option
@json_option
def device_codes(station: str, data: Path, *, as_json: bool) -> None:
    """Show the codes that wait for their devices, by their first halves."""
    codes = ask(data, "device_codes", station=station)
    if as_json:
        click.echo(json.dumps(codes))
        return
    there = _station(data, station)
    for one in codes:
        whom = f"in the place of {one['replaces']}" if one["replaces"] else f"a {one['role']}"
        tries, until = one["tries_left"], moment(there, one["expires_at"])
        click.echo(
            f"{one['handle']}-....  {one['name']}, {whom}; until {until}, {tries} tries left"
        )
    if not codes:
        click.echo(f"No code of {station} waits for its device.")


@device.command("withdraw")
@click.argument("half")
@station_option
@data_option
def device_withdraw(half: str, station: str, data: Path) -> None:
    """Let the unused code that begins with HALF work no longer."""
    ask(data, "withdraw_code", station=station, handle=half)
    click.echo(f"The code {half.upper()}-.... is withdrawn.")


@device.command("hang")
@click.argument("device")
@station_option
@click.option("--bay", help="The bay; leave it out to take the sign down.")
@data_option
def device_hang(device: str, station: str, bay: str | None, data: Path) -> None:
    """Say above which bay's door the sign DEVICE, its id or its name, hangs now."""
    device = _id_of(data, station, device)
    ask(data, "assign_sign", station=station, device=device, bay=bay)
    click.echo(f"{device} hangs above {bay} now." if bay else f"{device} hangs nowhere now.")


@device.command("lists")
@click.argument("device")
@station_option
@click.option("--bay", "bays", multiple=True, help="Repeat; leave it out and it lists none.")
@data_option
def device_lists(device: str, station: str, bays: tuple[str, ...], data: Path) -> None:
    """Say which bays the yard sign DEVICE, its id or its name, lists: a sign that hangs above no door."""
    device = _id_of(data, station, device)
    ask(data, "device_lists", station=station, device=device, bays=list(bays))
    click.echo(f"{device} lists {', '.join(bays)} now." if bays else f"{device} lists no bay now.")


@device.command("revoke")
@click.argument("device")
@station_option
@data_option
def device_revoke(device: str, station: str, data: Path) -> None:
    """Let the token of DEVICE, its id or its name, work no longer."""
    one = _found(data, station, device)
    ask(data, "revoke_device", station=station, device=one["id"])
    click.echo(f"{one['id']} ({one['name']}) is revoked; its token works no longer.")
    click.echo(f"To replace it: {replacing(station, one)}")


@device.command("rotate")
@click.argument("device")
@station_option
@data_option
def device_rotate(device: str, station: str, data: Path) -> None:
    """Give DEVICE, its id or its name, a new token, without a pause in its work."""
    one = _found(data, station, device)
    ask(data, "rotate_device", station=station, device=one["id"])
    click.echo(
        f"{one['id']} ({one['name']}) gets a new token with its next heartbeat;"
        " then the old one is void."
    )


@device.command("one-again")
@click.argument("device")
@station_option
@data_option
def device_one_again(device: str, station: str, data: Path) -> None:
    """Say that only one machine has the token of DEVICE, its id or its name, after two were seen."""
    device = _id_of(data, station, device)
    ask(data, "one_again", station=station, device=device)
    click.echo(f"{device} counts as one machine again.")


def _id_of(data: Path, station: str, word: str) -> str:
    """Give the id of the device *word* of *station*; UnclearDevice as in `_found`."""
    return str(_found(data, station, word)["id"])


def _found(data: Path, station: str, word: str, also: str = "") -> dict[str, Any]:
    """Give the device *word* of *station*; *also* may name a list of others that count.

    Raises:
        UnclearDevice: none or several have that name; the sentence says the ids to use.
    """
    there = _station(data, station)
    if not there:  # that there is no such station central says itself
        return {"id": word, "name": word, "role": word.partition("-")[0]}
    return _one_of([*there["devices"], *there.get(also, [])], station, word)


def _station(data: Path, station: str) -> dict[str, Any]:
    """The station as central lists it; empty when there is none."""
    stations: list[dict[str, Any]] = ask(data, "list")["stations"]
    return next((one for one in stations if one["id"] == station), {})


def _one_of(devices: list[dict[str, Any]], station: str, word: str) -> dict[str, Any]:
    """Give the one of *devices* that *word* names."""
    ours = [one for one in devices if one["id"] == word]
    if ours:
        return ours[0]
    named = [one for one in devices if one["name"].casefold() == word.strip().casefold()]
    if len(named) == 1:
        return named[0]
    if named:
        ids = " or ".join(one["id"] for one in named)
        raise UnclearDevice(f"{station} has {len(named)} devices named {word}; say {ids}.")
    known = ", ".join(f"{one['id']} ({one['name']})" for one in devices)
    raise UnclearDevice(
        f"{station} has no device {word}; " + (f"it has {known}." if known else "it has none.")
    )
