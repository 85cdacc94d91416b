"""The settings of a post, one TOML file."""

from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from device.settings import section, setting
from kiosk.keys import LAYOUTS, Layout, Pad


@dataclass(frozen=True, slots=True)
class CentralSettings:
    """Where the line is kept."""

    url: str = setting(low=1, doc="Address of central, http://host:port.")
    station: str = setting(low=1, doc="This station's name at central.")
    expected_every_s: float = setting(
        30.0, low=1, high=600, doc="Time between two looks at today's expected plates."
    )
    first_retry_s: float = setting(
        1.0, low=0.1, high=60, doc="Longest wait before the first new try after a failure."
    )
    last_retry_s: float = setting(
        60.0, low=0.1, high=600, doc="Longest wait that the doubling after failures reaches."
    )


@dataclass(frozen=True, slots=True)
class IdentitySettings:
    """Who this post is."""

    token_file: Path = setting(
        Path("/var/lib/portvakt-kiosk/token.json"), low=1, doc="Where the token is kept."
    )
    code_file: Path | None = setting(
        None, low=1, doc="A one-time code to enrol with, as the board's administrator gave it."
    )


@dataclass(frozen=True, slots=True)
class UsbSettings:
    """Which USB keypad is ours; what is left empty fits every keypad."""

    vendor: str = setting("", doc='Vendor as `lsusb` prints it, four hexadecimal signs: "2047".')
    product: str = setting("", doc="Product, likewise.")
    serial: str = setting("", doc="Serial number, where one post has two of a kind.")
    codes: tuple[str, ...] = setting(
        (), low=1, doc='Keys beside the usual table, "KEY_F5=ok", by the kernel's names.'
    )


@dataclass(frozen=True, slots=True)
class SerialSettings:
    """A keypad that sends one character for each press."""

    port: str = setting("/dev/portvakt-keypad", low=1, doc="Device of the serial line.")
    baud: int = setting(9600, low=300, high=115200, doc="Speed of the line, 8 bits, no parity.")
    codes: tuple[str, ...] = setting(
        (), low=1, doc='Keys beside the usual table, "0x1b=cancel" or "D=ok".'
    )


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
        26, pin=True, doc="GPIO of the help key, with every kind of keypad; its other end is ground."
    )
    lockout_s: float = setting(
        0.2,
        low=0.0,
        high=1.0,
        doc="How soon after its release the same key may be pressed again.",
    )

    usb: UsbSettings = section(UsbSettings)
    serial: SerialSettings = section(SerialSettings)

    def __post_init__(self) -> None:
        rows, columns = len(self.layout), len(self.layout[0])
        if self.kind == "matrix" and (len(self.rows), len(self.columns)) != (rows, columns):
            raise ValueError(f'pad = "{self.pad}" needs {rows} rows and {columns} columns of pins')

    @property
    def layout(self) -> Layout:
        """Which key is where."""
        return LAYOUTS[self.pad]


@dataclass(frozen=True, slots=True)
class SignalSettings:
    """The buzzer and the lamp of the help key; leave a pin out of the file to use the default."""

    buzzer: int = setting(18, pin=True, doc="GPIO of the buzzer (one that makes its own tone).")
    lamp: int = setting(17, pin=True, doc="GPIO of the lamp in the help key.")


@dataclass(frozen=True, slots=True)
class PageSettings:
    """The page that the post's own browser shows."""

    port: int = setting(8082, low=1024, high=65535, doc="Port on 127.0.0.1.")
    frame_ancestors: tuple[str, ...] = setting(
        (), low=1, doc="Pages that may show this one inside themselves; none on a real post."
    )


@dataclass(frozen=True, slots=True)
class PostSettings:
    """post.toml."""

    state_dir: Path = setting(
        Path("/var/lib/portvakt-kiosk"),
        low=1,
        doc="Folder of the outbox and the last good settings.",
    )
    languages: tuple[str, ...] = setting(
        ("sv", "en"), choices=("sv", "en"), doc="Languages of the screen, the usual one first."
    )
    time_zone: str = setting("Europe/Stockholm", low=1, doc="Time zone of the station.")
    door: str = setting(
        "right",
        choices=("right", "left", "ahead"),
        doc="Where the door for people is, seen from the post.",
    )
    demo: bool = setting(
        False, doc="Fake keys that a page may press; never true on a post outside a hall."
    )
    central: CentralSettings = section(CentralSettings)
    identity: IdentitySettings = section(IdentitySettings)
    keypad: KeypadSettings = section(KeypadSettings)
    signals: SignalSettings = section(SignalSettings)
    page: PageSettings = section(PageSettings)

    def __post_init__(self) -> None:
        if not self.languages:
            raise ValueError("languages must name at least one language")
        try:
            ZoneInfo(self.time_zone)
        except (ValueError, OSError, KeyError) as error:
            raise ValueError(f'time_zone = "{self.time_zone}" is not a time zone') from error

    @property
    def zone(self) -> ZoneInfo:
        """The station's time zone."""
        return ZoneInfo(self.time_zone)
