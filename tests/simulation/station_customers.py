"""Customers at a post: they know their plate, read the screen, and press what it asks for, mostly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contract.plate import Plate
from kiosk.keys import KEY_OF, Key
from kiosk.pressing import READ_WITHIN_MS
from kiosk.screen import Screen

if TYPE_CHECKING:
    from tests.simulation.post import Machine
    from tests.simulation.station import Station

ENTERING = {"idle", "typing", "offer", "which", "spell", "free", "confirm", "no_booking"}
UNDER_WAY = {"sent", "searching"}
PATIENCE = 60  # key presses
DIGITS = "0123456789"


class Customer:
    """One person with one plate.  Goes away when registered, out of patience, or just so.

    A *steady* one makes no mistakes, wants nothing else and does not go away before.
    """

    def __init__(
        self, machine: Machine, station: Station, plate: str, *, steady: bool = False
    ) -> None:
        self._steady = steady
        self._machine = machine
        self._station = station
        self._rng = station.rng
        self.plate = Plate.parse(plate)
        self._presses = 0
        self._slipped = False
        self._is_new = True
        self._confirmed = False
        self._twice = self._happens(0.2)
        self._by_letters = self._happens(0.1)

    def come(self) -> None:
        """Stand before the post."""
        self._station.say(f"{self._machine.name}: a customer with {self.plate.text}")
        self._later()

    def _happens(self, chance: float) -> bool:
        return not self._steady and self._rng.random() < chance

    def _later(self, at_least_ms: int = READ_WITHIN_MS, at_most_ms: int = 1_200) -> None:
        self._station.after(self._rng.randint(at_least_ms, at_most_ms), self._act)

    def _act(self) -> None:
        screen, rng = self._machine.screen, self._rng
        self._presses += 1
        if self._presses > PATIENCE or (not self._confirmed and self._happens(0.01)):
            self._leave()
        elif screen is None or screen.name in UNDER_WAY:
            self._later(1_000, 3_000)
        elif self._happens(0.01):
            self._press(rng.choice((Key.HELP, Key.LANGUAGE)))
        elif self._is_new and screen.name != "idle":
            self._press(Key.CANCEL)  # what stands there is somebody else's
        elif screen.name not in ENTERING:
            self._read(screen)
        else:
            self._confirmed = self._is_new = False
            self._press(self._next_key(screen))

    def _leave(self) -> None:
        """Walk away; the desk may hear the plate instead."""
        del self._station.at_the_keys[self._machine.name]
        screen = self._machine.screen
        in_doubt = screen is None or screen.name not in {"place", "again", "drive_in"}
        if in_doubt and self._rng.random() < 0.6:
            self._station.after(5_000, lambda: self._station.staff.enter_at_desk(self.plate.text))

    def _press(self, key: str) -> None:
        self._machine.press(key)
        self._later()

    def _read(self, screen: Screen) -> None:
        """An answer, a call for help, a question whether anybody is there."""
        if screen.name.startswith("help") and self._rng.random() < 0.7:
            self._later(1_000, 6_000)
        elif screen.name == "still_there" or not self._confirmed:
            self._press(Key.CANCEL)
        elif self._twice:
            self._twice = False
            self._press(Key.CANCEL)
        elif self._rng.random() < 0.5:
            self._later(2_000, 6_000)
        elif self._rng.random() < 0.2:
            self._press(Key.OK)
        else:
            self._leave()

    def _next_key(self, screen: Screen) -> str:
        typed = sum(bool(cell.main) for cell in screen.cells)
        if self._slipped:
            self._slipped = False
            return Key.CLEAR if screen.cells else Key.CANCEL
        match screen.name:
            case "spell":
                return self._choice(screen)
            case "which":
                return next(
                    (c.key for c in screen.choices if str(c.text) == self.plate.display), "3"
                )
            case "offer" | "confirm" | "no_booking" if screen.plates == {self.plate}:
                self._confirmed = True
                return Key.OK
            case "confirm" | "no_booking":
                return Key.CANCEL
            case "offer" if not screen.cells:
                return Key.CLEAR
        if screen.name == "idle" and self._by_letters:
            return Key.OTHER
        return self._next_sign(screen, typed)

    def _next_sign(self, screen: Screen, typed: int) -> str:
        text = self.plate.text
        if typed >= len(text):
            return Key.OTHER if screen.name == "offer" else Key.OK
        if self._happens(0.03):
            self._slipped = True
            return self._rng.choice(DIGITS)
        return KEY_OF.get(text[typed], text[typed])

    def _choice(self, screen: Screen) -> str:
        place = [cell.asked for cell in screen.cells].index(True)
        wanted = self.plate.text[place : place + 1]
        found = [choice.key for choice in screen.choices if str(choice.text) == wanted]
        return found[0] if found else Key.CANCEL
