"""Whether a release is fetched now: values in, one sentence out when it is not."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from contract.fleet import BadRelease, MachineHeard, QuietTime, WantedRelease


@dataclass(frozen=True, slots=True)
class Rules:
    """What update.toml may change for the fetcher; the updater itself refuses a file with faults."""

    any_time: bool = False
    needs_clock: bool = True


@dataclass(frozen=True, slots=True)
class Moment:
    """How the machine is when it asks itself: the release that runs, and the time, if that is known."""

    runs: str
    now: datetime
    synced: bool
    on_trial: bool = False
    bad: Sequence[BadRelease] = field(default=())


@dataclass(frozen=True, slots=True)
class Wait:
    """Not now, and why; `drops` says that what lies in `incoming/` is of no use any more."""

    why: str = ""
    drops: bool = False


def decide(heard: MachineHeard | None, at: Moment, rules: Rules) -> WantedRelease | Wait:
    """Give the release to fetch, or why none is fetched."""
    wanted = None if heard is None else heard.wanted
    if heard is None or wanted is None or wanted.release == at.runs:
        return Wait(drops=True)
    if at.on_trial:
        return Wait("it waits for the end of the trial that is under way")
    bad = next((one for one in at.bad if one.release == wanted.release), None)
    if bad is not None:
        return Wait(f"it was tried here and is not tried again ({bad.why})", drops=True)
    if rules.needs_clock and not at.synced:
        return Wait("it waits: the clock is not set, so nobody knows whether the station is shut")
    if not rules.any_time and not is_quiet(heard.quiet, at.now):
        return Wait("it waits until the station is shut")
    return wanted


def is_quiet(times: Sequence[QuietTime], now: datetime) -> bool:
    """Whether the station is shut at *now*, by the times that central gave."""
    return any(one.begins_at <= now < one.ends_at for one in times)


def rules_in(settings: Path) -> Rules:
    """Read update.toml; without it, or where it cannot be read, the careful rules hold."""
    try:
        found = tomllib.loads((settings / "update.toml").read_text("utf-8"))
    except (OSError, ValueError):
        return Rules()
    return Rules(found.get("quiet") == "any", found.get("need_synced_clock") is not False)
