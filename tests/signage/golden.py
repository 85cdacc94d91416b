"""The frames that were looked at, as files of `#` and `.`; `python -m tests.signage.golden` draws them anew.

Look at what changed before you keep it: `make sign-pictures` shows it as a driver would see it.
"""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from signage.fonts import ALL, Typeface
from signage.frame import Frame
from signage.layout import CannotDraw, Canvas, call_page, lines_of, listing, notice, plate

FRAMES = Path(__file__).parent.parent / "frames"

# Two to ten signs, as a plate's groups are written, with the signs that are mistaken for each other.
PLATES = (
    "AB",
    "ÅÄÖ",
    "AB 12",
    "QDO 08",
    "ABC 123",
    "WMX 99W",
    "ÅÄÖÆØÜŠ",
    "2Z5S 8B6G",
    "ČĆĐŽ UV1IL",
    "ABCDE 12345",
)
CALLS = ((None, "none"), ("3", "none"), (None, "left"), ("3", "right"), ("12", "ahead"))
ROWS = (("ABC 123", "3"), ("WMX 99W", "12"), ("ÅÄÖ", None), ("AB 12", None))
CANVASES = tuple(
    Canvas(width_px, height_px)
    for width_px, height_px in ((40, 8), (48, 8), (80, 7), (64, 16), (96, 16), (112, 16), (128, 32))
)


def size(face: Typeface) -> str:
    """A typeface's name: columns by rows."""
    return f"{len(face.glyphs['A'])}x{face.height_px}"


def panel(canvas: Canvas) -> str:
    """A panel's name: columns by rows."""
    return f"{canvas.width_px}x{canvas.height_px}"


def glyph_file(face: Typeface, sign: str) -> Path:
    """Where a glyph is kept."""
    return FRAMES / size(face) / f"glyph-{ord(sign):04X}.txt"


def glyph_rows(face: Typeface, sign: str) -> list[str]:
    """A glyph from top to bottom, as the typeface has it now."""
    glyph = face.glyphs[sign]
    return list(Frame(len(glyph), face.height_px, glyph).rows)


def layouts(canvas: Canvas) -> Iterator[tuple[str, Frame | CannotDraw]]:
    """Every layout that is kept for a panel: what it is, and its frame or its refusal."""
    for title, draw in _cases(canvas):
        try:
            yield title, draw()
        except CannotDraw as refused:
            yield title, refused


def kept_layouts(canvas: Canvas) -> str:
    """What is in the file of a panel's layouts."""
    return _layouts_file(canvas).read_text("utf-8")


def written_layouts(canvas: Canvas) -> str:
    """All layouts of a panel, each below its title."""
    blocks = (f"{title}\n{_said(drawn)}\n" for title, drawn in layouts(canvas))
    return "\n".join(blocks)


def _cases(canvas: Canvas) -> Iterator[tuple[str, Callable[[], Frame]]]:
    for text in PLATES:
        signs = len(text.replace(" ", ""))
        yield f"plate of {signs} signs: {text}", partial(plate, text, canvas)
    for door, arrow in CALLS:
        yield (
            f"how to drive in, door {door or 'none'}, arrow {arrow}: KÖR IN",
            partial(call_page, "KÖR IN", door, arrow, canvas),
        )
    for count in range(1, lines_of(canvas) + 1):
        yield f"listing of {count}", partial(listing, ROWS[:count], canvas)
    yield "notice: FRÅGA I DISKEN", partial(notice, "FRÅGA I DISKEN", canvas)


def _said(drawn: Frame | CannotDraw) -> str:
    return str(drawn) if isinstance(drawn, Frame) else f"{drawn.reason}: {drawn.detail}"


def _layouts_file(canvas: Canvas) -> Path:
    return FRAMES / "layouts" / f"{panel(canvas)}.txt"


def keep() -> None:
    """Keep everything as it is drawn now."""
    for face in ALL:
        for sign in face.letters:
            _write(glyph_file(face, sign), "\n".join(glyph_rows(face, sign)) + "\n")
    for canvas in CANVASES:
        _write(_layouts_file(canvas), written_layouts(canvas))


def _write(file: Path, content: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content, "utf-8")


if __name__ == "__main__":
    keep()
