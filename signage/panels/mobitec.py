"""A bus sign that speaks Mobitec's protocol, on an RS-485 line.

It is taken to keep what it was told when we die, and answers nothing.  It draws one or two pictures a second
(Nosen92/maskin-flipdot) and may be deaf meanwhile.  A packet that comes then is lost without a word, so each
new one is told again when the drawing that it may have met must be over, and once more against noise.
"""

import hashlib

from contract.wire import PanelFacts
from signage.encoders import mobitec
from signage.encoders.mobitec import BAUD, Sign, surely_blank
from signage.fonts import ALL
from signage.frame import Frame
from signage.layout import Canvas, lines_of
from signage.panel import Traits, described
from signage.panel_settings import MobitecSettings, PanelSettings
from signage.panels.serial_line import SerialLine
from signage.panels.silent_sign import SilentSign
from signage.panels.stand_ins import stand_ins

# How often the face asks; what is not due is not written.
HEAL_MS = 250
HEAL_S, TOLD_AGAIN = 10.0, 2
_SLACK_MS = 200  # the loop's tick, twice, and a busy processor


class MobitecPanel(SilentSign):
    """One sign that draws with letters of its own, or is sent each dot.

    Args:
        line: the serial line.
        sign: its address and size.
        how: whether it draws itself, with which font, and how long it takes.
        dark_ms: the worst time to dark as measured on the spot; 0 takes what line and drawing give, which is
            more than a door may have unless the drawing was measured.
    """

    def __init__(
        self, line: SerialLine, sign: Sign, how: MobitecSettings, dark_ms: int = 0
    ) -> None:
        self.line, self._sign, self._how = line, sign, how
        self._blank = surely_blank(sign)
        self._packet = self._blank
        self._owed, self._begun_s = 0, line.now_s()
        self.canvas = _canvas(sign, how)
        self.traits = Traits(HEAL_MS, self._settle_ms(), pages=False)
        self.facts = PanelFacts(
            width_px=sign.width_px,
            height_px=sign.height_px,
            fonts=described(self.canvas),
            holds_last_frame=True,
            worst_dark_ms=dark_ms or self._worst_dark_ms(),
            lines=lines_of(self.canvas) if how.draws == "dots" else 0,
        )

    def init(self) -> None:
        """Open the line anew and make the sign dark."""
        self.line.close()
        self.blank()

    def show(self, frame: Frame, ttl_ms: int) -> str:
        """Write what *frame* says or, where the sign cannot draw that, its dots.  The sign has no timer."""
        del ttl_ms
        return self._tell(self._blank if frame.is_dark else self.drawn(frame))

    def blank(self) -> str:
        """Write a picture without dots, in such a way that no packet cut short can hide it."""
        return self._tell(self._blank)

    def heal(self, ttl_ms: int) -> None:
        """Say it again after ten seconds; what is new, as soon as the sign must hear again."""
        del ttl_ms
        # Whatever it was drawing had come before this packet began.
        hears = self.line.now_s() - self._begun_s >= self._how.draws_ms / 1_000
        if (self._owed and hears) or self.line.quiet_s >= HEAL_S:
            self._owed = max(0, self._owed - 1)
            self._write()

    def drawn(self, frame: Frame) -> bytes:
        """Give the packet for *frame*; nothing is written."""
        if self._how.draws == "dots" or not frame.words:
            return mobitec.dots(frame, self._sign)
        rows, advance = self.canvas.typefaces[0].height_px, self._how.advance_px
        lines = frame.words.split("\n")
        top = max(0, self._sign.height_px + 1 - len(lines) * (rows + 1)) // 2
        fields = (
            mobitec.line(
                words,
                self._how.font,
                max(0, self._sign.width_px + 1 - len(words) * advance) // 2,
                top + place * (rows + 1),
            )
            for place, words in enumerate(lines)
        )
        return mobitec.packet(b"".join(fields), self._sign)

    def _tell(self, packet: bytes) -> str:
        self._packet, self._owed = packet, TOLD_AGAIN
        self._write()
        return hashlib.sha256(packet).hexdigest()

    def _write(self) -> None:
        self._begun_s = self.line.now_s()
        self.line.write(self._packet)

    def _settle_ms(self) -> int:
        """A packet that met a drawing: until it is told again, and its own drawing.

        Its time on the wire is in it: that has passed once when the packet has left.
        """
        return self._told_again_ms() + self._how.draws_ms

    def _worst_dark_ms(self) -> int:
        """A picture under way, whose drawing meets the blank; then the blank told again, and drawn."""
        wire_ms = self.line.wire_ms(self._longest()) + self.line.wire_ms(self._blank)
        return wire_ms + self._told_again_ms() + self._how.draws_ms

    def _told_again_ms(self) -> int:
        return self._how.draws_ms + HEAL_MS + _SLACK_MS

    def _longest(self) -> bytes:
        """The longest packet that may hold a plate; patterns, which nobody can read, may be longer."""
        sign = self._sign
        if self._how.draws == "text":
            line = "0" * (sign.width_px // self._how.advance_px)
            lines = max(1, (sign.height_px + 1) // (self.canvas.typefaces[0].height_px + 1))
            return mobitec.packet(mobitec.line(line, self._how.font, 0, 0) * lines, sign)
        rows = max(face.height_px for face in self.canvas.typefaces)
        listed = 8 * lines_of(self.canvas) - 1
        lit = (1 << max(rows, listed)) - 1
        return mobitec.dots(Frame(sign.width_px, sign.height_px, (lit,) * sign.width_px), sign)


def from_settings(settings: PanelSettings) -> MobitecPanel:
    """Make the panel of *settings*; the line is opened by its first deed.

    Raises:
        ValueError: it is too wide for the protocol.
    """
    line = SerialLine(settings.bus.removeprefix("serial:"), settings.baud or BAUD)
    sign = Sign(settings.mobitec.address, *settings.size_px)
    return MobitecPanel(line, sign, settings.mobitec, settings.dark_ms)


def _canvas(sign: Sign, how: MobitecSettings) -> Canvas:
    """What there is to draw on; where the sign draws itself, with letters of ours in place of its own."""
    if how.draws == "dots":
        faces = tuple(face for face in ALL if face.height_px <= sign.height_px)
        return Canvas(sign.width_px, sign.height_px, faces)
    rows, advance = min(mobitec.rows_of(how.font), sign.height_px), how.advance_px
    # A word gap of the sign is one letter's width.
    letters = stand_ins(mobitec.letters_of(how.font), rows, advance, advance + 1)
    return Canvas(sign.width_px, sign.height_px, (letters,))
