"""An INA219 measures what the panel draws, by the voltage over a shunt (Texas Instruments, SBOS448)."""

import time
from collections.abc import Callable

from signage.light_sensor import SensorLost
from signage.light_settings import CurrentSettings
from signage.sensors.i2c import I2c, I2cBus

CONFIGURATION, SHUNT_VOLTAGE = 0x00, 0x01
# Shunt voltage only, without end; +-320 mV; the mean of 128 samples, because a panel that lights its
# rows in turn draws in pulses (SBOS448, table 5 and 6).
AVERAGED = 0x39FD
MEASURE_S = 0.075  # 68.1 ms, and the tolerance of its clock
MILLIVOLTS_PER_COUNT = 0.01


class Ina219:
    """The sensor at *address* of *bus*, over a shunt of *shunt_mohm* thousandths of an ohm.

    Its calibration register stays unused: that only makes the chip multiply, and would be lost in every
    dip of the supply.
    """

    def __init__(
        self,
        bus: I2c,
        address: int,
        shunt_mohm: float,
        where: str,
        sleep_s: Callable[[float], object] = time.sleep,
    ) -> None:
        self._bus = bus
        self._address = address
        self._shunt_mohm = shunt_mohm
        self._where = where
        self._sleep_s = sleep_s

    def milliamps(self) -> float:
        """Give the mean of the last 68 ms; below 0 where the wires are swapped.  Raises SensorLost."""
        try:
            self._set_up()
            counts = int.from_bytes(self._register(SHUNT_VOLTAGE), "big", signed=True)
        except OSError as error:
            raise SensorLost("current sensor", self._where, error.strerror or error) from error
        return counts * MILLIVOLTS_PER_COUNT / self._shunt_mohm * 1000

    def close(self) -> None:
        """Let go of the bus."""
        self._bus.close()

    def _set_up(self) -> None:
        """Tell it how to measure, at first and after it has lost its supply."""
        wanted = AVERAGED.to_bytes(2, "big")
        if self._register(CONFIGURATION) == wanted:
            return
        self._bus.write(self._address, bytes([CONFIGURATION]) + wanted)
        self._sleep_s(MEASURE_S)

    def _register(self, register: int) -> bytes:
        return self._bus.ask(self._address, bytes([register]), 2)


def from_settings(settings: CurrentSettings) -> Ina219:
    """Make the sensor that *settings* describes; nothing is opened yet."""
    where = f"/dev/i2c-{settings.bus}, address 0x{settings.address:02x}"
    return Ina219(I2cBus(settings.bus), settings.address, settings.shunt_mohm, where)
