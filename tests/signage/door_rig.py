"""A whole sign without a process: the service's loop body, its real driver, chips that keep their picture."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from contract.wire import Beat, Dark, Grant, Lease, Listed, Listing
from device.clock import Clock
from device.trust import Trust
from signage.light_settings import SelfTestSettings
from signage.news import Answered, News, Nudged, Unanswered
from signage.panels.max7219 import Max7219Panel
from signage.panels.spi_line import SpiLine
from signage.service import TICK_MS, Sign
from signage.settings import (
    CentralSettings,
    IdentitySettings,
    PageSettings,
    SignSettings,
    YardSettings,
)
from tests.fakes.clock import FakeClock
from tests.fakes.panel_recorder import Chain

MODULES = 5


class Wire:
    """The bus to the chips: it can be cut, and every byte on it is kept."""

    def __init__(self, chain: Chain) -> None:
        self.chain = chain
        self.sent: list[bytes] = []
        self.is_cut = False
        # Fails after so many more transfers; None: never.
        self.left: int | None = None

    def data(self, data: list[int]) -> None:
        if self.left is not None:
            self.is_cut = self.left == 0
            self.left -= 1
        if self.is_cut:
            raise OSError(5, "no answer")
        self.sent.append(bytes(data))
        self.chain.take(bytes(data))

    def cleanup(self) -> None:
        pass


class Listening(Max7219Panel):
    """The real driver; `hears` is told each ttl that it is healed with."""

    hears: Callable[[int], object] = staticmethod(lambda _: None)

    def heal(self, ttl_ms: int) -> None:
        self.hears(ttl_ms)
        super().heal(ttl_ms)


class Line:
    """The way to central: beats go nowhere until a test answers them."""

    def __init__(self) -> None:
        self.beats: list[Beat] = []
        self.is_known = True
        self.has_code = False
        self.why_not = ""
        self.lost_token = False
        self.begins_anew = False
        self.answered = False
        self.trouble: Exception | None = None
        self.identity = None
        self.trust = Trust(None, FakeClock())

    def send(self, beat: Beat) -> None:
        self.beats.append(beat)

    def ask(self, stopping: threading.Event) -> None: ...

    def listen(self, stopping: threading.Event) -> None: ...


class Door:
    """A door's sign from its first deed on; `central` is a test."""

    def __init__(self, folder: Path, second: str = "", **more: Any) -> None:
        self.clock = FakeClock()
        self.chain = Chain(MODULES)
        self.wire = Wire(self.chain)
        self.line = Line()
        settings = SignSettings(
            central=CentralSettings(url="http://127.0.0.1:9", station="pitea"),
            identity=IdentitySettings(token_file=folder / "token.json"),
            pages=PageSettings(second=second),
            yard=YardSettings(),
            **{"self_test": SelfTestSettings(at_start=False, at=""), **more},
        )
        self.panel = Listening(SpiLine(lambda: self.wire, "the wall"), MODULES)
        self.sign = Sign(settings, self.panel, self.clock, self._made)
        self.epoch, self.seq = "e1", 5

    def _made(self, _: SignSettings, __: Callable[[News], object], ___: Clock) -> Any:
        return self.line

    # -- what a driver sees ------------------------------------------------------------------------

    @property
    def is_dark(self) -> bool:
        return self.chain.is_dark

    def shows(self, *rows: str) -> bool:
        return list(rows) == self.chain.rows()

    # -- time --------------------------------------------------------------------------------------

    def turns(self, ms: int) -> None:
        """Let the loop turn for *ms*."""
        for _ in range(ms // TICK_MS):
            self.clock.advance(TICK_MS)
            self.sign.turn()

    # -- central -----------------------------------------------------------------------------------

    def beat(self) -> Beat:
        """The sign's next beat; lets time pass until it comes."""
        for _ in range(20_000 // TICK_MS):
            if self.line.beats:
                return self.line.beats.pop()
            self.turns(TICK_MS)
        raise AssertionError("no beat within 20 s")

    def grants(self, text: str = "ABC 123", call: str = "c1", **more: Any) -> Beat:
        """Answer the next beat with a grant."""
        beat = self.beat()
        self.answers(self.grant(beat, text, call, **more))
        return beat

    def grant(self, beat: Beat, text: str = "ABC 123", call: str = "c1", **more: Any) -> Grant:
        words = {"epoch": self.epoch, "seq": self.seq, "ttl_ms": 7_000, **more}
        return Grant(
            nonce=beat.nonce, bay="1", call=call, plate=text.replace(" ", ""), text=text, **words
        )

    def darkens(self, **more: Any) -> Beat:
        """Answer the next beat with darkness."""
        beat = self.beat()
        words = {"epoch": self.epoch, "seq": self.seq, "reason": "no_call", **more}
        self.answers(Dark(nonce=beat.nonce, **words))
        return beat

    def lists(self, *rows: tuple[str, str]) -> Beat:
        """Answer the next beat with lines of call and text at door 1."""
        beat = self.beat()
        listed = [Listed(text=text, door="1", call=call) for call, text in rows]
        told = {"epoch": self.epoch, "seq": self.seq, "ttl_ms": 7_000}
        self.answers(Listing(nonce=beat.nonce, rows=listed, **told))  # type: ignore[arg-type]
        return beat

    def answers(self, lease: Lease) -> None:
        self.sign.heard(Answered(lease))

    def says_nothing(self) -> Beat:
        """Leave the next beat unanswered."""
        beat = self.beat()
        self.sign.heard(Unanswered(beat.nonce))
        return beat

    def cancels(self, call: str) -> None:
        self.sign.heard(Nudged(call))

    def wakes(self) -> "Door":
        """Learn the epoch, report dark."""
        self.darkens()
        self.darkens()
        return self
