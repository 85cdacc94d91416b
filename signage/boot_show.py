"""The sign's boot story: its name, NET, ENROL, READY, or the code of a fault; then dark, which is the rule.

It stands there after the machine's first start, and whenever the sign starts to be enrolled, before central
has said anything, and for ten minutes at most.  A driver may read READY as a call: it comes only beside the
sign's own name, and only where somebody waits for it.  A bar at each end, as high as the panel, tells every
page from a plate.
"""

from collections.abc import Callable

from device.boot_story import Step, Story
from signage.frame import Frame
from signage.layout import CannotDraw, Canvas, notice

PAGE_MS = 1_500
READY_MS = 10_000
LONGEST_MS = 600_000
LOOK_MS = 1_000
# A bar and the dark columns between it and the words.
_MARGIN_PX = 3


class BootShow:
    """Gives the picture of each moment until the story is over.

    Args:
        canvas: the panel's dots and letters.
        look: how far the sign has come; asked once a second.
        name: what the sign is called, as far as it knows.
        begins_anew: whether the sign has yet to be enrolled, so that somebody waits for READY.
        pages: whether the panel may change its picture every second or two; others show one page a step.
    """

    def __init__(
        self,
        canvas: Canvas,
        look: Callable[[], Story],
        name: Callable[[], str],
        *,
        begins_anew: bool = True,
        pages: bool = True,
    ) -> None:
        self._canvas = canvas
        self._look = look
        self._name = name
        self._begins_anew = begins_anew
        self._pages = pages
        self._begun_ms: int | None = None
        self._ready_ms: int | None = None
        self._looked_ms = 0
        self._story = Story(Step.NET)
        self._is_over = False

    def frame(self, now_ms: int, *, free: bool) -> Frame | None:
        """Give what stands there now; None for darkness.  Whatever is not *free* ends the story for good."""
        if self._is_over or not free:
            self._is_over = True
            return None
        if self._begun_ms is None:
            self._begun_ms = self._looked_ms = now_ms
            self._story = self._look()
        elif now_ms - self._looked_ms >= LOOK_MS:
            self._looked_ms, self._story = now_ms, self._look()
        if self._ends(now_ms, self._begun_ms):
            self._is_over = True
            return None
        return self._drawn(self._words(now_ms - self._begun_ms))

    def _ends(self, now_ms: int, begun_ms: int) -> bool:
        if self._story.step is Step.READY and self._ready_ms is None:
            self._ready_ms = now_ms
        is_told = self._ready_ms is not None and now_ms - self._ready_ms >= READY_MS
        return is_told or now_ms - begun_ms >= LONGEST_MS

    def _words(self, gone_ms: int) -> str:
        step, fault = self._story.step, self._story.fault
        told = [self._name()]
        if step is not Step.READY or (self._begins_anew and self._pages):
            told.append(str(step))
        if fault is not None:
            told.append(str(fault))
        return told[gone_ms // PAGE_MS % len(told)] if self._pages else told[-1]

    def _drawn(self, words: str) -> Frame | None:
        """A page that this sign cannot draw is dark: a part of it could mean something else."""
        return page(words, self._canvas)


def page(words: str, canvas: Canvas) -> Frame | None:
    """Draw *words* between two bars; None when they do not fit or have a sign that this panel lacks."""
    inner = Canvas(canvas.width_px - 2 * _MARGIN_PX, canvas.height_px, canvas.typefaces)
    try:
        drawn = notice(words.upper(), inner)
    except CannotDraw:
        return None
    bar = (1 << canvas.height_px) - 1
    dark = (0,) * (_MARGIN_PX - 1)
    columns = (bar, *dark, *drawn.columns, *dark, bar)
    return Frame(canvas.width_px, canvas.height_px, columns, drawn.words)
