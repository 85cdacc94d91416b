"""Patterns that prove every dot, shown when nobody waits for the sign, and never like a plate."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from signage.current import CurrentWatch
from signage.frame import Frame
from signage.light_settings import SelfTestSettings

START_MS = 2_000
# Long enough for the current to settle and to be read twice.
NIGHT_STILL_MS, NIGHT_COLUMN_MS = 1_500, 100
# Of the two seconds at the start, what the column that sweeps over the panel gets.
START_SWEEP_MS = 800
WINDOW = timedelta(hours=1)
QUIET_MS = 10_000  # after a lease, before the test is taken up again

STILLS = 4


def patterns(width_px: int, height_px: int) -> tuple[Frame, ...]:
    """Draw the test: a checkerboard and its inverse, every other row and the others, then each column alone.

    The first two light each dot once and none of its neighbours, so a shorted or a dead one is seen; the
    columns show a module that is turned or out of order.
    """
    even = sum(1 << y for y in range(0, height_px, 2))
    odd = sum(1 << y for y in range(1, height_px, 2))
    whole = even | odd
    stills = (
        tuple(odd if x % 2 else even for x in range(width_px)),
        tuple(even if x % 2 else odd for x in range(width_px)),
        (even,) * width_px,
        (odd,) * width_px,
    )
    sweep = (tuple(whole if x == at else 0 for x in range(width_px)) for at in range(width_px))
    return tuple(Frame(width_px, height_px, columns) for columns in (*stills, *sweep))


@dataclass(frozen=True, slots=True)
class _Run:
    """One test under way: pictures, each until that many milliseconds after it began."""

    when: str
    night: date | None
    began_ms: int
    until: tuple[tuple[int, Frame], ...]

    def picture(self, now_ms: int) -> Frame | None:
        gone_ms = now_ms - self.began_ms
        return next((frame for end_ms, frame in self.until if gone_ms < end_ms), None)


class SelfTest:
    """Decides when the panel shows a pattern: after the machine's first start, and once a night.

    *first_start* says that this process is the first since the machine came up.  *sweeps* is false for
    a panel that is too slow for a column that moves, and *settle_ms* what each picture takes to stand.
    *local* turns UTC into the wall time of the spot.

    A lease ends a test at once.  The one at the start is not made up for; the nightly one is, within the
    hour.  A process that was started within that hour waits for the next night: restarts repeat no test.
    """

    def __init__(
        self,
        width_px: int,
        height_px: int,
        settings: SelfTestSettings,
        *,
        first_start: bool,
        sweeps: bool = True,
        settle_ms: int = 0,
        local: Callable[[datetime], datetime] = datetime.astimezone,
    ) -> None:
        self.result = ""  # what the current said in the last whole test; empty without a sensor
        self.fault = ""  # the same when it was out of its band
        self._settings = settings
        self._stills = patterns(width_px, height_px)[:STILLS]
        self._sweep = patterns(width_px, height_px)[STILLS:] if sweeps else ()
        self._still_ms = NIGHT_STILL_MS + settle_ms
        self._at_start = settings.at_start and first_start
        self._local = local
        self._run: _Run | None = None
        self._knows_the_night = False
        self._done: date | None = None
        self._quiet_until_ms = 0
        self._worst: float | None = None
        self._in_band = True

    def frame(self, now_ms: int, wall: datetime | None, *, lit: bool) -> Frame | None:
        """Give the pattern of this moment, or None for no test; asked each turn.

        *wall* is the time in UTC, None while the clock cannot be believed; *lit* says that anything else
        may stand on the sign.
        """
        night = self._night(wall)
        if lit:
            self._yield(now_ms)
            return None
        if self._run is None:
            self._begin(now_ms, night)
        if self._run is None:
            return None
        picture = self._run.picture(now_ms)
        if picture is None:
            self._finish(self._run)
        return picture

    def look(self, watch: CurrentWatch, now_ms: int) -> None:
        """Take down what the current says about the pattern that stands; asked each turn after `frame`."""
        deviation = watch.deviation(now_ms)
        if self._run is None or deviation is None:
            return
        if self._worst is None or abs(deviation) > abs(self._worst):
            self._worst = deviation
        self._in_band = self._in_band and watch.verdict(now_ms) is True

    def _night(self, wall: datetime | None) -> date | None:
        """The night whose test may be shown now; None outside of its hour."""
        at = self._settings.nightly
        if at is None or wall is None:
            return None
        local = self._local(wall).replace(tzinfo=None)
        start = datetime.combine(local.date(), at)
        if local < start:
            start -= timedelta(days=1)
        night = start.date() if local - start < WINDOW else None
        if not self._knows_the_night:
            self._knows_the_night, self._done = True, night
        return night

    def _begin(self, now_ms: int, night: date | None) -> None:
        if self._at_start:
            self._at_start = False
            stills_ms = START_MS - START_SWEEP_MS if self._sweep else START_MS
            self._start(now_ms, "after the start", None, stills_ms, START_SWEEP_MS)
        elif night is not None and night != self._done and now_ms >= self._quiet_until_ms:
            stills_ms = self._still_ms * len(self._stills)
            sweep_ms = NIGHT_COLUMN_MS * len(self._sweep)
            self._start(now_ms, f"at {self._settings.at}", night, stills_ms, sweep_ms)

    def _start(
        self, now_ms: int, when: str, night: date | None, stills_ms: int, sweep_ms: int
    ) -> None:
        stills = _spread(self._stills, 0, stills_ms)
        self._run = _Run(when, night, now_ms, stills + _spread(self._sweep, stills_ms, sweep_ms))
        self._worst, self._in_band = None, True

    def _yield(self, now_ms: int) -> None:
        self._run = None
        self._at_start = False
        self._quiet_until_ms = now_ms + QUIET_MS

    def _finish(self, run: _Run) -> None:
        self._run = None
        if run.night is not None:
            self._done = run.night
        if self._worst is None:
            return
        off = round(abs(self._worst) * 100)
        less = "less" if self._worst < 0 else "more"
        self.result = f"Self-test {run.when}: {off} % {less} current than expected"
        self.fault = (
            ""
            if self._in_band
            else f"{self.result}: look for dark dots on the panel, or set current.dot_ma anew."
        )


def _spread(
    frames: tuple[Frame, ...], from_ms: int, length_ms: int
) -> tuple[tuple[int, Frame], ...]:
    """Give each of *frames* the same part of *length_ms*, as (end, frame)."""
    return tuple(
        (from_ms + length_ms * (place + 1) // len(frames), frame)
        for place, frame in enumerate(frames)
    )
