"""A line with a sign head on it, and everything that can go wrong with both, in a time that tests make."""

from collections.abc import Callable
from operator import itemgetter

from signage.panel import PanelLost
from signage.simulated_head import SimulatedHead
from tests.fakes.clock import FakeClock

Damage = Callable[[bytes], bytes]


def unharmed(data: bytes) -> bytes:
    return data


def flipped(at: int, bit: int = 0) -> Damage:
    """Turn one bit of one byte over."""
    return lambda data: data[:at] + bytes((data[at] ^ 1 << bit,)) + data[at + 1 :]


def lost(data: bytes) -> bytes:
    return b""


class HeadWire:
    """What `SignHeadPanel` calls a line.  Bytes take their time at *baud* bits a second.

    `out` and `back` are what happens to the coming messages and answers, one entry each, then no more;
    `always_out` and `always_back` to every one.
    """

    name = "/dev/portvakt-sign"

    def __init__(self, head: SimulatedHead, clock: FakeClock, baud: int = 115_200) -> None:
        self.head = head
        self.clock = clock
        self.ms_a_byte = 10_000 / baud
        self.plugged = True
        self.is_wedged = (
            False  # an adapter that takes everything and passes on nothing, until it is reopened
        )
        self.out: list[Damage] = []
        self.back: list[Damage] = []
        self.always_out: Damage = unharmed
        self.always_back: Damage = unharmed
        self.answers_after_ms = 2
        self.held_ms = 0
        self.echoes = False
        self.written: list[bytes] = []
        self._rest_ms = 0.0
        self._held: list[tuple[int, bytes]] = []
        self._coming: list[tuple[int, bytes]] = []
        self._inbox = bytearray()

    def write(self, data: bytes) -> None:
        self._look()
        self.written.append(data)
        self._pass(len(data) * self.ms_a_byte)
        if self.echoes:
            self._inbox += data
        damage = lost if self.is_wedged else self.out.pop(0) if self.out else self.always_out
        self._held.append((self.clock.mono_ms + self.held_ms, damage(data)))
        self._deliver()

    def read(self, size: int, timeout_s: float) -> bytes:
        self._look()
        ends_ms = self.clock.mono_ms + timeout_s * 1_000
        while len(self._inbox) < size and self._coming and self._coming[0][0] <= ends_ms:
            at_ms, data = self._coming.pop(0)
            self.clock.advance(max(0, at_ms - self.clock.mono_ms))
            self._inbox += data
        if len(self._inbox) < size:
            self._pass(ends_ms - self.clock.mono_ms)
        taken, self._inbox = bytes(self._inbox[:size]), self._inbox[size:]
        return taken

    def reset_input(self) -> None:
        self._look()
        self._coming = [one for one in self._coming if one[0] > self.clock.mono_ms]
        self._inbox.clear()

    def close(self) -> None:
        self._inbox.clear()
        self.is_wedged = False

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self._pass(seconds * 1_000)

    def noise(self, data: bytes) -> None:
        """Something comes that nobody has said."""
        self._inbox += data

    def rows(self) -> list[str]:
        """What a person sees now."""
        self._deliver()
        return self.head.rows()

    def lit_for_ms(self, at_most_ms: int = 20_000) -> int:
        """How long the dots stay lit from now on when nobody says anything any more."""
        begun_ms = self.clock.mono_ms
        while "#" in "".join(self.rows()) and self.clock.mono_ms - begun_ms < at_most_ms:
            self.clock.advance(1)
        return self.clock.mono_ms - begun_ms

    def _deliver(self) -> None:
        """Give the head what has reached it by now; a stretched line keeps the order."""
        while self._held and self._held[0][0] <= self.clock.mono_ms:
            said = self.head.hears(self._held.pop(0)[1])
            if not said:
                continue
            damage = self.back.pop(0) if self.back else self.always_back
            takes_ms = self.answers_after_ms + round(len(said) * self.ms_a_byte)
            self._coming.append((self.clock.mono_ms + takes_ms, damage(said)))
            self._coming.sort(key=itemgetter(0))

    def _pass(self, ms: float) -> None:
        """The clock counts whole milliseconds; the rest is kept for the next time."""
        whole, self._rest_ms = divmod(ms + self._rest_ms, 1)
        self.clock.advance(int(whole))

    def _look(self) -> None:
        if not self.plugged:
            raise PanelLost(self.name, "it was unplugged")
