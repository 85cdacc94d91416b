"""Who does something, what clocks they had, and what a sign is told between its beats."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

ActorKind = Literal["post", "sign", "staff", "system"]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it: a device by its id, a person by theirs.  `name` is what people read."""

    kind: ActorKind
    id: str
    name: str


SYSTEM = Actor("system", "central", "Portvakt")
COMMAND_LINE = Actor("system", "command-line", "Command line")


@dataclass(frozen=True, slots=True)
class SendClocks:
    """The sender's clocks at the moment of sending, from the request's headers.

    `age_ms` is how old an arrival from before this boot is at the least.
    """

    boot_id: str
    mono_ms: int
    at: datetime | None = None
    synced: bool = False
    age_ms: int = 0


@dataclass(frozen=True, slots=True)
class Nudge:
    """A hint to one sign, after the commit: `call` names the call to blank at once; None asks it to beat,
    with the `picture` that stands on it when somebody wants to see that.
    """

    station: str
    device: str
    call: str | None = None
    picture: bool = False
