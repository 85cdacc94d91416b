"""An adversary with all the packets in hand: it may deliver each when it likes, twice, or never."""

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from central.line.line import Bay
from central.signs import lit
from contract.transitions import Verb
from contract.wire import LEASE_TTL_MAX_MS, Beat, Grant, Lease, Sent
from signage.lease import LeaseEngine
from signage.showing import Report
from tests.simulation.ledger import Ledger, Process
from tests.simulation.sign import ANSWER_WITHIN_MS, PANEL, PLAIN
from tests.simulation.weaker import SOAK, without_the_rule

DOORS = ("b1", "b2")
DEVICES = ("s1", "s2", "spare")
TURN_MS = 100
ENDLESS = (Verb.CALL, Verb.RECALL, Verb.MOVE, Verb.ENTER, Verb.PUT_BACK)


class Sign:
    """The real engine on a panel that obeys at once."""

    def __init__(self, device: str, boot: int) -> None:
        self.device = device
        self.asked_ms = 0
        self.nonces = 0
        self.engine = LeaseEngine(f"{device}-{boot}", PANEL, PLAIN.script, self._nonce)

    def _nonce(self) -> str:
        self.nonces += 1
        return f"{self.engine.boot}-{self.nonces}"

    def shows(self, now_ms: int) -> str | None:
        showing = self.engine.tick(now_ms)
        return None if showing is None else showing.script.call

    def turn(self, now_ms: int) -> Beat | None:
        call = self.shows(now_ms)
        if self.nonces and now_ms - self.asked_ms >= ANSWER_WITHIN_MS:
            self.engine.unanswered(f"{self.engine.boot}-{self.nonces}")
        if not self.engine.beat_due(now_ms):
            return None
        self.asked_ms = now_ms
        return self.engine.sent_beat(now_ms, Report(Sent(call=call, sha256="0", whole=True)))


