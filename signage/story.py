"""How far a sign has come since power came, by what its line to central has met."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from device.boot_story import Contact, Step, Story, beside_work, story
from device.central_settings import CentralPlace
from device.check_release import CARD_REFUSED, card_waits
from device.clock import Clock
from device.fault_codes import CODES, FaultCode
from device.identity import Identity
from device.machine.places import Places
from device.net_state import UNKNOWN, NetState, is_own_machine
from device.net_state import look as look_at_net


class Line(Protocol):
    """The sign's line to central, as far as a story asks about it."""

    @property
    def identity(self) -> Identity | None:
        """Who we are there."""

    @property
    def has_code(self) -> bool:
        """Whether there is a code that is still to be tried."""

    @property
    def why_not(self) -> str:
        """The reason for which central refused the code that is there; empty when it did not."""

    @property
    def lost_token(self) -> bool:
        """Whether the file with our token is there and cannot be used."""

    @property
    def begins_anew(self) -> bool:
        """Whether the sign began without a token, or with a code that was still to be tried."""

    @property
    def answered(self) -> bool:
        """Whether central has answered a beat."""

    @property
    def trouble(self) -> Exception | None:
        """What went wrong since it last did."""


class SignStory:
    """Looks at what is known; nothing is asked of the network.

    *settings_fault* says that the settings file was refused and the last good one is in force.
    """

    def __init__(
        self,
        central: CentralPlace,
        line: Line,
        clock: Clock,
        *,
        settings_fault: bool = False,
        net: Callable[[], NetState] = look_at_net,
        records: Path | None = None,
        card: Path = CARD_REFUSED,
    ) -> None:
        self._line = line
        self._clock = clock
        self._station = central.station
        self._settings_fault = settings_fault
        self._net = _not_asked if is_own_machine(central.url) else net
        self._card = card
        self._last = (records or Places().state) / "last.json"

    def name(self) -> str:
        """The station and the bay: `0417-2`; the station alone before central has said which bay."""
        identity = self._line.identity
        bay = None if identity is None else identity.bay
        return f"{self._station}-{bay}" if bay else self._station

    @property
    def begins_anew(self) -> bool:
        """Whether somebody waits for this sign to become somebody."""
        return self._line.begins_anew

    def look(self) -> Story:
        """Say how far the sign has come."""
        line = self._line
        if line.lost_token and line.identity is None:
            return Story(Step.ENROL, CODES["token_lost"])
        if card_waits(self._card) and line.identity is None:
            return Story(Step.ENROL, CODES["card"])
        told = story(
            Contact(
                enrolled=line.identity is not None,
                has_code=line.has_code,
                refused=line.why_not,
                answered=line.answered,
                trouble=line.trouble,
                net=self._net(),
            )
        )
        return told if told.step is not Step.READY else Story(Step.READY, self._lesser())

    def _lesser(self) -> FaultCode | None:
        """What is wrong though the sign works."""
        return beside_work(self._last, settings_fault=self._settings_fault)


def _not_asked() -> NetState:
    return UNKNOWN
