"""The lamp in the hall on a fake board: relay, bulb, and a sense relay in the bulb's own circuit."""

from collections.abc import Callable

from kiosk.fake_matrix import GROUND, FakeBoard


class FakeHallLamp:
    """Shines when its line is high and its bulb is whole; then the sense line is at ground.

    *told* hears each change of the light, as an eye in the hall would.
    """

    def __init__(
        self,
        board: FakeBoard,
        lamp: int,
        sense: int | None,
        told: Callable[[bool], object] = bool,
    ) -> None:
        self._board = board
        self._sense = sense
        self._told = told
        self._powered = False
        self._whole = True
        self.shines = False
        board.watch(lamp, self._power)

    def break_bulb(self) -> None:
        """Burn it out."""
        self._whole = False
        self._settle()

    def change_bulb(self) -> None:
        """Put a new one in."""
        self._whole = True
        self._settle()

    def _power(self, level: bool) -> None:
        self._powered = level
        self._settle()

    def _settle(self) -> None:
        shines = self._powered and self._whole
        if shines is self.shines:
            return
        self.shines = shines
        if self._sense is not None:
            (self._board.join if shines else self._board.part)(self._sense, GROUND)
        self._told(shines)
