"""What hangs above the door, as the settings say it; apart, so that the blanker needs nothing else."""

from dataclasses import dataclass
from pathlib import Path

from device.settings import section, setting
from signage.bus import Bus, Serial, Spi, UnixSocket, parse_bus
from signage.encoders.mobitec import DOTS_FONT
from signage.encoders.ws2812 import refuse_too_many

# Kept in the state folder ($STATE_DIRECTORY) whenever the file was good.
LAST_GOOD = "sign.last-good.toml"

# What luma.core's spi interface lets through, as far as the chip goes (10 MHz at most).
SPI_HERTZ = (500_000, 1_000_000, 2_000_000, 4_000_000, 8_000_000)
KINDS = ("max7219", "ws2812", "alpha", "mobitec", "signhead", "emulator")
# How each can be reached; an emulator needs no wire.
WIRES: dict[str, tuple[type[Bus], ...]] = {
    "max7219": (Spi, UnixSocket),
    "ws2812": (Spi, UnixSocket),
    "alpha": (Serial,),
    "mobitec": (Serial,),
    "signhead": (Serial,),
    "emulator": (Spi, Serial, UnixSocket),
}
MODULE_PX = 8


@dataclass(frozen=True, slots=True)
class Ws2812Settings:
    """A matrix of WS2812 pixels, wired as one long chain."""

    colour: str = setting("amber", choices=("red", "amber", "white"), doc="The colour of the text.")
    start: str = setting(
        "top-left",
        choices=("top-left", "top-right", "bottom-left", "bottom-right"),
        doc="The corner where the chain begins.",
    )
    run: str = setting(
        "columns", choices=("rows", "columns"), doc="Whether the chain runs along rows or columns."
    )
    snake: bool = setting(True, doc="Whether each next row or column runs the other way.")


@dataclass(frozen=True, slots=True)
class AlphaSettings:
    """A sign that speaks the Alpha protocol."""

    address: str = setting("00", low=2, high=2, doc="Two hex digits; 00 is every sign.")
    kind: str = setting("Z", low=1, high=1, doc="The type code of the sign; Z is every sign.")


@dataclass(frozen=True, slots=True)
class MobitecSettings:
    """A bus sign that speaks Mobitec's protocol."""

    address: int = setting(6, low=0, high=15, doc="What the sign's address switch stands at.")
    draws: str = setting(
        "text",
        choices=("text", "dots"),
        doc="Whether the sign draws with its own letters, or we send each dot.",
    )
    font: int = setting(0x64, low=0x60, high=0x7F, doc="text: the sign's font, by its number.")
    advance_px: int = setting(
        9, low=4, high=32, doc="text: columns from one letter to the next, of the widest letter."
    )
    draws_ms: int = setting(
        1_000,
        low=50,
        high=1_000,
        doc="How long the sign draws one picture, and may be deaf meanwhile, as measured on the spot.",
    )


@dataclass(frozen=True, slots=True)
class SignheadSettings:
    """A sign head of our own protocol (docs/sign-head.md)."""

    address: int = setting(
        1, low=1, high=254, doc="Which head of the line; the head's own setting."
    )


@dataclass(frozen=True, slots=True)
class PanelSettings:
    """What hangs above the door."""

    kind: str = setting("max7219", choices=KINDS, doc="The driver of the LED panel.")
    bus: str = setting(
        "spi:0.0",
        low=1,
        doc="The wire: spi:0.0, serial:/dev/portvakt-sign, or unix:/path for a panel elsewhere.",
    )
    modules: int = setting(
        6, low=1, high=32, doc="max7219: 8x8 modules in a row, 8 columns each; 32 in all rows."
    )
    rows: int = setting(1, low=1, high=4, doc="max7219: rows of modules, one chain through all.")
    orientation: int = setting(
        0,
        choices=(0, 90, -90, 180),
        doc="max7219: degrees by which each module's picture must be turned.",
    )
    order: str = setting(
        "left",
        choices=("left", "right"),
        doc="max7219: at which end of each row of modules the wire from the Pi comes in.",
    )
    hertz: int = setting(
        1_000_000,
        choices=SPI_HERTZ,
        doc="max7219: SPI clock; lower it when single modules miss data.",
    )
    width_px: int = setting(
        80, low=16, high=256, doc="Columns of dots; a max7219 counts its modules instead."
    )
    height_px: int = setting(7, low=7, high=48, doc="Rows of dots; likewise.")
    baud: int = setting(
        0,
        choices=(0, 1_200, 4_800, 9_600, 19_200, 38_400, 57_600, 115_200),
        doc="Speed of a serial wire; 0 is what the panel's maker sets.",
    )
    dark_ms: int = setting(
        0,
        low=0,
        high=2_000,
        doc="Worst time to dark as measured on the spot; 0 is what the driver assumes.",
    )
    picture: Path | None = setting(
        None, low=1, doc="emulator: a PNG file that shows what stands now."
    )
    # A file of an older release must not keep a sign from starting.
    brightness: int | None = setting(
        None, low=0, high=15, doc="Not used any more: [light] decides how bright the sign is."
    )
    ws2812: Ws2812Settings = section(Ws2812Settings)
    alpha: AlphaSettings = section(AlphaSettings)
    mobitec: MobitecSettings = section(MobitecSettings)
    signhead: SignheadSettings = section(SignheadSettings)

    def __post_init__(self) -> None:
        if not isinstance(self.wire, WIRES[self.kind]):
            ways = " or ".join(wire.example for wire in WIRES[self.kind])
            raise ValueError(  # noqa: TRY004 - a setting is wrong, not the code
                f"{self.kind} cannot hang on {self.bus}; write {ways}"
            )
        if self.modules * self.rows > 32:  # noqa: PLR2004 - the text says it
            raise ValueError(
                f"{self.rows} rows of {self.modules} modules are more than 32; long chains fail"
            )
        if self.kind == "ws2812":
            refuse_too_many(self.width_px * self.height_px)
        own = self.mobitec
        if (self.kind, own.draws, own.font) == ("mobitec", "text", DOTS_FONT):
            raise ValueError(
                f"letters cannot be drawn in font {DOTS_FONT}, which is dots; write another"
                ' panel.mobitec.font, or panel.mobitec.draws = "dots"'
            )

    @property
    def wire(self) -> Bus:
        """The bus, read; a ValueError when it names none."""
        return parse_bus(self.bus)

    @property
    def size_px(self) -> tuple[int, int]:
        """Columns and rows of dots."""
        if self.kind == "max7219":
            return self.modules * MODULE_PX, self.rows * MODULE_PX
        return self.width_px, self.height_px
