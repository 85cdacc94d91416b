"""One yard as one seeded program: signs, central processes, a network that loses, delays and repeats."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from central.line.line import Bay
from central.signs import lit
from contract.transitions import Verb
from contract.visit import State
from contract.wire import LEASE_CAP_MS, Beat
from tests.simulation.course import Course, Net
from tests.simulation.drawn import PAGED, PLAIN
from tests.simulation.eye import Eye
from tests.simulation.kinds import FAULTY, HEAD, HELD, QUICK, SLOW, TEXT, YARD, Kind
from tests.simulation.ledger import Ledger, Process
from tests.simulation.sign import SimSign

SPARE, YARD_SIGN = "spare", "yard"
DOOR_KINDS = (QUICK, SLOW, TEXT, HEAD, FAULTY, HELD)
PLATES = ("ABC123", "ABC124", "ABC12A", "BCD123", "CDE123", "DEF123", "EFG123", "FGH123")
OPEN = (State.WAITING, State.CALLED, State.IN_BAY)


@dataclass(frozen=True, slots=True)
class Parts:
    """What a world is made of; a test may put a weaker part in.

    `rows_matter`: whether a plate without its row is a broken promise before it is on two doors.
    """

    decide: Callable[..., lit.Verdict] = lit.decide
    sign: type[SimSign] = SimSign
    rows_matter: bool = True
    is_hasty: bool = False


class World(Course):
    """A station with doors, a sign over each and one spare, and two central processes on one store."""

    def __init__(
        self,
        seed: int,
        doors: int = 3,
        parts: Parts = Parts(),
        trace: Callable[[str], None] | None = None,
        *,
        has_yard_sign: bool = False,
    ) -> None:
        super().__init__(seed, trace)
        self.parts = parts
        self.ledger = _station(doors, has_yard_sign=has_yard_sign)
        self.ledger.nudge = self._nudge
        self.ledger.called = lambda call: self.eye.called(call, call.bay)
        self.processes = [self._process(-self.rng.randint(0, 99_999)) for _ in "ab"]
        self.down_until_ms = [0, 0]
        self.eye = Eye(lambda: self.now_ms, rows_matter=parts.rows_matter)
        hasty = parts.is_hasty or self.rng.random() < 0.2
        drawing = self.rng.choice((PAGED, PLAIN))
        self.signs = {
            device: parts.sign(
                device,
                self,
                hasty=hasty,
                kind=self._kind(device),
                drawing=drawing,
                eye=self.eye,
            )
            for device in self.ledger.signs
        }

    def start(self) -> None:
        """Switch everything on."""
        for sign in self.signs.values():
            sign.start()
        for at in range(len(self.processes)):
            self._tick_every_second(at)

    def _kind(self, device: str) -> Kind:
        return YARD if device == YARD_SIGN else self.rng.choice(DOOR_KINDS)

    def _process(self, started_ms: int) -> Process:
        return Process(self.ledger, started_ms, decide=self.parts.decide)

    # -- the network ----------------------------------------------------------------------------

    def send_beat(self, sign: SimSign, boot: int, beat: Beat) -> None:
        """A sign asks; some process decides when the packet arrives; the answer may never come."""
        sent_ms = self.now_ms

        def arrives() -> None:
            at = self.rng.randrange(len(self.processes))
            if self.now_ms < self.down_until_ms[at]:
                return
            answer = self.processes[at].beat(sign.device, beat, self.now_ms)
            if self._trace:
                self.say(f"central answers {sign.device}: {answer}")
            self.eye.answered(sign, answer, sent_ms)
            self._rows_are()
            for back_ms in self.net.delays_ms(sign.device, self.now_ms):
                self.after(back_ms, lambda: sign.hear(boot, answer))

        if self._trace:
            self.say(
                f"{sign.device} beats seq {beat.seq} means {beat.commanded}, {beat.sent}, {beat.listed}"
            )
        for delay_ms in self.net.delays_ms(sign.device, self.now_ms):
            self.after(delay_ms, arrives)

    def _nudge(self, device: str, words: str) -> None:
        sign = self.signs[device]
        for delay_ms in self.net.delays_ms(device, self.now_ms):
            self.after(delay_ms, lambda: sign.nudged(words))

    def _rows_are(self) -> None:
        rows = (self.ledger.rows, self.ledger.named)
        if rows != self._rows_before:
            self._rows_before = rows
            self.eye.rows_are(*rows)

    _rows_before: tuple[tuple[lit.Lit, ...], tuple[lit.Lit, ...]] = ((), ())

    def _tick_every_second(self, at: int) -> None:
        def tick() -> None:
            if self.now_ms >= self.down_until_ms[at]:
                self.processes[at].tick(self.now_ms)
                self._rows_are()
            self.after(1_000, tick)

        self.after(self.rng.randint(0, 999), tick)

    # -- people ---------------------------------------------------------------------------------

    def arrive(self, plates: Sequence[str] = PLATES) -> str | None:
        """A car comes, one that is not here; it may have been here before."""
        here = {v.plate for v in self.ledger.visits.values() if v.state in OPEN}
        free = [plate for plate in plates if plate not in here]
        return self.ledger.arrive(self.rng.choice(free), self.now_ms) if free else None

    def some(self, *states: State) -> str | None:
        """A visit in one of these states, if there is any."""
        fitting = [v.id for v in self.ledger.visits.values() if v.state in states]
        return self.rng.choice(fitting) if fitting else None

    def act(self, visit: str, verb: Verb, bay: str | None = None) -> bool:
        """Somebody presses a button."""
        if not self.ledger.act(visit, verb, bay, self.now_ms):
            return False
        if self._trace:
            self.say(f"{verb} {visit} {bay or ''}")
        return True

    # -- machines -------------------------------------------------------------------------------

    def restart_central(self, at: int, for_ms: int) -> None:
        """A central process dies, and comes back with nothing in its memory."""
        self.say(f"central process {at} restarts")
        self.down_until_ms[at] = self.now_ms + for_ms
        self.processes[at] = self._process(self.now_ms)

    def hang(self, device: str, bay: str | None) -> None:
        """Hang a sign over a bay, or take it down."""
        self.say(f"hang {device} over {bay}")
        self.ledger.hang(device, bay)

    # -- the end --------------------------------------------------------------------------------

    def end(self, at_ms: int) -> None:
        """Let everything happen until then, and look at what stands still."""
        self.run(at_ms)
        self.eye.look_once_more()


def _station(doors: int, *, has_yard_sign: bool) -> Ledger:
    bays = {f"b{n}": Bay(f"b{n}", str(n), frozenset({"full"})) for n in range(1, doors + 1)}
    signs = {f"s{n}": lit.Sign(f"s{n}", f"b{n}", 0) for n in range(1, doors + 1)}
    signs[SPARE] = lit.Sign(SPARE, None, 0)
    if has_yard_sign:
        signs[YARD_SIGN] = replace(lit.Sign(YARD_SIGN, None, 0), lists=tuple(bays))
    return Ledger(bays, signs)


def a_calm_while(world: World, seconds: int) -> None:
    """Nothing is pressed, nothing breaks, every packet arrives: what was called must come to be lit."""
    world.net = Net(world.rng, loss=0, doubled=0, slow=0)
    world.end(world.now_ms + seconds * 1_000)


def dark_calls(world: World) -> list[str]:
    """Calls that stand, whose sign hangs there and whose cap is not reached, and yet nobody sees them."""
    station = world.ledger.read()
    return [
        call.id
        for sign in world.signs.values()
        if (call := station.call_at(world.ledger.signs[sign.device].bay)) is not None
        and sign.shows != call.id
        and world.now_ms - world.ledger.granted_ms.get(call.id, world.now_ms) < LEASE_CAP_MS
        and not any(process.wall_off_ms for process in world.processes)
    ]
