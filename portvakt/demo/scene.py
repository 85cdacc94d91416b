"""What the demo's page shows: parts, panels and the newcomer's steps, with a way to wait for a change."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from contract.yard import Queue
from portvakt.demo.fake_panel import FakePanel, dots
from portvakt.demo.supervisor import Health
from portvakt.demo.walk import Walk, advance


@dataclass(frozen=True, slots=True)
class Door:
    """A door of the demo's station, the sign device above it and that sign's panel."""

    door: str
    sign: str
    panel: FakePanel


class Scene:
    """Collects what every thread knows; each change has a number, so that a reader misses nothing."""

    def __init__(self, doors: list[Door], health: Callable[[], Mapping[str, Health]]) -> None:
        self.doors = doors
        self._health = health
        self._changed = threading.Condition()
        self._number = 0
        self._walk = Walk()
        self._queue: Queue | None = None
        for door in doors:
            door.panel.listeners.append(self._panel_changed)

    def touch(self) -> None:
        """Something that the page shows has changed."""
        with self._changed:
            self._number += 1
            self._changed.notify_all()

    def yard_changed(self, queue: Queue) -> None:
        """The line, as central tells it now."""
        with self._changed:
            self._queue = queue
        self._panel_changed()

    def _panel_changed(self) -> None:
        with self._changed:
            if self._queue is not None:
                self._walk = advance(self._walk, self._queue, self._lit_bays(self._queue))
        self.touch()

    def _lit_bays(self, queue: Queue) -> dict[str, bool]:
        lit = {door.door: door.panel.lit > 0 for door in self.doors}
        return {bay.bay: lit.get(bay.door, False) for bay in queue.bays}

    def after(self, number: int, timeout_s: float) -> int:
        """Wait until the scene's number is above *number*; the number then, the same after *timeout_s*."""
        with self._changed:
            self._changed.wait_for(lambda: self._number > number, timeout_s)
            return self._number

    def picture(self) -> dict[str, object]:
        """The scene as the page's JSON."""
        return {
            "parts": {name: _told(health) for name, health in self._health().items()},
            "signs": [
                {"door": door.door, "sign": door.sign, "rows": dots(door.panel.picture())}
                for door in self.doors
            ],
            "steps": self._walk.steps,
        }


def _told(health: Health) -> dict[str, object]:
    return {"state": health.state, "pid": health.pid, "restarts": health.restarts}
