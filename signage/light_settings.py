"""What the sign feels and how it guards itself, as the settings say it."""

import re
from dataclasses import dataclass
from datetime import time

from device.settings import setting
from signage.steps import Step, parse_steps

STEPS = ("5% 0-3", "15% 2-30", "40% 20-1000", "70% 700-8000", "100% 5000-")
NO_SENSOR = "none"
LAST_I2C_BUS = 31

_HOUR = re.compile(r"[01]\d|2[0-3]")
_MINUTE = re.compile(r"[0-5]\d")


@dataclass(frozen=True, slots=True)
class LightSettings:
    """How bright the sign is: by a sensor, by the sun's height when that is silent, or always the same."""

    sensor: str = setting(
        NO_SENSOR, choices=(NO_SENSOR, "bh1750"), doc="The light sensor beside the panel, if any."
    )
    bus: int = setting(1, low=0, high=LAST_I2C_BUS, doc="Its I2C bus: 1 is /dev/i2c-1.")
    address: int = setting(
        0x23,
        choices=(0x23, 0x5C),
        doc="Its address: 35 with ADDR at ground, 92 with ADDR at 3.3 V.",
    )
    steps: tuple[str, ...] = setting(
        STEPS, low=1, doc="Percent and lux from-to, darkest first; they must overlap."
    )
    latitude: float | None = setting(
        None,
        low=-90,
        high=90,
        doc="Degrees north of the sign; not given: the sun's height is not used.",
    )
    longitude: float | None = setting(None, low=-180, high=180, doc="Degrees east of the sign.")
    day_percent: int = setting(
        100, low=1, high=100, doc="Brightness without a sensor while the sun is up."
    )
    twilight_percent: int = setting(
        40, low=1, high=100, doc="Likewise until it is 6 degrees under the horizon."
    )
    night_percent: int = setting(15, low=1, high=100, doc="Likewise at night.")
    night_percent_max: int = setting(
        40, low=1, high=100, doc="At night never brighter, whatever headlights tell the sensor."
    )

    def __post_init__(self) -> None:
        parse_steps(self.steps)
        if (self.latitude is None) is not (self.longitude is None):
            raise ValueError("latitude and longitude belong together; give both or neither")
        if not self.night_percent <= self.twilight_percent <= self.day_percent:
            raise ValueError("night_percent, twilight_percent and day_percent must not fall")
        if self.night_percent > self.night_percent_max:
            raise ValueError("night_percent must not be above night_percent_max")

    @property
    def table(self) -> tuple[Step, ...]:
        """The steps, read."""
        return parse_steps(self.steps)

    @property
    def place(self) -> tuple[float, float] | None:
        """Latitude and longitude, where they are given."""
        if self.latitude is None or self.longitude is None:
            return None
        return self.latitude, self.longitude


@dataclass(frozen=True, slots=True)
class CurrentSettings:
    """A sensor in the panel's supply, which says whether light comes out of what was sent."""

    sensor: str = setting(
        NO_SENSOR, choices=(NO_SENSOR, "ina219"), doc="The current sensor in the supply, if any."
    )
    bus: int = setting(1, low=0, high=LAST_I2C_BUS, doc="Its I2C bus: 1 is /dev/i2c-1.")
    address: int = setting(
        0x40, low=0x40, high=0x4F, doc="Its address: 64 with A0 and A1 at ground."
    )
    shunt_mohm: float = setting(
        100.0, low=0.1, high=1000, doc="Its shunt, in thousandths of an ohm; 100 measures to 3.2 A."
    )
    idle_ma: float = setting(
        0.0, low=0, high=20_000, doc="What the dark panel draws, in mA, as measured on the spot."
    )
    dot_ma: float = setting(
        0.0, low=0, high=200, doc="What each lit dot adds at full brightness, in mA."
    )
    tolerance_percent: int = setting(
        30, low=5, high=60, doc="How far the current may be from what was expected."
    )

    def __post_init__(self) -> None:
        if self.sensor != NO_SENSOR and self.dot_ma <= 0:
            raise ValueError("dot_ma is missing; measure the panel all lit and dark, per dot")


@dataclass(frozen=True, slots=True)
class TimerSettings:
    """A retriggerable timer that holds the panel's supply or enable line for as long as it is kicked."""

    pin: int | None = setting(
        None, pin=True, doc="GPIO number at the timer's input; not given: none is wired."
    )


@dataclass(frozen=True, slots=True)
class SelfTestSettings:
    """When the sign shows patterns that nobody can take for a plate."""

    at_start: bool = setting(True, doc="For 2 s after the machine has started.")
    story: bool = setting(
        True,
        doc="After that, how far the sign has come, until central has answered: NET, ENROL, READY, or the "
        "code of a fault.",
    )
    at: str = setting("05:00", doc="Each night at this local time, hh:mm; empty: never.")

    def __post_init__(self) -> None:
        self._read()

    @property
    def nightly(self) -> time | None:
        """When each night, or None for never."""
        return self._read()

    def _read(self) -> time | None:
        if not self.at:
            return None
        hour, _, minute = self.at.partition(":")
        if _HOUR.fullmatch(hour) and _MINUTE.fullmatch(minute):
            return time(int(hour), int(minute))
        raise ValueError(f'at = "{self.at}" is not a time of day; write "05:00"')
