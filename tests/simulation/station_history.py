"""Histories of a station: what people do and what breaks, and then a calm in which all must heal."""

from __future__ import annotations

import random
from collections.abc import Callable

from contract.transitions import Verb
from tests.simulation.course import Net
from tests.simulation.post import MOMENTS, Machine
from tests.simulation.station import Station
from tests.simulation.station_central import AFTER_COMMIT, BEFORE_COMMIT, Process
from tests.simulation.station_customers import Customer
from tests.simulation.station_end import all_promises_kept, all_settled
from tests.simulation.station_model import BAYS, LAST_PLATES, PLATES

MEAN_PAUSE_MS = 1_500
CALM_MS = 150_000
CALM_STEP_MS = 5_000
LAST_MS = 15_000

Doing = Callable[[Station, random.Random], object]


def play(station: Station, minutes: float) -> None:
    """Play a whole history: busy *minutes*, then calm until all has settled; then judge the end."""
    station.start()
    end_ms = int(minutes * 60_000)
    at_ms = 0
    while at_ms < end_ms:
        station.after(at_ms, lambda: _anything(station))
        at_ms += int(station.rng.expovariate(1 / MEAN_PAUSE_MS)) + 1
    station.run(end_ms)
    _calm(station)
    all_promises_kept(station)


def _calm(station: Station) -> None:
    """Nothing is pressed, nothing breaks, every packet arrives."""
    station.net = Net(station.rng, loss=0, doubled=0, slow=0)
    for machine in station.machines:
        machine.cut_at = ""
    for process in station.processes:
        process.dies_at = ""
    for whose in _disks(station):
        whose.disk_full_until_ms = 0
    _settle(station, CALM_MS)
    for machine in station.machines:
        if machine.name not in station.at_the_keys:
            _customer_at(station, machine, LAST_PLATES[machine.name], steady=True)
    station.run(station.now_ms + LAST_MS)
    _settle(station, CALM_MS)


def _settle(station: Station, at_most_ms: int) -> None:
    until_ms = station.now_ms + at_most_ms
    while station.now_ms < until_ms and not all_settled(station):
        station.run(station.now_ms + CALM_STEP_MS)


def _anything(station: Station) -> None:
    what = station.rng.choices(list(_DOINGS), [weight for weight, _ in _DOINGS.values()])[0]
    station.say(f"-- {what}")
    _DOINGS[what][1](station, station.rng)


def _customer_comes(station: Station, rng: random.Random) -> None:
    free = [machine for machine in station.machines if machine.name not in station.at_the_keys]
    if free:
        _customer_at(station, rng.choice(free), rng.choice(PLATES))


def _customer_at(station: Station, machine: Machine, plate: str, *, steady: bool = False) -> None:
    customer = Customer(machine, station, plate, steady=steady)
    station.at_the_keys[machine.name] = customer
    customer.come()


def _power_cut(station: Station, rng: random.Random) -> None:
    """Now, or at the next moment of a kind at which the disk is busy."""
    machine = rng.choice(station.machines)
    if rng.random() < 0.3:
        machine.power_off(reboot=rng.random() < 0.7)
    else:
        machine.cut_at = rng.choice(MOMENTS)


def _cut_cable(station: Station, rng: random.Random) -> None:
    """Preferably where somebody reads an answer that must not grow old."""
    read = [m for m in station.machines if m.screen and m.screen.name in {"drive_in", "place"}]
    device = rng.choice(read or station.machines).name
    station.net.cut_until_ms[device] = station.now_ms + rng.randint(2_000, 90_000)


def _cut_sign(station: Station, rng: random.Random) -> None:
    device = rng.choice(list(station.signs))
    station.net.cut_until_ms[device] = station.now_ms + rng.randint(1_000, 40_000)


def _kill_central(station: Station, rng: random.Random) -> None:
    process = rng.choice(station.processes)
    if process.alive and rng.random() < 0.3:
        process.kill()
    else:
        process.dies_at = rng.choice((BEFORE_COMMIT, AFTER_COMMIT))


def _disks(station: Station) -> list[Process | Machine]:
    return [*station.processes, *station.machines]


def _fill_disk(station: Station, rng: random.Random) -> None:
    whose = rng.choice(_disks(station))
    whose.disk_full_until_ms = station.now_ms + rng.randint(500, 10_000)


def _jump_clock(station: Station, rng: random.Random) -> None:
    if station.jumps:
        process = rng.choice(station.processes)
        process.wall_off_ms += rng.choice((-3_600_000, -5_000, 5_000, 3_600_000))


def _restart_sign(station: Station, rng: random.Random) -> None:
    rng.choice(list(station.signs.values())).crash()


def _hang_sign(station: Station, rng: random.Random) -> None:
    if not station.hangs:
        return
    device, bay = rng.choice(list(station.signs)), rng.choice([*BAYS, None])
    station.staff.hang(device, bay)


_DOINGS: dict[str, tuple[float, Doing]] = {
    "a customer comes": (14, _customer_comes),
    "the desk enters a plate": (2, lambda station, _: station.staff.enter_somebody()),
    "call next": (8, lambda station, _: station.staff.call_next()),
    "call this one": (2, lambda station, _: station.staff.call_this_one()),
    "let in": (6, lambda station, _: station.staff.do(Verb.ENTER)),
    "finish": (6, lambda station, _: station.staff.do(Verb.FINISH)),
    "move or recall": (4, lambda station, _: station.staff.do(Verb.MOVE, Verb.RECALL)),
    "no show, put back": (4, lambda station, _: station.staff.do(Verb.NO_SHOW, Verb.PUT_BACK)),
    "look": (2, lambda station, _: station.staff.look()),
    "see to help": (6, lambda station, _: station.staff.see_to_help()),
    "power cut": (3, _power_cut),
    "cut a post's cable": (2, _cut_cable),
    "cut a sign's cable": (1, _cut_sign),
    "kill central": (3, _kill_central),
    "fill a disk": (1, _fill_disk),
    "jump a clock": (1, _jump_clock),
    "restart a sign": (1, _restart_sign),
    "hang a sign": (1, _hang_sign),
}
