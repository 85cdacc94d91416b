"""`portvakt check`: about ten questions to this machine, one sentence each, and what to do."""

import json
import sys
import tomllib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click

from contract.errors import PortvaktError
from device.check import Answer, Question, Verdict, answer, last_line, lines
from device.check_codes import code_of
from device.check_release import roles_here
from portvakt import own_settings

ROLES = ("post", "sign", "central")


class NothingHere(PortvaktError):
    """There is nothing on this machine to ask about."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question to one role, with its answer."""

    role: str
    question: Question
    answer: Answer

    @property
    def code(self) -> str:
        """The two digits of a fault, as the device itself shows them."""
        return code_of(self.question.name, self.answer)

    @property
    def is_shown(self) -> bool:
        """Whether a tired person has to read it."""
        return not self.question.detail or self.answer.verdict is not Verdict.PASS


@click.command()
@click.option(
    "--config",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Another settings file than the installed one.",
)
@click.option(
    "--role", type=click.Choice(ROLES), help="One role alone; all that are here without it."
)
@click.option("--all", "everything", is_flag=True, help="Show also the details that are well.")
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON, for scripts.")
def check(config: Path | None, role: str | None, *, everything: bool, as_json: bool) -> None:
    """Ask this machine how it is: PASS, LOOK, WAIT or FAIL, and what to do next.

    Exit status 1 when something FAILs.  Works while the services run and while they do not.
    """
    found: list[Asked] = []
    for one in all_asked(config, role):
        found.append(one)
        if not as_json and (everything or one.is_shown):
            for line in lines(one.question.name, one.answer, one.code):
                click.echo(line)
    healthy = all(one.answer.verdict is not Verdict.FAIL for one in found)
    if as_json:
        click.echo(json.dumps(as_document(found), ensure_ascii=False, indent=1))
    else:
        click.echo(last_line(one.answer for one in found))
    sys.exit(0 if healthy else 1)


def as_document(found: list[Asked]) -> dict[str, Any]:
    """The answers as JSON has them."""
    return {
        "roles": sorted({one.role for one in found}),
        "ok": all(one.answer.verdict is not Verdict.FAIL for one in found),
        "answers": [
            {"role": one.role, "name": one.question.name, **asdict(one.answer), "code": one.code}
            for one in found
        ],
    }


def all_asked(config: Path | None = None, role: str | None = None) -> Iterable[Asked]:
    """Ask every role that is here; what two of them have in common is asked once.

    Raises:
        NothingHere: no role is.
    """
    known: set[str] = set()
    for one, path in chosen(config, role):
        for question in questions(path, one):
            if question.name in _SHARED and question.name in known:
                continue
            known.add(question.name)
            yield Asked(one, question, answer(question))


# They are about the machine and not about a role.
_SHARED = frozenset({"Power", "Clock", "Watchdog", "Release", "Card"})


def chosen(config: Path | None, role: str | None) -> list[tuple[str, Path]]:
    """The roles to be asked about, each with its settings file."""
    if config is not None:
        return [(role or role_of(config), config)]
    here = [role] if role else own_settings.roles() or roles_here()
    if not here:
        raise NothingHere(
            "no post, sign or central is installed here; run: sudo ./install --role post (or sign, central)."
        )
    return [(one, own_settings.ETC / own_settings.FILES[one]) for one in here if one in ROLES]


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
    from portvakt.check_central import to_central  # noqa: PLC0415

    return to_central(config)
