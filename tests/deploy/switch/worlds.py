"""A machine made of a folder: releases that are good or bad, services that run from them, and a plug."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from deploy.switch.disk import Disk
from deploy.switch.health import Look
from deploy.switch.links import current_folder, read_mark
from deploy.switch.place import CURRENT, MARK, RELEASES, Place
from deploy.switch.settings import Settings
from deploy.switch.trial import Trials
from deploy.switch.watching import watch

OLD, NEW = "26.11.4-aaaaaaaa.sign", "26.11.5-bbbbbbbb.sign"
SIGN, FRESH = "portvakt-sign.service", "portvakt-fresh.service"
UNITS = "/etc/systemd/system"
QUICK = Settings(watch_s=100, steady_s=20)


class PowerCut(Exception):
    """Somebody pulled the plug."""


class CutDisk(Disk):
    """A disk whose machine loses its power at the step *cut_at*, before it or just after it."""

    def __init__(self, cut_at: int | None = None, *, after: bool = False) -> None:
        self.steps = 0
        self.cut_at = cut_at
        self.after = after

    def _step(self, *, done: bool) -> None:
        self.steps += not done
        if self.steps == self.cut_at and self.after is done:
            raise PowerCut

    def write(self, path: Path, text: str, mode: int = 0o644) -> None:
        self._step(done=False)
        super().write(path, text, mode)
        self._step(done=True)

    def link(self, path: Path, points_at: str) -> None:
        self._step(done=False)
        super().link(path, points_at)
        self._step(done=True)

    def remove(self, path: Path) -> None:
        self._step(done=False)
        super().remove(path)
        self._step(done=True)


@dataclass
class FakeMachine:
    """Services that run from the release that was current when they were last started."""

    place: Place
    bad: set[str] = field(default_factory=set)
    runs_from: dict[str, str] = field(default_factory=dict)
    now: float = 0.0
    told: list[str] = field(default_factory=list)
    is_synced: bool = True
    cut_at_s: float | None = None
    faults: dict[str, set[str]] = field(default_factory=dict)
    reached: dict[str, bool] = field(default_factory=dict)
    answers: bool = True
    busy_until: float = 0.0
    boots: int = 0
    fallen: set[str] = field(default_factory=set)
    at_s: dict[float, Callable[[], object]] = field(default_factory=dict)

    def look(self, units: Sequence[str], since: float | None, *, ask_network: bool) -> Look:
        here = {unit: self.runs_from.get(unit, "") for unit in units}
        states = {unit: _state(folder, self.bad) for unit, folder in here.items()}
        states |= {unit: "auto-restart" for unit in self.fallen if here.get(unit)}
        folder = self.runs_from.get(SIGN, "")
        mark = read_mark(self.place, current_folder(self.place)) or {}
        speaks = folder and (read_mark(self.place, folder) or {}).get("release") == mark["release"]
        return Look(
            states,
            dict.fromkeys(units, 0),
            faults=frozenset(self.faults.get(folder, set())),
            speaks=frozenset({"portvakt-sign"} if speaks else ()),
            reached=self.reached.get(folder, True),
            answers=self.answers if ask_network else None,
            busy=self.now < self.busy_until,
        )

    def instances(self, templates: Sequence[str]) -> list[str]:
        return [name.replace("@.", "@8081.") for name in templates]

    def boot_id(self) -> str:
        return f"boot-{self.boots}"

    def reload(self) -> None:
        self.told.append("reload")

    def restart(self, units: Sequence[str]) -> None:
        self.told.append(f"restart {' '.join(units)}")
        self.runs_from |= dict.fromkeys(units, current_folder(self.place))

    def stop(self, units: Sequence[str]) -> None:
        for unit in units:
            self.told.append(f"stop {unit}")
            self.runs_from.pop(unit, None)

    def wait(self, seconds: float) -> None:
        self.now += seconds
        for at_s in [at_s for at_s in self.at_s if self.now >= at_s]:
            self.at_s.pop(at_s)()
        if self.cut_at_s is not None and self.now >= self.cut_at_s:
            self.cut_at_s = None
            raise PowerCut

    def now_s(self) -> float:
        return self.now

    def wall(self) -> float:
        return 1_790_000_000.0 + self.now

    def synced(self) -> bool:
        return self.is_synced


class World:
    """One machine over all its boots.  Good releases stay, bad ones must not."""

    def __init__(self, root: Path, *, bad: bool, settings: Settings = QUICK) -> None:
        self.place = Place(root, is_root=False)
        self.settings = settings
        make_release(self.place, OLD, [SIGN])
        make_release(self.place, NEW, [SIGN, FRESH])
        self.machine = FakeMachine(self.place, bad={NEW} if bad else set())
        self.disk: Disk = Disk()
        self.trials.settle_on(OLD)
        self.machine.restart([SIGN])

    @property
    def trials(self) -> Trials:
        return Trials(self.place, self.disk, self.machine, self.settings)

    @property
    def current(self) -> str:
        return current_folder(self.place)

    def update(self) -> None:
        """What the updater does when the new release lies ready, and when a trial is under way."""
        if self.trials.records.trial() is None:
            if self.current == NEW or NEW.removesuffix(".sign") in self.trials.records.bad():
                return
            self.trials.begin(NEW)
        self.watch()

    def watch(self) -> None:
        """What the updater does while a trial is under way."""
        watch(self.trials)

    def boot(self) -> None:
        """The machine starts: the check, then whatever units are linked."""
        self.machine.boots += 1
        self.machine.runs_from = {}
        self.trials.boot()
        assert read_mark(self.place, self.current) is not None, "no service could start"
        units = [unit for unit in (SIGN, FRESH) if (self.place.path(UNITS) / unit).is_symlink()]
        self.machine.restart(units)

    def live_through(self, cuts: Sequence[Disk]) -> None:
        """Update with a power cut for each disk of *cuts*, and go on until all is quiet."""
        for disk in [*cuts, Disk()]:
            self.disk = disk
            try:
                if disk is not cuts[0]:
                    self.boot()
                self.update()
            except PowerCut:
                continue


def make_release(place: Place, folder: str, units: Sequence[str]) -> None:
    """A whole release as staging leaves it, with its units."""
    path = place.path(RELEASES) / folder
    (path / "systemd").mkdir(parents=True, exist_ok=True)
    for unit in units:
        (path / "systemd" / unit).write_text("[Service]\n")
    links = [[f"{UNITS}/{unit}", f"{CURRENT}/systemd/{unit}"] for unit in units]
    mark = {
        "release": folder.rsplit(".", 1)[0],
        "version": folder.partition("-")[0],
        "platform": "cp311-aarch64",
        "roles": ["sign"],
        "units": list(units),
        "links": links,
    }
    (path / MARK).write_text(json.dumps(mark))


def _state(folder: str, bad: set[str]) -> str:
    if not folder:
        return "inactive"
    return "failed" if folder in bad else "active"
