"""What stands around the panel: light and current sensors, the timer in its supply, and its self-test."""

from collections.abc import Callable

from device.clock import Clock
from signage.boot_show import BootShow
from signage.brightness import Dimmer
from signage.current import CurrentWatch
from signage.face import Face
from signage.light_settings import NO_SENSOR
from signage.panel import Panel
from signage.self_test import SelfTest
from signage.senses import CurrentSensed, LightSensed, Sensed
from signage.settings import SignSettings
from signage.showing import Script, Showing
from signage.story import SignStory
from signage.supply import Supply
from signage.timer_line import TimerLine

LOOK_MS = 1_000
PATTERN_MS = 2_000


class Surroundings:
    """Told by the loop at each turn what may be shown; it never delays that.

    Args:
        settings: which of all this is there.
        panel: the panel in the middle.
        face: who writes to it.
        clock: for the light of the sky and the hour of the self-test.
        is_first_start: whether the machine has just come up; asked once, after the panel was blanked.
        story: how far the sign has come since then.
    """

    def __init__(
        self,
        settings: SignSettings,
        panel: Panel,
        face: Face,
        clock: Clock,
        is_first_start: Callable[[], bool],
        story: SignStory,
    ) -> None:
        self._settings = settings
        self._panel = panel
        self._face = face
        self._clock = clock
        self._is_first_start = is_first_start
        self._dimmer = Dimmer(settings.light)
        self._watch = (
            None if settings.current.sensor == NO_SENSOR else CurrentWatch(settings.current)
        )
        self._timer = TimerLine(settings.timer.pin)
        self._supply = Supply(holds_last_frame=panel.facts.holds_last_frame)
        self._story = story
        self._test: SelfTest | None = None
        self._boot: BootShow | None = None
        self._percent = 0
        self._look_ms = 0

    @property
    def faults(self) -> dict[str, str]:
        """What is wrong around the panel, by part; an empty reason is well."""
        return {
            "timer": self._timer.fault,
            "self_test": "" if self._test is None else self._test.fault,
        }

    def sensed(self, sensed: Sensed) -> None:
        """Take in what a sensor says."""
        match sensed:
            case LightSensed(lux, at_ms):
                self._dimmer.see(lux, at_ms)
            case CurrentSensed(ma, at_ms) if self._watch is not None:
                self._watch.see(ma, at_ms)

    def instead(self, showing: Showing | None, now_ms: int) -> Showing | None:
        """Give what shall stand: *showing*, or a test pattern while nothing else does."""
        if self._test is None:
            is_first = self._is_first_start()
            self._test = self._self_test(first_start=is_first)
            self._boot = self._boot_show(is_told=is_first or self._story.begins_anew)
        wall = self._clock.now() if self._clock.synced() else None
        # A notice is no lease: at night every bay may be closed.
        script = None if showing is None else showing.script
        lit = script is not None and not script.is_dark and (script.lists or bool(script.calls))
        pattern = self._test.frame(now_ms, wall, lit=lit)
        if pattern is None and self._boot is not None:
            pattern = self._boot.frame(now_ms, free=showing is None)
        return showing if pattern is None else Showing(Script((), (pattern,)), PATTERN_MS)

    def turn(self, now_ms: int) -> None:
        """After the panel was written: set its brightness, feel its current, and hold its supply."""
        if now_ms >= self._look_ms:
            self._look_ms = now_ms + LOOK_MS
            self._look(now_ms)
        self._feel(now_ms)
        if self._settings.timer.pin is not None:
            self._hold_supply(now_ms)

    def close(self) -> None:
        """Let go of the timer: it takes the supply away."""
        self._timer.close()

    def _boot_show(self, *, is_told: bool) -> BootShow | None:
        wanted = self._settings.self_test
        if not (is_told and wanted.at_start and wanted.story):
            return None
        return BootShow(
            self._panel.canvas,
            self._story.look,
            self._story.name,
            begins_anew=self._story.begins_anew,
            pages=self._panel.traits.pages,
        )

    def _self_test(self, *, first_start: bool) -> SelfTest:
        canvas = self._panel.canvas
        return SelfTest(
            canvas.width_px,
            canvas.height_px,
            self._settings.self_test,
            first_start=first_start,
            sweeps=self._panel.traits.pages,
            settle_ms=self._panel.traits.settle_ms,
        )

    def _look(self, now_ms: int) -> None:
        # A sign head has eyes of its own.
        lux = getattr(self._panel, "lux", None)
        if lux is not None:
            self._dimmer.see(lux, now_ms)
        percent = self._dimmer.percent(now_ms, self._clock.now(), synced=self._clock.synced())
        if percent != self._percent:
            self._percent = percent
            self._face.dim(percent)

    def _feel(self, now_ms: int) -> None:
        if self._watch is None:
            return
        if self._face.is_whole(now_ms):
            standing = self._face.standing
            lit_dots = 0 if standing is None else standing.lit_dots
            self._watch.told(lit_dots, self._face.percent, now_ms)
        else:
            self._watch.unknown()
        self._face.feel(self._watch.verdict(now_ms), self._watch.stuck)
        if self._test is not None:
            self._test.look(self._watch, now_ms)

    def _hold_supply(self, now_ms: int) -> None:
        may_be_on = self._supply.may_be_on(
            now_ms,
            has_written=self._face.has_written,
            differs_since_ms=self._face.differs_since_ms,
            is_stuck=self._face.is_stuck,
        )
        self._face.supplied(may_be_on)
        if may_be_on:
            self._timer.kick(now_ms)
