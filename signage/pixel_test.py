"""Every dot of a panel by hand: patterns that nobody can take for a plate, and darkness at the end of it."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from contract.wire import LEASE_TTL_MAX_MS
from device.clock import Clock, SystemClock
from device.settings import load
from signage.alone import alone
from signage.frame import Frame
from signage.panel import Panel, PanelLost
from signage.self_test import STILLS, patterns
from signage.service import panel_of
from signage.settings import SignSettings
from signage.timer_line import TimerLine

STILL_S, COLUMN_S = 3.0, 0.15
POWER_S = 0.5
KICK_S = 0.05
PERCENT = 100
_LAST_TRIES = 3
# SIGHUP is a connection that dropped; nobody is there any more to look at what was left lit.
_ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
_NAMES = ("a checkerboard", "its inverse", "every other row", "the other rows")

Say = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Hand:
    """What a test needs beside the panel: the timer that lets it have power, a clock, and a way to wait."""

    timer: TimerLine
    clock: Clock
    wait: Callable[[float], object]

    def hold(self, seconds: float) -> None:
        """Wait, and keep the panel's power on."""
        end_ms = self.clock.monotonic_ms() + round(seconds * 1_000)
        while (now_ms := self.clock.monotonic_ms()) < end_ms:
            self.timer.kick(now_ms)
            self.wait(KICK_S)


class Stopped(Exception):
    """Ctrl-C, SIGTERM, or a terminal that has gone."""


def run(config: Path, say: Say) -> int:
    """Show every pattern on the panel of *config*, and leave it dark, also after Ctrl-C; 1 if it may not be.

    Raises:
        NotAlone: the service runs.
        PanelLost: the panel does not take what is written to it.
        SettingsError: the file, or the panel as it is set there, cannot be used.
    """
    settings = load(config, SignSettings)
    panel = panel_of(settings)

    def said(sentence: str) -> None:
        # The terminal may have gone before its signal is heard.
        with suppress(OSError):
            say(sentence)

    with alone(settings.identity.token_file.parent), _stopping() as wait:
        hand = Hand(TimerLine(settings.timer.pin), SystemClock(), wait)
        return shown(panel, hand, said)


def shown(panel: Panel, hand: Hand, say: Say) -> int:
    """Show every pattern on *panel*; 0 when it is dark at the end."""
    try:
        # The timer's relay wants some edges before the panel has its power.
        hand.hold(POWER_S)
        panel.init()
        panel.dim(PERCENT)
        for name, frames, seconds in _steps(panel):
            say(name)
            for frame in frames:
                panel.show(frame, LEASE_TTL_MAX_MS)
                _stand(panel, hand, seconds)
    except Stopped:
        say("Stopped.")
    finally:
        dark = _darkened(panel, hand)
        hand.timer.close()
        panel.close()
    say("The panel is dark." if dark else "THE PANEL MAY NOT BE DARK: look at it, pull its power.")
    return 0 if dark else 1


def _steps(panel: Panel) -> Iterator[tuple[str, tuple[Frame, ...], float]]:
    every = patterns(panel.canvas.width_px, panel.canvas.height_px)
    for name, still in zip(_NAMES, every[:STILLS], strict=True):
        yield f"Now {name}.", (still,), STILL_S
    if panel.traits.pages:
        sweep = every[STILLS:]
        yield f"Now {len(sweep)} columns, one after the other from the left.", sweep, COLUMN_S


def _stand(panel: Panel, hand: Hand, seconds: float) -> None:
    """Wait, and tell the panel again as the service does: a slow one may have been deaf."""
    heal_s = panel.traits.heal_ms / 1_000
    while seconds > heal_s:
        hand.hold(heal_s)
        panel.heal(LEASE_TTL_MAX_MS)
        seconds -= heal_s
    hand.hold(seconds)


def _darkened(panel: Panel, hand: Hand) -> bool:
    for _ in range(_LAST_TRIES):
        try:
            panel.blank()
            _stand(panel, hand, panel.traits.settle_ms / 1_000)
        except (PanelLost, Stopped):
            continue
        return True
    return False


class _Patience:
    """Waits, and raises Stopped once after a signal.

    Not the signal's handler raises it: that could be between two lines that must both be done.
    """

    def __init__(self) -> None:
        self._is_wanted = True
        self._is_over = False

    def stop(self, number: int, frame: FrameType | None) -> None:
        """Handle a signal."""
        del number, frame
        self._is_over = True

    def wait(self, seconds: float) -> None:
        """Wait, at most a kick's time longer than until the signal."""
        time.sleep(seconds)
        if self._is_over and self._is_wanted:
            self._is_wanted = False
            raise Stopped


@contextmanager
def _stopping() -> Iterator[Callable[[float], None]]:
    """Let a signal end the patterns, by way of the waiting given here, and none end the darkness after."""
    patience = _Patience()
    before = {one: signal.signal(one, patience.stop) for one in _ENDS}
    try:
        yield patience.wait
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
