"""What happens on a yard: the changes that people make, and what goes wrong."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial

from contract.transitions import Verb
from contract.visit import State
from tests.simulation.world import SPARE, YARD_SIGN, World

HOUR_MS = 3_600_000
Deed = Callable[[World, random.Random], None]


# -- what people do ----------------------------------------------------------------------------


def _call(world: World, rng: random.Random) -> None:
    visit = world.some(State.WAITING) or world.arrive()
    if visit:
        world.act(visit, Verb.CALL, rng.choice(list(world.ledger.bays)))


def _arrive(world: World, _: random.Random) -> None:
    world.arrive()


def _move(world: World, rng: random.Random) -> None:
    visit = world.some(State.CALLED)
    if visit:
        world.act(visit, Verb.MOVE, rng.choice(list(world.ledger.bays)))


def _move_twice(world: World, rng: random.Random) -> None:
    """To another door, and back or on to a third before anything has gone dark."""
    visit = world.some(State.CALLED)
    if visit is None:
        return
    first = world.ledger.visits[visit].bay
    world.act(visit, Verb.MOVE, rng.choice(list(world.ledger.bays)))
    to = rng.choice([*world.ledger.bays, first])
    world.after(rng.randint(0, 3_000), partial(_act, world, visit, Verb.MOVE, to))


def _put_back_and_call(world: World, rng: random.Random) -> None:
    visit = world.some(State.CALLED)
    if visit and world.act(visit, Verb.PUT_BACK):
        to = rng.choice(list(world.ledger.bays))
        world.after(rng.randint(0, 3_000), partial(_act, world, visit, Verb.CALL, to))


def _act(world: World, visit: str, verb: Verb, bay: str | None) -> None:
    world.act(visit, verb, bay)


def _undo(world: World, rng: random.Random) -> None:
    """Called by mistake, taken back at once, and another in its place at that door."""
    visit = world.some(State.CALLED)
    bay = world.ledger.visits[visit].bay if visit else None
    if visit and world.act(visit, Verb.PUT_BACK):
        other = world.some(State.WAITING)
        if other:
            world.act(other, Verb.CALL, bay)


def _press(*verbs: Verb) -> Deed:
    def press(world: World, rng: random.Random) -> None:
        visit = world.some(State.CALLED, State.IN_BAY)
        if visit:
            world.act(visit, rng.choice(verbs), world.ledger.visits[visit].bay)

    return press


def _reassign_bay(world: World, rng: random.Random) -> None:
    """Two signs were taken for each other: each hangs over the other's door since now."""
    one, other = rng.sample([s for s in world.signs if s != YARD_SIGN], 2)
    bays = [world.ledger.signs[device].bay for device in (one, other)]
    world.hang(one, bays[1])
    world.hang(other, bays[0])


def _swap_device(world: World, rng: random.Random) -> None:
    """A sign is replaced by the spare, without power meanwhile or still lit."""
    device = rng.choice([s for s in world.signs if s not in (YARD_SIGN, SPARE)])
    bay = world.ledger.signs[device].bay
    if rng.random() < 0.5:
        world.signs[device].power_cut(rng.randint(5_000, 60_000))
    world.hang(SPARE, bay or rng.choice(list(world.ledger.bays)))


def _hang_elsewhere(world: World, rng: random.Random) -> None:
    device = rng.choice([s for s in world.signs if s != YARD_SIGN])
    world.hang(device, rng.choice([*world.ledger.bays, None]))


CHANGES: dict[str, tuple[int, Deed]] = {
    "call": (10, _call),
    "move": (10, _move),
    "double move": (6, _move_twice),
    "put back and call elsewhere": (6, _put_back_and_call),
    "undo and call another": (4, _undo),
    "recall": (4, _press(Verb.RECALL)),
    "cancel": (8, _press(Verb.NO_SHOW, Verb.PUT_BACK)),
    "enter or finish": (4, _press(Verb.ENTER, Verb.FINISH)),
    "reassign": (2, _reassign_bay),
    "spare": (3, _swap_device),
    "hang elsewhere": (2, _hang_elsewhere),
}


