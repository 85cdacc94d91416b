"""One whole station as one seeded program: posts, customers, desks, signs, two central processes.

The code that serves a station is the real one; the time, the network, the power and the people are ours.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from uuid import UUID

from central.database.folder import DataFolder
from central.words import Nudge
from contract.wire import Beat
from kiosk.uplink import MakeSession
from tests.simulation.course import Course
from tests.simulation.lights import Lights
from tests.simulation.post import Machine
from tests.simulation.sign import SimSign
from tests.simulation.station_cable import REFUSED, Cable
from tests.simulation.station_central import Asked, Process, Reply
from tests.simulation.station_customers import Customer
from tests.simulation.station_model import POSTS, SIGNS, book, copy_model
from tests.simulation.station_promises import Promises
from tests.simulation.station_staff import Staff
from tests.simulation.station_threads import Wake
from tests.simulation.station_truth import Truth

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_UUID_7 = (0x7 << 76) | (0b10 << 62)


class Station(Course):
    """Two posts, three signs and two central processes in *folder*, which is the history's own."""

    def __init__(
        self, seed: int, model: Path, folder: Path, trace: Callable[[str], None] | None = None
    ) -> None:
        super().__init__(seed, trace)
        copy_model(model, folder)
        url = DataFolder(folder).url
        self.net.loss, self.net.slow = self.rng.choice(((0.02, 0.02), (0.1, 0.1), (0.3, 0.2)))
        # Wall clocks jump in some histories, and in some a sign is hung over another door: a promise that
        # rests on either is judged in the others.
        self.jumps = self.rng.random() < 0.25
        self.hangs = self.rng.random() < 0.25
        self.lights = Lights()
        self.sign_heard_ms: dict[str, int] = {}
        self.at_the_keys: dict[str, Customer] = {}
        self._ids: dict[str, str] = {}
        self._standing: set[str] = set()
        self.truth = Truth(folder / "central.db")
        self.promises = Promises(self, self.truth)
        self.processes = [Process(name, url, self, self._nudge) for name in ("a", "b")]
        self.bookings = book(self.processes[0].yard, self.rng)
        self.staff = Staff(self)
        self.signs = {device: SimSign(device, self) for device in SIGNS}
        self.machines = [Machine(post, folder, self) for post in POSTS]

    def start(self) -> None:
        """Switch everything on."""
        for sign in self.signs.values():
            sign.start()
        for machine in self.machines:
            machine.power_on()

    def close(self) -> None:
        """Let go of every file."""
        for machine in self.machines:
            if machine.life is not None:
                machine.life.end()
        for process in self.processes:
            if process.alive:
                process.store.close()
        self.truth.close()

    def say(self, words: str) -> None:
        """Write a line of the history; ids are random in the real code, so they go by number here."""
        if self._trace is not None:
            super().say(_ID.sub(self._number, words))

    def new_id(self, at_ms: int) -> str:
        """An id as `uuid7` makes it, by the history's own chance."""
        random = self.rng.getrandbits(74)
        low = (random >> 12) & (1 << 62) - 1
        return str(UUID(int=(at_ms & (1 << 48) - 1) << 80 | (random & 0xFFF) << 64 | _UUID_7 | low))

    # -- the network ----------------------------------------------------------------------------

    def cable_of(self, machine: Machine) -> MakeSession:
        """What makes a post's sessions."""
        return Cable(machine.name, self).session

    def is_cut(self, device: str) -> bool:
        """Whether a device's cable is cut."""
        return self.now_ms < self.net.cut_until_ms.get(device, 0)

    def carry(self, post: str, asked: Asked, wake: Wake) -> None:
        """Take a request to some process, and its answer back: once, twice or never, and in any order."""
        sent_ms = self.now_ms

        def arrives() -> None:
            process = self.rng.choice(self.processes)
            was_alive = process.alive
            reply = process.answer(asked)
            self.promises.heard(asked, process, sent_ms)
            if reply is not None:
                self.say(
                    f"{process.name} answers {post} {asked.method} {asked.path}: {reply.status}"
                )
                self.promises.answered(asked, reply)
            answer: Reply | str | None = reply if was_alive else REFUSED
            if answer is not None:
                for back_ms in self.net.delays_ms(post, self.now_ms):
                    self.after(back_ms, partial(wake, answer))

        for delay_ms in self.net.delays_ms(post, self.now_ms):
            self.after(delay_ms, arrives)

    def send_beat(self, sign: SimSign, boot: int, beat: Beat) -> None:
        """A sign asks, by the same network."""
        sent_ms = self.now_ms

        def arrives() -> None:
            process = self.rng.choice(self.processes)
            if process.alive:
                self.sign_heard_ms[sign.device] = self.now_ms
            answer = process.beat(sign.device, beat)
            if answer is None:
                return
            self.say(f"{process.name} answers {sign.device}: {answer}")
            self.lights.answered(sign.device, answer, sent_ms)
            for back_ms in self.net.delays_ms(sign.device, self.now_ms):
                self.after(back_ms, lambda: sign.hear(boot, answer))

        for delay_ms in self.net.delays_ms(sign.device, self.now_ms):
            self.after(delay_ms, arrives)

    def _nudge(self, nudge: Nudge) -> None:
        words = "beat" if nudge.call is None else f"dark {nudge.call}"
        for delay_ms in self.net.delays_ms(nudge.device, self.now_ms):
            self.after(delay_ms, lambda: self.signs[nudge.device].nudged(words))

    # -- promises -------------------------------------------------------------------------------

    def note_ended_calls(self) -> None:
        """Somebody has pressed a button: remember which calls are over since now."""
        standing = set(self.truth.standing_calls())
        for call in self._standing - standing:
            self.lights.ended_ms[call] = self.now_ms
        self._standing = standing

    def check(self) -> None:
        """Look at every sign as a driver does."""
        shown = [
            (sign.device, self.truth.call(sign.shows))
            for sign in self.signs.values()
            if sign.shows is not None
        ]
        if shown:
            self.lights.check(shown, self.now_ms)

    def _number(self, found: re.Match[str]) -> str:
        return self._ids.setdefault(found.group(), f"#{len(self._ids) + 1}")
