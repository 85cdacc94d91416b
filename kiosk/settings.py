"""The settings of a post, one TOML file."""

from dataclasses import dataclass
from datetime import time
from pathlib import Path
from zoneinfo import ZoneInfo

from device.central_settings import CentralPlace
from device.settings import section, setting
from kiosk.keypad_settings import KeypadSettings
from kiosk.legibility import ASPECTS, least_inches
from kiosk.output_settings import ScreenSettings, SignalSettings, SpeechSettings
from kiosk.texts import TEXTS


@dataclass(frozen=True, slots=True)
class CentralSettings(CentralPlace):
    """Where the line is kept."""

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
class PageSettings:
    """The page that the post's own browser shows."""

    port: int = setting(8082, low=1024, high=65535, doc="Port on 127.0.0.1.")
    frame_ancestors: tuple[str, ...] = setting(
        (), low=1, doc="Pages that may show this one inside themselves; none on a real post."
    )
    reading_m: float = setting(
        0.7, low=0.5, high=2.0, doc="Distance from the eyes to the screen, in metres."
    )
    screen_inches: float = setting(10.1, low=5, high=100, doc="Diagonal of the screen, in inches.")
    aspect: str = setting(
        "16:10", choices=ASPECTS, doc="Shape of the screen, width to height; 128:75 is 1024x600."
    )

    def __post_init__(self) -> None:
        least = least_inches(self.reading_m)
        if self.screen_inches < least:
            raise ValueError(
                f"letters that are read from reading_m = {self.reading_m:g} need a screen of at least "
                f"{least:g} inches (EN 301 549, 5.1.4), and screen_inches is {self.screen_inches:g}"
            )


@dataclass(frozen=True, slots=True)
class BrowserSettings:
    """The browser that shows the page, started by `portvakt kiosk show`."""

    expected: bool = setting(
        True, doc="Whether a page must be there: its silence is a fault.  False in the demo."
    )
    shell: tuple[str, ...] = setting(
        ("cage", "--"),
        low=1,
        doc="Command that owns the screen; the browser's command follows it, or stands as one word "
        'in the place of "{browser}": ["labwc", "-S", "{browser}"].  Empty: no shell.',
    )
    program: str = setting("chromium", low=1, doc="The browser, any that is built from Chromium.")
    flags: tuple[str, ...] = setting(
        ("--ozone-platform=wayland",), low=1, doc="Its flags beside those that every post needs."
    )
    first_s: int = setting(60, low=10, high=600, doc="Time for the first picture after a start.")
    patience_s: int = setting(
        15,
        low=10,
        high=300,
        doc="Silence after which the browser counts as hung; it speaks every 5 s.",
    )
    restart_at: str = setting(
        "03:30", doc='Station time at which a rested browser is started afresh; "" for never.'
    )

    def __post_init__(self) -> None:
        try:
            _ = self.restart_time
        except ValueError as error:
            raise ValueError(
                f'restart_at = "{self.restart_at}" is not a time of day such as "03:30"'
            ) from error

    @property
    def restart_time(self) -> time | None:
        """When to start the browser afresh, if ever."""
        return time.fromisoformat(self.restart_at) if self.restart_at else None


@dataclass(frozen=True, slots=True)
class PostSettings:
    """post.toml."""

    state_dir: Path = setting(
        Path("/var/lib/portvakt-kiosk"),
        low=1,
        doc="Folder of the outbox and the last good settings.",
    )
    languages: tuple[str, ...] = setting(
        ("sv", "en"), choices=tuple(TEXTS), doc="Languages of the screen, the usual one first."
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
    speech: SpeechSettings = section(SpeechSettings)
    screen: ScreenSettings = section(ScreenSettings)
    page: PageSettings = section(PageSettings)
    browser: BrowserSettings = section(BrowserSettings)

    def __post_init__(self) -> None:
        if not self.languages:
            raise ValueError("languages must name at least one language")
        try:
            ZoneInfo(self.time_zone)
        except (ValueError, OSError, KeyError) as error:
            raise ValueError(f'time_zone = "{self.time_zone}" is not a time zone') from error
        if self.demo and self.keypad.kind in {"usb", "serial"}:
            raise ValueError(
                f'demo = true has keys of its own, not keypad.kind = "{self.keypad.kind}"'
            )

    @property
    def zone(self) -> ZoneInfo:
        """The station's time zone."""
        return ZoneInfo(self.time_zone)
