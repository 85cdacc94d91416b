"""The far end of the SPI wire: what the kernel's pretend host was sent, decoded by the chip's data sheet."""

from dataclasses import dataclass, field

from signage.encoders.max7219 import encode
from signage.layout import layout
from tests.boot.kernel.machine import Machine
from tests.fakes.panel_recorder import Chain

MODULES = 6
HEIGHT = WIDTH = 8
NS = 1_000_000_000
STAYS_NS = 2 * NS


@dataclass(frozen=True, slots=True)
class Message:
    """What went out while chip select was low.  `at_ns` is the machine's CLOCK_MONOTONIC."""

    at_ns: int
    hertz: int
    mode: int
    sent: bytes


@dataclass
class Panel:
    """Six modules in a row at the machine's /dev/spidev0.0; `pictures` are their changes, with the time."""

    machine: Machine
    chain: Chain = field(default_factory=lambda: Chain(MODULES))
    messages: list[Message] = field(default_factory=list)
    pictures: list[tuple[int, tuple[str, ...]]] = field(default_factory=list)

    def look(self) -> tuple[str, ...]:
        """Take all that was sent since the last look; give what stands on it now."""
        for line in self.machine.run("cat /dev/pretend-spi").well().splitlines():
            at_ns, hertz, mode, sent = line.split()
            self._take(Message(int(at_ns), int(hertz), int(mode), bytes.fromhex(sent)))
        return self.now

    @property
    def now(self) -> tuple[str, ...]:
        """What a person sees at the last look."""
        return tuple(self.chain.rows())

    def dark_after_s(self, at_ns: int, now_ns: int) -> float | None:
        """The seconds from *at_ns* until it was dark and stayed so; None while that has not been seen.

        Between two pages it is dark for a moment too.
        """
        ends = [when_ns for when_ns, _ in self.pictures[1:]] + [now_ns]
        for (when_ns, rows), end_ns in zip(self.pictures, ends, strict=True):
            if end_ns > at_ns + STAYS_NS and not is_lit(rows) and end_ns - when_ns > STAYS_NS:
                return max(when_ns - at_ns, 0) / NS
        return None

    def _take(self, message: Message) -> None:
        self.messages.append(message)
        self.chain.take(message.sent)
        if not self.pictures or self.pictures[-1][1] != self.now:
            self.pictures.append((message.at_ns, self.now))


def is_lit(rows: tuple[str, ...]) -> bool:
    """Whether any dot has light."""
    return any("#" in row for row in rows)


def drawn(text: str) -> tuple[str, ...]:
    """What the sign's own layout says of *text*."""
    return tuple(layout(text, WIDTH * MODULES, HEIGHT).rows)


def columns(text: str) -> list[bytes]:
    """The eight messages that the sign's own encoder makes of *text*."""
    return encode(layout(text, WIDTH * MODULES, HEIGHT))
