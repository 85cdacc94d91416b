"""A serial line to a Mobitec sign that is deaf while it draws: what comes then is lost byte by byte."""

from signage.panel import PanelLost
from tests.fakes.clock import FakeClock
from tests.fakes.mobitec_sign import MobitecSign, Written

Picture = tuple[tuple[Written, ...], frozenset[tuple[int, int]]]
DARK: Picture = ((), frozenset())


class DeafLine:
    """Stands in for `SerialLine`: a write takes its time on the wire, and the sign its time to draw."""

    name = "the wall"

    def __init__(self, clock: FakeClock, draws_ms: int, baud: int = 4_800) -> None:
        self.sign = MobitecSign()
        # So many next writes are spoilt by noise.
        self.spoils = 0
        self.is_cut = False
        self._clock = clock
        self._draws_ms = draws_ms
        self._byte_ms = 10_000 / baud
        self._busy_until_ms = 0.0
        self._left_ms = 0
        self._before: Picture = picture_of(self.sign)

    @property
    def readable(self) -> set[Picture]:
        """What a person may read now: while it draws also what stood there before."""
        now = {picture_of(self.sign)}
        return now | {self._before} if self._clock.mono_ms < self._busy_until_ms else now

    @property
    def quiet_s(self) -> float:
        return (self._clock.mono_ms - self._left_ms) / 1_000

    def now_s(self) -> float:
        return self._clock.mono_ms / 1_000

    def wire_ms(self, data: bytes) -> int:
        return round(len(data) * self._byte_ms + 0.5)

    def write(self, data: bytes) -> None:
        if self.is_cut:
            raise PanelLost(self.name, "it was unplugged")
        if self.spoils:
            self.spoils -= 1
            data = data.replace(b"\xd0", b"\x50")
        for count, byte in enumerate(data, start=1):
            self._hear(byte, self._clock.mono_ms + count * self._byte_ms)
        self._clock.advance(self.wire_ms(data))
        self._left_ms = self._clock.mono_ms

    def close(self) -> None:
        pass

    def _hear(self, byte: int, at_ms: float) -> None:
        if at_ms < self._busy_until_ms:
            return
        packets, before = len(self.sign.taken), picture_of(self.sign)
        self.sign.take(bytes((byte,)))
        if len(self.sign.taken) > packets:
            self._before, self._busy_until_ms = before, at_ms + self._draws_ms


def picture_of(sign: MobitecSign) -> Picture:
    """What stands on *sign*."""
    return tuple(sign.texts), frozenset(sign.dots)


def drawn_by(packet: bytes) -> Picture:
    """What *packet* makes of a sign that hears it."""
    sign = MobitecSign()
    sign.take(packet)
    return picture_of(sign)
