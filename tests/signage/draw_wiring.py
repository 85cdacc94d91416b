"""Draw what a panel shows whose wiring is not the one that the settings say, for `docs/sign.md`.

The settings are as they are when nobody has written any; the panel hangs in each of its other ways, and
knows nothing of our encoders.
"""

import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path

from signage.encoders import max7219, ws2812
from signage.frame import Frame
from signage.layout import Canvas, plate
from signage.png import png
from tests.fakes.panel_recorder import Chain
from tests.fakes.ws2812_chain import Ws2812Chain

TEXT = "ABC 123"
MODULES, PIXELS_PX = 6, (54, 8)
DOT_PX = 5


def pictures() -> Iterator[tuple[str, bytes]]:
    """Every picture by the name of its file."""
    for order, orientation in product(max7219.ORDERS, max7219.ORIENTATIONS):
        yield f"max7219-{order}-{orientation}.png", _drawn(_modules(order, orientation))
    yield "max7219-two-rows-set-as-one.png", _drawn(_two_rows_as_one())
    yield "max7219-one-row-set-as-two.png", _drawn(_one_row_as_two())
    for start, run, snake in product(ws2812.CORNERS, ("columns", "rows"), (True, False)):
        name = f"ws2812-{start}-{run}-{'snake' if snake else 'straight'}.png"
        yield name, _drawn(_pixels(start, run, snake=snake))


def main(folder: Path) -> None:
    """Write all of them into *folder*."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, picture in pictures():
        (folder / name).write_bytes(picture)


def _modules(order: str, orientation: int) -> list[str]:
    frame = plate(TEXT, Canvas(MODULES * max7219.MODULE_PX, max7219.MODULE_PX))
    return _on(Chain(MODULES, 1, order, orientation), frame)


def _two_rows_as_one() -> list[str]:
    frame = plate(TEXT, Canvas(2 * MODULES * max7219.MODULE_PX, max7219.MODULE_PX))
    return _on(Chain(MODULES, 2), frame)


def _one_row_as_two() -> list[str]:
    frame = plate(TEXT, Canvas(MODULES * max7219.MODULE_PX, 2 * max7219.MODULE_PX))
    return _on(Chain(2 * MODULES, 1), frame)


def _on(chain: Chain, frame: Frame) -> list[str]:
    for transfer in max7219.lit(max7219.encode(frame), len(chain.chips), 7):
        chain.take(transfer)
    return chain.rows()


def _pixels(start: str, run: str, *, snake: bool) -> list[str]:
    wall = Ws2812Chain(*PIXELS_PX, start, run, snake)
    (transfer,) = ws2812.encode(plate(TEXT, Canvas(*PIXELS_PX)))
    wall.take(transfer)
    return wall.rows()


def _drawn(rows: list[str]) -> bytes:
    columns = tuple(
        sum(1 << y for y, row in enumerate(rows) if row[x] == "#") for x in range(len(rows[0]))
    )
    return png(Frame(len(columns), len(rows), columns), DOT_PX)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