# -- what goes wrong ---------------------------------------------------------------------------


def _cut_one(world: World, rng: random.Random) -> None:
    device = rng.choice(list(world.signs))
    world.net.cut_until_ms[device] = world.now_ms + rng.randint(1_000, 40_000)
    world.say(f"{device} loses its cable")


def _cut_all(world: World, rng: random.Random) -> None:
    until_ms = world.now_ms + rng.randint(1_000, 30_000)
    world.net.cut_until_ms = dict.fromkeys(world.signs, until_ms)
    world.say("the network is gone")


def _bad_network(world: World, rng: random.Random) -> None:
    net = world.net
    before = net.loss, net.doubled, net.slow
    net.loss, net.doubled, net.slow = 0.3, 0.4, 0.4

    def is_better() -> None:
        net.loss, net.doubled, net.slow = before

    world.after(rng.randint(5_000, 30_000), is_better)


def _restart_one(world: World, rng: random.Random) -> None:
    world.restart_central(rng.randrange(2), rng.choice((0, rng.randint(500, 30_000))))


def _restart_both(world: World, rng: random.Random) -> None:
    for at in range(2):
        world.restart_central(at, rng.randint(500, 15_000))


def _sign(world: World, rng: random.Random) -> str:
    """One that is lit, rather."""
    lit = [device for device, sign in world.signs.items() if sign.glass.seen is not None]
    return rng.choice(lit if lit and rng.random() < 0.8 else list(world.signs))


def _kill_sign(world: World, rng: random.Random) -> None:
    world.signs[_sign(world, rng)].crash()


def _kill_again(world: World, rng: random.Random) -> None:
    """A service that dies and dies."""
    sign = world.signs[_sign(world, rng)]
    for at_ms in range(0, rng.randint(2_000, 12_000), 1_500):
        world.after(at_ms, sign.crash)


def _reboot(world: World, rng: random.Random) -> None:
    world.signs[_sign(world, rng)].reboot(rng.randint(10_000, 40_000))


def _power_cut(world: World, rng: random.Random) -> None:
    world.signs[_sign(world, rng)].power_cut(rng.randint(2_000, 40_000))


def _hang(world: World, rng: random.Random) -> None:
    world.signs[_sign(world, rng)].freeze(rng.randint(1_000, 20_000))


def _lose_panel(world: World, rng: random.Random) -> None:
    """A panel's line fails for some time: only where the panel or a timer makes it dark without us."""
    able = [s for s in world.signs.values() if s.kind.own_clock or s.kind.supply]
    if able:
        rng.choice(able).lose_line(rng.randint(200, 20_000))


def _jump_clock(world: World, rng: random.Random) -> None:
    """NTP steps a central process's wall clock; a sign has none that anything reads."""
    process = rng.choice(world.processes)
    process.wall_off_ms += rng.choice((-6 * HOUR_MS, -HOUR_MS, -5_000, 5_000, HOUR_MS, 6 * HOUR_MS))
    world.say(f"a wall clock jumps to {process.wall_off_ms} ms off")


TROUBLES: dict[str, tuple[int, Deed]] = {
    "one sign cut off": (6, _cut_one),
    "all signs cut off": (3, _cut_all),
    "bad network": (4, _bad_network),
    "a central process restarts": (4, _restart_one),
    "both central processes restart": (2, _restart_both),
    "a sign is killed": (5, _kill_sign),
    "a sign is killed again and again": (1, _kill_again),
    "a sign's machine reboots": (2, _reboot),
    "a sign without power": (2, _power_cut),
    "a sign hangs": (4, _hang),
    "a panel's line fails": (3, _lose_panel),
    "a clock jumps": (4, _jump_clock),
}
