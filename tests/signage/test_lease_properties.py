"""Whatever the network does to packets: no plate beyond its lease, its cap or its end."""

from collections.abc import Iterator
from itertools import count

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from contract.wire import Beat, Dark, Grant, Lease, PanelState, Sent
from signage.lease import LeaseEngine
from signage.script import Drawing
from signage.showing import Report
from tests.signage.test_lease import CANVAS, DARK_MS, FACTS

# Mostly what a healthy network brings, or the search would rarely see a lit sign at all.
CALLS = st.sampled_from(["c1", "c1", "c2"])
EPOCHS = st.sampled_from(["e1"] * 7 + ["e2"])
TTLS = st.sampled_from([7_000, 7_000, 3_000, 20_000, 0])
STEPS = st.sampled_from([0, 0, 0, 1, -1])
BACK = st.sampled_from([0, 0, 0, 0, 1, 2])


class AnyNetwork(RuleBasedStateMachine):
    """Answers may be lost, late, repeated, in any order, from several centrals; the clock only goes on."""

    def __init__(self) -> None:
        super().__init__()
        nonces: Iterator[int] = count()
        self.now_ms = 0
        self.beats: list[tuple[Beat, int]] = []
        self.answers: list[Lease] = []
        self.heard: list[tuple[Grant, int]] = []
        self.waiting: str | None = None
        self.epoch, self.seq = "", 0
        self.ended: set[str] = set()
        self.first_lit_ms: dict[str, int] = {}
        self.panel = PanelState.OK
        self.engine = LeaseEngine(
            "boot",
            FACTS,
            Drawing(CANVAS, second="KÖR IN").script,
            lambda: f"n{next(nonces)}",
        )

    @property
    def shows(self) -> str | None:
        showing = self.engine.tick(self.now_ms)
        return None if showing is None else showing.script.call

    @rule(ms=st.one_of(st.integers(0, 2_000), st.sampled_from([2_000, 6_700, 119_000])))
    def time_passes(self, ms: int) -> None:
        self.now_ms += ms

    @rule()
    def beat(self) -> None:
        report = Report(Sent(call=self.shows, whole=True), state=self.panel)
        beat = self.engine.sent_beat(self.now_ms, report)
        assert (self.shows, self.epoch, self.seq) == (beat.commanded, beat.epoch, beat.seq)
        self.beats.append((beat, self.now_ms))
        self.waiting = beat.nonce

    @rule(back=BACK, call=CALLS, epoch=EPOCHS, step=STEPS, ttl_ms=TTLS, data=st.data())
    def a_grant_arrives(
        self, back: int, call: str, epoch: str, step: int, ttl_ms: int, data: st.DataObject
    ) -> None:
        text = data.draw(st.sampled_from(["ABC 123"] * 5 + ["ABCDEFGH"]))
        for beat, _ in self.beats[-1 - back :][:1]:
            self._arrives(
                Grant(
                    nonce=beat.nonce,
                    epoch=epoch,
                    seq=self.seq + step,
                    bay="1",
                    call=call,
                    plate="ABC123",
                    text=text,
                    ttl_ms=ttl_ms,
                )
            )

    @rule(
        delay_ms=st.sampled_from([0, 20, 1_500, 5_000]),
        call=CALLS,
        pause_ms=st.sampled_from([0, 2_000, 5_500]),
    )
    def a_grant_arrives_late(self, delay_ms: int, call: str, pause_ms: int) -> None:
        self.beat()
        self.now_ms += delay_ms
        self._arrives(
            Grant(
                nonce=self.beats[-1][0].nonce,
                epoch=self.epoch or "e1",
                seq=self.seq,
                bay="1",
                call=call,
                plate="ABC123",
                text="ABC 123",
                ttl_ms=7_000,
            )
        )
        self.now_ms += pause_ms

    @rule(beats=st.integers(40, 80))
    def a_healthy_minute_or_two(self, beats: int) -> None:
        for _ in range(beats):
            self.a_grant_arrives_late(20, "c1", 1_980)
            self.a_lit_plate_has_a_lease_that_lives()

    @rule(back=BACK, epoch=EPOCHS, step=STEPS)
    def a_dark_arrives(self, back: int, epoch: str, step: int) -> None:
        for beat, _ in self.beats[-1 - back :][:1]:
            self._arrives(
                Dark(nonce=beat.nonce, epoch=epoch, seq=self.seq + step, reason="no_call")
            )

    @rule(which=st.integers(0, 50))
    def an_answer_arrives_again(self, which: int) -> None:
        if self.answers:
            self._arrives(self.answers[which % len(self.answers)])

    @rule()
    def a_beat_is_given_up(self) -> None:
        if self.beats:
            self.engine.unanswered(self.beats[-1][0].nonce)
            self.waiting = None

    @rule(call=CALLS)
    def a_call_ends(self, call: str) -> None:
        self.ended.add(call)
        self.engine.nudged_dark(call)

    @rule()
    def a_nudge_arrives(self) -> None:
        before = self.shows
        self.engine.nudged()
        assert before == self.shows

    @rule(state=st.sampled_from([PanelState.OK, PanelState.OK, PanelState.FAULT]))
    def the_panel_changes(self, state: PanelState) -> None:
        self.panel = state
        self.engine.panel_is(state)

    def _arrives(self, lease: Lease) -> None:
        """Only the first answer to the newest beat may change anything, and not with an older seq."""
        before = self.shows
        self.answers.append(lease)
        self.engine.answered(lease, self.now_ms)
        counts = lease.nonce == self.waiting
        if counts:
            self.waiting = None
        if not counts or (lease.epoch == self.epoch and lease.seq < self.seq):
            assert before == self.shows
        elif lease.epoch != self.epoch:
            assert self.shows is None
            self.epoch, self.seq = lease.epoch, lease.seq
        else:
            self.seq = lease.seq
            assert self._must_show(lease) == self.shows

    def _must_show(self, lease: Lease) -> str | None:
        if not isinstance(lease, Grant) or self.panel is PanelState.FAULT:
            return None
        if lease.call in self.ended:
            return None
        sent_ms = self.beats[-1][1]
        cap_ms = self.first_lit_ms.get(lease.call, self.now_ms) + 120_000
        ends_ms = min(sent_ms + min(lease.ttl_ms, 7_000), cap_ms) - DARK_MS
        if self.now_ms >= ends_ms or lease.text != "ABC 123":
            return None
        self.first_lit_ms.setdefault(lease.call, self.now_ms)
        self.heard.append((lease, sent_ms))
        return lease.call

    @invariant()
    def a_lit_plate_has_a_lease_that_lives(self) -> None:
        call = self.shows
        if call is None:
            return
        ends_ms = [
            sent_ms + min(grant.ttl_ms, 7_000)
            for grant, sent_ms in self.heard
            if grant.call == call
        ]
        assert self.now_ms + DARK_MS < max(ends_ms, default=0)
        assert call not in self.ended
        assert self.now_ms < self.first_lit_ms[call] + 120_000
        assert self.panel is PanelState.OK

    @invariant()
    def a_dark_sign_beats_within_its_interval(self) -> None:
        if self.beats:
            assert self.engine.beat_due(max(self.now_ms, self.beats[-1][1] + 10_000))


AnyNetwork.TestCase.settings = settings(max_examples=120, stateful_step_count=40, deadline=None)
TestAnyNetwork = AnyNetwork.TestCase
