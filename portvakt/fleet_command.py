"""`portvakt fleet ...`: all machines in words, and which release goes where; on the machine of central."""

import json
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from contract.errors import PortvaktError
from contract.fleet_view import RINGS
from portvakt.asking import ask
from portvakt.central_options import data_option, json_option
from portvakt.fleet_words import lines

_ring = click.Choice(RINGS)


class UnclearMachine(PortvaktError):
    """A word that names no machine, or more than one."""


def _at_central(command: Callable[..., None]) -> Callable[..., None]:
    """Let `--data` stand behind the command's name too, where people write it."""

    @data_option
    @click.pass_context
    @wraps(command)
    def run(context: click.Context, /, data: Path, **words: object) -> None:
        is_said = context.get_parameter_source("data") is not ParameterSource.DEFAULT
        command(data if is_said else context.obj, **words)

    return run


@click.group(invoke_without_command=True)
@data_option
@json_option
@click.pass_context
def fleet(context: click.Context, data: Path, *, as_json: bool) -> None:
    """Show every machine, what it runs and what it should run; what needs a person comes first."""
    context.obj = data
    if context.invoked_subcommand is not None:
        return
    found = ask(data, "fleet")
    click.echo(json.dumps(found) if as_json else "\n".join(lines(found)))


@fleet.command("release")
@click.argument("release")
@click.option("--ring", type=_ring, required=True, help="And those before it.")
@_at_central
def release_(data: Path, release: str, ring: str) -> None:
    """Let a ring, and those before it, run RELEASE: its full name, or its version where that is clear."""
    name = _release(data, release)
    rings = ask(data, "release", release=name, ring=ring)["rings"]
    if not rings:
        click.echo(f"Ring {ring} wants {name} already.")
        return
    which = f"Ring {rings[0]} wants" if len(rings) == 1 else f"Rings {', '.join(rings)} want"
    click.echo(f"{which} {name} now; machines take it when their station is shut.")


@fleet.command("halt")
@click.argument("release")
@click.option("--why", default="", help="In a sentence, for those who look.")
@_at_central
def halt(data: Path, release: str, why: str) -> None:
    """Give RELEASE to no machine that has not begun it."""
    name = _release(data, release)
    done = ask(data, "halt_release", release=name, why=why)["halted"]
    click.echo(
        f"{name} is halted; those that run it stay." if done else f"{name} is halted already."
    )


@fleet.command("resume")
@click.argument("release")
@_at_central
def resume(data: Path, release: str) -> None:
    """Let RELEASE go on after it was halted."""
    name = _release(data, release)
    done = ask(data, "resume_release", release=name)["resumed"]
    click.echo(f"{name} goes on." if done else f"{name} is not halted.")


@fleet.command("pin")
@click.argument("device")
@click.argument("release")
@click.option(
    "--station", default="", help="Where, if several stations have a machine of that name."
)
@_at_central
def pin(data: Path, device: str, release: str, station: str) -> None:
    """Let the machine DEVICE, its id or its name, stay at RELEASE whatever its ring wants."""
    row = _machine(data, device, station)
    name = row["release"] if release == row["release"] else _release(data, release)
    _pin(data, row, name)
    click.echo(f"{row['station']} {row['name']} stays at {name}.")


@fleet.command("unpin")
@click.argument("device")
@click.option(
    "--station", default="", help="Where, if several stations have a machine of that name."
)
@_at_central
def unpin(data: Path, device: str, station: str) -> None:
    """Let the machine DEVICE, its id or its name, follow its ring again."""
    row = _machine(data, device, station)
    _pin(data, row, None)
    click.echo(f"{row['station']} {row['name']} follows ring {row['ring']}.")


@fleet.command("ring")
@click.argument("station")
@click.argument("ring", type=_ring)
@_at_central
def ring_(data: Path, station: str, ring: str) -> None:
    """Put STATION into a ring; a station that is in none is in the last."""
    ask(data, "put_in_ring", station=station, ring=ring)
    click.echo(f"{station} is in ring {ring} now.")


def _pin(data: Path, row: dict[str, Any], release: str | None) -> None:
    ask(data, "pin_machine", station=row["station"], device=row["device"], release=release)


def _release(data: Path, word: str) -> str:
    """The release that *word* names: all of its name, or a version that only one has."""
    names = [one["release"] for one in ask(data, "fleet")["releases"]]
    found = [name for name in names if word in (name, name.partition("-")[0])]
    if word in names or not found:
        return word  # that there is none central says itself
    if len(found) > 1:
        raise UnclearMachine(f"There are {len(found)} releases {word}; say {' or '.join(found)}.")
    return str(found[0])


def _machine(data: Path, word: str, station: str) -> dict[str, Any]:
    rows: list[dict[str, Any]] = ask(data, "fleet")["machines"]
    here = [row for row in rows if station in ("", row["station"])]
    found = [row for row in here if row["device"] == word]
    found = found or [row for row in here if row["name"].casefold() == word.casefold()]
    if len(found) == 1:
        return found[0]
    where = f"{station} has" if station else "There is"
    if not found:
        raise UnclearMachine(f"{where} no machine {word}; see them: portvakt fleet")
    ids = " or ".join(f"{row['device']} ({row['station']})" for row in found)
    raise UnclearMachine(f"{len(found)} machines are named {word}; say {ids}.")
