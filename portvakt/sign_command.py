"""`portvakt sign show`: a text as the sign would draw it, through the real encoder."""

from collections.abc import Iterator
from pathlib import Path

from contract.errors import PortvaktError
from signage.png import png
from signage.show import PANELS, render

MODULES = range(1, 33)


class CannotShow(PortvaktError):
    """The panel asked for does not exist or the picture could not be written."""


def show(
    text: str, panel: str, modules: int, orientation: int, picture: Path | None, *, as_hex: bool
) -> Iterator[str]:
    """Yield the lines to print: the transfers in hex, or the frame in dots that a person can read.

    Raises:
        CannotDraw: a sign that the font lacks, or a text that is too wide.
        CannotShow: an unknown panel, an impossible length, or a file that cannot be written.
    """
    if panel not in PANELS:
        raise CannotShow(f"There is no panel {panel}; choose {' or '.join(PANELS)}.")
    if modules not in MODULES:
        raise CannotShow(f"A cascade has 1 to {MODULES[-1]} modules, not {modules}.")
    shown = render(text, panel, modules, orientation)
    if picture is not None:
        _write(picture, png(shown.frame))
    if as_hex:
        yield from shown.hex_lines
    elif picture is None:
        yield from (row.replace("#", "●").replace(".", "·") for row in shown.frame.rows)
    else:
        yield f"{picture}: {shown.frame.width_px} x {shown.frame.height_px} dots"


def _write(picture: Path, content: bytes) -> None:
    try:
        picture.write_bytes(content)
    except OSError as error:
        raise CannotShow(
            f"The picture cannot be written to {picture}: {error.strerror}."
        ) from error
