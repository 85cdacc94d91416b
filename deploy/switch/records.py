"""What the updater remembers across power cuts: the trial under way, bad releases, the last thing done."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from deploy.switch.disk import Disk
from deploy.switch.place import STATE, Place

KEPT_BAD = 8
# The words of contract.fleet.Phase, which this program must not import: it outlives releases.
SETTLED, STAGING, TRIAL, ROLLED_BACK, REFUSED = (
    "settled",
    "staging",
    "trial",
    "rolled_back",
    "refused",
)


@dataclass(frozen=True, slots=True)
class Before:
    """How the machine was just before the switch, which a new release must not make worse."""

    faults: tuple[str, ...] = ()
    speaks: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()
    reached: bool = False


@dataclass(frozen=True, slots=True)
class Trial:
    """A release that is tried: from which folder to which, and how many boots it has seen.

    `boot_id` is the kernel's for the boot that was counted last; `since` the wall time from which on central
    must have been reached.
    """

    release: str
    to: str
    back_to: str
    boots: int = 0
    boot_id: str = ""
    since: float = 0.0
    before: Before = field(default_factory=Before)


class Records:
    """The files under `state/`.  One that cannot be read counts as not there: only a dying card does that."""

    def __init__(self, place: Place, disk: Disk) -> None:
        self._folder = place.path(STATE)
        self._disk = disk

    @property
    def folder(self) -> Path:
        """Where they lie."""
        return self._folder

    def trial(self) -> Trial | None:
        """The trial under way."""
        found = self._read("trial.json")
        try:
            facts: dict[str, Any] = found.pop("before", {})
            before = Before(**{name: _whole(fact) for name, fact in facts.items()})
            return Trial(**found, before=before)
        except (TypeError, AttributeError):
            return None

    def drop_broken(self) -> bool:
        """Forget a trial that cannot be read, which only a dying card leaves; whether there was one."""
        path = self._folder / "trial.json"
        if self.trial() is not None or not path.exists():
            return False
        self._disk.remove(path)
        return True

    def installing(self) -> str | None:
        """The folder that was current when an installation began that has not ended."""
        found = self._read("installing.json")
        return str(found["before"]) if "before" in found else None

    def install_begins(self, before: str) -> None:
        """Remember that an installation begins, and what ran before it."""
        self._write("installing.json", {"before": before})

    def install_ends(self) -> None:
        """The installation is whole."""
        self._disk.remove(self._folder / "installing.json")

    def begin(self, trial: Trial) -> None:
        """Remember that *trial* is under way."""
        self._write("trial.json", asdict(trial))

    def end(self) -> None:
        """No trial is under way any more."""
        self._disk.remove(self._folder / "trial.json")

    def bad(self) -> dict[str, str]:
        """The releases that are not tried again, and why."""
        found = self._read("bad.json")
        rows = found if isinstance(found, list) else []
        return {str(row["release"]): str(row.get("why", "")) for row in rows if "release" in row}

    def condemn(self, release: str, why: str) -> None:
        """Never try *release* again."""
        rows = [one for one in self.bad().items() if one[0] != release][-(KEPT_BAD - 1) :]
        self._write_bad([*rows, (release, why)])

    def forget(self, release: str) -> None:
        """Let *release* be tried again."""
        self._write_bad([one for one in self.bad().items() if one[0] != release])

    def last(self) -> dict[str, Any]:
        """The last thing done: `phase`, `about`, `why`, `at`."""
        found = self._read("last.json")
        return found if isinstance(found, dict) else {}

    def say(self, phase: str, about: str, why: str, at: str) -> None:
        """Write down what was done last, for the heartbeat and for `switch status`."""
        self._write("last.json", {"phase": phase, "about": about, "why": why[:200], "at": at})

    def _write_bad(self, rows: list[tuple[str, str]]) -> None:
        self._write("bad.json", [{"release": one, "why": why[:200]} for one, why in rows])

    def _read(self, name: str) -> Any:  # noqa: ANN401 - what a file of JSON holds
        try:
            return json.loads((self._folder / name).read_text("utf-8"))
        except (OSError, ValueError):
            return {}

    def _write(self, name: str, content: Mapping[str, Any] | list[Any]) -> None:
        self._disk.write(self._folder / name, json.dumps(content) + "\n")


def _whole(value: Any) -> Any:  # noqa: ANN401 - a list of JSON is a tuple of ours
    return tuple(value) if isinstance(value, list) else value