class AnyOrder(RuleBasedStateMachine):
    """Two doors, three signs, two central processes, and every packet ever sent within reach."""

    def __init__(self) -> None:
        super().__init__()
        self.now_ms = 0
        self.boots = 0
        bays = {bay: Bay(bay, bay[1:], frozenset({"full"})) for bay in DOORS}
        hung = {"s1": "b1", "s2": "b2", "spare": None}
        self.ledger = Ledger(bays, {d: lit.Sign(d, bay, 0) for d, bay in hung.items()})
        self.ledger.nudge = lambda device, words: self.nudges.append((device, words))
        self.processes = [Process(self.ledger, 0), Process(self.ledger, -5_000)]
        self.signs = {device: Sign(device, 0) for device in DEVICES}
        self.beats: list[tuple[str, Beat, int]] = []
        self.answers: list[tuple[str, Lease]] = []
        self.nudges: list[tuple[str, str]] = []
        self.lease_ends: dict[tuple[str, str], int] = {}
        self.ended_ms: dict[str, int] = {}
        for plate in ("ABC123", "ABC124"):
            self.ledger.arrive(plate, 0)

    @rule(turns=st.sampled_from((1, 2, 5, 10, 21, 80)))
    def time_goes_on(self, turns: int) -> None:
        for _ in range(turns):
            self.now_ms += TURN_MS
            for sign in self.signs.values():
                beat = sign.turn(self.now_ms)
                if beat is not None:
                    self.beats.append((sign.device, beat, self.now_ms))
            self.nothing_false_is_lit()

    @initialize(bay=st.sampled_from(DOORS))
    def a_plate_is_lit(self, bay: str) -> None:
        """Without this an adversary would hardly ever let one be."""
        self.ledger.act("v1", Verb.CALL, bay, self.now_ms)
        for _ in range(3):
            for device in DEVICES:
                self.the_network_is_well_for_one_sign(device, 0)

    @rule(device=st.sampled_from(DEVICES), process=st.integers(0, 1))
    def the_network_is_well_for_one_sign(self, device: str, process: int) -> None:
        """A nudge, a beat and its answer, as nearly always."""
        self.signs[device].engine.nudged()
        self.time_goes_on(2)
        mine = [at for at, (sender, _, _) in enumerate(self.beats) if sender == device]
        if mine:
            self.a_beat_arrives(len(self.beats) - 1 - mine[-1], process, again=False)
            self.an_answer_arrives(0, again=False)

    @rule(which=st.integers(0, 30), process=st.integers(0, 1), again=st.booleans())
    def a_beat_arrives(self, which: int, process: int, again: bool) -> None:
        """The newest are the likeliest; any older one may come, too."""
        if not self.beats:
            return
        at = max(0, len(self.beats) - 1 - which)
        device, beat, sent_ms = self.beats[at] if again else self.beats.pop(at)
        answer = self.processes[process].beat(device, beat, self.now_ms)
        if isinstance(answer, Grant):
            key, ends_ms = (device, answer.call), sent_ms + answer.ttl_ms
            self.lease_ends[key] = max(ends_ms, self.lease_ends.get(key, 0))
        self.answers.append((device, answer))

    @rule(which=st.integers(0, 10), again=st.booleans())
    def an_answer_arrives(self, which: int, again: bool) -> None:
        if not self.answers:
            return
        at = max(0, len(self.answers) - 1 - which)
        device, answer = self.answers[at] if again else self.answers.pop(at)
        self.signs[device].engine.answered(answer, self.now_ms)

    @rule(which=st.integers(0, 10))
    def a_nudge_arrives(self, which: int) -> None:
        if not self.nudges:
            return
        device, words = self.nudges.pop(max(0, len(self.nudges) - 1 - which))
        engine = self.signs[device].engine
        if words.startswith("dark "):
            engine.nudged_dark(words.removeprefix("dark "))
        else:
            engine.nudged()

    @rule(plate=st.integers(0, 1), verb=st.sampled_from(ENDLESS), bay=st.sampled_from(DOORS))
    def somebody_presses_a_button(self, plate: int, verb: Verb, bay: str) -> None:
        visit = self.ledger.visits[f"v{plate + 1}"]
        if self.ledger.act(visit.id, verb, bay, self.now_ms) and visit.call:
            self.ended_ms[visit.call] = self.now_ms

    @rule(device=st.sampled_from(DEVICES), bay=st.sampled_from((*DOORS, None)))
    def a_sign_is_hung_elsewhere(self, device: str, bay: str | None) -> None:
        self.ledger.hang(device, bay)

    @rule(device=st.sampled_from(DEVICES))
    def a_sign_restarts_dark(self, device: str) -> None:
        self.boots += 1
        self.signs[device] = Sign(device, self.boots)

    @rule(process=st.integers(0, 1))
    def a_central_process_restarts(self, process: int) -> None:
        self.processes[process] = Process(self.ledger, self.now_ms)

    @rule(process=st.integers(0, 1))
    def a_central_process_looks_around(self, process: int) -> None:
        self.processes[process].tick(self.now_ms)

    @invariant()
    def nothing_false_is_lit(self) -> None:
        plates: dict[str, str] = {}
        for sign in self.signs.values():
            call = sign.shows(self.now_ms)
            if call is None:
                continue
            plate = self.ledger.calls[call].match_key
            assert plate not in plates, f"{plate} on {plates[plate]} and {sign.device}"
            plates[plate] = sign.device
            ends_ms = self.lease_ends[sign.device, call]
            assert self.now_ms <= ends_ms, f"{call} on {sign.device} after its lease"
            ended_ms = self.ended_ms.get(call, self.now_ms)
            assert self.now_ms <= ended_ms + LEASE_TTL_MAX_MS, f"{call} after its end"


HARD = settings(max_examples=1_000 if SOAK else 150, stateful_step_count=50, deadline=None)


def test_in_any_order_of_packets_no_plate_is_lit_falsely() -> None:
    run_state_machine_as_test(AnyOrder, settings=HARD)


class WithoutTheRule(AnyOrder):
    """Central processes that keep no rows of who may be lit."""

    def __init__(self) -> None:
        super().__init__()
        for process in self.processes:
            process.decide = without_the_rule


def test_the_adversary_finds_the_fault_when_the_rule_is_taken_out() -> None:
    quick = settings(HARD, phases=(Phase.generate,), database=None, max_examples=1_000)
    with pytest.raises(AssertionError, match=" and "):
        run_state_machine_as_test(WithoutTheRule, settings=quick)
