"""Parts of the post that do not work: told to whoever stands here, to the staff, to the technician."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from contract.wire import DeviceFault


class Part(StrEnum):
    """What can fail on a post while the rest goes on."""

    KEYPAD = "keypad"  # nobody can type
    KEY = "key"  # one key is held by ice or a stone
    HELP_KEY = "help_key"  # the help key beside a USB or serial keypad cannot be read
    OUTBOX = "outbox"  # nothing can be saved
    PAGE = "page"  # the browser does not report what it has drawn
    SCREEN = "screen"  # the display is off or unplugged
    HALL_LAMP = "hall_lamp"  # it was switched on and does not shine, or the reverse
    SIGNALS = "signals"  # a line of the buzzer or of a lamp cannot be used
    SPEECH = "speech"  # nothing can be read aloud
    VOICE = "voice"  # one of the languages cannot be read aloud


# Without these a post cannot register anybody, and must say so before somebody types.
DISABLING = frozenset({Part.KEYPAD, Part.OUTBOX})


@dataclass(frozen=True, slots=True)
class Fault:
    """A part failed (`present`), or is well again.  `reason` is a sentence without a plate."""

    part: Part
    present: bool
    reason: str = ""


class Faults:
    """The faults that stand now, for the heartbeat.  Any thread may use it."""

    def __init__(self, monotonic_ms: Callable[[], int]) -> None:
        self._now = monotonic_ms
        self._lock = threading.Lock()
        self._since: dict[Part, tuple[int, str]] = {}

    def note(self, fault: Fault) -> bool:
        """Keep or drop *fault*; true when that is news."""
        with self._lock:
            known = fault.part in self._since
            if not fault.present:
                self._since.pop(fault.part, None)
                return known
            since_ms = self._since[fault.part][0] if known else self._now()
            self._since[fault.part] = since_ms, fault.reason
            return not known

    def stands(self, part: Part) -> bool:
        """Whether *part* fails now."""
        with self._lock:
            return part in self._since

    def standing(self) -> list[DeviceFault]:
        """Say what fails now, in the words of the wire."""
        with self._lock:
            now_ms = self._now()
            return [
                DeviceFault(part=part, since_s=(now_ms - since_ms) // 1000, reason=reason)
                for part, (since_ms, reason) in sorted(self._since.items())
            ]
