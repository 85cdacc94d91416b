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
from deploy.switch.health import Look
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

LOOK_S = 5.0
# Nobody types that long; a key that hangs must not hold up an update for ever.
_BUSY_S = 120.0


class Trials:
    """The trial of one machine."""

    def __init__(self, place: Place, disk: Disk, machine: Machine, settings: Settings) -> None:
        self.place = place
        self.disk = disk
        self.machine = machine
        self.settings = settings
        self.records = Records(place, disk)

    def begin(self, folder: str) -> None:
        """Let the staged release in *folder* run, as a trial."""
        mark = self._mark(folder)
        old = current_folder(self.place)
        units = self.units(old)
        look = self._when_nobody_types(units)
        since, boot_id = self.machine.wall(), self.machine.boot_id()
        trial = Trial(
            mark["release"], folder, old, boot_id=boot_id, since=since, before=look.before()
        )
        self.records.begin(trial)
        self._say(TRIAL, trial.release)
        log.info("%s: tried from now on, %s stays beside it", trial.release, old or "nothing")
        try:
            self._turn_to(folder, running(units, look))
        except (InstallError, OSError) as error:
            self.roll_back(trial, str(error))

    def commit(self, trial: Trial) -> None:
        """The release is good: it is tried no longer, and older ones may go."""
        self._say(SETTLED, trial.release)
        self.records.end()
        cut_links(self.place, self.disk)
        keep = {trial.to, trial.back_to}
        forget_old(self.place, self.disk, keep, self.settings.keep)
        log.info("%s: good, it stays", trial.release)

    def roll_back(self, trial: Trial, why: str, *, at_boot: bool = False) -> None:
        """Go back to the release before; this one is not tried again."""
        log.warning("%s: %s; going back to %s", trial.release, why, trial.back_to)
        try:
            self.records.condemn(trial.release, why)
        except OSError as error:  # a full disk must not keep us on a bad release
            log.warning("%s: not written down as bad: %s", trial.release, error.strerror)
        back_to = self._whole(trial)
        units, kept = self.units(trial.to), self.units(back_to)
        look = None if at_boot else self.machine.look(units, None, ask_network=False)
        if not at_boot:
            self.machine.stop([unit for unit in units if unit not in kept])
        flip(self.place, self.disk, back_to)
        self._mend({*units, *kept})
        self.machine.reload()
        if look is not None:
            ran = {*trial.before.runs, *running(units, look)}
            self.machine.restart([unit for unit in kept if unit in ran])
        # Last: until then a cut, a kill or a full disk finds a trial that is bad, and comes here again.
        self._say(ROLLED_BACK, trial.release, why)
        self.records.end()

    def boot(self) -> None:
        """Before our services, at every boot: count a boot of the trial, and finish what a cut left."""
        if self.records.drop_broken():
            log.warning("the trial under way could not be read; is the card dying?")
        trial = self.records.trial()
        current = current_folder(self.place)
        if trial is None:
            self._heal(current)
        elif trial.release in self.records.bad():
            self.roll_back(trial, self.records.bad()[trial.release], at_boot=True)
        elif current != trial.to:
            log.info("%s: the switch to it had not begun", trial.release)
            self.records.end()
            self._heal(current)
        elif trial.boot_id and trial.boot_id == self.machine.boot_id():
            log.info("%s: this boot is counted already", trial.release)
        elif trial.boots + 1 >= self.settings.boots:
            why = f"the machine was started {trial.boots + 1} times before it was found good"
            self.roll_back(trial, why, at_boot=True)
        else:
            boot_id, since = self.machine.boot_id(), self.machine.wall()
            counted = replace(trial, boots=trial.boots + 1, boot_id=boot_id, since=since)
            self.records.begin(counted)
            self._mend_at_boot(trial)

    def back(self) -> str:
        """A person goes back to the release before; give its folder.

        Raises:
            InstallError: there is none.
        """
        trial = self.records.trial()
        current = current_folder(self.place)
        mark = read_mark(self.place, current) or {}
        back_to = trial.back_to if trial else self._newest(but=current)
        if not back_to or not mark:
            raise InstallError("there is no release to go back to")
        self.roll_back(Trial(mark["release"], current, back_to), "a person went back")
        return current_folder(self.place)

    def settle_on(self, folder: str) -> list[str]:
        """Let the staged release in *folder* run without a trial, because a person says so.

        Gives the units that are new on this machine.
        """
        mark = self._mark(folder)
        begun = self.records.installing()
        old = current_folder(self.place) if begun is None else begun
        self.records.install_begins(old)
        self.records.end()
        self.records.forget(mark["release"])
        flip(self.place, self.disk, folder)
        # After a cut a missing link is one that was not made yet, not one that a person took away.
        known = set() if begun is not None and old == folder else set(self.units(old))
        fresh = mend_links(self.place, self.disk, known)
        cut_links(self.place, self.disk)
        self._say(SETTLED, mark["release"])
        self.records.install_ends()
        forget_old(self.place, self.disk, {folder, old} - {""}, self.settings.keep)
        return fresh

    def _turn_to(self, folder: str, units: list[str]) -> None:
        known = set(self.units(current_folder(self.place)))
        flip(self.place, self.disk, folder)
        fresh = mend_links(self.place, self.disk, known)
        self.machine.reload()
        there = self.units(folder)
        gone = [unit for unit in units if unit not in there]
        self.machine.stop(gone)
        self.machine.restart([unit for unit in [*units, *fresh] if unit in there])

    def _when_nobody_types(self, units: list[str]) -> Look:
        """Look until nobody stands at the post: what was beeped for must not be lost with a restart."""
        until = self.machine.now_s() + _BUSY_S
        while True:
            look = self.machine.look(units, None, ask_network=False)
            if not look.busy or self.machine.now_s() >= until:
                return look
            self.machine.wait(LOOK_S)

    def _mend_at_boot(self, trial: Trial) -> None:
        self._mend(set(self.units(trial.back_to)), cut=False)
        self.machine.reload()

    def _mend(self, known: set[str], *, cut: bool = True) -> None:
        """On the way back and at a boot a link that cannot be made stops nothing else."""
        try:
            mend_links(self.place, self.disk, known)
            if cut:
                cut_links(self.place, self.disk)
        except (InstallError, OSError) as error:
            log.warning("links: %s", error)

    def _heal(self, current: str) -> None:
        """`current` must be a whole release, whatever happened to the disk."""
        if read_mark(self.place, current) is not None:
            return
        found = self._newest(but=current)
        if found:
            log.warning("%s is no whole release; %s takes its place", current or "current", found)
            flip(self.place, self.disk, found)
            self._mend(set())
            self.machine.reload()

    def _whole(self, trial: Trial) -> str:
        """Where to go back to: what ran before, or the newest other one when that is damaged."""
        found = trial.back_to
        if read_mark(self.place, found) is None:
            found = self._newest(but=trial.to)
        if not found:
            raise InstallError("there is no release to go back to; install one again")
        return found

    def _newest(self, but: str) -> str:
        folder, bad = self.place.path(RELEASES), self.records.bad()
        found = [path for path in folder.glob("*") if path.name != but]
        marks = [(path, read_mark(self.place, path.name)) for path in found]
        whole = [path for path, mark in marks if mark and mark.get("release") not in bad]
        newest: Callable[[Path], float] = lambda path: path.stat().st_mtime  # noqa: E731
        return max(whole, key=newest).name if whole else ""

    def _mark(self, folder: str) -> dict[str, Any]:
        mark = read_mark(self.place, folder)
        if mark is None:
            raise InstallError(f"{folder} is not a whole release")
        return mark

    def units(self, folder: str) -> list[str]:
        """The units of the release in *folder*, and the instances that a person made of its templates."""
        mark = read_mark(self.place, folder) or {}
        return [*mark.get("units", []), *self.machine.instances(templates_of(mark))]

    def _say(self, phase: str, about: str, why: str = "") -> None:
        """Tell it to the heartbeat; a full disk keeps nobody from the next step."""
        try:
            self.records.say(phase, about, why, stamp(self.machine))
        except OSError as error:
            log.warning("%s %s: not written down: %s", about, phase, error.strerror)
