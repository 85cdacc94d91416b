"""The sign's process: dark first, then the network; one loop decides, and darkness is its last deed too."""

import logging
import os
import secrets
from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import SystemRandom

from msgspec import structs

from contract.wire import HANG_MS, Lease, Listing, PanelFacts
from device.central_settings import check_ca
from device.clock import Clock, SystemClock
from device.log import event, set_up
from device.settings import SettingsError, load, load_or_last_good
from device.state_file import StateFile, runtime_folder
from device.supervise import Loop, Worker, stop_on_signals
from signage.alone import NoFolder, alone
from signage.downlink import Downlink
from signage.face import Face
from signage.frame import Frame
from signage.heartbeat import PANEL, OwnLine, SignHeart
from signage.layout import CannotDraw, notice
from signage.lease import LeaseEngine
from signage.light_settings import NO_SENSOR
from signage.news import Answered, News, Nudged, PictureAsked, Unanswered
from signage.panel import Panel
from signage.panel_settings import LAST_GOOD
from signage.panels.opened import open_panel
from signage.script import Drawing
from signage.senses import CurrentSensed, LightSensed, Sensed, senses_of
from signage.settings import LeaseSettings, SignSettings
from signage.showing import Limits, Report
from signage.story import SignStory
from signage.surroundings import Surroundings
from signage.timer_line import HANG_MS as TIMER_HANG_MS

TICK_MS = 50
_LAST_TRIES = 3

log = logging.getLogger(__name__)


class Sign:
    """Puts the pure parts together: news in, decisions by the engine, writes by the face, beats out.

    Writes happen on the loop, each within its deadline.  A bus that hangs all the same holds up the
    turn, the watchdog hears nothing, and systemd runs the blanker.
    """

    def __init__(
        self,
        settings: SignSettings,
        panel: Panel,
        clock: Clock,
        line: Callable[..., Downlink] = Downlink,
        *,
        settings_fault: bool = False,
    ) -> None:
        self._clock = clock
        self._face = Face(panel, clock.monotonic_ms)
        stale_text, self._not_drawn = stale(settings, panel)
        self._engine = LeaseEngine(
            boot=secrets.token_hex(8),
            panel=_facts(settings, panel),
            draw=drawing(settings, panel).script,
            new_nonce=partial(secrets.token_hex, 8),
            limits=_limits(settings.lease),
            spread=partial(SystemRandom().uniform, 0.5, 1.0),
            stale=stale_text,
        )
        self._loop: Loop[News | Sensed] = Loop(tick_ms=TICK_MS)
        self._downlink = line(settings, self._loop.put, clock)
        own = OwnLine(settings, self._downlink)
        self._heart = SignHeart(own, clock, settings.identity.token_file.parent)
        self._around = Surroundings(
            settings,
            panel,
            self._face,
            clock,
            lambda: self._heart.is_first_start,
            SignStory(settings.central, self._downlink, clock, settings_fault=settings_fault),
        )
        self._senses = senses_of(settings.light, settings.current, self._loop.put, clock)
        self._state = StateFile(clock, runtime_folder())
        self._beat_is_out = False
        self._picture_is_asked = False

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
            if self._senses is not None:
                workers.append(Worker("senses", self._senses.run, self._loop))
            for worker in workers:
                worker.start()
            self._loop.run(self.heard, self.turn, producers=workers)
        except Exception:
            log.exception("sign stopped by an error")
            return 1
        else:
            return 0
        finally:
            self.go_dark()

    def heard(self, news: News | Sensed) -> None:
        """Take in one piece of news, and act on it at once."""
        match news:
            case Answered(lease):
                self._beat_is_out = False
                self._say_what_it_cannot_draw(lease)
                self._engine.answered(lease, self._clock.monotonic_ms())
            case Unanswered(nonce):
                self._beat_is_out = False
                self._engine.unanswered(nonce)
            case Nudged(None):
                self._engine.nudged()
            case Nudged(str(call)):
                self._engine.nudged_dark(call)
            case PictureAsked():
                self._picture_is_asked = True
                self._engine.nudged()
            case LightSensed() | CurrentSensed():
                self._around.sensed(news)
        self.turn()

    def turn(self) -> None:
        """Show what may be shown, then beat if it is time: a beat reports what has left already."""
        now_ms = self._clock.monotonic_ms()
        self._face.put(self._around.instead(self._engine.tick(now_ms), now_ms), now_ms)
        self._around.turn(now_ms)
        self._engine.panel_is(self._face.state)
        faults = {PANEL: self._face.fault, **self._around.faults}
        self._heart.note(faults, lit=self._engine.is_lit)
        self._state.note(part for part, reason in faults.items() if reason)
        now_ms = self._clock.monotonic_ms()
        if self._downlink.is_known and not self._beat_is_out and self._engine.beat_due(now_ms):
            self._beat_is_out = True
            self._downlink.send(self._engine.sent_beat(now_ms, self._report(now_ms)))

    def _say_what_it_cannot_draw(self, lease: Lease) -> None:
        """Once, by a yard sign: no other ever shows that text, and `portvakt check` tells too."""
        if self._not_drawn and isinstance(lease, Listing):
            log.info(event("stale text refused", reason=self._not_drawn))
            self._not_drawn = ""

    def _report(self, now_ms: int) -> Report:
        picture = self._face.picture(now_ms) if self._picture_is_asked else None
        self._picture_is_asked = False
        return self._face.report(now_ms, picture)

    def go_dark(self) -> None:
        """The last deed: darkness, tried three times."""
        for _ in range(_LAST_TRIES):
            if self._face.dark(self._clock.monotonic_ms()):
                break
        self._around.close()
        self._face.close()


