"""A sign head of our own protocol (docs/sign-head.md): it answers, and goes dark by itself."""

import hashlib
import logging
import secrets
import time
import zlib
from collections.abc import Callable

from contract.wire import PanelFacts
from signage.encoders.signhead import (
    DARK_FAULTS,
    SEQUENCES,
    Answer,
    Fault,
    Kind,
    Lease,
    Result,
    Status,
    blank_packet,
    hello_packet,
    keep_packet,
    picture,
    show_packet,
)
from signage.frame import Frame
from signage.layout import Canvas, lines_of
from signage.panel import PanelLost, Traits, described
from signage.panel_settings import PanelSettings
from signage.panels.serial_line import SerialLine
from signage.panels.signhead_line import HeadLine, Line, refusal, remarks, unfit
from signage.panels.signhead_times import BAUD, DEED_S, STALL_S, deed_s, init_s, worst_dark_ms

BAUD_MIN = 9_600
AGAIN = 2  # times a picture is sent in one deed after a refusal that sending it can cure

log = logging.getLogger(__name__)


class SignHeadPanel:
    """One head.  Every deed is answered by what stands there now, or PanelLost says why not.

    Args:
        line: where the head hangs.
        width_px: columns that it must have.
        height_px: rows that it must have.
        address: 1 to 254.
        baud: speed of *line*, for the arithmetic of how long things take.
        dark_ms: worst time to dark as measured on the spot; 0 is what the arithmetic gives.
        now_s: a monotonic clock.
        sleep_s: waits.
        seq: where our counting begins.
    """

    traits = Traits()

    def __init__(
        self,
        line: Line,
        width_px: int,
        height_px: int,
        address: int = 1,
        *,
        baud: int = BAUD,
        dark_ms: int = 0,
        now_s: Callable[[], float] = time.monotonic,
        sleep_s: Callable[[float], object] = time.sleep,
        seq: int = 0,
    ) -> None:
        self.canvas = Canvas(width_px, height_px)
        self.facts = PanelFacts(
            width_px=width_px,
            height_px=height_px,
            fonts=described(self.canvas),
            holds_last_frame=False,
            worst_dark_ms=dark_ms or worst_dark_ms(width_px, height_px, baud),
            reads_back=True,
            lines=lines_of(self.canvas),
        )
        self._head = HeadLine(line, address, baud, now_s, sleep_s)
        self._init_s = init_s(baud)
        self._deed_s = min(DEED_S, deed_s(width_px, height_px, baud))
        self._address = address
        self._now_s = now_s
        self._seq = seq
        self._percent = 100
        self._notes = 0
        self._shown: bytes | None = None
        self._ends_s = 0.0

    @property
    def lux(self) -> float | None:
        """What the head's light sensor reads; None when it has none or was not heard for 2.5 s."""
        heard = self._head.fresh()
        return None if heard is None or heard.lux is None else float(heard.lux)

    def init(self) -> None:
        """Dark first; then learn whether this is the head that the settings mean, and what ails it."""
        # An adapter that hangs comes back only when it is opened anew.
        self._head.close()
        self._head.begin(self._init_s)
        self._blank()
        self._greet()

    def show(self, frame: Frame, ttl_ms: int) -> str:
        """Send the picture; the head takes it whole or not at all, and is dark after *ttl_ms*."""
        self._shown = picture(frame)
        self._light(ttl_ms, keep=False)
        return hashlib.sha256(self._shown).hexdigest()

    def blank(self) -> str:
        """Have the head confirm that it is dark."""
        self._head.begin(self._deed_s)
        return self._blank()

    def _blank(self) -> str:
        self._shown = None
        heard = self._asked(Kind.BLANK, lambda seq: blank_packet(seq, self._address)).status
        if heard.lit:
            raise self._lost("it does not go dark; pull its power")
        return hashlib.sha256(picture(Frame.dark(*self._size_px))).hexdigest()

    def heal(self, ttl_ms: int) -> None:
        """Let the picture stand for *ttl_ms* more; send it again when the head has lost it."""
        if self._shown is None:
            self.blank()
            self._look_at_faults()
        else:
            self._light(ttl_ms, keep=True)

    def dim(self, percent: int) -> int:
        """Kept for the next message that lights; the head sees to it that half is half."""
        self._percent = percent
        return percent

    def health(self) -> bool | None:
        """Whether the head said within 2.5 s that our picture stands, or that it is dark.

        Not while the current that its dots draw says otherwise.
        """
        heard = self._head.fresh()
        if heard is None:
            return None if self._head.heard is None else False
        if heard.faults & Fault.PANEL:
            return False
        if self._shown is None:
            return not heard.lit
        return self._now_s() < self._ends_s and self._stands(heard)

    def close(self) -> None:
        """Let go of the line; the head goes dark when its time is up."""
        self._head.close()

    @property
    def _size_px(self) -> tuple[int, int]:
        return self.canvas.width_px, self.canvas.height_px

    def _light(self, ttl_ms: int, *, keep: bool) -> None:
        self._head.begin(self._deed_s)
        self._ends_s = self._now_s() + ttl_ms / 1_000
        heard = self._keep() if keep else self._show()
        for _ in range(AGAIN):
            if heard.result == Result.GREET:
                # Its power was away, or its watchdog has bitten.
                log.warning("panel started anew panel=%s boots=%d", self._head.name, heard.boots)
                self._greet()
            elif heard.result not in {Result.NO_PICTURE, Result.LATE}:
                break
            # A refusal carries the head's clock as well, so what was late before is in time now.
            heard = self._show()
        if heard.result != Result.DONE:
            raise self._lost(refusal(heard))
        self._look_at_faults()
        if not self._stands(heard):
            raise self._lost("it shows another picture")

    def _show(self) -> Status:
        shown = self._shown or b""
        return self._asked(
            Kind.SHOW, lambda seq: show_packet(seq, self._lease(), shown, self._address)
        ).status

    def _keep(self) -> Status:
        crc = zlib.crc32(self._shown or b"")
        return self._asked(
            Kind.KEEP, lambda seq: keep_packet(seq, self._lease(), crc, self._address)
        ).status

    def _greet(self) -> None:
        said = self._asked(Kind.HELLO, lambda seq: hello_packet(seq, self._address))
        if said.status.result != Result.DONE:
            raise self._lost(refusal(said.status))
        if said.info is None:
            raise self._lost("it does not say what it is")
        if why := unfit(said.info, *self._size_px):
            raise self._lost(why)
        self._look_at_faults()

    def _lease(self) -> Lease:
        """What is left, by the head's own clock: a message that is held up anywhere is born short or dead."""
        left_ms = int((self._ends_s - self._now_s()) * 1_000)
        return Lease(self._head.clock_ms(), left_ms, self._percent)

    def _asked(self, kind: Kind, message: Callable[[int], bytes]) -> Answer:
        self._seq = (self._seq + 1) % SEQUENCES
        said = self._head.ask(kind, self._seq, lambda: message(self._seq))
        notes = said.status.faults & ~DARK_FAULTS
        if notes != self._notes:
            self._notes = notes
            log.warning("panel remarks panel=%s %s", self._head.name, remarks(said.status))
        return said

    def _stands(self, heard: Status) -> bool:
        return heard.lit and heard.picture_crc == zlib.crc32(self._shown or b"")

    def _look_at_faults(self) -> None:
        heard = self._head.heard
        if heard is not None and heard.faults & DARK_FAULTS:
            raise self._lost(refusal(heard))

    def _lost(self, why: str) -> PanelLost:
        return PanelLost(self._head.name, why)


def from_settings(settings: PanelSettings) -> SignHeadPanel:
    """Make the driver; nothing is opened or written yet.

    Raises:
        ValueError: a line that is too slow for answers in time.
    """
    baud = settings.baud or BAUD
    if baud < BAUD_MIN:
        raise ValueError(f"a sign head needs at least {BAUD_MIN} bits a second, not {baud}")
    return SignHeadPanel(
        SerialLine(settings.bus.removeprefix("serial:"), baud, write_s=STALL_S),
        *settings.size_px,
        settings.signhead.address,
        baud=baud,
        dark_ms=settings.dark_ms,
        # Begun anywhere, so that an old life's late answer is never taken for this one's.
        seq=secrets.randbelow(SEQUENCES),
    )
