"""What a panel would show, and be told, without any panel."""

from dataclasses import dataclass

from contract.wire import LEASE_TTL_MAX_MS
from signage.encoders import alpha, max7219, signhead, ws2812
from signage.frame import Frame
from signage.layout import plate
from signage.panel import Panel
from signage.panel_settings import KINDS, PanelSettings
from signage.panels.opened import open_panel
from signage.script import Drawing

PANELS = KINDS
FULL_PERCENT = 100

__all__ = ["PANELS", "OnePage", "Shown", "render"]


class OnePage(ValueError):
    """This sign has no second page; the text says why."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A frame and the transfers or packets that would carry it, in the order of sending."""

    frame: Frame
    transfers: list[bytes]

    @property
    def hex_lines(self) -> list[str]:
        """One line a transfer: lower-case hex, a space between bytes."""
        return [transfer.hex(" ") for transfer in self.transfers]


def render(text: str, panel: PanelSettings, second: Drawing | None = None, door: str = "") -> Shown:
    """Draw *text* as the sign's service would; an emulator has no transfers.

    With *second* it is the page that follows the plate, at *door*; its canvas is the panel's own.

    Raises:
        CannotDraw: a letter that the sign lacks, or too few dots.
        OnePage: the sign has no second page.
        ValueError: this panel cannot hang at a door as it is set.
    """
    driver = open_panel(panel)
    frame = plate(text, driver.canvas)
    if second is not None:
        frame = _second(driver, panel.kind, second, door)
    return Shown(frame, _transfers(frame, panel, driver))


def _second(driver: Panel, kind: str, wanted: Drawing, door: str) -> Frame:
    if not driver.traits.pages:
        raise OnePage(f"panel {kind} is too slow for a second page")
    drawing = Drawing(driver.canvas, wanted.second, wanted.arrow, wanted.door)
    frame = drawing.second_page(door)
    if frame is None:
        raise OnePage("the settings ask for no second page: no words, no arrow and no door")
    return frame


def _transfers(frame: Frame, panel: PanelSettings, driver: Panel) -> list[bytes]:
    """What leaves for *frame*; the registers around it, and darkness before it, are not in it."""
    match panel.kind:
        case "max7219":
            return max7219.encode(frame, max7219.Wiring(panel.order, panel.orientation))
        case "ws2812":
            own = panel.ws2812
            way = ws2812.Wiring(own.start, own.run, own.snake)
            return ws2812.encode(frame, way, own.colour, FULL_PERCENT)
        case "alpha":
            return [alpha.text(frame.words, panel.alpha.kind, panel.alpha.address)]
        case "mobitec":
            from signage.panels.mobitec import MobitecPanel  # noqa: PLC0415 - needs pyserial

            assert isinstance(driver, MobitecPanel)  # noqa: S101 - its kind says so
            return [driver.drawn(frame)]
        case "signhead":
            lease = signhead.Lease(0, LEASE_TTL_MAX_MS, FULL_PERCENT)
            shown = signhead.picture(frame)
            return [signhead.show_packet(1, lease, shown, panel.signhead.address)]
        case _:
            return []
