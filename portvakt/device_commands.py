"""`portvakt central device ...`: posts and signs, each by its id or by the name that stands on the board."""

import json
from pathlib import Path
from typing import Any

import click

from contract.errors import PortvaktError
from portvakt.asking import ask
from portvakt.central_options import data_option, json_option, station_option


class UnclearDevice(PortvaktError):
    """A word that names no device of the station, or more than one."""


@click.group()
def device() -> None:
    """Posts and signs: enrol, hang elsewhere, revoke."""


@device.command("code")
@click.argument("name")
@station_option
@click.option("--role", type=click.Choice(["post", "sign"]), required=True)
@click.option("--bay", help="The bay above whose door a sign hangs.")
@data_option
@json_option
def device_code(
    name: str, station: str, role: str, bay: str | None, data: Path, *, as_json: bool
) -> None:
    """Make the one-time code with which the device NAME enrols itself."""
    result = ask(data, "device_code", station=station, role=role, name=name, bay=bay)
    if as_json:
        click.echo(json.dumps(result))
        return
    click.echo(f"{result['code']}   for {name}; it works once, within 48 hours.")


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
    device = _id_of(data, station, device)
    ask(data, "revoke_device", station=station, device=device)
    click.echo(f"{device} is revoked; its token works no longer.")


def _id_of(data: Path, station: str, word: str) -> str:
    """Give the id of the device *word* of *station*.

    Raises:
        UnclearDevice: none or several have that name; the sentence says the ids to use.
    """
    stations = ask(data, "list")["stations"]
    there = next((one["devices"] for one in stations if one["id"] == station), None)
    # That there is no such station central says itself.
    return word if there is None else _one_of(there, station, word)


def _one_of(devices: list[dict[str, Any]], station: str, word: str) -> str:
    """Give the id of the one of *devices* that *word* names."""
    if any(one["id"] == word for one in devices):
        return word
    named = [one for one in devices if one["name"].casefold() == word.strip().casefold()]
    if len(named) == 1:
        return str(named[0]["id"])
    if named:
        ids = " or ".join(one["id"] for one in named)
        raise UnclearDevice(f"{station} has {len(named)} devices named {word}; say {ids}.")
    known = ", ".join(f"{one['id']} ({one['name']})" for one in devices)
    raise UnclearDevice(
        f"{station} has no device {word}; " + (f"it has {known}." if known else "it has none.")
    )
