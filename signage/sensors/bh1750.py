"""A BH1750FVI measures the light on the panel (ROHM, BH1750FVI technical note)."""

import time
from collections.abc import Callable

from signage.light_sensor import SensorLost
from signage.light_settings import LightSettings
from signage.sensors.i2c import I2c, I2cBus

# Measures once and powers itself down, so a chip that lost its supply needs no other care.
ONE_TIME_H_RESOLUTION = 0x20
# The measurement time register, which is the sensitivity too; its high 3 and low 5 bits.
_MT_HIGH, _MT_LOW = 0x40, 0x60
MT_USUAL, MT_LEAST = 69, 31  # to 54,612 lx and to 121,557 lx
COUNTS_PER_LUX = 1.2
MEASURE_S = 0.180  # at MT_USUAL, at most; the time goes with the register
# Nearly at the end of its 16 bits the same light is measured again with less sensitivity.
FULL = 65_000


class Bh1750:
    """The sensor at *address* of *bus*.  `lux` takes up to 0.3 s, asleep but for a few bytes."""

    def __init__(
        self, bus: I2c, address: int, where: str, sleep_s: Callable[[float], object] = time.sleep
    ) -> None:
        self._bus = bus
        self._address = address
        self._where = where
        self._sleep_s = sleep_s

    def lux(self) -> float:
        """Measure, 0 to 121,557 lx.  Raises SensorLost."""
        try:
            counts, sensitivity = self._measured(MT_USUAL), MT_USUAL
            if counts >= FULL:
                counts, sensitivity = self._measured(MT_LEAST), MT_LEAST
        except OSError as error:
            raise SensorLost("light sensor", self._where, error.strerror or error) from error
        return counts / COUNTS_PER_LUX * MT_USUAL / sensitivity

    def close(self) -> None:
        """Let go of the bus."""
        self._bus.close()

    def _measured(self, sensitivity: int) -> int:
        # Told each time: after a dip of the supply the chip is back at MT_USUAL and says nothing.
        for command in (
            _MT_HIGH | sensitivity >> 5,
            _MT_LOW | sensitivity & 0x1F,
            ONE_TIME_H_RESOLUTION,
        ):
            self._bus.write(self._address, bytes([command]))
        self._sleep_s(MEASURE_S * sensitivity / MT_USUAL)
        return int.from_bytes(self._bus.read(self._address, 2), "big")


def from_settings(settings: LightSettings) -> Bh1750:
    """Make the sensor that *settings* describes; nothing is opened yet."""
    where = f"/dev/i2c-{settings.bus}, address 0x{settings.address:02x}"
    return Bh1750(I2cBus(settings.bus), settings.address, where)
