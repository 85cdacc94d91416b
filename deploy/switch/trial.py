"""An update that undoes itself: mark, flip, watch, then commit or go back.

Each step is on the disk before the next one, in an order that leaves a working release after a cut at any
point: what is tried is written down before `current` moves, what is bad before it moves back.
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from deploy.errors import InstallError
from deploy.switch.disk import Disk
from deploy.switch.health import Look, Watch
from deploy.switch.links import (
    current_folder,
    cut_links,
    flip,
    mend_links,
    read_mark,
    templates_of,
)
from deploy.switch.machine import Machine, running, stamp
from deploy.switch.place import RELEASES, Place
from deploy.switch.records import ROLLED_BACK, SETTLED, TRIAL, Records, Trial
from deploy.switch.settings import Settings
from deploy.switch.staging import forget_old

log = logging.getLogger("switch")

_LOOK_S = 5.0
# Nobody types that long; a key that hangs must not hold up an update for ever.
_BUSY_S = 120.0


class Trials:
    """The trial of one machine."""

    def __init__(self, place: Place, disk: Disk, machine: Machine, settings: Settings) -> None:
        self._place = place
        self._disk = disk
        self._machine = machine
        self._settings = settings
        self.records = Records(place, disk)

    def begin(self, folder: str) -> None:
        """Let the staged release in *folder* run, as a trial."""
        mark = self._mark(folder)
        old = current_folder(self._place)
        units = self._units(old)
        look = self._when_nobody_types(units)
        trial = Trial(mark["release"], folder, old, before=look.before())
        self.records.begin(trial)
        self._say(TRIAL, trial.release)
        log.info("%s: tried from now on, %s stays beside it", trial.release, old or "nothing")
        try:
            self._turn_to(folder, running(units, look))
        except (InstallError, OSError) as error:
            self.roll_back(trial, str(error))

    def watch(self) -> bool:
        """Watch the trial under way until it is good or not; whether it was."""
        trial = self.records.trial()
        if trial is None:
            return True
        if current_folder(self._place) != trial.to and trial.release not in self.records.bad():
            self.records.end()  # we were ended before the switch to it began
            return False
        # We may have been ended on the way back, too.
        why = self.records.bad().get(trial.release) or self._judged(trial)
        if why:
            self.roll_back(trial, why)
            return False
        self.commit(trial)
        return True

    def commit(self, trial: Trial) -> None:
        """The release is good: it is tried no longer, and older ones may go."""
        self._say(SETTLED, trial.release)
        self.records.end()
        cut_links(self._place, self._disk)
        keep = {trial.to, trial.back_to}
        forget_old(self._place, self._disk, keep, self._settings.keep)
        log.info("%s: good, it stays", trial.release)

    def roll_back(self, trial: Trial, why: str, *, at_boot: bool = False) -> None:
        """Go back to the release before; this one is not tried again."""
        log.warning("%s: %s; going back to %s", trial.release, why, trial.back_to)
        try:
            self.records.condemn(trial.release, why)
        except OSError as error:  # a full disk must not keep us on a bad release
            log.warning("%s: not written down as bad: %s", trial.release, error.strerror)
        back_to = self._whole(trial)
        units, kept = self._units(trial.to), self._units(back_to)
        look = None if at_boot else self._machine.look(units, None, ask_network=False)
        if not at_boot:
            self._machine.stop([unit for unit in units if unit not in kept])
        flip(self._place, self._disk, back_to)
        self._mend({*units, *kept})
        self._say(ROLLED_BACK, trial.release, why)
        self.records.end()
        self._machine.reload()
        if look is not None:
            ran = {*trial.before.runs, *running(units, look)}
            self._machine.restart([unit for unit in kept if unit in ran])

    def boot(self) -> None:
        """Before our services, at every boot: count a boot of the trial, and finish what a cut left."""
        trial = self.records.trial()
        current = current_folder(self._place)
        if trial is None:
            self._heal(current)
        elif trial.release in self.records.bad():
            self.roll_back(trial, self.records.bad()[trial.release], at_boot=True)
        elif current != trial.to:
            log.info("%s: the switch to it had not begun", trial.release)
            self.records.end()
            self._heal(current)
        elif trial.boots + 1 >= self._settings.boots:
            why = f"the machine was started {trial.boots + 1} times before it was found good"
            self.roll_back(trial, why, at_boot=True)
        else:
            self.records.begin(replace(trial, boots=trial.boots + 1))
            self._mend_at_boot(trial)

    def back(self) -> str:
        """A person goes back to the release before; give its folder.

        Raises:
            InstallError: there is none.
        """
        trial = self.records.trial()
        current = current_folder(self._place)
        mark = read_mark(self._place, current) or {}
        back_to = trial.back_to if trial else self._newest(but=current)
        if not back_to or not mark:
            raise InstallError("there is no release to go back to")
        self.roll_back(Trial(mark["release"], current, back_to), "a person went back")
        return current_folder(self._place)

    def settle_on(self, folder: str) -> list[str]:
        """Let the staged release in *folder* run without a trial, because a person says so.

        Gives the units that are new on this machine.
        """
        mark = self._mark(folder)
        old = current_folder(self._place)
        self.records.end()
        self.records.forget(mark["release"])
        flip(self._place, self._disk, folder)
        fresh = mend_links(self._place, self._disk, set(self._units(old)))
        cut_links(self._place, self._disk)
        self._say(SETTLED, mark["release"])
        forget_old(self._place, self._disk, {folder, old} - {""}, self._settings.keep)
        return fresh

    def _turn_to(self, folder: str, units: list[str]) -> None:
        known = set(self._units(current_folder(self._place)))
        flip(self._place, self._disk, folder)
        fresh = mend_links(self._place, self._disk, known)
        self._machine.reload()
        there = self._units(folder)
        gone = [unit for unit in units if unit not in there]
        self._machine.stop(gone)
        self._machine.restart([unit for unit in [*units, *fresh] if unit in there])

    def _when_nobody_types(self, units: list[str]) -> Look:
        """Look until nobody stands at the post: what was beeped for must not be lost with a restart."""
        until = self._machine.now_s() + _BUSY_S
        while True:
            look = self._machine.look(units, None, ask_network=False)
            if not look.busy or self._machine.now_s() >= until:
                return look
            self._machine.wait(_LOOK_S)

    def _judged(self, trial: Trial) -> str:
        begun, since = self._machine.now_s(), self._machine.wall()
        units = self._units(trial.to)
        # What the new release has dropped need not run.
        kept = tuple(unit for unit in trial.before.runs if unit in units)
        watch = Watch(self._settings, replace(trial.before, runs=kept))
        while True:
            at_s = self._machine.now_s() - begun
            ends = at_s >= self._settings.watch_s
            look = self._machine.look(units, since, ask_network=ends)
            result = watch.look(look, at_s)
            if isinstance(result, str):
                return result
            watch = result
            self._machine.wait(min(_LOOK_S, max(self._settings.watch_s - at_s, 0.1)))

    def _mend_at_boot(self, trial: Trial) -> None:
        self._mend(set(self._units(trial.back_to)), cut=False)
        self._machine.reload()

    def _mend(self, known: set[str], *, cut: bool = True) -> None:
        """On the way back and at a boot a link that cannot be made stops nothing else."""
        try:
            mend_links(self._place, self._disk, known)
            if cut:
                cut_links(self._place, self._disk)
        except (InstallError, OSError) as error:
            log.warning("links: %s", error)

    def _heal(self, current: str) -> None:
        """`current` must be a whole release, whatever happened to the disk."""
        if read_mark(self._place, current) is not None:
            return
        found = self._newest(but=current)
        if found:
            log.warning("%s is no whole release; %s takes its place", current or "current", found)
            flip(self._place, self._disk, found)
            self._mend(set())
            self._machine.reload()

    def _whole(self, trial: Trial) -> str:
        """Where to go back to: what ran before, or the newest other one when that is damaged."""
        found = trial.back_to
        if read_mark(self._place, found) is None:
            found = self._newest(but=trial.to)
        if not found:
            raise InstallError("there is no release to go back to; install one again")
        return found

    def _newest(self, but: str) -> str:
        folder, bad = self._place.path(RELEASES), self.records.bad()
        found = [path for path in folder.glob("*") if path.name != but]
        marks = [(path, read_mark(self._place, path.name)) for path in found]
        whole = [path for path, mark in marks if mark and mark.get("release") not in bad]
        newest: Callable[[Path], float] = lambda path: path.stat().st_mtime  # noqa: E731
        return max(whole, key=newest).name if whole else ""

    def _mark(self, folder: str) -> dict[str, Any]:
        mark = read_mark(self._place, folder)
        if mark is None:
            raise InstallError(f"{folder} is not a whole release")
        return mark

    def _units(self, folder: str) -> list[str]:
        """The units of the release in *folder*, and the instances that a person made of its templates."""
        mark = read_mark(self._place, folder) or {}
        return [*mark.get("units", []), *self._machine.instances(templates_of(mark))]

    def _say(self, phase: str, about: str, why: str = "") -> None:
        self.records.say(phase, about, why, stamp(self._machine))
