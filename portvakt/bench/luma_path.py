"""luma's own way of putting a text onto MAX7219 modules, into a wire that nobody listens at."""

from collections.abc import Callable

from luma.core.interface.serial import noop
from luma.core.legacy import text
from luma.core.legacy.font import LCD_FONT, proportional
from luma.core.render import canvas
from luma.led_matrix.device import max7219


class _Nowhere(noop):  # type: ignore[misc]  # luma has no types
    """Takes each transfer, as an SPI bus of no length would."""

    def data(self, data: list[int]) -> None:
        bytes(data)


def ways(modules: int, words: str) -> tuple[Callable[[], None], Callable[[], None]]:
    """Give luma's whole path (canvas, text, display) and its `display` alone, on *modules* in a row."""
    chain = max7219(_Nowhere(), cascaded=modules)
    letters = proportional(LCD_FONT)

    def whole() -> None:
        with canvas(chain) as drawing:
            text(drawing, (0, 0), words, fill="white", font=letters)

    with canvas(chain) as drawing:
        text(drawing, (0, 0), words, fill="white", font=letters)
        picture = drawing._image  # noqa: SLF001 - Pillow's own name for what is drawn on
    shown = picture.copy()
    return whole, lambda: chain.display(shown)
