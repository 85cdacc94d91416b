"""The command `switch`: what systemd starts, and what a technician types."""

import argparse
import json
import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from deploy.errors import DiskFull, InstallError, told
from deploy.switch import arrived, reach
from deploy.switch.disk import Disk
from deploy.switch.links import current_folder, read_mark
from deploy.switch.lock import held
from deploy.switch.machine import Machine, RealMachine, stamp
from deploy.switch.place import SETTINGS, Place
from deploy.switch.records import REFUSED, STAGING
from deploy.switch.settings import Settings, read_settings
from deploy.switch.staging import stage
from deploy.switch.trial import Trials
from deploy.switch.watching import watch

log = logging.getLogger("switch")

REFUSED_STATUS = 2
_ENDED_STATUS = 1
_WAY_BACK_S = 600.0


class Switch:
    """One run of the command."""

    def __init__(self, place: Place, disk: Disk, machine: Machine) -> None:
        self.place = place
        self.disk = disk
        self.machine = machine
        self.fault = ""
        try:
            self.settings = read_settings(place.path(SETTINGS))
        except InstallError as error:  # a slip of the pen must not switch off the way back
            self.settings, self.fault = Settings(), str(error)
            log.warning("%s; without it the defaults hold", error)
        self.trials = Trials(place, disk, machine, self.settings)

    def run(self) -> str:
        """Go on with a trial, or take what lies ready; say in one sentence what came of it."""
        with held(self.place):
            self.trials.records.drop_broken()
            trial = self.trials.records.trial()
            said = "" if trial is not None else self._begun()
        if said:
            return said
        trial = self.trials.records.trial()
        return self._watched(trial.release if trial else "")

    def _begun(self) -> str:
        """Begin the trial of what lies ready, or say why not."""
        ready = arrived.read_ready(self.place)
        if ready is None:
            return "nothing lies ready"
        waits = self._waits(ready)
        if waits:
            return waits
        try:
            self._say(STAGING, ready.release)
            folder = arrived.take(self.place, ready, self.disk)
        except (InstallError, OSError) as error:
            return self._refused(ready, error)
        waits = self._waits(ready)  # staging takes minutes, and the night may be over
        if waits:
            return waits
        self.trials.begin(folder)
        arrived.clear(self.place, self.disk, with_files=True)
        return ""

    def take(self, tar: Path) -> str:
        """Take the release in *tar* now, because a person says so; watch it all the same.

        Raises:
            InstallError: it cannot be taken, or something is on trial already.
        """
        if self.fault:
            raise InstallError(self.fault)
        with held(self.place, patient=False):
            trial = self.trials.records.trial()
            if trial is not None:
                raise InstallError(f"{trial.release} is on trial; wait until it is over")
            folder = arrived.take(self.place, arrived.Ready("", tar.absolute()), self.disk)
            if folder == current_folder(self.place):
                return f"{folder} runs here already"
            release = str((read_mark(self.place, folder) or {})["release"])
            self.trials.records.forget(release)
            self.trials.begin(folder)
        return self._watched(release)

    def back(self) -> str:
        """Go back to the release before, also in the middle of a trial."""
        with held(self.place):
            return f"{self.trials.back()} runs again"

    def forget(self, release: str) -> str:
        """Let a bad release be tried again."""
        with held(self.place):
            self.trials.records.forget(release)
        return f"{release} may be tried again"

    def status(self) -> dict[str, object]:
        """How it stands, for a person and for `--json`."""
        records, folder = self.trials.records, current_folder(self.place)
        mark, trial = read_mark(self.place, folder) or {}, records.trial()
        return {
            "release": mark.get("release", ""),
            "roles": mark.get("roles", []),
            "trial": trial.release if trial else None,
            "boots": trial.boots if trial else 0,
            "bad": records.bad(),
            "last": records.last(),
        }

    def _waits(self, ready: arrived.Ready) -> str:
        """Why what lies ready is not taken now; empty when it is."""
        mark = read_mark(self.place, current_folder(self.place)) or {}
        if mark.get("release") == ready.release:
            arrived.clear(self.place, self.disk, with_files=True)
            return f"{ready.release} runs here already"
        if ready.release in self.trials.records.bad():
            arrived.clear(self.place, self.disk, with_files=True)
            return f"{ready.release} was tried here and is bad; it is not tried again"
        if self.fault:
            return f"{ready.release} waits: {self.fault}"
        if self.settings.need_synced_clock and not self.machine.synced():
            return (
                f"{ready.release} waits: the clock is not set, so nobody knows whether it is night"
            )
        if self.settings.quiet == "station" and not self._is_quiet():
            return f"{ready.release} waits until the station is shut"
        return ""

    def _is_quiet(self) -> bool:
        """Whether the whole trial and a way back fit into the time in which the station is shut."""
        now = self.machine.wall()
        ends = now + self.settings.watch_s + _WAY_BACK_S
        return arrived.is_quiet(self.place, now) and arrived.is_quiet(self.place, ends)

    def _watched(self, release: str) -> str:
        watch(self.trials)
        bad = self.trials.records.bad()
        if release in bad:
            return f"{release} was taken back: {bad[release]}"
        if (read_mark(self.place, current_folder(self.place)) or {}).get("release") == release:
            return f"{release} is good and stays"
        return f"{release} was not begun, or somebody else has ended its trial"

    def _refused(self, ready: arrived.Ready, error: Exception) -> str:
        told_error = told(error, self.place.root) if isinstance(error, OSError) else error
        log.warning("%s: refused: %s", ready.release, told_error)
        self._say(REFUSED, ready.release, str(told_error))
        # On a full disk the file is good and stays; whatever else is wrong, it is fetched anew.
        is_full = isinstance(told_error, DiskFull)
        arrived.clear(self.place, self.disk, with_files=not is_full)
        return f"{ready.release} was refused: {told_error}"

    def _say(self, phase: str, about: str, why: str = "") -> None:
        self.trials.records.say(phase, about, why, stamp(self.machine))


