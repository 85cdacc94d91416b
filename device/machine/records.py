"""What the updater and the fetcher wrote down: where an update stands, and what is never tried again."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from contract.fleet import BadRelease, MachineHeard, Phase
from contract.reading import from_json
from device.machine.places import Places

LONGEST_WHY = 200
MOST_BAD = 8


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an update stands: the phase, the release that it speaks of, and why."""

    phase: Phase = Phase.SETTLED
    about: str = ""
    why: str = ""


def standing(places: Places, runs: str) -> Standing:
    """Say where an update stands on a machine where the release *runs* does."""
    trial = read_object(places.state / "trial.json")
    if trial:
        return Standing(Phase.TRIAL, _other(trial.get("release"), runs))
    done, fetched = places.state / "last.json", places.fetched
    # Whoever spoke last knows best; both write whole files.
    newest = max((done, fetched), key=_age)
    found = read_object(newest)
    if newest == fetched and found.get("phase") != Phase.REFUSED:
        found = read_object(done)
    return _said(found, runs)


def bad_releases(places: Places) -> list[BadRelease]:
    """The releases that this machine will not try again, the newest last."""
    found = _read(places.state / "bad.json")
    rows = [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []
    return [
        BadRelease(release=str(row["release"]), why=str(row.get("why", ""))[:LONGEST_WHY])
        for row in rows[-MOST_BAD:]
        if row.get("release")
    ]


def is_on_trial(places: Places) -> bool:
    """Whether the updater watches a new release now."""
    return (places.state / "trial.json").exists()


def heard(places: Places) -> MachineHeard | None:
    """What central wanted when it last said something new; None while it never did."""
    try:
        return from_json(places.wanted.read_bytes(), MachineHeard)
    except (OSError, msgspec.MsgspecError):
        return None


def read_object(path: Path) -> dict[str, Any]:
    """Read a JSON object; empty when there is none."""
    found = _read(path)
    return found if isinstance(found, dict) else {}


def _said(found: dict[str, Any], runs: str) -> Standing:
    try:
        phase = Phase(found.get("phase", Phase.SETTLED))
    except ValueError:
        return Standing()
    about, why = _other(found.get("about"), runs), str(found.get("why") or "")[:LONGEST_WHY]
    # What once settled and what runs are the same, or a person went back since: nothing to be said.
    return Standing() if phase is Phase.SETTLED else Standing(phase, about, why)


def _other(release: object, runs: str) -> str:
    return "" if release in {None, runs} else str(release)


def _age(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return -1


def _read(path: Path) -> Any:  # noqa: ANN401 - any JSON
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
