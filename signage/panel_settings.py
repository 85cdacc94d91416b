"""What hangs above the door, as the settings say it; apart, so that the blanker needs nothing else."""

from dataclasses import dataclass
from pathlib import Path

from device.settings import setting
from signage.bus import Spi, UnixSocket, parse_bus

# Kept in the state folder ($STATE_DIRECTORY) whenever the file was good.
LAST_GOOD = "sign.last-good.toml"

# What luma.core's spi interface lets through, as far as the chip goes (10 MHz at most).
SPI_HERTZ = (500_000, 1_000_000, 2_000_000, 4_000_000, 8_000_000)


@dataclass(frozen=True, slots=True)
class PanelSettings:
    """What hangs above the door."""

    kind: str = setting(
        "max7219", choices=("max7219", "emulator"), doc="The driver of the LED panel."
    )
    modules: int = setting(6, low=1, high=32, doc="8x8 modules in the chain, 8 columns each.")
    orientation: int = setting(
        0, choices=(0, 90, -90, 180), doc="Degrees by which each module's picture must be turned."
    )
    bus: str = setting(
        "spi:0.0", low=1, doc="The wire: spi:0.0, or unix:/path for a panel elsewhere."
    )
    hertz: int = setting(
        1_000_000, choices=SPI_HERTZ, doc="SPI clock; lower it when single modules miss data."
    )
    brightness: int = setting(7, low=0, high=15, doc="0 is dim, not dark; 15 is brightest.")
    picture: Path | None = setting(
        None, low=1, doc="emulator: a PNG file that shows what stands now."
    )

    def __post_init__(self) -> None:
        parse_bus(self.bus)  # a ValueError here is a fault of this section

    @property
    def wire(self) -> Spi | UnixSocket:
        """The bus, read."""
        return parse_bus(self.bus)
