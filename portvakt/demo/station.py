"""Puts the demo's station together, keeps it standing until it is told to end, takes it down in order."""

import contextlib
import os
import random
import shutil
import signal
import tempfile
import threading
import time
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from portvakt.demo import parts, seed
from portvakt.demo.errors import DemoRefused
from portvakt.demo.fake_panel import FakePanel
from portvakt.demo.options import DemoOptions
from portvakt.demo.page import Backstage, PageServer
from portvakt.demo.panel_socket import PanelSocket
from portvakt.demo.parts import Folders
from portvakt.demo.scene import Door, Scene
from portvakt.demo.staff import Staff
from portvakt.demo.supervisor import Part, Supervisor
from portvakt.demo.traffic import Traffic
from portvakt.demo.traffic_thread import TrafficThread
from portvakt.demo.watch import Watch

READY_S = 30.0
LOOK_S = 0.1


def stand(options: DemoOptions) -> int:
    """Run the station until SIGINT or SIGTERM; 0.

    Raises:
        DemoRefused: a part did not become ready; its last words are in the sentence.
    """
    stop = threading.Event()
    with _signals(stop), _folders(options) as folders, ExitStack() as standing:
        station = _Station(options, folders, standing, stop)
        station.start()
        if not stop.is_set():
            station.greet()
            stop.wait()
    return 0


class _Station:
    """The whole yard.  What is opened is handed to *standing*, which closes it in reverse order."""

    def __init__(
        self, options: DemoOptions, folders: Folders, standing: ExitStack, stop: threading.Event
    ) -> None:
        self.options = options
        self.folders = folders
        self.standing = standing
        self.stop = stop
        self.supervisor = Supervisor(folders.run, self._say, self._changed)
        panels = {name: FakePanel(parts.MODULES) for name in parts.DOORS}
        doors = [Door(door, name, panels[name]) for name, door in parts.DOORS.items()]
        self.scene = Scene(doors, self.supervisor.health)
        self.desk = seed.Desk(folders, lambda: datetime.now(ZoneInfo(parts.TIME_ZONE)))

    def start(self) -> None:
        """Start everything, in the order in which each needs the other."""
        self._plug_panels()
        self._serve_page()
        self.standing.callback(self.supervisor.stop, list(parts.DOORS))
        if not self._ready(parts.central(self.options, self.folders)):
            return
        self.desk.set_up()
        devices = [parts.post(self.options, self.folders)]
        devices += [parts.sign(name, self.options, self.folders) for name in parts.DOORS]
        if self._ready(*devices) and self._enrolled():
            self._follow()

    def greet(self) -> None:
        """One line: where to look, and how to end it."""
        self._say(f"Portvakt demo: open {self.options.page_url}/  (Ctrl-C stops everything)")
        if self.options.open_browser and _has_screen():
            webbrowser.open(self.options.page_url)

    def _plug_panels(self) -> None:
        for door in self.scene.doors:
            record = None
            if self.options.judging.record is not None:
                path = self.options.judging.record / f"{door.sign}.log"
                record = self.standing.enter_context(path.open("a", encoding="ascii"))
            cable = PanelSocket(self.folders.panel(door.sign), door.panel, record)
            self.standing.callback(cable.close)

    def _serve_page(self) -> None:
        backstage = Backstage(
            options=self.options,
            scene=self.scene,
            bookings=self.desk.bookings,
            desk_code=lambda: self.desk.sign_in_code(seed.DESK),
        )
        page = PageServer(backstage)
        page.start()
        self.standing.callback(page.close)

    def _follow(self) -> None:
        watch = Watch(self._signing_in(seed.WATCH), self.scene.yard_changed)
        watch.start()
        self.standing.callback(watch.close)
        if self.options.traffic is not None:
            cars = Traffic(self.options.traffic, random.Random())  # noqa: S311 - cars, not secrets
            traffic = TrafficThread(self._signing_in(seed.TRAFFIC), cars)
            traffic.start()
            self.standing.callback(traffic.close)

    def _signing_in(self, name: str) -> Callable[[], Staff]:
        return lambda: Staff(self.options.central_url, self.desk.sign_in_code(name))

    def _ready(self, *wanted: Part) -> bool:
        """Start *wanted* and wait for all of them; false when we were told to end meanwhile."""
        keepers = [self.supervisor.start(part) for part in wanted]
        for keeper in keepers:
            left_s = READY_S
            while not keeper.wait_ready(LOOK_S):
                left_s -= LOOK_S
                if self.stop.is_set():
                    return False
                if left_s <= 0:
                    raise DemoRefused(
                        f"{keeper.part.title} did not start within {READY_S:g} s; "
                        f"it said: {keeper.last_words() or 'nothing'}"
                    )
        return True

    def _enrolled(self) -> bool:
        """Wait until every device has traded its code for a token; false when we were told to end."""
        waiting = [self.folders.token(name) for name in (parts.POST, *parts.DOORS)]
        deadline_s = time.monotonic() + READY_S
        while waiting := [token for token in waiting if not token.exists()]:
            if self.stop.wait(LOOK_S):
                return False
            if time.monotonic() > deadline_s:
                raise DemoRefused(
                    f"{waiting[0].parent.name} could not enrol; if {self.folders.lasting} was kept from "
                    "an earlier demo, start with an empty folder."
                )
        return True

    def _say(self, sentence: str) -> None:
        click.echo(sentence)

    def _changed(self) -> None:
        self.scene.touch()


@contextlib.contextmanager
def _signals(stop: threading.Event) -> Iterator[None]:
    """Let Ctrl-C and SIGTERM set *stop*, the second as well as the first."""
    before = {
        which: signal.signal(which, lambda *_: stop.set())
        for which in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for which, handler in before.items():
            signal.signal(which, handler)


@contextlib.contextmanager
def _folders(options: DemoOptions) -> Iterator[Folders]:
    """Sockets, settings and logs lie in a short temporary folder; the rest too, unless --data names one."""
    run = Path(tempfile.mkdtemp(prefix="portvakt-"))
    try:
        lasting = options.data.absolute() if options.data is not None else run / "data"
        yield Folders(lasting, run)
    finally:
        shutil.rmtree(run, ignore_errors=True)


def _has_screen() -> bool:
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
