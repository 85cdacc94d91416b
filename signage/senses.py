"""Reads the sensors on a thread of its own and hands what they say to the loop that decides.

A bus that hangs stops this thread and nothing else: it lives on for the watchdog, and the Dimmer and the
CurrentWatch notice the silence by their own clocks.
"""

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from device.clock import Clock
from device.log import Outage
from signage.light_sensor import CurrentSensor, LightSensor
from signage.light_settings import NO_SENSOR, CurrentSettings, LightSettings

LIGHT_MS = 5_000
CURRENT_MS = 500
FIRST_BACK_OFF_MS, LONGEST_BACK_OFF_MS = 1_000, 60_000
LOOK_S = 0.1

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LightSensed:
    """What the light sensor measured at monotonic time `at_ms`; None: it could not be read."""

    lux: float | None
    at_ms: int


@dataclass(frozen=True, slots=True)
class CurrentSensed:
    """What the current sensor measured at monotonic time `at_ms`; None: it could not be read."""

    ma: float | None
    at_ms: int


Sensed = LightSensed | CurrentSensed


class Senses:
    """A worker's body is `run`; it never raises.  A sensor that fails is tried again, ever less often."""

    def __init__(
        self,
        light: LightSensor | None,
        current: CurrentSensor | None,
        put: Callable[[Sensed], object],
        clock: Clock,
    ) -> None:
        self._clock = clock
        self._put = put
        self._senses: list[_Sense] = []
        if light is not None:
            self._senses.append(
                _Sense("light sensor", light.lux, light, LIGHT_MS, self._light_is, clock)
            )
        if current is not None:
            self._senses.append(
                _Sense("current sensor", current.milliamps, current, CURRENT_MS, self._draws, clock)
            )

    def run(self, stopping: threading.Event) -> None:
        """Body of the sensing thread."""
        while not stopping.wait(LOOK_S):
            self.turn()
        for sense in self._senses:
            sense.close()

    def turn(self) -> None:
        """Read whatever is due."""
        for sense in self._senses:
            sense.turn()

    def _light_is(self, lux: float | None) -> None:
        self._put(LightSensed(lux, self._clock.monotonic_ms()))

    def _draws(self, ma: float | None) -> None:
        self._put(CurrentSensed(ma, self._clock.monotonic_ms()))


class _Closes(Protocol):
    def close(self) -> None: ...


class _Sense:
    """One sensor, when it is due, and how it fares."""

    def __init__(
        self,
        name: str,
        read: Callable[[], float],
        sensor: _Closes,
        every_ms: int,
        tell: Callable[[float | None], object],
        clock: Clock,
    ) -> None:
        self._read = read
        self._sensor = sensor
        self._every_ms = every_ms
        self._tell = tell
        self._clock = clock
        self._outage = Outage(log, name)
        self._back_off_ms = FIRST_BACK_OFF_MS
        self._due_ms: int | None = None

    def turn(self) -> None:
        if self._due_ms is not None and self._clock.monotonic_ms() < self._due_ms:
            return
        try:
            measured = self._read()
        except Exception as error:  # noqa: BLE001 - a sensor must not end the sign, whatever it is
            self._lost(error)
            return
        now_ms = self._clock.monotonic_ms()
        self._outage.back(now_ms)
        self._back_off_ms = FIRST_BACK_OFF_MS
        self._due_ms = now_ms + self._every_ms
        self._tell(measured)

    def close(self) -> None:
        with suppress(Exception):
            self._sensor.close()

    def _lost(self, error: Exception) -> None:
        now_ms = self._clock.monotonic_ms()
        self._outage.lost(now_ms, error)
        self.close()
        self._due_ms = now_ms + self._back_off_ms
        self._back_off_ms = min(2 * self._back_off_ms, LONGEST_BACK_OFF_MS)
        self._tell(None)


def senses_of(
    light: LightSettings,
    current: CurrentSettings,
    put: Callable[[Sensed], object],
    clock: Clock,
) -> Senses | None:
    """Make the senses that the settings name; None where no sensor is wired."""
    if light.sensor == current.sensor == NO_SENSOR:
        return None
    # Only now: a sign without sensors needs no I2C.
    from signage.sensors import bh1750, ina219  # noqa: PLC0415

    return Senses(
        None if light.sensor == NO_SENSOR else bh1750.from_settings(light),
        None if current.sensor == NO_SENSOR else ina219.from_settings(current),
        put,
        clock,
    )
