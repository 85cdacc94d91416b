"""Questions to a sign head and its answers, each within its time."""

from collections.abc import Callable, Iterator
from typing import Protocol

from signage.encoders.cobs import Splitter
from signage.encoders.signhead import (
    ANSWER_BYTES,
    DARK_FAULTS,
    Answer,
    Fault,
    Kind,
    Lease,
    NoAnswer,
    Result,
    Status,
    answer,
    blank_packet,
    picture,
    show_packet,
)
from signage.frame import Frame
from signage.panel import PanelLost

BAUD = 115_200
BITS_A_BYTE = 10
TRIES = 2  # a message that gets no answer is said once more
PROMPT_S = 0.020  # within which a head begins to answer
SLACK_S = 0.070  # a USB adapter's buffers and a busy processor, on top of it
TURN_S = 0.100  # the loop's tick of 50 ms, and a busy processor
FRESH_S = 2.5  # two heals and a half
_SMALL_BYTES = len(blank_packet()) + 11  # any message but one that carries a picture


_REFUSED: dict[int, str] = {
    Result.OLD: "it has heard a newer message; somebody else talks to it",
    Result.SIZE: "the picture has another size than its panel",
    Result.GREET: "it has started anew, and again; look at its power",
    Result.NO_PICTURE: "it loses the picture",
    Result.LATE: "what is sent reaches it too late",
    Result.FAULT: "it keeps itself dark",
    Result.VALUE: "it does not understand the message; its firmware is of another version",
    Result.VERSION: "its firmware speaks another version of the protocol",
}
_AILMENTS = {
    Fault.SUPPLY: "its supply is too low",
    Fault.HOT: "it is too hot",
    Fault.ENABLE: "its enable line does not obey",
    Fault.MEMORY: "its memory is damaged",
}
_REMARKS = {
    Fault.SENSOR: "its light sensor does not answer",
    Fault.HUNG: "it was hung and started anew",
    Fault.PANEL: "the current does not fit the dots that should be lit",
}


class Line(Protocol):
    """What is needed of a serial line."""

    name: str

    def write(self, data: bytes) -> None:
        """Send all of it, and return when it has left."""

    def read(self, size: int, timeout_s: float) -> bytes:
        """Take what comes in time."""

    def reset_input(self) -> None:
        """Throw away what has come."""

    def close(self) -> None:
        """Let go."""


class HeadLine:
    """One head on *line*; `heard` is the last that it said, None before it has said anything.

    Args:
        line: where it hangs.
        address: which of the heads there it is.
        baud: the line's speed, for how long an answer may take.
        now_s: a monotonic clock.
    """

    def __init__(self, line: Line, address: int, baud: int, now_s: Callable[[], float]) -> None:
        self.name = line.name
        self.heard: Status | None = None
        self._line = line
        self._address = address
        self._wait_s = answer_wait_s(baud)
        self._now_s = now_s
        self._heard_s = 0.0

    def ask(self, kind: Kind, seq: int, message: Callable[[], bytes]) -> Answer:
        """Say *message*, once more when nothing comes back, and return the answer that belongs to it.

        Raises:
            PanelLost: the line is gone, or two times no right answer came in time.
        """
        garbled = False
        for _ in range(TRIES):
            # An answer that came too late must not pass for the next one.
            self._line.reset_input()
            told, came = message(), bytearray()
            self._line.write(told)
            for whole in self._coming(ANSWER_BYTES[kind], came):
                said = self._read(whole, kind, seq)
                if said is not None:
                    self.heard, self._heard_s = said.status, self._now_s()
                    return said
            # Some adapters hear themselves.
            garbled = garbled or bytes(came) not in {b"", told}
        raise PanelLost(
            self.name, "what it answers is garbled" if garbled else "it does not answer"
        )

    def fresh(self) -> Status | None:
        """What it said last, unless that is too long ago to say anything about now."""
        return self.heard if self._now_s() - self._heard_s < FRESH_S else None

    def clock_ms(self) -> int:
        """Where the head's own clock stands now, or a little less: its answers take time to come."""
        if self.heard is None:
            return 0
        return self.heard.clock_ms + int((self._now_s() - self._heard_s) * 1_000)

    def close(self) -> None:
        """Let go of the line, and forget what was said on it."""
        self.heard = None
        self._line.close()

    def _coming(self, size: int, came: bytearray) -> Iterator[bytes]:
        """Yield what stands between zero bytes until the time for an answer is over; *came* gets all."""
        splitter, ends_s = Splitter(), self._now_s() + self._wait_s
        while (left_s := ends_s - self._now_s()) > 0:
            data = self._line.read(size, left_s)
            came += data
            yield from splitter.feed(data)
            # The usual answer came in one piece; behind garbage each byte counts.
            size = 1

    def _read(self, whole: bytes, kind: Kind, seq: int) -> Answer | None:
        try:
            said = answer(whole)
        except NoAnswer:
            return None
        told = (said.status.address, said.status.kind, said.status.seq)
        return said if told == (self._address, kind, seq) else None


def answer_wait_s(baud: int) -> float:
    """How long a whole answer may take after a message has left: 95 ms, at 9,600 bits a second 147 ms."""
    return PROMPT_S + SLACK_S + ANSWER_BYTES[Kind.HELLO] * BITS_A_BYTE / baud


def worst_dark_ms(width_px: int, height_px: int, baud: int) -> int:
    """From the decision to be dark to darkness, when one message of each deed gets lost.

    A heal may be under way that finds the head started anew, greets it and must say the picture twice;
    then the first BLANK gets lost.  When more than that gets lost, the head's own timer makes it dark.
    """
    byte_s, wait_s = BITS_A_BYTE / baud, answer_wait_s(baud)
    dark = picture(Frame.dark(width_px, height_px))
    small_s, shown_s = _SMALL_BYTES * byte_s, len(show_packet(0, Lease(0, 0, 0), dark)) * byte_s
    prompt_s = small_s + PROMPT_S + ANSWER_BYTES[Kind.HELLO] * byte_s
    heal_s = 2 * prompt_s + 2 * (shown_s + wait_s)
    return int(1_000 * (heal_s + small_s + wait_s + small_s + PROMPT_S + TURN_S))


def refusal(heard: Status) -> str:
    """Why the head is not as it was told to be, and what it measures, for the board."""
    ails = [text for fault, text in _AILMENTS.items() if heard.faults & fault]
    if heard.faults & DARK_FAULTS and not ails:
        ails = [f"fault {heard.faults & DARK_FAULTS:#04x}, which this version does not know"]
    if not ails:
        return _REFUSED.get(
            heard.result, f"result {heard.result}, which this version does not know"
        )
    measured = [] if heard.degrees is None else [f"{heard.degrees:.0f} °C"]
    measured += [] if heard.supply_mv is None else [f"{heard.supply_mv / 1_000:.1f} V"]
    return ", ".join([" and ".join(ails), *measured])


def remarks(heard: Status) -> str:
    """What else the head has to say, for the log; it shows pictures all the same."""
    if not heard.faults & ~DARK_FAULTS:
        return "none any more"
    known = [text for fault, text in _REMARKS.items() if heard.faults & fault]
    return ", ".join(known) or "nothing that this version knows"
