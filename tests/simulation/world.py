"""One yard as one seeded program: signs, central processes, a network that loses, delays and repeats."""

import random
from collections.abc import Callable

from central import lit
from central.line import Bay
from contract.transitions import Verb
from contract.visit import State
from contract.wire import LEASE_CAP_MS, Beat
from tests.simulation.course import Course, Net
from tests.simulation.ledger import Ledger, Process
from tests.simulation.lights import Lights
from tests.simulation.sign import SimSign

PLATES = ("ABC123", "ABC124", "ABC12A", "BCD123")
MEAN_PAUSE_MS = 2_000


class World(Course):
    """A station with doors, a sign over each and one spare, and two central processes on one store."""

    def __init__(
        self,
        seed: int,
        doors: int = 3,
        decide: Callable[..., lit.Verdict] = lit.decide,
        trace: Callable[[str], None] | None = None,
    ) -> None:
        super().__init__(seed, trace)
        self.ledger = _station(doors)
        self.ledger.nudge = self._nudge
        self.processes = [
            Process(self.ledger, -self.rng.randint(0, 99_999), decide=decide) for _ in "ab"
        ]
        self.signs = {device: SimSign(device, self, hasty=True) for device in self.ledger.signs}
        self.lights = Lights()

    # -- the network ----------------------------------------------------------------------------

    def send_beat(self, sign: SimSign, boot: int, beat: Beat) -> None:
        """A sign asks; some process decides when the packet arrives; the answer may never come."""
        sent_ms = self.now_ms
        self.say(f"{sign.device} beats {beat.nonce[:6]} seq {beat.seq} commanded {beat.commanded}")
        for delay_ms in self.net.delays_ms(sign.device, self.now_ms):

            def arrives() -> None:
                process = self.rng.choice(self.processes)
                answer = process.beat(sign.device, beat, self.now_ms)
                self.say(f"central answers {sign.device}: {answer}")
                self.lights.answered(sign.device, answer, sent_ms)
                for back_ms in self.net.delays_ms(sign.device, self.now_ms):
                    self.after(back_ms, lambda: sign.hear(boot, answer))

            self.after(delay_ms, arrives)

    def _nudge(self, device: str, words: str) -> None:
        sign = self.signs[device]
        for delay_ms in self.net.delays_ms(device, self.now_ms):
            self.after(delay_ms, lambda: sign.nudged(words))

    # -- people ---------------------------------------------------------------------------------

    def act(self, visit: str, verb: Verb, bay: str | None = None) -> bool:
        """Somebody presses a button."""
        ended = self.ledger.visits[visit].call
        done = self.ledger.act(visit, verb, bay, self.now_ms)
        if done:
            self.say(f"{verb} {visit} {bay or ''}")
            if ended:
                self.lights.ended_ms[ended] = self.now_ms
        return done

    def anything(self) -> None:
        """One thing that happens on a yard."""
        rng = self.rng
        what = rng.choices(list(_DOINGS), [weight for weight, _ in _DOINGS.values()])[0]
        _DOINGS[what][1](self, rng)

    # -- promises -------------------------------------------------------------------------------

    def check(self) -> None:
        """Look at every sign as a driver does."""
        calls = self.ledger.calls
        shown = [(s.device, calls[s.shows]) for s in self.signs.values() if s.shows is not None]
        self.lights.check(shown, self.now_ms)


def _station(doors: int) -> Ledger:
    bays = {f"b{n}": Bay(f"b{n}", str(n), frozenset({"full"})) for n in range(1, doors + 1)}
    signs = {f"s{n}": lit.Sign(f"s{n}", f"b{n}", 0) for n in range(1, doors + 1)}
    signs["spare"] = lit.Sign("spare", None, 0)
    return Ledger(bays, signs)


def _visits(world: World, *states: State) -> list[str]:
    return [v.id for v in world.ledger.visits.values() if v.state in states]


def _some(world: World, *states: State) -> str | None:
    fitting = _visits(world, *states)
    return world.rng.choice(fitting) if fitting else None


def _arrive(world: World, rng: random.Random) -> None:
    here = {v.plate for v in world.ledger.visits.values() if v.state in _OPEN}
    free = [plate for plate in PLATES if plate not in here]
    if free:
        visit = world.ledger.arrive(rng.choice(free), world.now_ms)
        world.say(f"arrives {visit}")


def _call(world: World, rng: random.Random) -> None:
    visit = _some(world, State.WAITING)
    if visit:
        world.act(visit, Verb.CALL, rng.choice(list(world.ledger.bays)))


