"""A sign that speaks the Alpha protocol, on a serial line.

It keeps what it was told when we die, answers nothing, and after a power cut of its own shows its old text
again.  Each rewrite of a text makes it blink, so a plate is told again only every ten seconds; darkness does
not blink, so darkness is told again every second.
"""

import hashlib

from contract.wire import PanelFacts
from signage.encoders.alpha import (
    ADVANCE_PX,
    BAUD,
    BITS,
    GAP_PX,
    LETTERS,
    PARITY,
    ROWS_PX,
    blank,
    blocks,
    text,
)
from signage.frame import Frame
from signage.layout import Canvas
from signage.panel import Traits, described
from signage.panel_settings import PanelSettings
from signage.panels.serial_line import SerialLine
from signage.panels.silent_sign import SilentSign
from signage.panels.stand_ins import stand_ins

# What comes sooner after another packet is lost (mjaksn/readerboard; 0.1 s loses some).
GAP_S = 0.25
SETTLE_MS = 100
HEAL_LIT_S = 10.0
# The loop's tick and a busy processor.
_SLACK_MS = 150


class AlphaPanel(SilentSign):
    """One sign, written through its priority file.

    Args:
        line: the serial line, with the gap between two packets.
        width_px: columns of dots.
        height_px: rows of dots.
        kind: the type code of the sign; Z is every sign.
        address: two hex digits; 00 is every sign.
        dark_ms: the worst time to dark as measured on the spot; 0 takes what the protocol gives.
    """

    traits = Traits(settle_ms=SETTLE_MS, pages=False)

    def __init__(
        self,
        line: SerialLine,
        width_px: int,
        height_px: int = ROWS_PX,
        kind: str = "Z",
        address: str = "00",
        dark_ms: int = 0,
    ) -> None:
        self.line = line
        self._to = (kind, address)
        self._blank = blank(*self._to)
        self._packet = self._blank
        letters = stand_ins(LETTERS, ROWS_PX, ADVANCE_PX, GAP_PX)
        self.canvas = Canvas(width_px, height_px, (letters,))
        self.facts = PanelFacts(
            width_px=width_px,
            height_px=height_px,
            fonts=described(self.canvas),
            holds_last_frame=True,
            worst_dark_ms=dark_ms or self._worst_dark_ms(),
            lines=0,
        )

    def init(self) -> None:
        """Open the line anew and make the sign dark, twice: the first may end what a dead process began."""
        self.line.close()
        self._packet = self._blank
        self.line.write(self._blank)
        self.line.write(self._blank)

    def show(self, frame: Frame, ttl_ms: int) -> str:
        """Write what *frame* says; a picture without words becomes whole blocks.  The sign has no timer."""
        del ttl_ms
        self._packet = self._blank
        if not frame.is_dark:
            places = frame.width_px // ADVANCE_PX
            self._packet = (
                text(frame.words, *self._to) if frame.words else blocks(places, *self._to)
            )
        return self._write()

    def blank(self) -> str:
        """Write a text without letters, which holds the whole sign dark."""
        self._packet = self._blank
        return self._write()

    def heal(self, ttl_ms: int) -> None:
        """Say darkness again at once, a text after ten seconds."""
        del ttl_ms
        if self._packet == self._blank or self.line.quiet_s >= HEAL_LIT_S:
            self._write()

    def _write(self) -> str:
        self.line.write(self._packet)
        return hashlib.sha256(self._packet).hexdigest()

    def _worst_dark_ms(self) -> int:
        """A write under way, the gap, the blank and its drawing."""
        # The widest line of letters that take two codes each.
        longest = text("Å" * (self.canvas.width_px // ADVANCE_PX), *self._to)
        wire_ms = self.line.wire_ms(longest) + self.line.wire_ms(self._blank)
        return wire_ms + round(GAP_S * 1_000) + SETTLE_MS + _SLACK_MS


def from_settings(settings: PanelSettings) -> AlphaPanel:
    """Make the panel of *settings*; the line is opened by its first deed.

    Raises:
        ValueError: an address or a type code that the protocol does not have.
    """
    kind, address = settings.alpha.kind, settings.alpha.address
    if not kind.isascii() or set(address) - set("0123456789ABCDEF?"):
        raise ValueError(
            f"panel.alpha: no sign has the type {kind} and the address {address}; write a type code such"
            " as Z and two hex digits such as 00"
        )
    line = SerialLine(
        settings.bus.removeprefix("serial:"), settings.baud or BAUD, PARITY, BITS, gap_s=GAP_S
    )
    return AlphaPanel(line, *settings.size_px, kind, address, settings.dark_ms)
