"""Sensors on their own thread: what they say arrives, and whatever happens to them stays there."""

import threading
from collections.abc import Iterator

import pytest

from device.supervise import Loop, Worker
from signage.light_settings import CurrentSettings, LightSettings
from signage.senses import CurrentSensed, LightSensed, Sensed, Senses, senses_of
from signage.sensors.bh1750 import Bh1750
from signage.sensors.i2c import I2cBus
from signage.sensors.ina219 import Ina219
from tests.fakes.clock import FakeClock
from tests.fakes.i2c_bus import Bh1750Chip, Ina219Chip, wired
from tests.waiting import until


class Rig:
    """Both sensors on one bus, and whoever hears them."""

    def __init__(self) -> None:
        self.light, self.current = Bh1750Chip(500), Ina219Chip(120)
        self.wires = wired(at_23=self.light, at_40=self.current)
        self.clock = FakeClock()
        self.heard: list[Sensed] = []
        self.senses = Senses(
            Bh1750(I2cBus(1, self.wires.open), 0x23, "there", self.wires.sleep_s),
            Ina219(I2cBus(1, self.wires.open), 0x40, 100, "there", self.wires.sleep_s),
            self.heard.append,
            self.clock,
        )

    def pass_s(self, seconds: float) -> None:
        for _ in range(int(seconds * 10)):
            self.clock.advance(100)
            self.senses.turn()

    def lux(self) -> list[float | None]:
        return [one.lux for one in self.heard if isinstance(one, LightSensed)]

    def milliamps(self) -> list[float | None]:
        return [one.ma for one in self.heard if isinstance(one, CurrentSensed)]


@pytest.fixture
def rig() -> Iterator[Rig]:
    rig = Rig()
    yield rig
    rig.wires.let_go.set()


def test_the_light_is_read_every_five_seconds_and_the_current_twice_a_second(rig: Rig) -> None:
    rig.pass_s(10)
    assert rig.lux() == [pytest.approx(500, abs=1)] * 2
    assert rig.milliamps() == [pytest.approx(120)] * 20


def test_each_word_says_when_it_was_measured(rig: Rig) -> None:
    rig.pass_s(1)
    first, second = [one.at_ms for one in rig.heard if isinstance(one, CurrentSensed)]
    assert (first, second) == (1_100, 1_600)


def test_one_sensor_that_is_lost_is_told_and_the_other_goes_on(rig: Rig) -> None:
    rig.pass_s(1)
    rig.wires.unplug(0x23)
    rig.heard.clear()
    rig.pass_s(10)
    assert set(rig.lux()) == {None}
    assert None not in rig.milliamps()
    assert len(rig.milliamps()) == 20


def test_a_lost_sensor_is_tried_ever_less_often_and_comes_back(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    rig.wires.unplug(0x40)
    rig.pass_s(31)
    assert rig.milliamps() == [None] * 5  # after 0, 1, 3, 7 and 15 s
    rig.wires.plug(0x40)
    rig.pass_s(1)
    assert rig.milliamps()[-1] == pytest.approx(120)
    rig.heard.clear()
    rig.pass_s(5)
    assert len(rig.milliamps()) == 10
    lines = [line for line in caplog.messages if line.startswith("current sensor")]
    assert [line.split()[2] for line in lines] == ["lost", "back"]


def test_after_it_came_back_the_next_loss_is_tried_soon_again(rig: Rig) -> None:
    rig.wires.unplug(0x40)
    rig.pass_s(31)
    rig.wires.plug(0x40)
    rig.pass_s(1)
    rig.wires.unplug(0x40)
    rig.heard.clear()
    rig.pass_s(4)
    assert rig.milliamps() == [None] * 3  # after 0, 1 and 3 s


def test_it_is_tried_at_least_once_a_minute_for_ever(rig: Rig) -> None:
    rig.wires.unplug(0x23)
    rig.wires.unplug(0x40)
    rig.pass_s(600)
    assert 12 <= len(rig.milliamps()) <= 16


def test_a_bus_that_goes_away_is_opened_anew(rig: Rig) -> None:
    rig.pass_s(1)
    rig.wires.is_there = False
    rig.wires.unplug(0x40)
    rig.pass_s(2)
    opened = len(rig.wires.opened)
    rig.wires.is_there = True
    rig.wires.plug(0x40)
    rig.pass_s(5)
    assert len(rig.wires.opened) > opened
    assert rig.milliamps()[-1] is not None


class Mad:
    """A driver with a fault of its own."""

    def lux(self) -> float:
        raise ZeroDivisionError("division by zero")

    def close(self) -> None:
        raise RuntimeError("nor closed")


def test_whatever_a_driver_raises_ends_nothing() -> None:
    heard: list[Sensed] = []
    senses = Senses(Mad(), None, heard.append, FakeClock())
    senses.turn()
    assert heard == [LightSensed(None, 1_000)]


def test_a_bus_that_hangs_stops_only_the_senses_and_the_watchdog_is_fed(rig: Rig) -> None:
    """The sign goes on without its sensors; their silence is noticed by who needs them."""
    told: list[str] = []
    loop: Loop[Sensed] = Loop(tick_ms=1, tell=told.append)
    worker = Worker("senses", rig.senses.run, loop)
    pings_before: list[int] = []

    def tick() -> None:
        if rig.wires.hanging.is_set() and not pings_before:
            pings_before.append(told.count("WATCHDOG=1"))
        if pings_before and told.count("WATCHDOG=1") >= pings_before[0] + 20:
            loop.stop()

    rig.wires.hang()
    worker.start()
    loop.run(lambda _: None, tick, producers=[worker])
    assert worker.alive
    rig.wires.let_go.set()
    assert worker.join(10)


def test_the_thread_ends_when_it_is_told_to_and_lets_go_of_the_bus(rig: Rig) -> None:
    stopping = threading.Event()
    thread = threading.Thread(target=rig.senses.run, args=(stopping,))
    thread.start()
    until(lambda: len(rig.heard) >= 2, what="both sensors")
    stopping.set()
    thread.join(10)
    assert not thread.is_alive()
    assert rig.wires.closed == 2


def test_without_sensors_there_are_no_senses() -> None:
    made = senses_of(LightSettings(), CurrentSettings(), lambda _: None, FakeClock())
    assert made is None


@pytest.mark.parametrize(
    ("light", "current", "heard"),
    [
        ("bh1750", "none", [LightSensed(None, 1_000)]),
        ("none", "ina219", [CurrentSensed(None, 1_000)]),
    ],
)
def test_the_settings_say_which_sensors_there_are(
    light: str, current: str, heard: list[Sensed]
) -> None:
    told: list[Sensed] = []
    senses = senses_of(
        LightSettings(sensor=light, bus=987_654),
        CurrentSettings(sensor=current, bus=987_654, dot_ma=5),
        told.append,
        FakeClock(),
    )
    assert senses is not None
    senses.turn()
    assert told == heard
