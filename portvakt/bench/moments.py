"""What the process of a post under test tells the one that gives it orders."""

from dataclasses import dataclass

from kiosk.screen import Screen


@dataclass(frozen=True, slots=True)
class Pressed:
    """What stood on the screen after a key, and the names of the deeds that followed from it alone."""

    screen: Screen
    deeds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Timed:
    """Moments of one press, in seconds: `closed_at` of the wall clock, the others after it.

    None is what did not come.  `late_s` is by how much a bare wait of 5 ms overslept just before: what
    the machine does to everybody.
    """

    closed_at: float
    late_s: float
    beep_s: float | None
    heard_s: float | None
    decided_s: float | None
    drawn_s: float | None


@dataclass(frozen=True, slots=True)
class Memory:
    """In KiB: proportional set size, and what belongs to no file; how many objects the collector knows."""

    pss_kib: int
    anonymous_kib: int
    objects: int
