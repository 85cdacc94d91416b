"""The post's process: keys, page, disk and line each in their threads, and one loop that decides."""

import logging
import os
from dataclasses import replace
from pathlib import Path

import msgspec

from device.central_settings import check_ca
from device.clock import Clock, SystemClock
from device.log import event, set_up
from device.outbox import Outbox
from device.outbox_probe import OutboxProbe
from device.settings import load, load_or_last_good
from device.state_file import StateFile, runtime_folder
from device.supervise import Loop, Worker, stop_on_signals
from kiosk.alarms import Alarms
from kiosk.becoming import StoryTold, TryCode
from kiosk.browser_watch import Limits, PageFaults, Shown
from kiosk.day_list import DayList
from kiosk.deliveries import Deliveries
from kiosk.enrolment import Enrolment
from kiosk.entry import step
from kiosk.faults import Fault, Part
from kiosk.happenings import (
    AskElsewhere,
    AskHelp,
    AskStatus,
    Deed,
    Happening,
    Hush,
    KeepAsking,
    Press,
    Refuse,
    Save,
    Say,
    Show,
    Tick,
)
from kiosk.hardware import connect
from kiosk.heartbeat import PostHeart
from kiosk.help_calls import HelpCalls
from kiosk.keys import KeyEvent, KeyStuck, PadEvent
from kiosk.open_help import OpenHelp
from kiosk.page import PageServer, create_app
from kiosk.phases import Rules, begin
from kiosk.pronounce import pronounced
from kiosk.questions import Questions
from kiosk.saving import Saving
from kiosk.screen import Screen
from kiosk.settings import PostSettings
from kiosk.showing import BEAT_MS, Showing
from kiosk.story import PostStory
from kiosk.uplink import Uplink

LAST_GOOD = "post.last-good.toml"
OUTBOX = "outbox.sqlite3"
DAY_LIST = "expected.json"
OPEN_HELP = "help.json"
_MS_PER_S = 1000

log = logging.getLogger(__name__)