def _move(world: World, rng: random.Random) -> None:
    visit = _some(world, State.CALLED)
    for _ in range(rng.randint(1, 2)):
        if visit:
            world.act(visit, Verb.MOVE, rng.choice(list(world.ledger.bays)))


def _put_back_and_call(world: World, rng: random.Random) -> None:
    visit = _some(world, State.CALLED)
    if visit and world.act(visit, Verb.PUT_BACK):
        world.act(visit, Verb.CALL, rng.choice(list(world.ledger.bays)))


def _press(*verbs: Verb) -> Callable[[World, random.Random], None]:
    def press(world: World, rng: random.Random) -> None:
        visit = _some(world, State.CALLED, State.IN_BAY)
        if visit:
            world.act(visit, rng.choice(verbs), world.ledger.visits[visit].bay)

    return press


def _swap_device(world: World, rng: random.Random) -> None:
    """A broken sign is replaced, or hung over another door."""
    device = rng.choice(list(world.signs))
    bay = rng.choice([*world.ledger.bays, None])
    world.say(f"hang {device} over {bay}")
    world.ledger.hang(device, bay)


def _restart_sign(world: World, rng: random.Random) -> None:
    rng.choice(list(world.signs.values())).crash()


def _restart_central(world: World, rng: random.Random) -> None:
    world.say("a central process restarts")
    at = rng.randrange(len(world.processes))
    old = world.processes[at]
    world.processes[at] = Process(world.ledger, world.now_ms, decide=old.decide)


def _jump_clock(world: World, rng: random.Random) -> None:
    """NTP steps a central process's wall clock; its monotonic clock goes on."""
    process = rng.choice(world.processes)
    process.wall_off_ms += rng.choice((-3_600_000, -5_000, 5_000, 3_600_000))
    world.say(f"a wall clock jumps to {process.wall_off_ms} ms off")


def _cut_cable(world: World, rng: random.Random) -> None:
    device = rng.choice(list(world.signs))
    world.net.cut_until_ms[device] = world.now_ms + rng.randint(1_000, 20_000)
    world.say(f"{device} loses its cable")


_OPEN = (State.WAITING, State.CALLED, State.IN_BAY)
_DOINGS: dict[str, tuple[int, Callable[[World, random.Random], None]]] = {
    "arrive": (6, _arrive),
    "call": (10, _call),
    "move": (6, _move),
    "put back and call": (5, _put_back_and_call),
    "recall": (3, _press(Verb.RECALL)),
    "end": (6, _press(Verb.ENTER, Verb.FINISH, Verb.NO_SHOW, Verb.PUT_BACK)),
    "swap": (2, _swap_device),
    "restart a sign": (2, _restart_sign),
    "restart central": (1, _restart_central),
    "cut": (2, _cut_cable),
    "jump": (1, _jump_clock),
}


def a_busy_while(world: World, minutes: float) -> None:
    """Play *minutes* of a yard on which something happens every few seconds."""
    end_ms = world.now_ms + int(minutes * 60_000)
    for sign in world.signs.values():
        sign.start()
    at_ms = world.now_ms
    while at_ms < end_ms:
        world.after(at_ms - world.now_ms, world.anything)
        at_ms += int(world.rng.expovariate(1 / MEAN_PAUSE_MS)) + 1
    for process_at in range(len(world.processes)):
        _tick_every_second(world, process_at)
    world.run(end_ms)


def a_calm_while(world: World, seconds: int) -> None:
    """Nothing is pressed, nothing breaks, every packet arrives: what was called must come to be lit."""
    world.net = Net(world.rng, loss=0, doubled=0, slow=0)
    world.run(world.now_ms + seconds * 1_000)


def dark_calls(world: World) -> list[str]:
    """Calls that stand, whose sign hangs there and whose cap is not reached, and yet nobody sees them."""
    station = world.ledger.read()
    return [
        call.id
        for sign in world.signs.values()
        if (call := station.call_at(station_bay(station, sign.device))) is not None
        and sign.shows != call.id
        and world.now_ms - world.ledger.granted_ms.get(call.id, world.now_ms) < LEASE_CAP_MS
        and not any(process.wall_off_ms for process in world.processes)
    ]


def station_bay(station: lit.Station, device: str) -> str | None:
    """Where a sign hangs now."""
    sign = station.sign(device)
    return None if sign is None else sign.bay


def _tick_every_second(world: World, process_at: int) -> None:
    def tick() -> None:
        world.processes[process_at].tick(world.now_ms)
        world.after(1_000, tick)

    world.after(world.rng.randint(0, 999), tick)
