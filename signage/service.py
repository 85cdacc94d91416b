"""The sign's process: dark first, then the network; one loop decides, and darkness is its last deed too."""

import logging
import os
import secrets
from functools import partial
from pathlib import Path
from random import SystemRandom

from device.clock import Clock, SystemClock
from device.log import set_up
from device.settings import load, load_or_last_good
from device.supervise import Loop, Worker, stop_on_signals
from signage.downlink import Answered, Downlink, News, Nudged, Unanswered
from signage.emulator_panel import EmulatorPanel
from signage.face import Face
from signage.frame import layout
from signage.heartbeat import OwnLine, SignHeart
from signage.lease import LeaseEngine
from signage.max7219 import MODULE_PX
from signage.panel import Panel
from signage.panel_settings import LAST_GOOD, PanelSettings
from signage.settings import LeaseSettings, SignSettings
from signage.showing import Limits

TICK_MS = 50
_LAST_TRIES = 3

log = logging.getLogger(__name__)


class Sign:
    """Puts the pure parts together: news in, decisions by the engine, writes by the face, beats out.

    Writes happen on the loop, each within its deadline.  A bus that hangs all the same holds up the
    turn, the watchdog hears nothing, and systemd runs the blanker.
    """

    def __init__(self, settings: SignSettings, panel: Panel, clock: Clock) -> None:
        self._clock = clock
        self._face = Face(panel)
        self._engine = LeaseEngine(
            boot=secrets.token_hex(8),
            panel=panel.facts,
            draw=partial(layout, width_px=panel.facts.width_px, height_px=panel.height_px),
            new_nonce=partial(secrets.token_hex, 8),
            limits=_limits(settings.lease),
            spread=partial(SystemRandom().uniform, 0.5, 1.0),
        )
        self._loop: Loop[News] = Loop(tick_ms=TICK_MS)
        self._downlink = Downlink(settings, self._loop.put, clock)
        line = OwnLine(settings, self._downlink)
        self._heart = SignHeart(line, clock, settings.identity.token_file.parent)
        self._beat_is_out = False

    def run(self) -> int:
        """Serve until a signal: 0 then, 1 after an error; dark first and last in either case."""
        stop_on_signals(self._loop)
        try:
            self._face.dark(self._clock.monotonic_ms())
            workers = [
                Worker("beats", self._downlink.ask, self._loop),
                Worker("nudges", self._downlink.listen, self._loop),
                Worker("heartbeat", self._heart.run, self._loop),
            ]
            for worker in workers:
                worker.start()
            self._loop.run(self._heard, self._turn, producers=workers)
        except Exception:
            log.exception("sign stopped by an error")
            return 1
        else:
            return 0
        finally:
            self._go_dark()

    def _heard(self, news: News) -> None:
        match news:
            case Answered(lease):
                self._beat_is_out = False
                self._engine.answered(lease, self._clock.monotonic_ms())
            case Unanswered(nonce):
                self._beat_is_out = False
                self._engine.unanswered(nonce)
            case Nudged(None):
                self._engine.nudged()
            case Nudged(str(call)):
                self._engine.nudged_dark(call)
        self._turn()

    def _turn(self) -> None:
        """Show what may be shown, then beat if it is time: a beat reports what has left already."""
        now_ms = self._clock.monotonic_ms()
        self._face.put(self._engine.tick(now_ms), now_ms)
        self._engine.panel_is(self._face.health.state)
        self._heart.note(self._face.health, lit=self._face.sent.call is not None)
        now_ms = self._clock.monotonic_ms()
        if self._downlink.is_known and not self._beat_is_out and self._engine.beat_due(now_ms):
            self._beat_is_out = True
            self._downlink.send(self._engine.sent_beat(now_ms, self._face.report()))

    def _go_dark(self) -> None:
        for _ in range(_LAST_TRIES):
            if self._face.dark(self._clock.monotonic_ms()):
                break
        self._face.close()


def open_panel(settings: PanelSettings) -> Panel:
    """Make the driver for *settings*; nothing is opened or written yet."""
    if settings.kind == "emulator":
        return EmulatorPanel(settings.modules * MODULE_PX, picture=settings.picture)
    # Only now: a machine with an emulated panel needs no luma.
    from signage.max7219_panel import Max7219Panel, bus_opener  # noqa: PLC0415

    return Max7219Panel(
        bus_opener(settings.wire, settings.hertz),
        settings.bus,
        settings.modules,
        settings.orientation,
        settings.brightness,
    )


def run(config: Path) -> int:
    """Run the sign that *config* describes until it is told to stop; the exit status.

    Raises:
        SettingsError: the file cannot be used and there is no good older copy.
    """
    set_up()
    settings = _settings(config)
    return Sign(settings, open_panel(settings.panel), SystemClock()).run()


def _settings(config: Path) -> SignSettings:
    state = os.environ.get("STATE_DIRECTORY")  # systemd.exec(5), StateDirectory=
    if not state:
        return load(config, SignSettings)
    settings, error = load_or_last_good(config, SignSettings, Path(state) / LAST_GOOD)
    if error is not None:
        log.error("settings refused, the last good ones stay in force: %s", error)
    return settings


def _limits(lease: LeaseSettings) -> Limits:
    return Limits(lease.ttl_ms, lease.cap_ms, lease.beat_lit_ms, lease.beat_dark_ms)
