"""The picture of a frame, by a reader of our own and by Pillow."""

import zlib
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from signage.layout import layout
from signage.png import png

ABC = layout("ABC 123", 40, 8)


def pixels(content: bytes, dot_px: int, width_px: int) -> Callable[[int, int], int]:
    """The palette index in the middle of a dot, by an own reader of the file."""
    at, data = 8, b""
    while at < len(content):
        size = int.from_bytes(content[at : at + 4], "big")
        if content[at + 4 : at + 8] == b"IDAT":
            data += content[at + 8 : at + 8 + size]
        at += 12 + size
    raw, line = zlib.decompress(data), width_px * dot_px + 1
    middle = dot_px // 2
    return lambda x, y: raw[(y * dot_px + middle) * line + 1 + x * dot_px + middle]


def test_the_png_shows_the_frame_dot_by_dot() -> None:
    at = pixels(png(ABC, 12), 12, 40)
    seen = ["".join("#" if at(x, y) == 16 else "." for x in range(40)) for y in range(8)]
    assert list(ABC.rows) == seen


def test_the_png_opens_in_pillow(tmp_path: Path) -> None:
    path = tmp_path / "sign.png"
    path.write_bytes(png(ABC, 10))
    with Image.open(path) as picture:
        picture.load()
        assert (400, 80) == picture.size
        assert max(picture.convert("RGB").crop((25, 5, 26, 6)).tobytes()) < 60
