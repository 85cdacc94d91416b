"""A bus sign that speaks Mobitec's protocol, on an RS-485 line.

It is taken to keep what it was told when we die, and answers nothing.  It draws one or two pictures a second
and may be deaf meanwhile, so darkness is told again at every heal of the first three seconds.
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
from signage.panels.stand_ins import stand_ins

DRAWS_MS = 1_000  # one or two pictures a second (Nosen92/maskin-flipdot)
HEAL_S, DOUBTED_S = 10.0, 3.0
MOST_DARK_MS = 2_000
_SLACK_MS = 150  # the loop's tick and a busy processor


class MobitecPanel:
    """One sign that draws with letters of its own, or is sent each dot.

    Args:
        line: the serial line.
        sign: its address and size.
        how: whether it draws itself, and with which font.
        dark_ms: the worst time to dark as measured on the spot; 0 takes what the line's speed gives.

    Raises:
        ValueError: a plate could stand there for more than two seconds after its end.
    """

    traits = Traits(settle_ms=DRAWS_MS, pages=False, dims=False)

    def __init__(
        self, line: SerialLine, sign: Sign, how: MobitecSettings, dark_ms: int = 0
    ) -> None:
        self.line, self._sign, self._how = line, sign, how
        self._blank = surely_blank(sign)
        self._packet = self._blank
        self._dark_s = line.now_s()
        self.canvas = _canvas(sign, how)
        self.facts = PanelFacts(
            width_px=sign.width_px,
            height_px=sign.height_px,
            fonts=described(self.canvas),
            holds_last_frame=True,
            worst_dark_ms=dark_ms or self._worst_dark_ms(),
            lines=lines_of(self.canvas) if how.draws == "dots" else 0,
        )
        if self.facts.worst_dark_ms > MOST_DARK_MS:
            raise ValueError(
                f"a mobitec sign of this size needs {self.facts.worst_dark_ms} ms to go dark, more than"
                f' {MOST_DARK_MS}; write panel.mobitec.draws = "text", or measure it and write panel.dark_ms'
            )

    def init(self) -> None:
        """Open the line anew and make the sign dark."""
        self.line.close()
        self.blank()

    def show(self, frame: Frame, ttl_ms: int) -> str:
        """Write what *frame* says or, where the sign cannot draw that, its dots.  The sign has no timer."""
        del ttl_ms
        self._packet = self._blank if frame.is_dark else self.drawn(frame)
        return self._write()

    def blank(self) -> str:
        """Write a picture without dots, in such a way that no packet cut short can hide it."""
        self._packet = self._blank
        self._dark_s = self.line.now_s()
        return self._write()

    def heal(self, ttl_ms: int) -> None:
        """Say it again after ten seconds; darkness at once, while the sign may have been deaf to it."""
        del ttl_ms
        is_doubted = self._packet == self._blank and self.line.now_s() - self._dark_s <= DOUBTED_S
        if is_doubted or self.line.quiet_s >= HEAL_S:
            self._write()

    def dim(self, percent: int) -> None:
        """The protocol has no brightness."""

    def health(self) -> bool | None:
        """The sign is silent."""
        return None

    def close(self) -> None:
        """Let go of the line."""
        self.line.close()

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

    def _write(self) -> str:
        self.line.write(self._packet)
        return hashlib.sha256(self._packet).hexdigest()

    def _worst_dark_ms(self) -> int:
        """A picture under way, the blank, and its drawing."""
        wire_ms = self.line.wire_ms(self._longest()) + self.line.wire_ms(self._blank)
        return wire_ms + DRAWS_MS + _SLACK_MS

    def _longest(self) -> bytes:
        """The longest packet that may hold a plate; patterns, which nobody can read, may be longer."""
        sign = self._sign
        if self._how.draws == "text":
            count = sign.width_px // self._how.advance_px
            return mobitec.text("0" * count, sign, self._how.font)
        rows = max(face.height_px for face in self.canvas.typefaces)
        listed = 8 * lines_of(self.canvas) - 1
        lit = (1 << max(rows, listed)) - 1
        return mobitec.dots(Frame(sign.width_px, sign.height_px, (lit,) * sign.width_px), sign)


def from_settings(settings: PanelSettings) -> MobitecPanel:
    """Make the panel of *settings*; the line is opened by its first deed.

    Raises:
        ValueError: it is too wide, or would take more than two seconds to go dark.
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
