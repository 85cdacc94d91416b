"""What the panel's current says about what was sent: near enough, too little, or light where it is dark."""

from dataclasses import dataclass

from signage.light_settings import CurrentSettings

SETTLE_MS = 500  # after a write until the current counts
QUIET_MS = 3_000  # a reading older than this says nothing
DARK_MS = 2_000
# So many readings in a row, and so long without one, that a reading at the edge is not news each time.
STUCK_READINGS, CLEAR_MS = 3, 5_000
# The sensor's offset, and what a supply breathes.
LEAST_MA = 20.0
STUCK = "The panel draws current though it is dark: look whether a plate stands there, check its supply."


@dataclass(frozen=True, slots=True)
class _Told:
    lit_dots: int
    percent: int
    at_ms: int


class CurrentWatch:
    """Compares what was written with what the panel draws.

    `told` hears each write that has left, as often as one likes; `see` each reading, with the time at
    which it was taken.  All times are monotonic milliseconds.
    """

    def __init__(self, settings: CurrentSettings) -> None:
        self._settings = settings
        self._told: _Told | None = None
        self._ma = 0.0
        self._seen_ms: int | None = None
        self._over = 0
        self._under_since_ms: int | None = None
        self.stuck = ""  # what is wrong while light stands on a panel that was told to be dark

    def told(self, lit_dots: int, percent: int, now_ms: int) -> None:
        """Note that *lit_dots* stand at *percent*; the same again changes nothing."""
        told = self._told
        if told is None or (told.lit_dots, told.percent) != (lit_dots, percent):
            # Darkness goes on through a change of brightness: only light begins anew.
            dark_on = told is not None and told.lit_dots == lit_dots == 0
            at_ms = told.at_ms if told is not None and dark_on else now_ms
            self._told = _Told(lit_dots, percent, at_ms)

    def unknown(self) -> None:
        """Note that a write failed, and nobody knows what stands there."""
        self._told = None

    def see(self, ma: float | None, now_ms: int) -> None:
        """Hear a reading that was taken at *now_ms*; None: the sensor said nothing."""
        if ma is not None:
            self._ma, self._seen_ms = ma, now_ms
            self._look_at_darkness(now_ms)

    def verdict(self, now_ms: int) -> bool | None:
        """Whether the current is that of the picture; None when it cannot tell.

        It cannot until a reading has been taken 500 ms after the write, when there is none for 3 s, and
        when so few dots are lit that dark would look the same.
        """
        if self._told is None or not self._is_fresh(self._told, SETTLE_MS, now_ms):
            return None
        if self._told.lit_dots and not self._would_show(self._told):
            return None
        expected_ma = self._expected_ma(self._told)
        return abs(self._ma - expected_ma) <= self._slack_ma(expected_ma)

    def _look_at_darkness(self, now_ms: int) -> None:
        """It is stuck after several readings of light, and until it has been dark for seconds: silence of
        the sensor disproves nothing."""
        told = self._told
        if told is None or told.lit_dots or now_ms - told.at_ms < DARK_MS:
            return
        idle_ma = self._settings.idle_ma
        slack_ma = self._slack_ma(idle_ma)
        self._over = self._over + 1 if self._ma > idle_ma + slack_ma else 0
        if self._ma > idle_ma + slack_ma / 2:
            self._under_since_ms = None
        elif self._under_since_ms is None:
            self._under_since_ms = now_ms
        if self._over >= STUCK_READINGS:
            self.stuck = STUCK
        elif self._under_since_ms is not None and now_ms - self._under_since_ms >= CLEAR_MS:
            self.stuck = ""

    def deviation(self, now_ms: int) -> float | None:
        """Give how much more light there is than expected, -1.0 for none at all; None as in `verdict`."""
        told = self._told
        if told is None or not self._would_show(told) or self.verdict(now_ms) is None:
            return None
        of_light_ma = self._expected_ma(told) - self._settings.idle_ma
        return (self._ma - self._settings.idle_ma) / of_light_ma - 1

    def _is_fresh(self, told: _Told, settle_ms: int, now_ms: int) -> bool:
        if self._seen_ms is None or now_ms - self._seen_ms > QUIET_MS:
            return False
        return self._seen_ms - told.at_ms >= settle_ms

    def _would_show(self, told: _Told) -> bool:
        """Whether the bands of this picture and of darkness lie apart."""
        lit_ma, idle_ma = self._expected_ma(told), self._settings.idle_ma
        return lit_ma - self._slack_ma(lit_ma) > idle_ma + self._slack_ma(idle_ma)

    def _expected_ma(self, told: _Told) -> float:
        light_ma = self._settings.dot_ma * told.lit_dots * told.percent / 100
        return self._settings.idle_ma + light_ma

    def _slack_ma(self, expected_ma: float) -> float:
        return max(LEAST_MA, expected_ma * self._settings.tolerance_percent / 100)
