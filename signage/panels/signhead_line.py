"""Questions to a sign head and its answers, each within its time."""

import math
from collections.abc import Callable, Iterator
from typing import Protocol

from signage.encoders.cobs import Splitter
from signage.encoders.signhead import (
    ANSWER_BYTES,
    DARK_FAULTS,
    ENABLE_MAX_MS,
    TTL_MAX_MS,
    Answer,
    Fault,
    Info,
    Kind,
    NoAnswer,
    Result,
    Status,
    answer,
)
from signage.panel import PanelLost
from signage.panels.signhead_times import BITS_A_BYTE, DEED_S, QUIET_S, answer_wait_s

TRIES = 2  # a message that gets no answer is said once more
FRESH_S = 2.5  # two heals and a half


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
        sleep_s: waits.
    """

    def __init__(
        self,
        line: Line,
        address: int,
        baud: int,
        now_s: Callable[[], float],
        sleep_s: Callable[[float], object],
    ) -> None:
        self.name = line.name
        self.heard: Status | None = None
        self._line = line
        self._address = address
        self._wait_s = answer_wait_s(baud)
        self._byte_s = BITS_A_BYTE / baud
        self._now_s = now_s
        self._sleep_s = sleep_s
        self._heard_s = -math.inf
        self._until_s = math.inf

    def begin(self, within_s: float) -> None:
        """Begin a deed, and give all of its messages and answers *within_s* together."""
        self._until_s = self._now_s() + within_s

    def ask(self, kind: Kind, seq: int, message: Callable[[], bytes]) -> Answer:
        """Say *message*, once more when nothing comes back, and return the answer that belongs to it.

        Raises:
            PanelLost: the line is gone, two times no right answer came in time, or the deed's time is up.
        """
        garbled = False
        for tried in range(TRIES):
            self._sleep_s(max(0.0, self._heard_s + QUIET_S - self._now_s()))
            told, came = message(), bytearray()
            if not self._has_time_for(told):
                if tried:
                    break
                raise PanelLost(self.name, self._too_slow(told))
            # An answer that came too late must not pass for the next one.
            self._line.reset_input()
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
        if self.heard is None or self._heard_s == -math.inf:
            return 0
        return self.heard.clock_ms + int((self._now_s() - self._heard_s) * 1_000)

    def close(self) -> None:
        """Let go of the line, and trust no more what was said on it."""
        self._heard_s = -math.inf
        self._line.close()

    def _has_time_for(self, told: bytes) -> bool:
        return self._now_s() + self._takes_s(told) <= self._until_s

    def _takes_s(self, told: bytes) -> float:
        return len(told) * self._byte_s + self._wait_s

    def _too_slow(self, told: bytes) -> str:
        if self._takes_s(told) > DEED_S:
            return "the line is too slow for so many dots; set panel.baud higher, and the head too"
        return "it answers too slowly"

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


def unfit(info: Info, width_px: int, height_px: int) -> str:
    """Why a head may not hang there, though it answers; empty when it may."""
    if (info.width_px, info.height_px) != (width_px, height_px):
        return (
            f"it has {info.width_px} x {info.height_px} dots,"
            f" and the settings say {width_px} x {height_px}"
        )
    if info.ttl_max_ms != TTL_MAX_MS:
        return f"it counts to {info.ttl_max_ms} ms, and must to {TTL_MAX_MS}; mend its firmware"
    if not 0 < info.enable_ms <= ENABLE_MAX_MS:
        return (
            f"its enable timer takes {info.enable_ms} ms, and must take 1 to {ENABLE_MAX_MS};"
            " look at its board"
        )
    return ""


def remarks(heard: Status) -> str:
    """What else the head has to say, for the log; it shows pictures all the same."""
    if not heard.faults & ~DARK_FAULTS:
        return "none any more"
    known = [text for fault, text in _REMARKS.items() if heard.faults & fault]
    return ", ".join(known) or "nothing that this version knows"
