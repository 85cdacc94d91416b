"""A post's hardware in the simulation: keys, glass, disk and clocks, whose power may fail at any moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from contract.wire import Arrival
from kiosk.screen import Screen
from kiosk.settings import CentralSettings, IdentitySettings, PostSettings
from tests.simulation.station_life import Life, PowerOff
from tests.simulation.station_model import STATION, wall

if TYPE_CHECKING:
    from tests.simulation.station import Station

_OPEN: set[str] = set()
# Moments at which the power may fail while the process is busy with its disk.
MOMENTS = ("before the save", "after the save", "before the delete", "after the delete")


@dataclass(frozen=True, slots=True)
class Saved:
    """An arrival that a post's disk took, and when that really was."""

    post: str
    arrival: Arrival
    body: bytes
    at_ms: int


class Machine:
    """What survives a power cut: the disk, the screen's glass, the keys, and who stands before them."""

    def __init__(self, name: str, folder: Path, station: Station) -> None:
        self.name = name
        self.station = station
        self.screen: Screen | None = None
        self.life: Life | None = None
        self.cut_at = ""
        self.disk_full_until_ms = 0
        self.boots = 0
        self.settings = PostSettings(
            state_dir=folder / name,
            languages=("en", "sv"),
            central=CentralSettings("http://central", STATION, expected_every_s=15.0),
            identity=IdentitySettings(folder / f"{name}.json"),
        )
        self.clock = PostClock(self)

    def power_on(self, *, reboot: bool = True) -> None:
        """Start the process; after a power cut with a new boot, and no idea what time it is."""
        if self.life is not None:
            return
        if reboot:
            self.boots += 1
            self.clock = PostClock(self)
        self.station.promises.forgets(self.name)
        self.life = Life(self, self.clock)
        self.life.start()

    def power_off(self, *, reboot: bool = True) -> None:
        """Stop the process wherever it is, and start it again after a while."""
        life, self.life, self.screen, self.cut_at = self.life, None, None, ""
        if life is None:
            return
        self.station.say(f"{self.name} {'loses power' if reboot else 'is killed'}")
        life.end()
        # Longer than the way from the power to our first look: no boot begins before the last one ended.
        off_ms = self.station.rng.randint(16_000, 30_000) if reboot else 2_000
        self.station.after(off_ms, lambda: self.power_on(reboot=reboot))

    def may_cut(self, moment: str) -> None:
        """A moment at which a history may have the power fail."""
        if self.cut_at == moment:
            self.station.say(f"{self.name}: the power fails {moment}")
            raise PowerOff(moment)

    def shows(self, screen: Screen) -> None:
        """The process has decided what stands on the glass."""
        self.screen = screen
        self.station.say(f"{self.name} shows {screen.name}: {screen.text!r}")
        self.station.promises.shown(self, screen)

    def press(self, key: str) -> None:
        """A finger presses a key; its contact bounces once."""
        self.station.say(f"{self.name}: key {key}")
        for at_ms, closed in ((0, {key}), (1, _OPEN), (3, {key}), (60, _OPEN), (90, _OPEN)):
            self.station.after(at_ms, partial(self._contacts, closed))

    def _contacts(self, closed: set[str]) -> None:
        if self.life is not None:
            self.life.scan(closed)


class PostClock:
    """The clocks of one boot; without a battery the wall clock is hours wrong until a server sets it."""

    def __init__(self, machine: Machine) -> None:
        rng = machine.station.rng
        self.boot_id = f"{machine.name}-boot-{machine.boots}"
        self._course = machine.station
        self._zero_ms = self._course.now_ms - rng.randint(5_000, 15_000)
        late_ms = 0 if rng.random() < 0.5 else rng.randint(5_000, 200_000)
        self._synced_ms = self._course.now_ms + late_ms
        self._off = timedelta(milliseconds=rng.randint(-20_000_000, 1_000_000))

    def monotonic_ms(self) -> int:
        return self._course.now_ms - self._zero_ms

    def now(self) -> datetime:
        return wall(self._course.now_ms) + (timedelta() if self.synced() else self._off)

    def synced(self) -> bool:
        return self._course.now_ms >= self._synced_ms
