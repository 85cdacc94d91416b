"""Every dot of a panel by hand: patterns that nobody can take for a plate, and darkness at the end of it."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from contract.wire import LEASE_TTL_MAX_MS
from device.clock import Clock, SystemClock
from device.settings import load
from signage.alone import alone
from signage.frame import Frame
from signage.panel import Panel, PanelLost
from signage.panels.opened import open_panel
from signage.self_test import STILLS, patterns
from signage.settings import SignSettings
from signage.timer_line import TimerLine

STILL_S, COLUMN_S = 3.0, 0.15
POWER_S = 0.5
KICK_S = 0.05
PERCENT = 100
_LAST_TRIES = 3
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
    """Ctrl-C, or SIGTERM."""


def run(config: Path, say: Say) -> int:
    """Show every pattern on the panel of *config*, and leave it dark, also after Ctrl-C; 1 if it may not be.

    Raises:
        NotAlone: the service runs.
        PanelLost: the panel does not take what is written to it.
        SettingsError: the file cannot be used.
    """
    settings = load(config, SignSettings)
    hand = Hand(TimerLine(settings.timer.pin), SystemClock(), threading.Event().wait)
    with alone(settings.identity.token_file.parent), _stopping():
        return shown(open_panel(settings.panel), hand, say)


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
                hand.hold(seconds)
    except Stopped:
        say("Stopped.")
    finally:
        dark = _darkened(panel)
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


def _darkened(panel: Panel) -> bool:
    for _ in range(_LAST_TRIES):
        try:
            panel.blank()
        except PanelLost:
            continue
        return True
    return False


@contextmanager
def _stopping() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM end the patterns, and nothing end the darkness after them."""

    def stop(number: int, _: FrameType | None) -> None:
        signal.signal(number, signal.SIG_IGN)
        raise Stopped

    before = {one: signal.signal(one, stop) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
