"""The words between the lease engine, which decides, and the panel's side, which writes and reports."""

from dataclasses import dataclass

from contract.wire import (
    BEAT_DARK_MS,
    BEAT_LIT_MS,
    LEASE_CAP_MS,
    LEASE_TTL_MAX_MS,
    PanelState,
    Sent,
)
from signage.frame import Frame


@dataclass(frozen=True, slots=True)
class Limits:
    """Times in milliseconds.  Settings may make the first two shorter, never longer."""

    ttl_ms: int = LEASE_TTL_MAX_MS
    cap_ms: int = LEASE_CAP_MS
    beat_lit_ms: int = BEAT_LIT_MS
    beat_dark_ms: int = BEAT_DARK_MS


@dataclass(frozen=True, slots=True)
class Showing:
    """What may stand on the panel, for `ttl_ms` more."""

    call: str
    frame: Frame
    ttl_ms: int


@dataclass(frozen=True, slots=True)
class Report:
    """What the panel's side says about itself; it goes out with the next beat."""

    sent: Sent
    state: PanelState = PanelState.OK
    fault: str = ""
    confirmed: bool | None = None

    @property
    def is_dark(self) -> bool:
        """Whether the panel is known to show nothing."""
        return self.sent.whole and self.sent.call is None and self.state is PanelState.OK
