"""How bright the sign is now: by its light sensor, or by the sun's height when that is silent or stuck.

The light rules of NTCIP 1203's dmsIllumination objects, with two of our own: a sign that shows anything
is never at 0, and at night headlights do not make it glaring.
"""

import math
from datetime import datetime

from signage.light_settings import LightSettings
from signage.steps import Step, step_at
from signage.sun import Sky, sky

SILENT_MS = 600_000
# A living sensor's last digit is never still for so long, save where there is no light to count.
FROZEN_MS = 600_000
PITCH_DARK_LUX = 1.0
DARKER_MS = 30_000
BRIGHTER_MS = 3_000


class Dimmer:
    """Decides the brightness in percent, 1 to 100.  `see` hears the sensor, `percent` is asked each turn."""

    def __init__(self, settings: LightSettings) -> None:
        self._settings = settings
        self._steps = settings.table
        self._step: Step | None = None
        self._lux: float | None = None
        self._seen_ms = 0
        self._changed_ms = 0
        self._in_force: int | None = None
        self._differs: tuple[bool, int] | None = None

    def see(self, lux: float | None, now_ms: int) -> None:
        """Hear what the sensor measured at monotonic time *now_ms*; None, or no number: it said nothing."""
        if lux is None or not math.isfinite(lux) or lux < 0:
            return
        if self._lux is None:
            self._in_force = None  # the first word of a sensor counts at once
        if lux != self._lux:
            self._changed_ms = now_ms
        self._lux, self._seen_ms = lux, now_ms
        self._step = step_at(self._steps, self._step, lux)

    def percent(self, now_ms: int, wall: datetime, *, synced: bool) -> int:
        """Give the brightness at *now_ms*; *wall* counts only where *synced* says that it can be believed.

        A change to darker takes 30 s and one to brighter 3 s, so that no shadow and no headlight flickers.
        """
        light = self._sky(wall) if synced else None
        wanted = self._wanted(now_ms, light)
        if self._in_force is None or wanted == self._in_force:
            self._in_force, self._differs = wanted, None
            return wanted
        brighter = wanted > self._in_force
        if self._differs is None or self._differs[0] is not brighter:
            self._differs = brighter, now_ms
        if now_ms - self._differs[1] >= (BRIGHTER_MS if brighter else DARKER_MS):
            self._in_force, self._differs = wanted, None
        return self._in_force

    def _wanted(self, now_ms: int, light: Sky | None) -> int:
        if self._step is not None and self._is_believed(now_ms, light):
            percent = self._step.percent
        else:
            percent = self._by_sky(light)
        if light is Sky.NIGHT:
            percent = min(percent, self._settings.night_percent_max)
        return max(1, percent)

    def _is_believed(self, now_ms: int, light: Sky | None) -> bool:
        """Whether the sensor's last word counts: it is not old, and it is not stuck at one number."""
        if now_ms - self._seen_ms >= SILENT_MS:
            return False
        if now_ms - self._changed_ms < FROZEN_MS:
            return True
        # In a night without lamps a sound sensor counts 0 for hours.
        return light is Sky.NIGHT and self._lux is not None and self._lux < PITCH_DARK_LUX

    def _by_sky(self, light: Sky | None) -> int:
        """Without a place or a clock it is day: a sign that is too bright can still be read."""
        if light is None or light is Sky.DAY:
            return self._settings.day_percent
        if light is Sky.TWILIGHT:
            return self._settings.twilight_percent
        return self._settings.night_percent

    def _sky(self, wall: datetime) -> Sky | None:
        place = self._settings.place
        return None if place is None else sky(*place, wall)
