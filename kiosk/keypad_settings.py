"""The settings of the keys: which keypad a post has and how it is joined to it."""

import re
from dataclasses import dataclass

from device.settings import section, setting
from kiosk.key_codes import Table, serial_keys, usb_keys
from kiosk.keys import LAYOUTS, Layout, Pad, keys_of


@dataclass(frozen=True, slots=True)
class UsbSettings:
    """Which USB keypad is ours; what is left empty fits every keypad."""

    vendor: str = setting("", doc='Vendor as `lsusb` prints it, four hexadecimal signs: "2047".')
    product: str = setting("", doc="Product, likewise.")
    serial: str = setting("", doc="Serial number, where one post has two of a kind.")
    codes: tuple[str, ...] = setting(
        (),
        low=1,
        doc="Keys beside the usual table, as the kernel names or numbers them: "
        '"KEY_F5=ok", "464=help", "KEY_TAB=none".',
    )

    def __post_init__(self) -> None:
        for name, value in (("vendor", self.vendor), ("product", self.product)):
            if value and re.fullmatch("[0-9A-Fa-f]{4}", value) is None:
                raise ValueError(f'{name} = "{value}" must be four hexadecimal signs, as in "2047"')
        if self.product and not self.vendor:
            raise ValueError("product says nothing without vendor; `lsusb` prints both")


@dataclass(frozen=True, slots=True)
class SerialSettings:
    """A keypad that sends one character for each press."""

    port: str = setting("/dev/portvakt-keypad", low=1, doc="Device of the serial line.")
    baud: int = setting(
        9600,
        choices=(300, 600, 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200),
        doc="Speed of the line, 8 bits, no parity.",
    )
    codes: tuple[str, ...] = setting(
        (), low=1, doc='Keys beside the usual table: "0x1b=cancel", "D=ok", "+=none".'
    )

    def __post_init__(self) -> None:
        if not self.port.startswith("/"):
            raise ValueError(f'port = "{self.port}" must be a device, such as "/dev/ttyUSB0"')


@dataclass(frozen=True, slots=True)
class KeypadSettings:
    """The keys and how they are joined to us."""

    kind: str = setting(
        "matrix",
        choices=("matrix", "usb", "serial", "terminal"),
        doc="Keys on GPIO lines, a USB keypad, a serial keypad, or the computer's own keyboard.",
    )
    pad: Pad = setting(
        Pad.PHONE,
        doc="Ten keys as on a telephone, or a key for every letter.",
    )
    rows: tuple[int, ...] = setting((5, 6, 13, 19), pin=True, doc="GPIO of each row, top first.")
    columns: tuple[int, ...] = setting(
        (12, 16, 20, 21), pin=True, doc="GPIO of each column, left first."
    )
    help: int | None = setting(
        26,
        pin=True,
        doc="GPIO of the help key, with every kind of keypad; its other end is ground.",
    )
    lockout_s: float = setting(
        0.2,
        low=0.0,
        high=1.0,
        doc="How soon after its release the same key may be pressed again; a press that came too soon "
        "is not counted and does not lengthen this.  A serial keypad tells no release: from its "
        "character.",
    )

    usb: UsbSettings = section(UsbSettings)
    serial: SerialSettings = section(SerialSettings)

    def __post_init__(self) -> None:
        rows, columns = len(self.layout), len(self.layout[0])
        if self.kind == "matrix" and (len(self.rows), len(self.columns)) != (rows, columns):
            raise ValueError(f'pad = "{self.pad}" needs {rows} rows and {columns} columns of pins')
        for where, read in (("usb", self.usb_keys), ("serial", self.serial_keys)):
            try:
                read()
            except ValueError as error:
                raise ValueError(f"{where}.{error}") from error

    @property
    def layout(self) -> Layout:
        """Which key is where."""
        return LAYOUTS[self.pad]

    @property
    def lockout_ms(self) -> int:
        """`lockout_s` as the scanner counts."""
        return round(self.lockout_s * 1000)

    def usb_keys(self) -> Table:
        """Which key a code of the kernel stands for."""
        return usb_keys(self.usb.codes, keys_of(self.layout))

    def serial_keys(self) -> Table:
        """Which key a byte of the serial line stands for."""
        return serial_keys(self.serial.codes, keys_of(self.layout))
