"""Draw every letter and every layout of the signs as pictures: `make sign-pictures`.

How large the small pictures of `*from-25-m.png` are: a panel of 96 columns that are 10 mm apart is 960 mm
wide, and at 25 m that is as much as 11.5 mm, 30 cm from the eye.  A telephone's screen of 400 dots an inch
has 181 dots there, so wide is the picture; on any other screen, zoom until it measures 11.5 mm.  Beside it
stands what the eye gets, three times as large: what cannot be read there cannot be read by the driver, from
however near one looks.
"""

import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from contract.wire import Listed, Listing
from signage.fonts import ALL, Typeface
from signage.frame import Frame
from signage.layout import CannotDraw, Canvas, call_page, notice, plate
from signage.png import png
from signage.script import Drawing
from tests.signage.from_afar import LEAST_SIGHT, NORMAL_SIGHT, Look
from tests.signage.golden import CALLS, CANVASES, layouts, panel, size

DOT_PX = 6
ENLARGED = 3
PAPER, INK = (255, 255, 255), (40, 40, 40)
MARGIN_PX, CAPTION_PX, COLOURS = 10, 16, 12
LETTERS_A_LINE = 14
LAYOUTS_DOT_PX = 4

# Each letter beside those that it is mistaken for.
NEIGHBOURS = "0ODQ8B36G9S52Z71IJTLUÜVYWXKHMNAÅÄOÖØCČĆEFPRDĐSŠZŽÆ4-←→↑↓"
SEEN = ("ABC 123", "ÅÄÖ 08B", "SZG 526")
# Panels whose dots are 10 mm apart, for what stands there beside plates.
PITCH_MM = 10.0
LOOKED_AT = (Canvas(48, 8), Canvas(96, 16), Canvas(128, 32))
# 48 columns have no room for a plate and its door.
LISTING = (Canvas(64, 16), Canvas(96, 16), Canvas(128, 32))
NOTICES = ("STÄNGD", "RAST", "FRÅGA I DISKEN")


@dataclass(frozen=True)
class Hung:
    """A kind of panel as it hangs: its dots, and how far apart they are."""

    kind: str
    canvas: Canvas
    pitch_mm: float


HUNG = (
    Hung("MAX7219, 32 mm modules", Canvas(40, 8), 4),
    Hung("MAX7219, 60 mm modules", Canvas(48, 8), 7.6),
    Hung("Alpha", Canvas(80, 7), 7.6),
    Hung("WS2812", Canvas(48, 8), 10),
    Hung("P10", Canvas(64, 16), 10),
    Hung("P10", Canvas(96, 16), 10),
    Hung("bus sign", Canvas(112, 16), 10),
    Hung("P10", Canvas(128, 32), 10),
)


def main(folder: Path) -> None:
    """Write all pictures into *folder*."""
    folder.mkdir(parents=True, exist_ok=True)
    for face in ALL:
        picture = Image.open(BytesIO(png(letters(face, face.letters), DOT_PX)))
        _write(folder / f"letters-{size(face)}.png", picture)
        seen = _sheet(list(_letters_from_25_m(face)), columns=1)
        _write(folder / f"letters-{size(face)}-from-25-m.png", seen)
    for canvas in CANVASES:
        _write(folder / f"layouts-{panel(canvas)}.png", _sheet(list(_layouts(canvas))))
    for canvas in LOOKED_AT:
        seen = _sheet(list(_layouts_from_25_m(canvas)), columns=1)
        _write(folder / f"layouts-{panel(canvas)}-from-25-m.png", seen)
    _write(folder / "yard-from-25-m.png", sheet_of_yards())
    _write(folder / "from-25-m.png", _sheet(list(_panels_from_25_m()), columns=1))


def letters(face: Typeface, signs: str) -> Frame:
    """Glyphs line by line on one large panel."""
    lines = [signs[at : at + LETTERS_A_LINE] for at in range(0, len(signs), LETTERS_A_LINE)]
    down_px = face.height_px + 3
    columns = [0] * (LETTERS_A_LINE * face.advance_px + 3)
    for row, line in enumerate(lines):
        for place, sign in enumerate(line):
            for x, column in enumerate(face.glyphs[sign], 2 + place * face.advance_px):
                columns[x] |= column << (2 + row * down_px)
    return Frame(len(columns), len(lines) * down_px + 1, tuple(columns))


def _layouts(canvas: Canvas) -> Iterator[tuple[str, Image.Image]]:
    for title, drawn in layouts(canvas):
        if isinstance(drawn, Frame):
            # The captions' font has no letters with marks; the picture says it itself.
            yield title.split(":")[0], _dots(drawn)


def _letters_from_25_m(face: Typeface) -> Iterator[tuple[str, Image.Image]]:
    frame = letters(face, NEIGHBOURS)
    for sight in (NORMAL_SIGHT, LEAST_SIGHT):
        look = Look(PITCH_MM, sight)
        yield (
            f"{size(face)}, dots 10 mm apart, from 25 m, sight {sight}: as large as it seems",
            look.at(frame),
        )
        yield f"the same, enlarged {ENLARGED} times", look.at(frame, ENLARGED)


