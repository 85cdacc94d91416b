"""The settings of a sign, one TOML file."""

from dataclasses import dataclass
from pathlib import Path

from contract.wire import BEAT_DARK_MS, BEAT_LIT_MS, LEASE_CAP_MS, LEASE_TTL_MAX_MS
from device.central_settings import CentralPlace
from device.settings import section, setting
from signage.light_settings import (
    CurrentSettings,
    LightSettings,
    SelfTestSettings,
    TimerSettings,
)
from signage.panel_settings import PanelSettings


@dataclass(frozen=True, slots=True)
class CentralSettings(CentralPlace):
    """Where to ask."""


@dataclass(frozen=True, slots=True)
class IdentitySettings:
    """Who this sign is."""

    token_file: Path = setting(
        Path("/var/lib/portvakt-sign/token.json"), low=1, doc="Where the token is kept."
    )
    code_file: Path | None = setting(
        None, low=1, doc="A one-time code to enrol with, as the board's administrator gave it."
    )


@dataclass(frozen=True, slots=True)
class LeaseSettings:
    """Times that a station may make shorter, never longer."""

    ttl_ms: int = setting(
        LEASE_TTL_MAX_MS,
        low=500,
        high=LEASE_TTL_MAX_MS,
        doc="Longest time lit without a new lease.",
    )
    cap_ms: int = setting(
        LEASE_CAP_MS, low=1_000, high=LEASE_CAP_MS, doc="Longest time lit for one call."
    )
    beat_lit_ms: int = setting(
        BEAT_LIT_MS, low=100, high=BEAT_LIT_MS, doc="Time between beats while lit."
    )
    beat_dark_ms: int = setting(
        BEAT_DARK_MS, low=100, high=BEAT_DARK_MS, doc="Time between beats while dark."
    )

    def __post_init__(self) -> None:
        if self.ttl_ms < 2 * self.beat_lit_ms:
            raise ValueError(
                f"ttl_ms = {self.ttl_ms} ends before a second beat could renew it; make beat_lit_ms"
                f" {self.ttl_ms // 2} or less"
            )


@dataclass(frozen=True, slots=True)
class PageSettings:
    """What follows the plate under the same lease, page by page."""

    second: str = setting("KÖR IN", high=20, doc="Words after the plate; empty: the plate alone.")
    arrow: str = setting(
        "none",
        choices=("none", "left", "right", "ahead"),
        doc="An arrow beside those words, as the driver sees the way in.",
    )
    door: bool = setting(False, doc="Whether the door's name stands there too.")


@dataclass(frozen=True, slots=True)
class YardSettings:
    """A sign that lists the calls of several doors; which ones, central knows."""

    door: str = setting("PORT", high=10, doc="The word before a door's name, where it fits.")
    next: str = setting(
        "NÄST", low=1, high=10, doc="The word above the plates that are next in line."
    )

    stale: str = setting(
        "FRÅGA I DISKEN",
        high=40,
        doc="What it says while it knows nothing of the doors; empty: nothing.",
    )


@dataclass(frozen=True, slots=True)
class SignSettings:
    """sign.toml."""

    central: CentralSettings = section(CentralSettings)
    identity: IdentitySettings = section(IdentitySettings)
    panel: PanelSettings = section(PanelSettings)
    lease: LeaseSettings = section(LeaseSettings)
    pages: PageSettings = section(PageSettings)
    yard: YardSettings = section(YardSettings)
    light: LightSettings = section(LightSettings)
    current: CurrentSettings = section(CurrentSettings)
    timer: TimerSettings = section(TimerSettings)
    self_test: SelfTestSettings = section(SelfTestSettings)

    def __post_init__(self) -> None:
        if self.timer.pin is not None and self.panel.kind == "alpha":
            raise ValueError(
                "timer.pin cannot switch an alpha sign: it wakes with the text that it had before;"
                " leave the timer out"
            )
