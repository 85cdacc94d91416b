"""The words between the lease engine, which decides, and the panel's side, which writes and reports."""

from dataclasses import dataclass

from contract.wire import (
    BEAT_DARK_MS,
    BEAT_LIT_MS,
    LEASE_CAP_MS,
    LEASE_TTL_MAX_MS,
    PanelState,
    Picture,
    Sent,
)
from signage.frame import Frame

PAGE_MS = 1_500


@dataclass(frozen=True, slots=True)
class Limits:
    """Times in milliseconds.  Settings may make the first two shorter, never longer."""

    ttl_ms: int = LEASE_TTL_MAX_MS
    cap_ms: int = LEASE_CAP_MS
    beat_lit_ms: int = BEAT_LIT_MS
    beat_dark_ms: int = BEAT_DARK_MS


@dataclass(frozen=True, slots=True)
class Script:
    """What one answer of central looks like on this sign: `pages` follow one another, the first first.

    `calls` are those whose plates stand on them; without any they send nobody anywhere.  `lists` says that
    they are the lines of a yard sign, `refusal` which of those could not be drawn.
    """

    calls: tuple[str, ...]
    pages: tuple[Frame, ...]
    lists: bool = False
    page_ms: int = PAGE_MS
    refusal: str = ""

    @property
    def call(self) -> str | None:
        """The call of a door's sign; None for a yard sign, a notice or a test."""
        return None if self.lists or not self.calls else self.calls[0]

    @property
    def is_dark(self) -> bool:
        """Whether nothing is lit on any page."""
        return all(page.is_dark for page in self.pages)


@dataclass(frozen=True, slots=True)
class Showing:
    """What may stand on the panel, for `ttl_ms` more."""

    script: Script
    ttl_ms: int


@dataclass(frozen=True, slots=True)
class Report:
    """What the panel's side says about itself; it goes out with the next beat.

    `listed` are the calls that somebody may still read on a yard sign.
    """

    sent: Sent
    state: PanelState = PanelState.OK
    fault: str = ""
    confirmed: bool | None = None
    listed: tuple[str, ...] = ()
    picture: Picture | None = None

    def is_sure(self, *, reads_back: bool) -> bool:
        """Whether what was sent last is known to stand there; a panel that *reads_back* must have said so."""
        felt = self.confirmed is True if reads_back else self.confirmed is not False
        return self.sent.whole and self.state is PanelState.OK and felt