def pages(canvas: Canvas) -> Iterator[tuple[str, Frame]]:
    """What may stand on a door's sign beside plates, or one that a station has it say; what fits."""
    drawings = [
        (f"KÖR IN, door {door or 'none'}, arrow {arrow}", door, arrow) for door, arrow in CALLS
    ]
    for title, door, arrow in drawings:
        with suppress(CannotDraw):
            yield title, call_page("KÖR IN", door, arrow, canvas)
    for words in NOTICES:
        with suppress(CannotDraw):
            yield f"notice {words}", notice(words, canvas)


def yard_pages(canvas: Canvas) -> tuple[Frame, ...]:
    """What a yard sign shows, page after page, with three calls and two who are next."""
    called = (("ABC 123", "1"), ("WMX 99W", "12"), ("ÅÄÖ 08B", "3"))
    rows = [Listed(text=text, door=door, call=door, ttl_ms=7_000) for text, door in called]
    rows += [Listed(text=text) for text in ("SZG 526", "AB 12")]
    return Drawing(canvas).script(_listing(rows)).pages


def _listing(rows: list[Listed]) -> Listing:
    return Listing(nonce="drawn", epoch="drawn", seq=1, rows=rows, ttl_ms=7_000)


def _layouts_from_25_m(canvas: Canvas) -> Iterator[tuple[str, Image.Image]]:
    for title, frame in pages(canvas):
        yield f"{panel(canvas)}, {_plain(title)}, with sight 1.0 and 0.5", _both_sights(frame)


def sheet_of_yards() -> Image.Image:
    """Draw each page of yard signs, as seen from 25 m."""
    return _sheet(list(_yards_from_25_m()), columns=1)


def _yards_from_25_m() -> Iterator[tuple[str, Image.Image]]:
    for canvas in LISTING:
        for number, frame in enumerate(yard_pages(canvas), 1):
            yield f"{panel(canvas)}, page {number}, with sight 1.0 and 0.5", _both_sights(frame)


def _both_sights(frame: Frame) -> Image.Image:
    looks = (Look(PITCH_MM), Look(PITCH_MM, LEAST_SIGHT))
    return _beside([look.at(frame, enlarged) for look in looks for enlarged in (1, ENLARGED)])


def _plain(title: str) -> str:
    """Without marks: the captions' font has no letters with them."""
    return title.translate(str.maketrans("ÅÄÖ", "AAO"))


def _panels_from_25_m() -> Iterator[tuple[str, Image.Image]]:
    for hung in HUNG:
        look, poor = Look(hung.pitch_mm), Look(hung.pitch_mm, LEAST_SIGHT)
        caption = f"{hung.kind}, {panel(hung.canvas)}, dots {hung.pitch_mm:g} mm apart"
        frames = [plate(text, hung.canvas) for text in SEEN]
        seen = [look.at(frames[0])]
        seen += [look.at(frame, ENLARGED) for frame in frames]
        yield f"{caption}: as large as it seems, and enlarged", _beside(seen)
        yield "the same with sight 0.5", _beside([poor.at(f, n) for f, n in _sizes(frames)])


def _sizes(frames: list[Frame]) -> Iterator[tuple[Frame, float]]:
    yield frames[0], 1
    for frame in frames:
        yield frame, ENLARGED


def _dots(frame: Frame) -> Image.Image:
    return Image.open(BytesIO(png(frame, LAYOUTS_DOT_PX))).convert("RGB")


def _beside(pictures: list[Image.Image]) -> Image.Image:
    width = sum(picture.width + MARGIN_PX for picture in pictures) - MARGIN_PX
    both = Image.new("RGB", (width, max(picture.height for picture in pictures)), PAPER)
    left = 0
    for picture in pictures:
        both.paste(picture, (left, 0))
        left += picture.width + MARGIN_PX
    return both


def _sheet(pictures: list[tuple[str, Image.Image]], columns: int = 2) -> Image.Image:
    """Put captioned pictures under and beside each other."""
    font = ImageFont.load_default(11)
    lines = [pictures[at : at + columns] for at in range(0, len(pictures), columns)]
    widest = max(picture.width for _, picture in pictures) + MARGIN_PX
    heights = [max(p.height for _, p in line) + CAPTION_PX + MARGIN_PX for line in lines]
    sheet = Image.new("RGB", (MARGIN_PX + widest * columns, MARGIN_PX + sum(heights)), PAPER)
    pen, top = ImageDraw.Draw(sheet), MARGIN_PX
    for line, height in zip(lines, heights, strict=True):
        for place, (caption, picture) in enumerate(line):
            left = MARGIN_PX + place * widest
            pen.text((left, top), caption, fill=INK, font=font)
            sheet.paste(picture, (left, top + CAPTION_PX))
        top += height
    return sheet


def _write(file: Path, picture: Image.Image) -> None:
    if picture.mode != "P":
        picture = picture.quantize(COLOURS, dither=Image.Dither.NONE)
    picture.save(file, optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
