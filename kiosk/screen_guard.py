"""Watches that the display is plugged in and switched on, by what the kernel says of its connectors.

With a mode that is forced (`video=HDMI-A-1:1280x800@60D`) the kernel calls a connector connected
whatever hangs there: then only a picture that was switched off is seen here, not a cable.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from device.log import event
from kiosk.faults import Fault, Part

DRM = Path("/sys/class/drm")
PERIOD_S = 5.0
# A change of mode switches the picture off for a moment: one dark look is no fault yet.
DARK_LOOKS = 2
# Sockets that a display can hang on; a Raspberry Pi has a Writeback connector as well, never "disconnected".
SOCKETS = ("HDMI-", "DSI-", "DP-", "eDP-")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Connector:
    """One socket for a display, in the words of the kernel; all empty when it cannot be read."""

    name: str
    status: str = ""
    enabled: str = ""
    dpms: str = ""

    @property
    def wrong(self) -> str:
        """What is wrong and what to do, or nothing."""
        if not self.status:
            return (
                f"The kernel does not say how {self.name} is: look at the journal for drm errors."
            )
        if self.status != "connected":
            return (
                f"No display answers on {self.name}: check its cable at both ends and its power, "
                "or set screen.connector to the socket that is used."
            )
        if self.enabled != "enabled":
            return f"No picture is sent to {self.name}: restart the browser's unit; check its mode."
        if self.dpms != "On":
            return f"{self.name} is switched off (dpms {self.dpms}): something blanks the screen."
        return ""


def read_connectors(root: Path = DRM) -> list[Connector]:
    """Look at every connector of every graphics card; an empty list where there is none."""
    return [
        _read(folder) for folder in sorted(root.glob("card*-*")) if (folder / "status").exists()
    ]


def judge(connectors: Sequence[Connector], wanted: str = "") -> str | None:
    """Say what is wrong with the display, "" when nothing is, None when there is nothing to judge.

    *wanted* names one connector; else one HDMI connector that is well is enough.
    """
    if not connectors:
        return None
    ours = [one for one in connectors if (one.name == wanted if wanted else "HDMI" in one.name)]
    if not ours:
        names = ", ".join(one.name for one in connectors)
        return f"There is no {wanted}, only {names}: check screen.connector." if wanted else None
    faults = [one.wrong for one in sorted(ours, key=_likeliest)]
    return "" if "" in faults else faults[0]


def plugged_in(root: Path = DRM, wanted: str = "") -> bool | None:
    """Whether a display hangs there, dark or not; None where the kernel names no such connector.

    *wanted* names one connector; else any socket for a display counts.  One that the kernel's command
    line forces on counts too, because the picture goes out in any case.
    """
    there = (one for one in read_connectors(root) if one.status)
    said = [
        one.status
        for one in there
        if (one.name == wanted if wanted else one.name.startswith(SOCKETS))
    ]
    return any(status != "disconnected" for status in said) if said else None


class ScreenGuard:
    """Looks every few seconds and puts a fault when the display has gone, or is back."""

    name = "screen"

    def __init__(
        self,
        put: Callable[[Fault], object],
        *,
        connector: str = "",
        root: Path = DRM,
        period_s: float = PERIOD_S,
    ) -> None:
        self._put = put
        self._connector = connector
        self._root = root
        self._period_s = period_s
        self._dark_looks = 0
        self._told = ""
        self._blind = False

    def run(self, stopping: Event) -> None:
        """Look until *stopping* is set."""
        while not stopping.wait(self._period_s):
            self.look()

    def look(self) -> None:
        """Look once."""
        wrong = judge(read_connectors(self._root), self._connector)
        if wrong is None:
            self._say_blind()
            return
        self._dark_looks = self._dark_looks + 1 if wrong else 0
        if wrong == self._told or 0 < self._dark_looks < DARK_LOOKS:
            return
        self._told = wrong
        self._put(Fault(Part.SCREEN, bool(wrong), wrong))

    def _say_blind(self) -> None:
        if not self._blind:
            self._blind = True
            log.info(event("screen not guarded", reason=f"no HDMI connector in {self._root}"))


def _likeliest(connector: Connector) -> bool:
    """Sort first the socket where a display hangs: a fault should name that one."""
    return connector.status != "connected"


def _read(folder: Path) -> Connector:
    name = folder.name.partition("-")[2]
    try:
        words = [
            (folder / file).read_text("utf-8").strip() for file in ("status", "enabled", "dpms")
        ]
    except (OSError, ValueError):
        return Connector(name)
    return Connector(name, *words)
