import os
import signal
import threading
from collections.abc import Iterator

import pytest

from device.supervise import DRAIN_EVENTS, DRAIN_S, Loop, Worker, stop_on_signals


class Source:
    """A producer whose life a test decides."""

    name = "keypad"

    def __init__(self) -> None:
        self.alive = True


class Yard:
    """A loop with everything it said and did."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.handled: list[str] = []
        self.ticks = 0
        self.source = Source()
        self.well = True
        self.loop: Loop[str] = Loop(tick_ms=5, tell=self.said.append)

    def handle(self, event: str) -> None:
        self.handled.append(event)
        if event == "break":
            raise RuntimeError("panel gone")
        if event == "keypad dies":
            self.source.alive = False
            self.said.clear()
        if event == "write hangs":
            self.well = False
            self.said.clear()
        if event in {"stop", "stop ends keypad"}:
            self.loop.stop()
        if event == "stop ends keypad":
            self.source.alive = False

    def tick(self) -> None:
        self.ticks += 1
        if self.ticks == 20:
            self.loop.stop()

    def run(self, *events: str) -> None:
        for event in events:
            self.loop.put(event)
        self.loop.run(self.handle, self.tick, producers=[self.source], healthy=lambda: self.well)


@pytest.fixture
def yard() -> Yard:
    return Yard()


def test_it_says_ready_then_proves_life_then_says_goodbye(yard: Yard) -> None:
    yard.run("a", "b")

    assert yard.handled == ["a", "b"]
    assert yard.said[0] == "READY=1"
    assert yard.said[-1] == "STOPPING=1"
    assert yard.said.count("WATCHDOG=1") >= 20
    assert yard.ticks == 20


def test_events_are_handled_in_order_and_none_after_stop(yard: Yard) -> None:
    yard.run("a", "stop", "never")

    assert yard.handled == ["a", "stop"]


def test_a_dead_producer_ends_the_proof_of_life(
    yard: Yard, caplog: pytest.LogCaptureFixture
) -> None:
    yard.run("keypad dies")

    assert "WATCHDOG=1" not in yard.said
    assert yard.ticks == 20, "it goes on deciding; systemd decides about the restart"
    assert [record.message for record in caplog.records] == ["producer dead name=keypad"]


def test_a_producer_that_ends_because_of_the_stop_is_no_death(
    yard: Yard, caplog: pytest.LogCaptureFixture
) -> None:
    yard.run("stop ends keypad")

    assert yard.said[-1] == "STOPPING=1"
    assert caplog.records == []


def test_a_write_that_hangs_ends_the_proof_of_life(yard: Yard) -> None:
    yard.run("write hangs")

    assert "WATCHDOG=1" not in yard.said


def test_an_error_in_a_decision_ends_the_run(yard: Yard) -> None:
    with pytest.raises(RuntimeError, match="panel gone"):
        yard.run("break")


def test_an_error_in_a_worker_ends_the_run_with_that_error(yard: Yard) -> None:
    def body(stopping: threading.Event) -> None:
        raise OSError("keypad unplugged")

    worker = Worker("keypad", body, yard.loop)
    worker.start()

    with pytest.raises(OSError, match="keypad unplugged"):
        yard.loop.run(yard.handle, lambda: None, producers=[])
    assert worker.join(10)
    assert not worker.alive


def test_a_worker_ends_when_the_loop_does(yard: Yard) -> None:
    started = threading.Event()

    def body(stopping: threading.Event) -> None:
        started.set()
        stopping.wait(10)

    worker = Worker("uplink", body, yard.loop)
    worker.start()
    assert started.wait(10)
    assert worker.alive

    yard.run("stop")

    assert worker.join(10)


@pytest.fixture
def _old_handlers() -> Iterator[None]:
    kept = {one: signal.getsignal(one) for one in (signal.SIGTERM, signal.SIGINT)}
    yield
    for one, handler in kept.items():
        signal.signal(one, handler)


@pytest.mark.usefixtures("_old_handlers")
@pytest.mark.parametrize("one", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_run_in_good_order(yard: Yard, one: signal.Signals) -> None:
    stop_on_signals(yard.loop)
    killer = threading.Timer(0.02, os.kill, (os.getpid(), one))
    killer.start()

    yard.loop.run(yard.handle, lambda: None)

    killer.join(10)
    assert yard.said[-1] == "STOPPING=1"


def test_a_flood_of_events_does_not_hold_back_the_tick(yard: Yard) -> None:
    def handle(event: str) -> None:
        yard.loop.put(event)

    yard.loop.put("again")
    yard.loop.run(handle, yard.tick)

    assert yard.ticks == 20


class Drained(Yard):
    """A yard whose loop drains, with a clock that moves by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.now_s = 0.0
        self.step_s = 0.0
        self.loop = Loop(tick_ms=5, tell=self.said.append, drains=True, now_s=lambda: self.now_s)

    def handle(self, event: str) -> None:
        self.now_s += self.step_s
        super().handle(event)


