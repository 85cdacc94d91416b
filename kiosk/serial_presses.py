"""From the characters of a serial keypad to contacts, which it does not tell: values and a clock."""

from collections import deque

from kiosk.key_codes import Table

# No hand presses one key more than eight times a second, so the same character within this time is a
# key that is held and repeats itself; and a press is taken to last so long.
HELD_MS = 125
# Nor do fingers that follow each other arrive so close; two keys pressed at once do, and noise does.
TOGETHER_MS = 20
# More than a hand's ten presses a second, of three characters each at most ("5\r\n"): noise, or two keys
# that are held and repeat in turn.
PRESSES_IN_A_SECOND, BYTES_IN_A_SECOND = 14, 42
FLOOD_OVER_MS = 1_000
_SECOND_MS = 1_000
# A keypad at another speed sends garbage for each press, so many times in a row nothing that we know.
STRANGE_IN_A_ROW = 12
# What keys do send: signs of ASCII, and Backspace, Tab, line ends, Escape and Delete.
_SENT_BY_KEYS = frozenset({*range(0x20, 0x80), 0x08, 0x09, 0x0A, 0x0D, 0x1B})

FLOODED = (
    "The serial keypad sends more than a hand can press; "
    "check keypad.serial.baud, the cable, and its ground."
)
STRANGE = (
    "The serial keypad sends what no key has, {count} times without one that has; "
    "check keypad.serial.baud and keypad.serial.codes."
)


class SerialPresses:
    """Remembers what came; says which contacts that makes closed, and what is wrong with the line."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._repeats = False
        self._held: dict[str, int] = {}
        self._any_ms = -TOGETHER_MS
        self._presses: deque[int] = deque(maxlen=PRESSES_IN_A_SECOND)
        self._bytes: deque[int] = deque(maxlen=BYTES_IN_A_SECOND)
        self._flooded = False
        self._strange = 0
        self._dead: set[int] = set()

    def heard(self, byte: int, now_ms: int) -> bool:
        """Take one character; false when no key sends it."""
        key = self._table.get(byte)
        alone = now_ms - self._any_ms >= TOGETHER_MS
        self._any_ms = now_ms
        if key is None:
            # A key that nobody has assigned may be pressed as often as one likes: it counts once.
            self._strange += byte not in self._dead
            self._dead |= {byte} & _SENT_BY_KEYS
            self._count(now_ms, alone)
            return False
        self._strange = 0
        self._dead.clear()
        if key in self._held and now_ms - self._held[key] < HELD_MS:
            # A second character of the same press ("\r\n") does not make it one that is held.
            self._held[key], self._repeats = now_ms, self._repeats or alone
            return True
        self._count(now_ms, alone)
        if alone and not self._flooded:
            self._press(key, now_ms)
        return True

    def closed(self, now_ms: int) -> set[str]:
        """Which keys are down at *now_ms*."""
        return {key for key, heard_ms in self._held.items() if now_ms - heard_ms < HELD_MS}

    def trouble(self, now_ms: int) -> str:
        """What is wrong with the line, as a sentence; nothing if it seems well."""
        if self._flooded and now_ms - self._any_ms >= FLOOD_OVER_MS:
            self._flooded = False
            self._presses.clear()
            self._bytes.clear()
        if self._flooded:
            return FLOODED
        return STRANGE.format(count=STRANGE_IN_A_ROW) if self._strange >= STRANGE_IN_A_ROW else ""

    def _press(self, key: str, now_ms: int) -> None:
        if not self._repeats:
            # One press of another key: that finger has left, since a held one would have repeated.
            self._held.clear()
        self._held = {one: ms for one, ms in self._held.items() if now_ms - ms < HELD_MS}
        self._held[key], self._repeats = now_ms, False

    def _count(self, now_ms: int, alone: bool) -> None:
        self._bytes.append(now_ms)
        if alone:
            self._presses.append(now_ms)
        if _full(self._bytes, now_ms) or _full(self._presses, now_ms):
            self._flooded = True
            self._held.clear()


def _full(times: deque[int], now_ms: int) -> bool:
    return len(times) == times.maxlen and now_ms - times[0] < _SECOND_MS
