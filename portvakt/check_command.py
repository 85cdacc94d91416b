"""`portvakt check`: about ten questions to this device, one sentence each, and what to do."""

import json
import shlex
import sys
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from functools import partial
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType

import click

from device.check import Answer, Question, Roots, Verdict, answered, fault, last_line, lines, ok
from device.check_central import central_answer
from device.check_machine import disk_answer, machine_questions
from device.clock import SystemClock

_OPTIONS = "PORTVAKT_CENTRAL_OPTIONS"
_PORT, _DATA = "8081", "/var/lib/portvakt-central"
ROLES = ("post", "sign", "central")


@click.command()
@click.option(
    "--config",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="The settings file: post.toml, sign.toml or central.env.",
)
@click.option("--role", type=click.Choice(ROLES), help="What the file is for, if it does not show.")
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON, for scripts.")
def check(config: Path, role: str | None, *, as_json: bool) -> None:
    """Ask this device how it is; exit status 1 when something is to be mended.

    Works while the service runs and while it does not.
    """
    role = role or role_of(config)
    found = list(_shown(questions(config, role), quiet=as_json))
    answers = [answer for _, answer in found]
    healthy = all(answer.verdict is not Verdict.FAULT for answer in answers)
    if as_json:
        rows = [{"name": name, **asdict(answer)} for name, answer in found]
        click.echo(
            json.dumps({"role": role, "ok": healthy, "answers": rows}, ensure_ascii=False, indent=1)
        )
    else:
        click.echo(last_line(answers))
    sys.exit(0 if healthy else 1)


def _shown(asked: Iterable[Question], *, quiet: bool) -> Iterable[tuple[str, Answer]]:
    """Pass the answers on, each printed as soon as it is there."""
    for name, answer in answered(asked):
        if not quiet:
            for line in lines(name, answer):
                click.echo(line)
        yield name, answer


def role_of(config: Path) -> str:
    """Say by the file which role it is for; a file that cannot be read is told by its name."""
    if config.suffix == ".env":
        return "central"
    try:
        settings = tomllib.loads(config.read_text("utf-8"))
    except (OSError, ValueError):
        settings = {"panel": {}} if "sign" in config.name else {}
    return "sign" if "panel" in settings else "post"


def questions(config: Path, role: str) -> list[Question]:
    """The questions to that role."""
    # Each role has only its own packages installed.
    if role == "post":
        from kiosk.check import questions as to_post  # noqa: PLC0415

        return to_post(config)
    if role == "sign":
        from signage.check import questions as to_sign  # noqa: PLC0415

        return to_sign(config)
    return to_central(config)


def to_central(config: Path, roots: Roots | None = None) -> list[Question]:
    """What is cheap to ask central's machine; `portvakt central` asks central itself."""
    options = central_options(config)
    url = f"http://127.0.0.1:{options['--port']}"
    return [
        Question("Settings", partial(_readable, config)),
        Question("Central", partial(central_answer, url)),
        Question("Disk", partial(disk_answer, Path(options["--data"]))),
        *machine_questions(SystemClock(), roots or Roots()),
    ]


def central_options(config: Path) -> Mapping[str, str]:
    """Port and data folder as the unit passes them: the file's options, else the usual ones."""
    found = {"--port": _PORT, "--data": _DATA}
    try:
        text = config.read_text("utf-8")
        words = [word for line in text.splitlines() for word in _words(line)]
    except (OSError, ValueError):
        words = []
    for name, value in pairwise(words):
        if name in found:
            found[name] = value
    return MappingProxyType(found)


def _words(line: str) -> list[str]:
    name, _, value = line.strip().partition("=")
    if name != _OPTIONS:
        return []
    options = shlex.split(" ".join(shlex.split(value)))
    return [part for word in options for part in word.split("=", 1)]  # --port=8081 is two words too


def _readable(config: Path) -> Answer:
    if not config.exists():
        return fault(f"{config} is not there.", "Copy the example that was installed.")
    config.read_text("utf-8")
    return ok(f"{config} can be read.")
