"""The minutes in which a new release shows what it is worth."""

import logging
from dataclasses import dataclass, replace

from deploy.switch.health import Watch
from deploy.switch.links import current_folder
from deploy.switch.lock import held
from deploy.switch.records import Trial
from deploy.switch.trial import LOOK_S, Trials

log = logging.getLogger("switch")


@dataclass(frozen=True, slots=True)
class _Watching:
    trial: Trial
    watch: Watch
    units: list[str]


def watch(trials: Trials) -> None:
    """Watch the trial under way until it is good or not, or somebody else has ended it.

    The lock is held for each look, and free between them.
    """
    with held(trials.place):
        watching = _resumed(trials)
    begun = trials.machine.now_s()
    while watching is not None:
        with held(trials.place):
            watching = _looked(trials, watching, trials.machine.now_s() - begun)
        if watching is not None:
            left_s = trials.settings.watch_s - (trials.machine.now_s() - begun)
            trials.machine.wait(min(LOOK_S, max(left_s, 0.1)))


def _resumed(trials: Trials) -> "_Watching | None":
    """The trial under way, to be watched; what an end of ours left half done is finished first."""
    trial = trials.records.trial()
    if trial is None:
        return None
    why = trials.records.bad().get(trial.release)
    if why is not None:
        trials.roll_back(trial, why)
        return None
    if current_folder(trials.place) != trial.to:
        trials.records.end()  # we were ended before the switch to it began
        return None
    units, old = trials.units(trial.to), trials.units(trial.back_to)
    # What the new release has dropped need not run.
    kept = tuple(unit for unit in trial.before.runs if unit in units)
    brought = tuple(unit for unit in units if unit not in old)
    watch = Watch(trials.settings, replace(trial.before, runs=kept), brought)
    return _Watching(trial, watch, units)


def _looked(trials: Trials, watching: "_Watching", at_s: float) -> "_Watching | None":
    """One look: the next one, or None when the trial has ended."""
    trial = trials.records.trial()
    if trial is None or trial.to != watching.trial.to:
        log.info("%s: somebody else has ended its trial", watching.trial.release)
        return None
    ends = at_s >= trials.settings.watch_s
    look = trials.machine.look(watching.units, trial.since, ask_network=ends)
    result = watching.watch.look(look, at_s)
    if isinstance(result, Watch):
        return replace(watching, watch=result)
    if result:
        trials.roll_back(trial, result)
    else:
        trials.commit(trial)
    return None
