"""What a panel would show, and be told, without any panel."""

from dataclasses import dataclass

from signage.frame import Frame, layout
from signage.max7219 import MODULE_PX, ORIENTATIONS, encode

PANELS = ("max7219", "emulator")

__all__ = ["ORIENTATIONS", "PANELS", "Shown", "render"]


@dataclass(frozen=True, slots=True)
class Shown:
    """A frame and the transfers that would carry it, in the order of sending."""

    frame: Frame
    transfers: list[bytes]

    @property
    def hex_lines(self) -> list[str]:
        """One line a transfer: lower-case hex, a space between bytes."""
        return [transfer.hex(" ") for transfer in self.transfers]


def render(text: str, panel: str = "max7219", modules: int = 5, orientation: int = 0) -> Shown:
    """Draw *text* as the sign's service would, for a *panel* of `PANELS`; an emulator has no transfers.

    Raises:
        CannotDraw: the font lacks a sign, or the panel has too few columns.
    """
    frame = layout(text, modules * MODULE_PX, MODULE_PX)
    return Shown(frame, encode(frame, orientation) if panel == "max7219" else [])
