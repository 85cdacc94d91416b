"""A bus sign that speaks Mobitec's protocol: decodes every byte by its published description.

It shares no code with the sign's encoder, so that both cannot be wrong in the same way.
"""

from dataclasses import dataclass, field
from enum import Enum, auto

FLAG, ESCAPE, TEXT_MODE = 0xFF, 0xFE, 0xA2
WIDTH, HEIGHT, ACROSS, DOWN, FONT = range(0xD0, 0xD5)
PIXELS = 0x77
SWEDISH = {0x5D: "Å", 0x5B: "Ä", 0x5C: "Ö"}


class Framing(Enum):
    """How a sign may understand the one byte that both starts and ends a packet.

    PAIRS: every flag turns receiving on or off.  RESTARTS: so, but an empty packet is taken for a start.
    SHARED: every flag ends one packet and begins the next.
    """

    PAIRS = auto()
    RESTARTS = auto()
    SHARED = auto()


@dataclass(frozen=True)
class Written:
    """One piece of text: its left edge, the row below its foot, its font."""

    words: str
    across: int
    down: int
    font: int


@dataclass
class MobitecSign:
    """One sign at `address`; a packet replaces all that stood there."""

    address: int = 6
    framing: Framing = Framing.RESTARTS
    texts: list[Written] = field(default_factory=list)
    dots: set[tuple[int, int]] = field(default_factory=set)
    width: int = 0
    height: int = 0
    taken: list[bytes] = field(default_factory=list)
    refused: list[bytes] = field(default_factory=list)
    _packet: bytearray | None = None

    @property
    def shows(self) -> str:
        """The texts that a person reads."""
        return " ".join(one.words for one in self.texts if one.words.strip())

    @property
    def rows(self) -> tuple[str, ...]:
        """The dots that were sent one by one: `#` lit, `.` dark."""
        return tuple(
            "".join("#" if (x, y) in self.dots else "." for x in range(self.width))
            for y in range(self.height)
        )

    @property
    def is_dark(self) -> bool:
        """Whether nothing is lit."""
        return not self.shows and not self.dots

    def power_cut(self) -> None:
        """Forget the picture and whatever was half received."""
        self.texts, self.dots, self._packet = [], set(), None

    def take(self, data: bytes) -> None:
        """Receive bytes, however they are cut."""
        for byte in data:
            if byte == FLAG:
                self._flag()
            elif self._packet is not None:
                self._packet.append(byte)

    def _flag(self) -> None:
        packet, self._packet = self._packet, None
        if packet:
            self._end(bytes(packet))
        if packet is None or self.framing is Framing.SHARED or self._is_restart(packet):
            self._packet = bytearray()

    def _is_restart(self, packet: bytearray) -> bool:
        return not packet and self.framing is Framing.RESTARTS

    def _end(self, packet: bytes) -> None:
        body, check = packet[:-1], packet[-1]
        if len(packet) > 1 and packet[-2] == ESCAPE:
            body, check = packet[:-2], ESCAPE + packet[-1]
        if len(body) < 2 or sum(body) % 256 != check:
            self.refused.append(packet)
            return
        if body[0] == self.address and body[1] == TEXT_MODE:
            self.taken.append(packet)
            self._draw(body[2:])

    def _draw(self, fields: bytes) -> None:
        self.texts, self.dots = [], set()
        told: dict[int, int] = {}
        run = bytearray()
        at = 0
        while at < len(fields):
            if fields[at] in range(WIDTH, FONT + 1):
                self._write(told, bytes(run))
                run.clear()
                told[fields[at]] = fields[at + 1]
                at += 2
            else:
                run.append(fields[at])
                at += 1
        self._write(told, bytes(run))
        self.width, self.height = told[WIDTH], told[HEIGHT]

    def _write(self, told: dict[int, int], run: bytes) -> None:
        if not run:
            return
        # Each piece names its place and font anew, or the sign leaves it out.
        across, down, font = (told.pop(name) for name in (ACROSS, DOWN, FONT))
        if font != PIXELS:
            words = "".join(SWEDISH.get(byte) or chr(byte) for byte in run)
            assert words.isprintable()
            self.texts.append(Written(words, across, down, font))
            return
        for x, byte in enumerate(run, across):
            assert 0x20 <= byte < 0x40, f"{byte:02x} is no column of five dots"
            for bit in range(5):
                y = down - 4 + bit
                if byte >> bit & 1 and x < told[WIDTH] and 0 <= y < told[HEIGHT]:
                    self.dots.add((x, y))
