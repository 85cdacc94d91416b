"""A keypad without hardware: gpiozero's mock pins, joined by keys that can be closed.

Contacts join lines into nets, as copper does: an output decides the level of its net, 0 V over a
pull-up, so three keys on the corners of a rectangle close the fourth too.  Two outputs at different
levels on one net would burn a pin, and raise ShortCircuit here.  Contacts may chatter as real ones
do, and a line may fail or be in another program's hands.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from gpiozero.pins.mock import MockFactory, MockPin

from contract.errors import PortvaktError
from kiosk.keys import Key, Layout

GROUND = -1
KEPT_STATES = 50
Contact = frozenset[int]


class ShortCircuit(PortvaktError):
    """Two outputs at different levels are joined by closed keys."""


class WiredPin(MockPin):  # type: ignore[misc] # gpiozero has no types
    """A mock pin whose level is that of the net it is on."""

    def _get_state(self) -> bool:
        self.factory.use(self.info.name)
        if self._function == "input":
            self.factory.shake()
        return bool(super()._get_state())

    def _set_function(self, value: str) -> None:
        self.factory.use(self.info.name)
        super()._set_function(value)
        if value == "output":
            # A line that the kernel makes an output starts at 0 V; MockPin would keep the old level.
            self._change_state(False)
            self.factory.driven[self.info.name] += 1
        self.factory.settle()

    def _set_pull(self, value: str) -> None:
        super()._set_pull(value)
        self.factory.settle()

    def _set_state(self, value: float) -> None:
        super()._set_state(value)
        self.factory.settle()

    def _change_state(self, value: bool) -> bool:
        changed = bool(super()._change_state(value))
        if changed:
            # MockPin writes down every level for ever; a demo runs for days.
            del self.states[:-KEPT_STATES]
            self.factory.tell(self.info.name, value)
        return changed


@dataclass
class Chatter:
    """How contacts bounce: open and closed by chance for `ms` after each move, by a seed."""

    ms: float
    monotonic_ms: Callable[[], int]
    seed: int = 0
    moved: dict[Contact, tuple[float, bool]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._random = Random(self.seed)  # noqa: S311 - contacts, not secrets

    def move(self, contact: Contact, closed: bool) -> None:
        """Begin to chatter towards *closed*."""
        self.moved[contact] = self.monotonic_ms() + self.ms, closed

    def look(self) -> dict[Contact, bool]:
        """Which of the contacts that were moved are closed at this very moment."""
        now_ms = self.monotonic_ms()
        seen = {
            contact: closed if now_ms >= until_ms else self._random.choice((True, False))
            for contact, (until_ms, closed) in self.moved.items()
        }
        self.moved = {one: move for one, move in self.moved.items() if now_ms < move[0]}
        return seen


class FakeBoard(MockFactory):  # type: ignore[misc] # gpiozero has no types
    """The pins of a mock Pi and the contacts between them."""

    def __init__(self, chatter: Chatter | None = None) -> None:
        super().__init__(pin_class=WiredPin)
        self._chatter = chatter
        self._broken: dict[str, Exception] = {}
        self._wires = threading.RLock()
        self._contacts: set[Contact] = set()
        self._lines: dict[int, Any] = {}
        self._watchers: dict[str, Callable[[bool], object]] = {}
        # How often each line was made an output: a scan does that to each row once.
        self.driven: Counter[str] = Counter()

    def join(self, one: int, other: int) -> None:
        """Close a contact between two lines (GROUND is 0 V)."""
        self._move(frozenset({one, other}), True)

    def part(self, one: int, other: int) -> None:
        """Open it again."""
        self._move(frozenset({one, other}), False)

    def shake(self) -> None:
        """Let contacts that were moved a moment ago chatter, because somebody looks."""
        with self._wires:
            if self._chatter is not None and self._chatter.moved:
                for contact, closed in self._chatter.look().items():
                    self._set(contact, closed)

    def break_line(self, pin: int, error: Exception) -> None:
        """Let every use of *pin* raise *error*, as a line does that another program has."""
        self._broken[f"GPIO{pin}"] = error

    def mend_line(self, pin: int) -> None:
        """Let it work again."""
        self._broken.pop(f"GPIO{pin}", None)

    def use(self, name: str) -> None:
        """Raise what stands against the use of a line."""
        if name in self._broken:
            raise self._broken[name]

    def _move(self, contact: Contact, closed: bool) -> None:
        with self._wires:
            if self._chatter is None:
                self._set(contact, closed)
            else:
                self._chatter.move(contact, closed)

    def _set(self, contact: Contact, closed: bool) -> None:
        if closed:
            self._contacts.add(contact)
            self.settle()
        else:
            self._contacts.discard(contact)
            self.settle(contact)

    def watch(self, pin: int, told: Callable[[bool], object]) -> None:
        """Call *told* with each new level of *pin*: a lamp or a buzzer hangs there."""
        self._watchers[f"GPIO{pin}"] = told

    def tell(self, name: str, level: bool) -> None:
        """Let whoever watches the pin know."""
        told = self._watchers.get(name)
        if told is not None:
            told(bool(level))

    def settle(self, also: Iterable[int] = ()) -> None:
        """Let every net take its level."""
        with self._wires:
            for net in _nets(self._contacts, also):
                self._settle(net)

    def _line(self, number: int) -> Any:  # noqa: ANN401 - gpiozero has no types
        # gpiozero's own look-up goes through every header of the board, too slow for each scan.
        if number not in self._lines:
            self._lines[number] = self.pin(number)
        return self._lines[number]

    def _settle(self, net: set[int]) -> None:
        pins = [self._line(number) for number in net if number != GROUND]
        driven = {bool(pin._state) for pin in pins if pin.function == "output"}  # noqa: SLF001 - our own
        if GROUND in net:
            driven.add(False)
        if len(driven) > 1:
            names = ", ".join(sorted(pin.info.name for pin in pins))
            raise ShortCircuit(
                f"{names}: outputs at different levels are joined; that burns a pin."
            )
        pulled_up = any(pin.pull == "up" for pin in pins if pin.function == "input")
        level = driven.pop() if driven else pulled_up
        for pin in pins:
            if pin.function == "input":
                (pin.drive_high if level else pin.drive_low)()


class FakeMatrix:
    """Keys by name on a FakeBoard."""

    def __init__(
        self,
        board: FakeBoard,
        rows: tuple[int, ...],
        columns: tuple[int, ...],
        layout: Layout,
        help_pin: int | None,
    ) -> None:
        self.board = board
        self._lines = {
            key: (row, column)
            for row, keys in zip(rows, layout, strict=True)
            for column, key in zip(columns, keys, strict=True)
            if key
        }
        if help_pin is not None:
            self._lines[Key.HELP] = help_pin, GROUND
        self._last_row = f"GPIO{rows[-1]}"

    @property
    def scans(self) -> int:
        """How often the rows were scanned to the last."""
        return self.board.driven[self._last_row]

    def __contains__(self, key: object) -> bool:
        return key in self._lines

    def close(self, key: str) -> None:
        """Press *key* and hold it."""
        self.board.join(*self._lines[key])

    def open(self, key: str) -> None:
        """Let go of *key*."""
        self.board.part(*self._lines[key])


def _nets(contacts: Iterable[Contact], also: Iterable[int]) -> list[set[int]]:
    nets: list[set[int]] = [{line} for line in also]
    for contact in contacts:
        touched = [net for net in nets if net & contact]
        nets = [net for net in nets if net not in touched]
        nets.append(set(contact).union(*touched))
    return nets
