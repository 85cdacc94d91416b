"""The texts whose bytes are kept for the SPI panels; `python -m tests.goldens.spi_texts` writes them anew.

A new letter shape changes them rightly.  Look at the picture that the tests read back before you keep it.
"""

from collections.abc import Iterator
from itertools import groupby

from signage.encoders import max7219, ws2812
from signage.fonts import FIVE_BY_SEVEN
from signage.frame import Frame
from signage.layout import Canvas, notice
from tests.goldens import HERE

_Max7219 = max7219.Wiring
_Ws2812 = ws2812.Wiring

# File, text, modules in a row, rows, wiring.
MAX7219 = (
    ("abc-123", "ABC 123", 5, 1, _Max7219()),
    ("abc-123-turned-90", "ABC 123", 5, 1, _Max7219(orientation=90)),
    ("wmx-99w-turned-minus-90", "WMX 99W", 5, 1, _Max7219(orientation=-90)),
    ("abc-12a-from-the-right", "ABC 12A", 8, 1, _Max7219("right")),
    ("kor-in", "KÖR IN", 5, 1, _Max7219()),
    ("kor-in-upside-down", "KÖR IN", 5, 1, _Max7219("right", 180)),
    ("aao-aao-7-letters", "ÅÄÖÅÄÖÅ", 6, 1, _Max7219()),
    ("0o8b2z5-7-letters", "0O8B2Z5", 6, 1, _Max7219(orientation=-90)),
    ("aeoeue-890", "ÆØÜ 890", 6, 1, _Max7219(orientation=180)),
    ("nothing", "", 5, 1, _Max7219()),
    ("abc-123-across-two-rows", "ABC 123", 5, 2, _Max7219()),
    ("abc-123-two-rows-from-the-right", "ABC 123", 5, 2, _Max7219("right", -90)),
    ("korvag-stangd-on-two-rows", "KÖRVÄG STÄNGD", 5, 2, _Max7219("right", 90)),
)
# File, text, columns and rows of pixels, wiring, colour, percent.
WS2812 = (
    ("abc-123", "ABC 123", (40, 7), _Ws2812(), "amber", 100),
    ("abc-123-half-as-bright", "ABC 123", (40, 7), _Ws2812(), "amber", 50),
    ("wmx-99w-from-the-bottom", "WMX 99W", (40, 7), _Ws2812("bottom-left"), "red", 100),
    ("abc-12a-rows", "ABC 12A", (40, 8), _Ws2812("top-right", "rows"), "white", 30),
    ("kor-in", "KÖR IN", (40, 8), _Ws2812(), "amber", 80),
    ("kor-in-no-snake", "KÖR IN", (40, 8), _Ws2812("bottom-right", snake=False), "red", 1),
    ("aao-aao-7-letters", "ÅÄÖÅÄÖÅ", (42, 7), _Ws2812("top-right"), "amber", 100),
    ("0o8b2z5-7-letters", "0O8B2Z5", (42, 7), _Ws2812("bottom-right", "rows"), "white", 100),
    ("aeoeue-890", "ÆØÜ 890", (40, 7), _Ws2812(run="rows", snake=False), "amber", 60),
    ("nothing", "", (40, 7), _Ws2812(), "amber", 100),
    ("ao-100-on-two-rows", "ÄÖ 100", (27, 16), _Ws2812(), "amber", 100),
    ("abc-1-on-two-rows-by-rows", "ABC 1", (27, 16), _Ws2812("bottom-left", "rows"), "red", 70),
)


def picture(text: str, width_px: int, height_px: int) -> Frame:
    """What stands on the panel, in the smallest letters."""
    return notice(text, Canvas(width_px, height_px, (FIVE_BY_SEVEN,)))


def write() -> None:
    """Keep everything as it is sent now."""
    for name, text, modules, rows, hung in MAX7219:
        transfers = max7219.encode(picture(text, 8 * modules, 8 * rows), hung)
        _keep("max7219", name, [transfer.hex(" ") for transfer in transfers])
    _keep("max7219", "darkness", [transfer.hex(" ") for transfer in max7219.blank(5)])
    for name, text, size, way, colour, percent in WS2812:
        transfers = ws2812.encode(picture(text, *size), way, colour, percent)
        _keep("ws2812", name, [" ".join(_folded(transfer)) for transfer in transfers])


def _folded(transfer: bytes) -> Iterator[str]:
    """A latch, the pixels, a latch; what comes several times in a row is written once."""
    head, pixels, tail = transfer[:90], transfer[90:-90], transfer[-90:]
    parts = [*(head[at : at + 1] for at in range(90))]
    parts += [pixels[at : at + 9] for at in range(0, len(pixels), 9)]
    parts += [tail[at : at + 1] for at in range(90)]
    for part, times in groupby(parts):
        count = len(list(times))
        yield part.hex() if count == 1 else f"{part.hex()}*{count}"


def _keep(panel: str, name: str, lines: list[str]) -> None:
    file = HERE / panel / f"{name}.txt"
    file.parent.mkdir(exist_ok=True)
    file.write_text("".join(f"{line}\n" for line in lines), "ascii")


if __name__ == "__main__":
    write()
