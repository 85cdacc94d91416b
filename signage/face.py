"""Keeps the panel as it should be: writes what changed, heals, and knows what left."""

import logging
from collections.abc import Callable

from contract.wire import PanelState, Picture, Sent
from device.log import Outage
from signage.frame import Frame
from signage.health import Health
from signage.panel import Panel, PanelLost
from signage.showing import Report, Script, Showing

RETRY_MS = 100
HOPELESS_MS = 1_000  # between tries of a panel in FAULT
UNSUPPLIED = "it could not be made dark, so the timer has taken its supply away for some seconds"

log = logging.getLogger(__name__)


class Face:
    """The panel as one loop sees it.  Every write happens inside a call of `put` or `dark`, or not at all.

    Args:
        panel: what hangs there.
        clock_ms: the clock of *now_ms*, asked again when a write has left: a serial line takes its time.
    """

    def __init__(self, panel: Panel, clock_ms: Callable[[], int] | None = None) -> None:
        self.health = Health()
        self._clock_ms = clock_ms
        self.sent = Sent()
        self.standing: Frame | None = None
        # The brightness that the panel has been told of; a new one goes out with the next write.
        self.percent = 100
        self._percent = 100
        self._panel = panel
        self._outage = Outage(log, "panel")
        self._initialised = False
        self._next_ms: int | None = None
        self._settled_ms: int | None = None
        self._script: Script | None = None
        # Since when the script's first page has stood for who reads it from the beginning; None: not yet.
        self._first_ms: int | None = None
        # Calls that somebody may still read on a yard sign, because a write is under way or has failed.
        self._listed: tuple[str, ...] = ()
        self._felt: bool | None = None
        self._stuck = ""
        self._is_supplied = True
        self.has_written = False
        # Until when a panel with a timer of its own was told to show it.
        self._told_until_ms = 0
        # Since when the panel may show something else than it should.
        self.differs_since_ms: int | None = None

    @property
    def state(self) -> PanelState:
        """FAULT while writes fail, while it has no supply, or while a sensor says that it is lit though it
        should be dark."""
        well = self._is_supplied and not self._stuck
        return self.health.state if well else PanelState.FAULT

    @property
    def fault(self) -> str:
        """Why the state is FAULT."""
        return self.health.fault or self._stuck or ("" if self._is_supplied else UNSUPPLIED)

    @property
    def is_stuck(self) -> bool:
        """Whether a sensor says that it is lit though it should be dark."""
        return bool(self._stuck)

    def feel(self, verdict: bool | None, stuck: str) -> None:
        """Take in what a sensor at the panel says: whether it does what was sent, and a fault sentence."""
        self._felt, self._stuck = verdict, stuck

    def supplied(self, is_on: bool) -> None:
        """Take in whether the panel has its supply: without it nothing stands there, whatever it takes."""
        if is_on is not self._is_supplied:
            self._is_supplied = is_on
            # It has forgotten everything, or will.
            self._initialised, self._first_ms, self._next_ms = False, None, None

    def put(self, showing: Showing | None, now_ms: int) -> None:
        """Make the panel show *showing*, or nothing; write only what is needed."""
        if self.state is PanelState.FAULT:
            showing = None
        stands = self._has_left and self._stands(showing, now_ms)
        renews = stands and showing is not None and self._must_renew(showing, now_ms)
        if (not stands and not self.health.failed) or renews or self._is_time(now_ms):
            self._write(showing, now_ms, again=stands)
        if self._has_left and not self._stuck:
            self.differs_since_ms = None
        elif self.differs_since_ms is None:
            self.differs_since_ms = now_ms

    def dark(self, now_ms: int) -> bool:
        """Make the panel dark now, whatever was tried before; whether it took it."""
        self._write(None, now_ms, again=False)
        return self._has_left

    def report(self, now_ms: int, picture: Picture | None = None) -> Report:
        """What a beat may say about the panel: a picture counts once it has had its time to settle."""
        # One that says no outweighs another that says yes.
        verdicts = (self._panel.health(), self._felt)
        return Report(
            sent=Sent(call=self.sent.call, sha256=self.sent.sha256, whole=self.is_whole(now_ms)),
            state=self.state,
            fault=self.fault,
            confirmed=False if False in verdicts else True if True in verdicts else None,
            listed=self._readable(now_ms),
            picture=picture,
        )

    def picture(self, now_ms: int) -> Picture:
        """The frame that left last, for a person who asks to see it."""
        canvas = self._panel.canvas
        frame = self.standing or Frame.dark(canvas.width_px, canvas.height_px)
        return Picture(
            width_px=frame.width_px,
            height_px=frame.height_px,
            columns=list(frame.columns),
            sha256=self.sent.sha256,
            whole=self.is_whole(now_ms),
        )

    def dim(self, percent: int) -> None:
        """Set the brightness of what is written from now on."""
        self._percent = self._panel.dim(percent)

    def close(self) -> None:
        """Let go of the panel."""
        self._panel.close()

    @property
    def _has_left(self) -> bool:
        return self.sent.whole

    def is_whole(self, now_ms: int) -> bool:
        """Whether what was sent has left, and the panel does not draw over what stood before any more."""
        return self._has_left and (self._settled_ms is None or now_ms >= self._settled_ms)

    def _readable(self, now_ms: int) -> tuple[str, ...]:
        """The lines of a yard sign that somebody may read now."""
        if self.is_whole(now_ms):
            self._listed = _lines(self._script)
        return self._listed

    def _is_time(self, now_ms: int) -> bool:
        return self._next_ms is None or now_ms >= self._next_ms

    def _must_renew(self, showing: Showing, now_ms: int) -> bool:
        """Whether a panel with a timer of its own would go dark before the next heal, though it need not."""
        if self._panel.facts.holds_last_frame:
            return False
        left_ms = self._told_until_ms - now_ms
        return (
            left_ms < self._panel.traits.heal_ms + RETRY_MS and showing.ttl_ms > left_ms + RETRY_MS
        )

    def _stands(self, showing: Showing | None, now_ms: int) -> bool:
        """Whether nothing else than what left last should stand there; the time left makes no difference."""
        if showing is None or self._script is None:
            return showing is None and self._script is None
        return (
            showing.script == self._script and self._page(showing.script, now_ms) == self.standing
        )

    def _page(self, script: Script, now_ms: int) -> Frame:
        """The page of this moment: the first until it has stood its time, also after the panel was lost."""
        if script != self._script or self._first_ms is None:
            return script.pages[0]
        return script.pages[(now_ms - self._first_ms) // script.page_ms % len(script.pages)]

    def _write(self, showing: Showing | None, now_ms: int, *, again: bool) -> None:
        error = None
        ttl_ms = 0 if showing is None else showing.ttl_ms
        script = None if showing is None else showing.script
        page = None if script is None else self._page(script, now_ms)
        if not again:
            self._listed = (*self._readable(now_ms), *_lines(script))
        if script != self._script:
            self._script, self._first_ms = script, None
        try:
            self._bring_up()
            if again:
                self._panel.heal(ttl_ms)
            elif page is None or page.is_dark:
                self._blank(script)
            else:
                self._show(script, page, ttl_ms)
            self._has_taken(now_ms, ttl_ms)
        except PanelLost as lost:
            error = lost.why
            self._initialised, self._first_ms = False, None
            self.sent = Sent(call=self.sent.call, sha256=self.sent.sha256, whole=False)
        self.standing = page
        self._note(error, now_ms, changed=not again)

    def _has_taken(self, now_ms: int, ttl_ms: int) -> None:
        self.percent = self._percent
        self.has_written = True
        self._told_until_ms = now_ms + ttl_ms
        if self._first_ms is None:
            self._first_ms = now_ms

    def _bring_up(self) -> None:
        """After a loss the panel may have had a power cut of its own, so everything is told anew."""
        if not self._initialised:
            self._panel.init()
            self._initialised = True

    def _blank(self, script: Script | None) -> None:
        # Until the write is done the old call is what may still stand there.
        self.sent = Sent(call=self.sent.call, sha256=self.sent.sha256, whole=False)
        call = None if script is None else script.call
        self.sent = Sent(call=call, sha256=self._panel.blank(), whole=True)

    def _show(self, script: Script | None, page: Frame, ttl_ms: int) -> None:
        new = None if script is None else script.call
        self.sent = Sent(call=new or self.sent.call, whole=False)
        self.sent = Sent(call=new, sha256=self._panel.show(page, ttl_ms), whole=True)

    def _note(self, error: str | None, now_ms: int, *, changed: bool) -> None:
        self.health = self.health.after_write(error)
        if error is None:
            self._outage.back(now_ms)
        else:
            self._outage.lost(now_ms, error)
        if changed or error is not None:
            left_ms = now_ms if self._clock_ms is None else self._clock_ms()
            self._settled_ms = left_ms + self._panel.traits.settle_ms
        hopeless = error is not None and self.health.state is PanelState.FAULT
        unsettled = not self.health.is_settled and not hopeless
        later_ms = self._panel.traits.heal_ms if error is None else HOPELESS_MS
        self._next_ms = now_ms + (RETRY_MS if unsettled else later_ms)


def _lines(script: Script | None) -> tuple[str, ...]:
    return script.calls if script is not None and script.lists else ()
