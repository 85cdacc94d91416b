"""Whether the browser still draws, decided from what the page reported; pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from kiosk.faults import Fault, Part

# The page says after a beat missed for so long that it has lost its machine, and then it is right.
STALLED_MS = 6_000
# On these screens nobody is in the middle of anything.
RESTING = frozenset({"idle", "idle_closed", "out_of_order"})
REST_MS = 120_000
# Long enough that the start after a nightly restart does not lead to another one.
SHORTEST_LIFE_MS = 2 * 60 * 60 * 1000
NIGHT_WINDOW = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Shown:
    """What `/shown` says: the screen that is decided, the one a page drew, and how long ago they said so.

    `drawn_ms_ago` is the age of the last report, whichever screen it was about; `beat_ms_ago` that
    of the deciding loop's last beat.  None: there was none yet.  `page_changes` says that the page which
    spoke last has closed its stream, and that no other page has spoken since.
    """

    screen: int
    drawn: int
    name: str | None = None
    drawn_ms_ago: int | None = None
    beat_ms_ago: int | None = None
    heap_bytes: int | None = None
    page_changes: bool = False

    @property
    def stalled(self) -> bool:
        """Whether the loop that decides stands still: then no page can be up to date."""
        return self.beat_ms_ago is not None and self.beat_ms_ago > STALLED_MS


@dataclass(frozen=True, slots=True)
class Limits:
    """How long the browser may take for its first picture, and how long it may be silent later."""

    first_ms: int
    patience_ms: int


class PageWatch:
    """Finds a browser that is deaf: it says nothing, or says again and again that it drew an old screen."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._begun_ms: int | None = None
        self._owed: tuple[int, int] | None = None
        self.draws = False

    def look(self, now_ms: int, shown: Shown | None) -> str:
        """Say why the browser is deaf, or nothing while it is not, at monotonic time *now_ms*.

        `draws` is true afterwards when a page has drawn in time.  None and a stalled loop prove
        nothing about the browser: its time begins anew when the post answers again.
        """
        if shown is None or shown.stalled:
            self._begun_ms, self._owed, self.draws = None, None, False
            return ""
        if self._begun_ms is None:
            self._begun_ms = now_ms
        why = self._silent(now_ms, shown, self._begun_ms) or self._behind(now_ms, shown)
        self.draws = not why and self._reported(now_ms, shown, self._begun_ms)
        return why

    def _reported(self, now_ms: int, shown: Shown, begun_ms: int) -> bool:
        """Whether a page spoke since we watch: what the browser before this one said does not count."""
        return shown.drawn_ms_ago is not None and now_ms - shown.drawn_ms_ago >= begun_ms

    def _silent(self, now_ms: int, shown: Shown, begun_ms: int) -> str:
        if not self._reported(now_ms, shown, begun_ms):
            if now_ms - begun_ms < self._limits.first_ms:
                return ""
            return f"the browser has not drawn once in {self._limits.first_ms / 1000:g} s"
        if (shown.drawn_ms_ago or 0) < self._limits.patience_ms:
            return ""
        return f"the browser has not drawn for {self._limits.patience_ms / 1000:g} s"

    def _behind(self, now_ms: int, shown: Shown) -> str:
        """Judge by the oldest screen that it owes us: while somebody types, newer ones come all the time."""
        if shown.drawn_ms_ago is None:
            return ""
        # A smaller number than we wait for: the post was started again and counts from 1.
        if self._owed is None or shown.drawn >= self._owed[0] or shown.screen < self._owed[0]:
            self._owed = (shown.screen, now_ms)
        if shown.drawn >= self._owed[0] or now_ms - self._owed[1] < self._limits.patience_ms:
            return ""
        return f"the browser has shown an old screen for {self._limits.patience_ms / 1000:g} s"


class Rest:
    """How long one resting screen has stood there."""

    def __init__(self) -> None:
        self._since: tuple[int, int] | None = None

    def look(self, now_ms: int, shown: Shown | None) -> int:
        """Milliseconds of rest, 0 while somebody is at the post or nothing is known."""
        if shown is None or shown.name not in RESTING:
            self._since = None
            return 0
        if self._since is None or self._since[0] != shown.screen:
            self._since = (shown.screen, now_ms)
        return now_ms - self._since[1]


def nightly_due(at: time | None, local: datetime | None, life_ms: int, rest_ms: int) -> bool:
    """Whether the browser should be started afresh now, because nobody would notice.

    *local* is the station's time, None while the clock is not to be believed.  *life_ms* is the age
    of this browser, *rest_ms* how long nobody has used the post.
    """
    if at is None or local is None or life_ms < SHORTEST_LIFE_MS or rest_ms < REST_MS:
        return False
    wanted = local.replace(hour=at.hour, minute=at.minute, second=0, microsecond=0)
    return timedelta(0) <= local - wanted < NIGHT_WINDOW


class PageFaults:
    """Tells the post's own loop that its page failed, once for each coming and going."""

    def __init__(self, limits: Limits, put: Callable[[Fault], object]) -> None:
        self._limits = limits
        self._watch = PageWatch(limits)
        self._put = put
        self._told = False

    def look(self, now_ms: int, shown: Shown, *, connected: bool | None) -> None:
        """Judge at monotonic time *now_ms*; *connected* says whether a screen hangs on the cable."""
        why = self._watch.look(now_ms, shown)
        if connected is False:
            why = ""  # nothing is drawn without a screen: that is its fault, and told as such elsewhere
        if why and not self._told and self._may_come(shown):
            why = ""
        if bool(why) != self._told:
            self._told = bool(why)
            self._put(Fault(Part.PAGE, present=bool(why), reason=why))

    def _may_come(self, shown: Shown) -> bool:
        """A browser that is started afresh has as long for its first picture as after a start of the post."""
        ago_ms = shown.drawn_ms_ago
        return shown.page_changes and ago_ms is not None and ago_ms < self._limits.first_ms
