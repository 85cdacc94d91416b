"""A sign in the simulation: life after life of its process, before a panel that needs its time."""

from __future__ import annotations

import hashlib

from contract.wire import Lease
from signage.face import Face
from signage.lease import LeaseEngine
from signage.script import Drawing
from tests.simulation.drawn import LISTED, PLAIN
from tests.simulation.glass import Glass, SimPanel
from tests.simulation.kinds import QUICK, TICK_MS, Kind, facts_of
from tests.simulation.loop import ANSWER_WITHIN_MS, Life
from tests.simulation.parties import Eye, World

RESTART_MS = 1_000  # RestartSec of the unit
START_UP_MS = 2_000
BLANKER_MS = 150
WATCHDOG_MS = 3_000  # WatchdogSec of the unit
ABORT_MS = 1_000  # TimeoutAbortSec of the unit
SUPPLY_MS = 2_000  # the timer that holds a panel's supply
PANEL = facts_of(QUICK)

__all__ = ["ANSWER_WITHIN_MS", "PANEL", "PLAIN", "SimSign", "World"]


class SimSign:
    """What hangs over a door.  `shows` is the call that a driver sees, whatever the process thinks.

    The service has one beat on its way; with *hasty* it has many, which is harder on central's rules.
    """

    panel_type: type[SimPanel] = SimPanel
    face_type: type[Face] = Face
    engine_type: type[LeaseEngine] = LeaseEngine
    has_blanker = True

    def __init__(
        self,
        device: str,
        world: World,
        *,
        hasty: bool = False,
        kind: Kind = QUICK,
        drawing: Drawing = PLAIN,
        eye: Eye | None = None,
    ) -> None:
        self.device = device
        self.kind = kind
        self.hasty = hasty
        self.eye = eye
        self.drawing = LISTED if kind.lines else drawing if kind.pages else PLAIN
        self.glass = Glass(kind, world, self._is_seen)
        self.calls: dict[str, str] = {}
        self._world = world
        self._life: Life | None = None
        self._boots = 0
        self._nonces = 0
        self._is_kicking = False
        self._kicks = 0

    @property
    def shows(self) -> str | None:
        """The call whose plate stands on the glass."""
        frame = self.glass.seen
        return None if frame is None else self.calls.get(frame.words)

    def start(self) -> None:
        """Boot: a new life."""
        if self._life is None:
            self._boots += 1
            self._life = Life(self, self._world, self._boots, self._nonce)
            self._life.begin()

    def hear(self, boot: int, answer: Lease) -> None:
        """An answer arrives; one for an earlier life finds nobody at home."""
        if self._life is not None and boot == self._boots:
            self._life.answered(answer)

    def nudged(self, words: str) -> None:
        """A line comes down the stream."""
        if self._life is not None:
            self._life.nudged(words)

    # -- what may befall it ---------------------------------------------------------------------

    def crash(self) -> None:
        """Die as by SIGKILL: the plate stands until the unit's blanker has run; then a new life."""
        if self._life is None:
            return
        self._world.say(f"{self.device} is killed showing {self.shows}")
        self._dies()
        rng = self._world.rng
        blanked_ms = rng.randint(0, BLANKER_MS)
        if self.has_blanker:
            self._world.after(blanked_ms, self._blanker)
        self._world.after(blanked_ms + RESTART_MS + rng.randint(0, START_UP_MS), self.start)

    def freeze(self, for_ms: int) -> None:
        """Hang as by SIGSTOP; the unit's watchdog aborts it after a while, and kills it then."""
        life = self._life
        if life is None or life.is_over or life.is_frozen:
            return
        self._world.say(f"{self.device} hangs for {for_ms} ms showing {self.shows}")
        life.freeze()
        self._fell("hung")
        aborted_ms = WATCHDOG_MS - self._world.rng.randint(0, TICK_MS)
        if for_ms < aborted_ms:
            self._world.after(for_ms, lambda: life.thaw() if self._life is life else None)
        else:
            killed_ms = min(for_ms, aborted_ms + ABORT_MS)
            self._world.after(killed_ms, lambda: self.crash() if self._life is life else None)
        self.stops_kicking()

    def reboot(self, for_ms: int) -> None:
        """The machine restarts in order: darkness is the last deed."""
        life = self._life
        if life is None or life.is_over or life.is_frozen:
            return
        self._world.say(f"{self.device} reboots")
        last_ms = life.end_dark()
        self._world.after(last_ms, lambda: self._dies() if self._life is life else None)
        self._world.after(last_ms + for_ms, self.start)

    def power_cut(self, for_ms: int) -> None:
        """Machine and panel lose their power."""
        self._world.say(f"{self.device} has no power")
        if self._life is not None:
            self._dies()
        self.glass.power_off()
        self._world.after(for_ms, self.start)

    def lose_line(self, for_ms: int) -> None:
        """What is written does not reach the panel for some time."""
        self._world.say(f"{self.device}'s panel is unplugged")
        self.glass.lost_until_ms = self._world.now_ms + for_ms
        self._fell("its line failed")

    def _dies(self) -> None:
        if self._life is not None:
            self._life.end()
        self._life = None
        self.stops_kicking()
        self._fell("killed")

    def _fell(self, what: str) -> None:
        if self.eye is not None:
            self.eye.fell(self, what)

    def _blanker(self) -> None:
        if self._life is None and self._world.now_ms >= self.glass.lost_until_ms:
            SimPanel(self.glass, self._world, fails=False).blank()

    # -- the timer that holds the panel's supply ------------------------------------------------

    def kicks(self) -> None:
        """Its process triggers the timer, turn by turn from now on."""
        self._is_kicking = True
        self.glass.supply(on=True)

    def stops_kicking(self) -> None:
        """From now on nothing triggers it."""
        if self.kind.supply and self._is_kicking:
            self._is_kicking, self._kicks = False, self._kicks + 1
            kicks = self._kicks
            left_ms = SUPPLY_MS - self._world.rng.randint(0, TICK_MS)
            self._world.after(left_ms, lambda: self._runs_out(kicks))

    def _runs_out(self, kicks: int) -> None:
        if not self._is_kicking and kicks == self._kicks:
            self.glass.supply(on=False)

    # -- the rest -------------------------------------------------------------------------------

    def _is_seen(self) -> None:
        frame = self.glass.seen
        self._world.say(
            f"{self.device} ({self.kind.name}) shows {frame.words if frame else None!r}"
        )
        if self.eye is not None:
            self.eye.sees(self)

    def _nonce(self) -> str:
        self._nonces += 1
        return hashlib.sha256(f"{self.device} {self._nonces}".encode()).hexdigest()[:16]
