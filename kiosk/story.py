"""What a post tells a technician in a corner of its screen: how far it has come, and a two-digit code."""

from collections.abc import Callable, Iterable
from pathlib import Path

from device.boot_story import Contact, Step, Story, beside_work, story
from device.check_release import CARD_REFUSED, card_waits
from device.clock import Clock
from device.fault_codes import CODES, OF_PART, FaultCode
from device.machine.places import Places
from device.net_state import UNKNOWN, NetState, is_own_machine
from device.net_state import look as look_at_net
from kiosk.enrolling import Who
from kiosk.uplink import Uplink

READY_MS = 10_000
# What does not keep a post from its work is told to whoever set it up, and to no customer after that.
FIRST_MS = 600_000
CLOCK_MS = 120_000


class PostStory:
    """Looks at what is known; nothing is asked of the network.

    *settings_fault* says that the settings file was refused and the last good one is in force.
    """

    def __init__(
        self,
        uplink: Uplink,
        clock: Clock,
        url: str,
        *,
        settings_fault: bool = False,
        net: Callable[[], NetState] = look_at_net,
        records: Path | None = None,
        card: Path = CARD_REFUSED,
    ) -> None:
        self._uplink = uplink
        self._clock = clock
        self._net = _not_asked if is_own_machine(url) else net
        self._settings_fault = settings_fault
        self._card = card
        self._last = (records or Places().state) / "last.json"
        self._begun_ms = clock.monotonic_ms()
        self._ready_ms: int | None = None

    def look(self, parts: Iterable[str]) -> Story | None:
        """Say how it stands while *parts* fail; None when there is nothing to tell."""
        now_ms = self._clock.monotonic_ms()
        told = self._contact()
        part = of_parts(parts)
        if told.step is not Step.READY:
            return told if told.fault or part is None else Story(told.step, part)
        if self._ready_ms is None:
            self._ready_ms = now_ms
        fault = part or (self._lesser() if now_ms - self._begun_ms < FIRST_MS else None)
        is_fresh = now_ms - self._ready_ms < READY_MS
        return Story(Step.READY, fault) if fault or is_fresh else None

    def _contact(self) -> Story:
        uplink = self._uplink
        if uplink.lost_token and not uplink.device:
            return Story(Step.ENROL, CODES["token_lost"])
        if card_waits(self._card) and not uplink.device:
            return Story(Step.ENROL, CODES["card"])
        contact = Contact(
            enrolled=bool(uplink.device),
            has_code=uplink.who is not Who.NOBODY,
            refused=uplink.why_not,
            answered=uplink.answered,
            trouble=uplink.trouble,
            net=self._net(),
        )
        return story(contact)

    def _lesser(self) -> FaultCode | None:
        """What is wrong though the post works."""
        found = beside_work(self._last, settings_fault=self._settings_fault)
        if found is not None or self._clock.synced():
            return found
        # A clock is set some seconds after the network is there.
        is_late = self._clock.monotonic_ms() - self._begun_ms >= CLOCK_MS
        return CODES["clock"] if is_late else None


def _not_asked() -> NetState:
    return UNKNOWN


def of_parts(parts: Iterable[str]) -> FaultCode | None:
    """The code of the gravest of *parts*; None when none of them has one."""
    failing = set(parts)
    return next((CODES[word] for part, word in OF_PART.items() if part in failing), None)