class Post:
    """Puts the pure entry machine together with everything that has a thread or a disk."""

    def __init__(
        self, settings: PostSettings, clock: Clock, *, settings_fault: bool = False
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._loop: Loop[Happening | PadEvent] = Loop(drains=True)
        self._state = StateFile(clock, runtime_folder())
        self._showing = Showing(clock.monotonic_ms)
        self._outbox = Outbox(settings.state_dir / OUTBOX)
        uplink = Uplink(settings, clock, self._loop.put)
        self._ask_over(uplink)
        self._story = PostStory(uplink, clock, settings.central.url, settings_fault=settings_fault)
        self._hardware = connect(settings, clock, self._showing, self._loop.put)
        self._page = PageServer(
            create_app(settings, self._showing, self._hardware.finger), settings.page.port
        )
        self._begin(speech=self._hardware.voice.can_speak)

    def _ask_over(self, uplink: Uplink) -> None:
        """Put up everything that talks to central, each in a thread of its own."""
        settings, clock, put = self._settings, self._clock, self._loop.put
        every_ms = round(settings.central.expected_every_s * _MS_PER_S)
        kept = DayList(settings.state_dir / DAY_LIST)
        browser = settings.browser
        limits = Limits(browser.first_s * _MS_PER_S, browser.patience_s * _MS_PER_S)
        watch = PageFaults(limits, put) if browser.expected else None
        self._alarms = Alarms(clock, put, watch)
        self._deliveries = Deliveries(uplink, self._outbox, clock, put)
        self._saving = Saving(self._outbox, self._deliveries, clock, put)
        self._uplink = uplink
        self._enrolment = Enrolment(uplink, put)
        self._questions = Questions(uplink, clock, put, every_ms, kept)
        self._help = HelpCalls(uplink, clock, put, kept=OpenHelp(settings.state_dir / OPEN_HELP))
        self._heart = PostHeart(
            uplink, clock, settings.state_dir, self._outbox, self._alarms.faults, self._showing
        )
        self._probe = OutboxProbe(
            self._outbox, clock, lambda bad, why: put(Fault(Part.OUTBOX, bad, why))
        )

    def _begin(self, *, speech: bool) -> None:
        settings = self._settings
        rules = Rules(settings.keypad.pad, settings.languages, settings.zone, settings.door, speech)
        # Who we are stands on the first screen already, so that nobody types a plate as a code.
        self._entry = replace(begin(rules, self._clock.monotonic_ms()), who=self._uplink.who)
        self._beat_ms = 0

    def run(self) -> int:
        """Serve until a signal: 0 then, 1 after an error.

        Raises:
            PortTaken: the page's port is in use.
        """
        stop_on_signals(self._loop)
        port = self._page.open()
        log.info(event("post ready", page=f"http://127.0.0.1:{port}/"))
        self._happened(Tick())
        workers = self._workers()
        try:
            for worker in workers:
                worker.start()
            self._loop.run(self._heard, self._ticked, producers=workers)
        except Exception:
            log.exception("post stopped by an error")
            return 1
        else:
            return 0
        finally:
            self._stop(workers)

    def _workers(self) -> list[Worker]:
        bodies = {
            "page": self._page.run,
            "deliveries": self._deliveries.run,
            "questions": self._questions.run,
            "help": self._help.run,
            "heart": self._heart.run,
            "enrolment": self._enrolment.run,
            "disk": self._probe.run,
        }
        bodies |= {f"keys {n}": keys.run for n, keys in enumerate(self._hardware.keys)}
        bodies |= {guard.name: guard.run for guard in self._hardware.guards}
        if self._hardware.finger is not None:
            bodies["finger"] = self._hardware.finger.run
        return [Worker(name, body, self._loop) for name, body in bodies.items()]

    def _stop(self, workers: list[Worker]) -> None:
        self._loop.stop()
        self._showing.close()
        for worker in workers:
            worker.join(1)
        self._hardware.close()
        self._outbox.close()

    def _heard(self, news: Happening | PadEvent) -> None:
        match news:
            case KeyEvent(key, down):
                if down:
                    self._happened(Press(key))
            case KeyStuck():
                self._alarms.stuck(news)
            case Fault():
                if self._alarms.heard(news):
                    self._heart.soon()
                self._happened(news)
            case _:
                self._happened(news)

    def _ticked(self) -> None:
        self._happened(Tick())
        now_ms = self._clock.monotonic_ms()
        self._look_at_the_hall()
        parts = [fault.part for fault in self._alarms.faults.standing()]
        self._state.note(parts, busy=self._entry.is_in_use)
        if now_ms - self._beat_ms >= BEAT_MS:
            self._beat_ms = now_ms
            self._showing.beat()
            self._alarms.page(msgspec.convert(self._showing.shown(), Shown))
            self._happened(StoryTold(self._story.look(parts)))

    def _look_at_the_hall(self) -> None:
        """Switch its lamp, again where a line failed, and see whether it obeys."""
        wanted = self._entry.shown is not None and self._entry.shown.hall_lamp
        self._hardware.signals.hall(wanted)
        self._alarms.lamp(wanted, self._hardware.signals.hall_is_lit())

    def _happened(self, happening: Happening) -> None:
        self._entry, deeds = step(self._entry, happening, self._clock.monotonic_ms())
        for deed in deeds:
            self._do(deed)

    def _do(self, deed: Deed) -> None:
        match deed:
            case Show(screen):
                self._show(screen)
            case Save(ticket, plate):
                self._saving.save(ticket, plate)
            case AskStatus() | AskElsewhere():
                self._questions.ask(deed)
            case AskHelp(number, plate):
                self._help.raise_help(number, plate)
            case KeepAsking(number):
                self._help.renew(number)
            case TryCode(code):
                self._enrolment.try_code(code)
            case Refuse():
                self._hardware.signals.refuse()
            case Say(text, language, volume):
                self._hardware.voice.say(pronounced(text, language), language, volume)
            case Hush():
                self._hardware.voice.hush()

    def _show(self, screen: Screen) -> None:
        self._showing.show(screen)
        self._hardware.shown(screen)
        self._hardware.signals.show(screen.lamp)


def run(config: Path) -> int:
    """Run the post that *config* describes until it is told to stop; the exit status.

    Raises:
        SettingsError: the file cannot be used and there is no good older copy.
        PortTaken: the page's port is in use.
    """
    set_up()
    settings, is_faulty = _settings(config)
    return Post(settings, SystemClock(), settings_fault=is_faulty).run()


def _settings(config: Path) -> tuple[PostSettings, bool]:
    """Read the settings, and say whether they are older ones because *config* has a fault."""
    state = os.environ.get("STATE_DIRECTORY")  # systemd.exec(5), StateDirectory=
    if not state:
        settings = load(config, PostSettings)
        check_ca(settings)
        return settings, False
    settings, error = load_or_last_good(config, PostSettings, Path(state) / LAST_GOOD, check_ca)
    if error is not None:
        log.error("settings refused, the last good ones stay in force: %s", error)
    return settings, error is not None
