"""Where the one-time code of a card comes from: a file, this machine's central, or a person who types it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.card.content import code_of
from deploy.errors import InstallError

CENTRAL = Path("/var/lib/portvakt-central/central.sock")
_USER = "portvakt-central"
_MAKE = ("portvakt", "central", "device", "code")

Run = Callable[[list[str]], "subprocess.CompletedProcess[str]"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """For which device a code is made; *replaces* names the broken one."""

    name: str
    station: str
    role: str
    bay: str = ""
    replaces: str = ""


def from_file(path: Path) -> str:
    """Read a code from *path*; "-" is what comes on standard input.

    Raises:
        InstallError: there is none.
    """
    try:
        text = sys.stdin.read(256) if str(path) == "-" else path.read_text("utf-8")[:256]
    except (OSError, ValueError) as error:
        raise InstallError(f"the code cannot be read from {path}") from error
    return code_of(text.split()[0] if text.split() else "")


def from_central(wanted: Wanted, run: Run | None = None) -> str:
    """Have the central of this machine make one.

    Raises:
        InstallError: with central's own words.
    """
    words = [*_MAKE, wanted.name, "--station", wanted.station, "--role", wanted.role, "--json"]
    words += ["--bay", wanted.bay] if wanted.bay else []
    words += ["--replaces", wanted.replaces] if wanted.replaces else []
    if os.geteuid() == 0:
        words = ["runuser", "-u", _USER, "--", *words]
    done = (run or _run)(words)
    try:
        answer: dict[str, Any] = json.loads(done.stdout)
        return code_of(str(answer["code"]))
    except (ValueError, KeyError, TypeError) as error:
        why = (done.stderr.strip().splitlines() or ["it gave none"])[-1]
        raise InstallError(f"central made no code: {why.removeprefix('portvakt: ')}") from error


def typed(wanted: Wanted, ask_hidden: Callable[[str], str]) -> str:
    """Let a person type it; it does not show."""
    where = f'"Replace…" at {wanted.replaces}' if wanted.replaces else '"New device…"'
    return code_of(
        ask_hidden(
            f"Make a code on central's page /office, under Devices, {where}.\nCode (it does not show): "
        )
    )


def _run(words: list[str]) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603 - no shell
    except FileNotFoundError as error:
        raise InstallError(
            f"there is no {error.filename} on this machine; give the code by --code-file"
        ) from error
