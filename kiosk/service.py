"""The post's process: keys, page, disk and line each in their threads, and one loop that decides."""

import logging
import os
from pathlib import Path

import msgspec

from contract.ids import uuid7
from contract.plate import Plate
from contract.wire import Arrival
from device.clock import Clock, SystemClock
from device.log import event, set_up
from device.outbox import Outbox, OutboxBroken, OutboxFull, SavedAt
from device.settings import load, load_or_last_good
from device.supervise import Loop, Worker, stop_on_signals
from kiosk.deliveries import Deliveries
from kiosk.entry import step
from kiosk.happenings import (
    AskHelp,
    AskStatus,
    Deed,
    Happening,
    NotSaved,
    Press,
    Refuse,
    Save,
    Saved,
    Show,
    Tick,
)
from kiosk.hardware import connect
from kiosk.help_calls import HelpCalls
from kiosk.keys import KeyEvent, KeyStuck, PadEvent
from kiosk.page import PageServer, create_app
from kiosk.phases import Rules, begin
from kiosk.questions import Questions
from kiosk.screen import Screen
from kiosk.settings import PostSettings
from kiosk.showing import BEAT_MS, Showing
from kiosk.uplink import Uplink

LAST_GOOD = "post.last-good.toml"
OUTBOX = "outbox.sqlite3"
_MS_PER_S = 1000

log = logging.getLogger(__name__)


class Post:
    """Puts the pure entry machine together with everything that has a thread or a disk."""

    def __init__(self, settings: PostSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._loop: Loop[Happening | PadEvent] = Loop()
        self._showing = Showing()
        self._outbox = Outbox(settings.state_dir / OUTBOX)
        put = self._loop.put
        uplink = Uplink(settings, clock, put)
        every_ms = round(settings.central.expected_every_s * _MS_PER_S)
        self._deliveries = Deliveries(uplink, self._outbox, clock, put)
        self._questions = Questions(uplink, clock, put, every_ms)
        self._help = HelpCalls(uplink, clock, put)
        self._hardware = connect(settings, clock, self._showing, put)
        self._page = PageServer(
            create_app(settings, self._showing, self._hardware.finger), settings.page.port
        )
        rules = Rules(settings.keypad.pad, settings.languages, settings.zone, settings.door)
        self._entry = begin(rules, clock.monotonic_ms())
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
            "keys": self._hardware.keys.run,
            "deliveries": self._deliveries.run,
            "questions": self._questions.run,
            "help": self._help.run,
        }
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
            case KeyStuck(key, stuck):
                # Not which sign it is: a log that names keys would spell plates.
                log.warning(
                    event("key stuck" if stuck else "key loose again", key_is_sign=len(key) == 1)
                )
            case _:
                self._happened(news)

    def _ticked(self) -> None:
        self._happened(Tick())
        now_ms = self._clock.monotonic_ms()
        if now_ms - self._beat_ms >= BEAT_MS:
            self._beat_ms = now_ms
            self._showing.beat()

    def _happened(self, happening: Happening) -> None:
        self._entry, deeds = step(self._entry, happening, self._clock.monotonic_ms())
        for deed in deeds:
            self._do(deed)

    def _do(self, deed: Deed) -> None:
        match deed:
            case Show(screen):
                self._show(screen)
            case Save(ticket, plate):
                self._save(ticket, plate)
            case AskStatus(ticket, plate):
                self._questions.ask(ticket, plate)
            case AskHelp(number, plate):
                self._help.raise_help(number, plate)
            case Refuse():
                self._hardware.signals.refuse()

    def _show(self, screen: Screen) -> None:
        self._showing.show(screen)
        self._hardware.shown(screen)
        self._hardware.signals.show(screen.lamp)

    def _save(self, ticket: int, plate: Plate) -> None:
        """Commit the arrival, then say so: never the other way round."""
        arrival = arrival_of(plate, self._clock)
        saved = SavedAt(arrival.boot_id, arrival.mono_ms, arrival.at)
        self._deliveries.expect(arrival.id, ticket)
        try:
            self._outbox.save(arrival.id, msgspec.json.encode(arrival), saved)
        except (OutboxFull, OutboxBroken) as error:
            log.error(event("arrival not saved", plate=plate, reason=error))  # noqa: TRY400 - its text says all
            self._deliveries.forget(arrival.id)
            self._loop.put(NotSaved(ticket))
            return
        self._loop.put(Saved(ticket, arrival.at if arrival.synced else None))
        self._deliveries.soon()


def arrival_of(plate: Plate, clock: Clock) -> Arrival:
    """Write down an arrival with the clocks of this moment."""
    now = clock.now()
    return Arrival(
        id=uuid7(int(now.timestamp() * _MS_PER_S)),
        plate=plate.text,
        at=now,
        synced=clock.synced(),
        boot_id=clock.boot_id,
        mono_ms=clock.monotonic_ms(),
    )


def run(config: Path) -> int:
    """Run the post that *config* describes until it is told to stop; the exit status.

    Raises:
        SettingsError: the file cannot be used and there is no good older copy.
        PortTaken: the page's port is in use.
    """
    set_up()
    return Post(_settings(config), SystemClock()).run()


def _settings(config: Path) -> PostSettings:
    state = os.environ.get("STATE_DIRECTORY")  # systemd.exec(5), StateDirectory=
    if not state:
        return load(config, PostSettings)
    settings, error = load_or_last_good(config, PostSettings, Path(state) / LAST_GOOD)
    if error is not None:
        log.error("settings refused, the last good ones stay in force: %s", error)
    return settings
