"""How a machine is, in one word, and which of several words counts.  Values in, values out."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from central.devices import faults
from contract.fleet import MACHINE_LATE_S, MACHINE_LOST_S, MachineSaid, Phase, UnitFacts
from contract.fleet_view import MachineRow, MachineState
from contract.wire import Heartbeat

LATE, LOST = timedelta(seconds=MACHINE_LATE_S), timedelta(seconds=MACHINE_LOST_S)
# What systemd calls a unit that does its work (systemd(1), "UNITS"): a oneshot that has run is inactive.
_WORKS = frozenset({"active", "activating", "reloading", "inactive", "deactivating"})
# Nobody is needed for these: they pass by themselves, or are nothing wrong.
CALM = frozenset(
    {
        MachineState.LATE,
        MachineState.TRIAL,
        MachineState.STAGING,
        MachineState.OLD,
        MachineState.READY,
        MachineState.REVOKED,
    }
)
_ORDER = {state: place for place, state in enumerate(MachineState)}
_QUIET = {
    "service": "its service has not been heard, though the machine is",
    "reports": "the machine's own reports have stopped",
}
_BY_PHASE = {
    Phase.ROLLED_BACK: MachineState.ROLLED_BACK,
    Phase.REFUSED: MachineState.REFUSED,
    Phase.TRIAL: MachineState.TRIAL,
    Phase.STAGING: MachineState.STAGING,
}


@dataclass(frozen=True, slots=True)
class State:
    """A word, and what is known of it besides."""

    state: MachineState
    since: datetime | None = None
    about: str = ""
    why: str = ""


def failing(said: MachineSaid) -> list[UnitFacts]:
    """The services that do not work."""
    return [unit for unit in said.units if unit.state not in _WORKS]


def of(said: MachineSaid, heard_at: datetime, now: datetime, wanted: str | None = None) -> State:
    """How a machine is that was last heard saying this; the worst of what is true."""
    silent = now - heard_at
    if silent >= LOST:
        return State(MachineState.LOST, since=heard_at)
    found = _said(said, heard_at, wanted)
    if found.state in CALM and silent >= LATE:
        return State(MachineState.LATE, since=heard_at)
    return found


def _said(said: MachineSaid, heard_at: datetime, wanted: str | None) -> State:
    if said.phase is Phase.ROLLED_BACK:
        return State(MachineState.ROLLED_BACK, about=said.about, why=said.why)
    broken = failing(said)
    if broken:
        why = ", ".join(f"{unit.unit} {unit.state}" for unit in broken)
        return State(MachineState.UNIT_FAILING, since=heard_at, why=why)
    if not said.root_writable:
        return State(MachineState.FAULT, about="root", why="the card is read-only")
    by_phase = _BY_PHASE.get(said.phase)
    if by_phase is not None:
        return State(by_phase, about=said.about, why=said.why)
    if wanted is not None and wanted != said.release:
        return State(MachineState.OLD, about=wanted)
    return State(MachineState.READY)


def of_service(said: Heartbeat, heard_at: datetime, now: datetime) -> State:
    """The same of a post's or a sign's own service, by its last heartbeat."""
    silent = now - heard_at
    if silent >= LOST:
        return State(MachineState.LOST, since=heard_at)
    if said.faults:
        told = (
            f"{faults.WORDS.get(one.part, f'{one.part} does not work')}"
            + (f": {one.reason}" if one.reason else "")
            for one in faults.rows(said, heard_at)
        )
        return State(MachineState.FAULT, why="; ".join(told))
    return State(MachineState.LATE if silent >= LATE else MachineState.READY, since=heard_at)


def together(machine: State, service: State) -> State:
    """How a machine is of which both are known: the worse of the two.

    One that speaks for itself while the other is lost has a service that fails, and is not lost.
    """
    pair = (machine, service)
    if {one.state for one in pair} >= {MachineState.LOST} and machine.state is not service.state:
        gone, speaks = (machine, service)
        if service.state is MachineState.LOST:
            gone, speaks = (service, machine)
        about = "service" if gone is service else "reports"
        broken = State(MachineState.FAULT, since=gone.since, about=about, why=_QUIET[about])
        pair = (speaks, broken)
    return min(pair, key=lambda one: _ORDER[one.state])


def needs_somebody(row: MachineRow) -> bool:
    """Whether a person must know of it."""
    return row.state not in CALM


def order(row: MachineRow) -> tuple[int, str, str]:
    """What needs a person comes first; then by station and name."""
    return (_ORDER[row.state], row.station, row.name)
