"""Our services as systemd sees them, asked without privileges."""

import subprocess
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from contract.fleet import UnitFacts

MOST = 16
ASK_S = 5.0
_GROUPS = Path("/sys/fs/cgroup/system.slice")

Show = Callable[[list[str]], str]


def ours(units: Iterable[object]) -> list[str]:
    """Of the units of a release, the services that can be asked about; no templates, no timers."""
    named = (str(unit) for unit in units)
    return [unit for unit in named if unit.endswith(".service") and "@." not in unit][:MOST]


def unit_facts(
    units: list[str], show: Show | None = None, groups: Path = _GROUPS
) -> list[UnitFacts]:
    """Say how *units* are; where nobody answers on the bus, whether they have processes."""
    try:
        return list(parsed((show or _systemctl)(units))) if units else []
    except (OSError, subprocess.SubprocessError):
        return [UnitFacts(unit=unit, state=_by_group(groups / unit)) for unit in units]


def parsed(shown: str) -> Iterator[UnitFacts]:
    """Read what `systemctl show` prints: blocks of Key=value, one for each unit, blank lines between."""
    for block in shown.strip().split("\n\n"):
        found = dict(line.partition("=")[::2] for line in block.splitlines())
        if not found.get("Id") or found.get("LoadState") == "not-found":
            continue
        restarts = found.get("NRestarts", "")
        yield UnitFacts(
            unit=found["Id"][:64],
            state=found.get("ActiveState") or "unknown",
            restarts=int(restarts) if restarts.isdecimal() else 0,
        )


def _systemctl(units: list[str]) -> str:
    asked = "--property=Id,LoadState,ActiveState,NRestarts"
    words = ["systemctl", "show", "--no-pager", asked, *units]
    done = subprocess.run(  # noqa: S603 - words of our own release, no shell
        words, capture_output=True, text=True, check=True, timeout=ASK_S
    )
    return done.stdout


def _by_group(group: Path) -> str:
    """A unit that runs has a control group with processes in it."""
    try:
        return "active" if (group / "cgroup.procs").read_text("ascii").strip() else "inactive"
    except OSError:
        return "inactive"