def main(words: list[str] | None = None) -> int:
    """Run the command; 2 and one sentence when it cannot be done."""
    os.umask(0o022)  # who types this may have a stricter one, and services must read a release
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    try:
        chosen = _arguments(words)
        place = Place(chosen.root)
        return int(chosen.does(chosen, place))
    except InstallError as error:
        sys.stderr.write(f"switch: {error}.\n")
        return REFUSED_STATUS
    except OSError as error:
        sys.stderr.write(f"switch: {told(error, Path('/'))}.\n")
        return REFUSED_STATUS


def _made(place: Place) -> Switch:
    return Switch(place, Disk(), RealMachine(place))


def _run(_chosen: argparse.Namespace, place: Place) -> int:
    return _said(_made(place).run())


def _take(chosen: argparse.Namespace, place: Place) -> int:
    return _said(_made(place).take(chosen.file))


def _boot(_chosen: argparse.Namespace, place: Place) -> int:
    _made(place).trials.boot()
    return 0


def _status(chosen: argparse.Namespace, place: Place) -> int:
    found = _made(place).status()
    if chosen.json:
        return _said(json.dumps(found))
    last, bad = found["last"], found["bad"]
    said = [f"{found['release'] or 'no release'} runs here"]
    if found["trial"]:
        said = [f"{found['trial']} is on trial (boot {found['boots']})"]
    if isinstance(last, dict) and last:
        said.append(f"last: {last['about']} {last['phase']} {last['why']} {last['at']}".strip())
    if isinstance(bad, dict):
        said += [f"not tried again: {release} ({why})" for release, why in bad.items()]
    return _said("\n".join(said))


def _back(_chosen: argparse.Namespace, place: Place) -> int:
    return _said(_made(place).back())


def _forget(chosen: argparse.Namespace, place: Place) -> int:
    return _said(_made(place).forget(chosen.release))


def _stage(chosen: argparse.Namespace, place: Place) -> int:
    return _said(stage(chosen.folder, place, chosen.role))


def _reach(chosen: argparse.Namespace, place: Place) -> int:
    where = [(chosen.host, chosen.port)] if chosen.host else list(reach.centrals(place))
    return 0 if any(reach.answers(host, port) for host, port in where) else _ENDED_STATUS


def _said(text: str) -> int:
    sys.stdout.write(text + "\n")
    return 0


class _Sentences(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise InstallError(f"{message}; see switch --help")


def _arguments(words: list[str] | None) -> argparse.Namespace:
    parser = _Sentences(prog="switch", description="Take, try and take back releases.")
    parser.add_argument("--root", type=Path, default=Path("/"), help="the root of the machine")
    commands = parser.add_subparsers(required=True, parser_class=_Sentences)

    def command(
        name: str, does: Callable[[argparse.Namespace, Place], int], text: str
    ) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=text, description=text)
        made.set_defaults(does=does)
        return made

    command("run", _run, "go on with a trial, or take what lies ready")
    taking = command("take", _take, "take the release in a file now, and watch it as at night")
    taking.add_argument("file", type=Path)
    command("boot", _boot, "at a boot, before our services: count it, finish what a cut left")
    command("status", _status, "how it stands").add_argument("--json", action="store_true")
    command("back", _back, "go back to the release before, and do not try this one again")
    command("forget", _forget, "let a bad release be tried again").add_argument("release")
    staging = command("stage", _stage, "build an unpacked release beside the others")
    staging.add_argument("folder", type=Path)
    staging.add_argument("--role", action="append", required=True)
    reaching = command("reach", _reach, "does central's port take a connection; 1 when not")
    reaching.add_argument("host", nargs="?", default="")
    reaching.add_argument("port", nargs="?", type=int, default=443)
    return parser.parse_args(words)
