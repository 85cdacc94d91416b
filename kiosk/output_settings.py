"""The settings of what a post says: buzzer, lamps, voice, display."""

from dataclasses import dataclass

from device.settings import setting


@dataclass(frozen=True, slots=True)
class SignalSettings:
    """The buzzer and the lamp of the help key; leave a pin out of the file to use the default."""

    buzzer: int = setting(18, pin=True, doc="GPIO of the buzzer (one that makes its own tone).")
    lamp: int = setting(17, pin=True, doc="GPIO of the lamp in the help key.")
    hall_lamp: int | None = setting(
        None, pin=True, doc="GPIO that switches the lamp in the hall, by a relay."
    )
    hall_sense: int | None = setting(
        None, pin=True, doc="GPIO that the hall lamp's sense relay joins to ground while it shines."
    )

    def __post_init__(self) -> None:
        if self.hall_sense is not None and self.hall_lamp is None:
            raise ValueError("hall_sense needs hall_lamp: nothing is switched that it could sense")


@dataclass(frozen=True, slots=True)
class SpeechSettings:
    """The voice that reads a screen aloud, through a loudspeaker or a jack."""

    on: bool = setting(True, doc="Whether the TAL key reads the screen aloud.")
    program: str = setting("espeak-ng", low=1, doc="espeak-ng, by name or whole path.")
    rate_wpm: int = setting(130, low=80, high=300, doc="Words a minute.")
    device: str = setting(
        "",
        doc='Sound device as `aplay -L` names it, "sysdefault:CARD=Headphones"; empty: the usual.',
    )


@dataclass(frozen=True, slots=True)
class ScreenSettings:
    """The display, as the kernel sees it."""

    guard: bool = setting(True, doc="Report a display that is unplugged or switched off.")
    connector: str = setting(
        "", doc='Its connector as in /sys/class/drm, "HDMI-A-1" or "DSI-1"; empty: any HDMI.'
    )
