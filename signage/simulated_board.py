"""What a sign head in software measures, and the faults that come of it (docs/sign-head.md, section 4)."""

from dataclasses import dataclass

HOT_C, COOL_C = 70.0, 60.0
LOW_MV, WELL_MV = 4_500, 4_700
SUPPLY, HOT, HUNG = 0x0001, 0x0002, 0x0200
KEEP_DARK = 0x00FF


@dataclass(slots=True)
class Board:
    """What the head measures; None where it has nothing to measure with."""

    lux: int | None = None
    degrees: float | None = 21.5
    supply_mv: int | None = 5_020
    faults: int = 0

    @property
    def keeps_dark(self) -> bool:
        """Whether a fault stands that lets nothing be lit."""
        return bool(self.faults & KEEP_DARK)

    def start(self, *, by_watchdog: bool) -> None:
        """Forget what was measured in the life before; only a watchdog's start leaves a mark."""
        self.faults &= ~(SUPPLY | HOT | HUNG)
        self.faults |= HUNG if by_watchdog else 0

    def measure(self) -> None:
        """Set and clear what the readings say; a sensor that says nothing changes nothing."""
        if self.degrees is not None:
            self.faults = _with(HOT, self.faults, self.degrees, HOT_C, COOL_C)
        if self.supply_mv is not None:
            self.faults = _with(SUPPLY, self.faults, -self.supply_mv, 1 - LOW_MV, -WELL_MV)


def _with(bit: int, faults: int, reading: float, sets: float, clears: float) -> int:
    """*faults* with *bit* set from one threshold on, and off below the other."""
    if reading >= sets:
        return faults | bit
    return faults & ~bit if reading < clears else faults