def test_a_key_that_was_heard_before_the_stop_is_not_lost() -> None:
    yard = Drained()
    yard.run("a", "stop", "b", "c")

    assert yard.handled == ["a", "stop", "b", "c"]
    assert yard.said[-1] == "STOPPING=1"


def test_what_comes_after_the_stop_is_not_handled() -> None:
    yard = Drained()
    yard.loop.put("a")
    yard.loop.stop()
    yard.run("late")

    assert yard.handled == ["a"]


def test_a_stop_that_the_loop_has_met_already_ends_the_draining_too() -> None:
    yard = Drained()

    def tick() -> None:
        """The stop comes while nothing waits; a key comes in the turn that has met it."""
        yard.ticks += 1
        if yard.ticks == 1:
            yard.loop.stop()
            yard.loop.stopping.clear()
        else:
            yard.loop.stopping.set()
            yard.loop.put("late")

    clock = iter(range(100))
    yard.loop = Loop(tell=bool, drains=True, now_s=lambda: float(next(clock)))
    yard.loop.put("a")
    yard.loop.run(yard.handle, tick)

    assert yard.handled == ["a"]


def test_a_flood_does_not_hold_back_the_stop(caplog: pytest.LogCaptureFixture) -> None:
    yard = Drained()
    yard.run("stop", *(str(n) for n in range(150)))

    assert yard.handled == ["stop", *(str(n) for n in range(DRAIN_EVENTS))]
    assert [record.message for record in caplog.records] == ["events dropped at stop count=50"]


def test_slow_events_do_not_hold_back_the_stop() -> None:
    yard = Drained()
    yard.step_s = DRAIN_S / 2
    yard.run("stop", "a", "b", "c")

    assert yard.handled == ["stop", "a", "b"]


def test_nothing_is_handled_after_a_decision_that_failed() -> None:
    yard = Drained()
    with pytest.raises(RuntimeError, match="panel gone"):
        yard.run("break", "never")

    assert yard.handled == ["break"]


def test_a_decision_that_fails_while_draining_ends_it() -> None:
    yard = Drained()
    with pytest.raises(RuntimeError, match="panel gone"):
        yard.run("stop", "break", "never")

    assert yard.handled == ["stop", "break"]


def test_a_worker_that_failed_loses_no_key_that_was_heard_before() -> None:
    yard = Drained()
    yard.loop.put("a")
    yard.loop.put("b")
    yard.loop.failed(OSError("uplink gone"))

    with pytest.raises(OSError, match="uplink gone"):
        yard.run()
    assert yard.handled == ["a", "b"]


@pytest.mark.usefixtures("_old_handlers")
@pytest.mark.parametrize("one", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_loses_no_key_either(one: signal.Signals) -> None:
    yard = Drained()
    stop_on_signals(yard.loop)

    def handle(event: str) -> None:
        yard.handled.append(event)
        if event == "a":
            os.kill(os.getpid(), one)

    yard.loop.put("a")
    yard.loop.put("b")
    yard.loop.run(handle, lambda: None)

    assert yard.handled == ["a", "b"]
