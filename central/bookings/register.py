"""The vehicle register, as one small contract; behind it stands a file or one HTTP call.

What it says of a vehicle and its owner is shown to staff who ask for it, and kept nowhere: in no table,
no event, no log and no cache.
"""

import logging
import threading
from typing import Annotated, Protocol

from msgspec import Meta, Struct

from contract.errors import PortvaktError
from contract.plate import Plate

log = logging.getLogger(__name__)

_Text = Annotated[str, Meta(max_length=200)]
_Year = Annotated[int, Meta(ge=1880, le=2100)]


class Facts(Struct, frozen=True, kw_only=True):
    """What a register knows of a vehicle; `plate` says which one it speaks of."""

    plate: Annotated[str, Meta(max_length=64)]
    make: _Text | None = None
    model: _Text | None = None
    colour: _Text | None = None
    year: _Year | None = None
    owner: _Text | None = None


class RegisterUnfit(PortvaktError):
    """The register's settings cannot work; the text says what to change."""


class RegisterUnreachable(PortvaktError):
    """The register gave no answer that can be used; the text holds no plate."""


class Register(Protocol):
    """Where vehicles are looked up."""

    def look_up(self, plate: Plate) -> Facts | None:
        """Give what is known of the vehicle, None when it is unknown; raises RegisterUnreachable."""
        ...


class Watched:
    """A register whose silence is logged once when it begins and once when it ends."""

    def __init__(self, register: Register) -> None:
        self._register = register
        self._lock = threading.Lock()
        self._missed = 0

    def look_up(self, plate: Plate) -> Facts | None:
        """Ask the register behind."""
        try:
            facts = self._register.look_up(plate)
        except RegisterUnreachable as error:
            with self._lock:
                self._missed += 1
                if self._missed == 1:
                    log.warning("register lost reason=%s", error)
            raise
        with self._lock:
            if self._missed:
                log.info("register back missed=%d", self._missed)
            self._missed = 0
        return facts