def drawing(settings: SignSettings, panel: Panel) -> Drawing:
    """How this sign draws; a panel that blinks or takes its time shows the plate alone."""
    pages, words = settings.pages, (settings.yard.door, settings.yard.next)
    if not panel.traits.pages:
        return Drawing(panel.canvas, "", "none", False, *words)
    return Drawing(panel.canvas, pages.second, pages.arrow, pages.door, *words)


def _facts(settings: SignSettings, panel: Panel) -> PanelFacts:
    """What the driver declares, and what stands around it: a current sensor can confirm where the panel
    itself cannot, and a timer in its supply is quicker than the watchdog."""
    reads_back = panel.facts.reads_back or settings.current.sensor != NO_SENSOR
    hang_ms = HANG_MS if settings.timer.pin is None else TIMER_HANG_MS
    if not panel.facts.holds_last_frame:
        hang_ms = 0
    return structs.replace(panel.facts, reads_back=reads_back, hang_ms=hang_ms)


def stale(settings: SignSettings, panel: Panel) -> tuple[Frame | None, str]:
    """What a yard sign says while it knows nothing, None for nothing; and why that cannot be drawn."""
    text = settings.yard.stale
    try:
        return (notice(text, panel.canvas) if text else None), ""
    except CannotDraw as refused:
        return None, str(refused)


def run(config: Path) -> int:
    """Run the sign that *config* describes until it is told to stop; the exit status.

    Raises:
        NotAlone: another process has this sign's panel.
        SettingsError: the file cannot be used and there is no good older copy.
    """
    set_up()
    settings, is_faulty = _settings(config)
    sign = Sign(settings, panel_of(settings), SystemClock(), settings_fault=is_faulty)
    try:
        # Nobody tests a panel that may show a plate.
        with alone(settings.identity.token_file.parent):
            return sign.run()
    except NoFolder as error:
        # Better a sign that works until it is switched off than none.
        log.error(event("nobody can be kept off the panel", reason=error))  # noqa: TRY400 - the sentence is enough
        return sign.run()


def panel_of(settings: SignSettings) -> Panel:
    """Open the driver; SettingsError when it cannot hang at a door as it is set."""
    try:
        panel = open_panel(settings.panel)
    except ValueError as error:
        raise SettingsError(f"panel: {error}") from error
    least_ms = panel.facts.worst_dark_ms + settings.lease.beat_lit_ms
    if settings.lease.ttl_ms <= least_ms:
        raise SettingsError(
            f"lease.ttl_ms = {settings.lease.ttl_ms} would be over before it is renewed: this panel needs"
            f" {panel.facts.worst_dark_ms} ms to go dark; give it more than {least_ms}"
        )
    return panel


def _settings(config: Path) -> tuple[SignSettings, bool]:
    """Read the settings, and say whether they are older ones because *config* has a fault."""
    state = os.environ.get("STATE_DIRECTORY")  # systemd.exec(5), StateDirectory=
    if not state:
        settings = load(config, SignSettings)
        check_ca(settings)
        return settings, False
    settings, error = load_or_last_good(config, SignSettings, Path(state) / LAST_GOOD, _usable)
    if error is not None:
        log.error("settings refused, the last good ones stay in force: %s", error)
    return settings, error is not None


def _usable(settings: SignSettings) -> None:
    panel_of(settings)
    check_ca(settings)


def _limits(lease: LeaseSettings) -> Limits:
    return Limits(lease.ttl_ms, lease.cap_ms, lease.beat_lit_ms, lease.beat_dark_ms)
