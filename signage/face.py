"""Keeps the panel as it should be: writes what changed, heals once a second, and knows what left."""

import logging

from contract.wire import PanelState, Sent
from device.log import Outage
from signage.frame import Frame
from signage.health import Health
from signage.panel import Panel, PanelLost
from signage.showing import Report, Showing

HEAL_MS = 1_000
RETRY_MS = 100

log = logging.getLogger(__name__)

Picture = tuple[str, Frame] | None


class Face:
    """The panel as one loop sees it.  Every write happens inside a call of `put` or `dark`, or not at all."""

    def __init__(self, panel: Panel) -> None:
        self.health = Health()
        self.sent = Sent()
        self._panel = panel
        self._outage = Outage(log, "panel")
        self._initialised = False
        self._next_ms: int | None = None
        self._shown: Picture = None

    def put(self, showing: Showing | None, now_ms: int) -> None:
        """Make the panel show *showing*, or nothing; write only what is needed."""
        if self.health.state is PanelState.FAULT:
            showing = None
        stands = self.sent.whole and self._shown == _picture(showing)
        if stands and not self._is_time(now_ms):
            return
        if not stands and self.health.failed and not self._is_time(now_ms):
            return
        self._write(showing, now_ms, again=stands)

    def dark(self, now_ms: int) -> bool:
        """Make the panel dark now, whatever was tried before; whether it took it."""
        self._write(None, now_ms, again=False)
        return self.sent.whole

    def report(self) -> Report:
        """What a beat may say about the panel."""
        return Report(self.sent, self.health.state, self.health.fault, self._panel.health())

    def close(self) -> None:
        """Let go of the panel."""
        self._panel.close()

    def _is_time(self, now_ms: int) -> bool:
        return self._next_ms is None or now_ms >= self._next_ms

    def _write(self, showing: Showing | None, now_ms: int, *, again: bool) -> None:
        error = None
        try:
            self._bring_up()
            if again:
                self._panel.heal()
            elif showing is None:
                self._blank()
            else:
                self._show(showing)
        except PanelLost as lost:
            error = lost.why
            self._initialised = False
            self.sent = Sent(call=self.sent.call, sha256=self.sent.sha256, whole=False)
        self._shown = _picture(showing)
        self._note(error, now_ms)

    def _bring_up(self) -> None:
        """After a loss the panel may have had a power cut of its own, so everything is told anew."""
        if not self._initialised:
            self._panel.init()
            self._initialised = True

    def _blank(self) -> None:
        # Until the write is done the old call is what may still stand there.
        self.sent = Sent(call=self.sent.call, sha256=self.sent.sha256, whole=False)
        self.sent = Sent(call=None, sha256=self._panel.blank(), whole=True)

    def _show(self, showing: Showing) -> None:
        self.sent = Sent(call=showing.call, whole=False)
        sha256 = self._panel.show(showing.frame, showing.ttl_ms)
        self.sent = Sent(call=showing.call, sha256=sha256, whole=True)

    def _note(self, error: str | None, now_ms: int) -> None:
        self.health = self.health.after_write(error)
        if error is None:
            self._outage.back(now_ms)
        else:
            self._outage.lost(now_ms, error)
        hopeless = error is not None and self.health.state is PanelState.FAULT
        unsettled = not self.health.is_settled and not hopeless
        self._next_ms = now_ms + (RETRY_MS if unsettled else HEAL_MS)


def _picture(showing: Showing | None) -> Picture:
    """What tells one showing from another; its time left does not."""
    return None if showing is None else (showing.call, showing.frame)
