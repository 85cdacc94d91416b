"""Whether a release does its work: values in, a judgement out."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from deploy.switch.records import Before
from deploy.switch.settings import Settings

ACTIVE = "active"
# A start that takes its time, as central's after a migration; one that begins again and again restarts.
STARTING = "starting"
FALLEN = ("failed", "auto-restart")


@dataclass(frozen=True, slots=True)
class Look:
    """One look at the machine.

    `states` and `restarts` are systemd's, by unit.  `faults` are the parts that do not work, as the
    services say, by service (`kiosk: keypad`).  `speaks` are the services that say so for the release
    that is tried.  `reached`: central answered lately; `answers`: its port takes a connection, None when
    nobody tried; `busy`: a customer is typing.
    """

    states: Mapping[str, str]
    restarts: Mapping[str, int]
    faults: frozenset[str] = frozenset()
    speaks: frozenset[str] = frozenset()
    reached: bool = False
    answers: bool | None = None
    busy: bool = False

    def before(self) -> Before:
        """What of it a new release is compared with."""
        runs = sorted(unit for unit, state in self.states.items() if state in (ACTIVE, STARTING))
        return Before(
            tuple(sorted(self.faults)), tuple(sorted(self.speaks)), tuple(runs), self.reached
        )


@dataclass(frozen=True, slots=True)
class Watch:
    """What was seen of a trial so far; `look` gives the next one, or the end with a reason ("" is good).

    `brought` are units that only the new release has: they may rest, but not fall.
    """

    settings: Settings
    before: Before
    brought: tuple[str, ...] = ()
    restarts: Mapping[str, int] | None = None
    since_s: Mapping[str, float] | None = None

    def look(self, look: Look, at_s: float) -> "Watch | str":
        """Judge *look*, taken *at_s* seconds after the switch."""
        if at_s < self.settings.steady_s:
            return self
        why = self._unsteady(look, may_start=at_s < self.settings.watch_s)
        if why:
            return why
        seen = replace(
            self,
            restarts=self.restarts or dict(look.restarts),
            since_s=self._new_faults(look, at_s),
        )
        return seen.judged(look, at_s)

    def judged(self, look: Look, at_s: float) -> "Watch | str":
        """Say what the faults and the end of the watch mean."""
        ends = at_s >= self.settings.watch_s
        for fault, since_s in sorted((self.since_s or {}).items()):
            # A cable that was touched is no bad release; a part that stays away is.
            if ends or at_s - since_s >= max(self.settings.steady_s, 1):
                return f"{fault}: it worked before"
        return self._at_the_end(look) if ends else self

    def _unsteady(self, look: Look, *, may_start: bool) -> str:
        allowed = {ACTIVE, STARTING} if may_start else {ACTIVE}
        known = look.restarts if self.restarts is None else self.restarts
        for unit in self.before.runs:
            if look.states.get(unit) not in allowed:
                return f"{unit} is {look.states.get(unit, 'not there')}"
        for unit in self.brought:
            if look.states.get(unit) in FALLEN:
                return f"{unit} is {look.states[unit]}"
        for unit in (*self.before.runs, *self.brought):
            if look.restarts.get(unit, 0) > known.get(unit, 0):
                return f"{unit} was started again by itself"
        return ""

    def _new_faults(self, look: Look, at_s: float) -> dict[str, float]:
        known = self.since_s or {}
        fresh = look.faults - set(self.before.faults)
        return {fault: known.get(fault, at_s) for fault in fresh}

    def _at_the_end(self, look: Look) -> str:
        silent = set(self.before.speaks) - look.speaks
        if silent:
            return f"{min(silent)} does not say how it is"
        # Without a network nobody can tell: that is no reason to go back (seapath/meta-seapath #287).
        if self.before.reached and not look.reached and look.answers is True:
            return "central answers, and this release does not reach it"
        return ""
