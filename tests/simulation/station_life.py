"""A post's process in the simulation: the real one, from one start to its end."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import msgspec

from contract.plate import Plate
from contract.wire import Arrival
from device.outbox import Outbox, OutboxFull, SavedAt
from device.state_file import StateFile
from device.supervise import Loop
from kiosk.alarms import Alarms
from kiosk.backoff import BackOff, Spread
from kiosk.deliveries import Deliveries
from kiosk.happenings import Happening, Tick
from kiosk.hardware import Hardware
from kiosk.help_calls import FIRST_RETRY_S, LAST_RETRY_S, HelpCalls
from kiosk.keys import PadEvent
from kiosk.questions import Questions
from kiosk.saving import Saving
from kiosk.scan import Scanner
from kiosk.screen import Lamp
from kiosk.service import OUTBOX, Post
from kiosk.showing import Showing
from kiosk.uplink import Uplink
from kiosk.voice import Mute
from tests.simulation.station_threads import Fibre, WaitedEvent, WaitedQueue

if TYPE_CHECKING:
    from tests.simulation.post import Machine, PostClock

LOCKOUT_MS = 200
TICK_MS = 200  # a busy machine's loop: the real one aims at half of it


class PowerOff(BaseException):
    """The power is gone; no code of the process runs any more."""


class Life(Post):
    """The real process from one start to its end.  Only its threads, its keys and its page are ours."""

    def __init__(self, machine: Machine, clock: PostClock) -> None:
        # The same parts as the real one puts together, which opens pins and a port besides.
        self.alive = True
        self._machine = machine
        self._course = machine.station
        settings = self._settings = machine.settings
        self._clock = clock
        self._loop = HeapLoop(self)
        self._showing = Showing()
        self._outbox = Disk(settings.state_dir / OUTBOX, machine)
        put = self._loop.put
        spread = self._course.rng.uniform
        uplink = SteadyUplink(settings, clock, put, self._course.cable_of(machine))
        uplink.spread = spread
        every_ms = round(settings.central.expected_every_s * 1000)
        self._deliveries = Deliveries(uplink, self._outbox, clock, put)
        self._saving = SteadySaving(self._outbox, self._deliveries, clock, put)
        self._saving.life = self
        self._uplink = uplink
        self._state = StateFile(clock, None)
        self._story = cast("Any", _NoStory())
        self._questions = Questions(uplink, clock, put, every_ms)
        self._help = SteadyHelpCalls(uplink, clock, put, self._course.new_id)
        self._help.spread = spread
        cast("Any", self._deliveries)._wake = WaitedEvent(self._course)
        cast("Any", self._questions)._asked = WaitedQueue(self._course)
        cast("Any", self._help)._wake = WaitedEvent(self._course)
        self._alarms = Alarms(clock, put, None)
        self._heart = cast("Any", _Still())
        self._hardware = Hardware((), _Mute(), Mute(), (), None, machine.shows, bool)
        self._begin(speech=False)
        self._scanner = Scanner(LOCKOUT_MS)
        never = threading.Event()
        bodies = (self._deliveries.run, self._questions.run, self._help.run)
        self._fibres = [Fibre(partial(self._threaded, body, never)) for body in bodies]

    def start(self) -> None:
        """As `run` begins."""
        self._living(lambda: self._happened(Tick()))
        for fibre in self._fibres:
            fibre.start()
        self._tick_on()

    def end(self) -> None:
        """What was in memory is gone; what was committed is on the disk."""
        self.alive = False
        for fibre in self._fibres:
            fibre.kill()
        self._outbox.close()

    def scan(self, closed: set[str]) -> None:
        """One look at the contacts."""
        for event in self._scanner.see(closed, self._clock.monotonic_ms()):
            self._loop.put(event)

    def hear(self, event: Happening | PadEvent) -> None:
        """The loop takes an event from its queue."""
        self._living(lambda: self._heard(event))

    def waiting_plates(self) -> list[str]:
        """The plates in the outbox."""
        return [msgspec.json.decode(row.body, type=Arrival).plate for row in self._outbox.waiting()]

    def _tick_on(self) -> None:
        if self.alive:
            self._living(self._ticked)
            self._course.promises.still_shown(self._machine)
            self._course.after(TICK_MS, self._tick_on)

    def _living(self, work: Callable[[], object]) -> None:
        if not self.alive:
            return
        try:
            work()
        except PowerOff:
            self._machine.power_off()

    def _threaded(self, body: Callable[[threading.Event], None], never: threading.Event) -> None:
        try:
            body(never)
        except PowerOff:
            self.alive = False
            self._course.after(0, self._machine.power_off)


class HeapLoop(Loop[Happening | PadEvent]):
    """The loop's queue on the simulation's heap: first in, first out."""

    def __init__(self, life: Life) -> None:
        super().__init__(tell=bool)
        self._life = life

    def put(self, event: Happening | PadEvent) -> None:
        self._life._course.after(1, lambda: self._life.hear(event))


class Disk(Outbox):
    """The real outbox on a machine whose power may fail around every commit."""

    def __init__(self, path: Path, machine: Machine) -> None:
        super().__init__(path)
        self._machine = machine

    def save(self, arrival_id: str, body: bytes, saved: SavedAt) -> None:
        self._machine.may_cut("before the save")
        if self._machine.disk_full_until_ms > self._machine.station.now_ms:
            raise OutboxFull("The disk is full; free some space.")
        super().save(arrival_id, body, saved)
        self._machine.station.promises.saved(self._machine, body)
        self._machine.may_cut("after the save")

    def delivered(self, arrival_id: str, epoch: str, at: SavedAt) -> None:
        self._machine.may_cut("before the delete")
        super().delivered(arrival_id, epoch, at)
        self._machine.may_cut("after the delete")


class SteadyUplink(Uplink):
    """Its pauses are the history's own chance."""

    spread: Spread

    def back_off(self) -> BackOff:
        central = self._settings.central
        return BackOff(central.first_retry_s, central.last_retry_s, self.spread)


class SteadyHelpCalls(HelpCalls):
    """The same for calls for help."""

    spread: Spread

    def raise_help(self, number: int, plate: Plate | None) -> None:
        super().raise_help(number, plate)
        self._calls[number].pause = BackOff(FIRST_RETRY_S, LAST_RETRY_S, self.spread)


class SteadySaving(Saving):
    """It knows whose life it is, for a fault to be planted in it."""

    life: Life


class _NoStory:
    """Tells nothing."""

    def look(self, _: object) -> None:
        pass


class _Mute:
    """Neither buzzer nor lamp."""

    def click(self) -> None:
        pass

    def refuse(self) -> None:
        pass

    def show(self, lamp: Lamp) -> None:
        pass

    def hall(self, on: bool) -> None:
        pass

    def hall_is_lit(self) -> bool | None:
        return None


class _Still:
    """Sends no heartbeat."""

    def soon(self) -> None:
        pass
