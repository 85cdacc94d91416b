"""What the line to central brings to the deciding loop."""

from dataclasses import dataclass

from contract.wire import Lease
from device.sse import ServerSent


@dataclass(frozen=True, slots=True)
class Answered:
    """Central answered a beat."""

    lease: Lease


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A beat got no answer that counts."""

    nonce: str


@dataclass(frozen=True, slots=True)
class Nudged:
    """Something changed: beat at once.  With a call: that call has ended, be dark first."""

    call: str | None = None


@dataclass(frozen=True, slots=True)
class PictureAsked:
    """A person wants to see what stands on the sign: the next beat brings it."""


News = Answered | Unanswered | Nudged | PictureAsked


def nudge(sent: ServerSent) -> Nudged | PictureAsked | None:
    """Read one event of the stream: `beat`, `picture`, or `dark` with the id of the call that ended."""
    match sent.event:
        case "beat":
            return Nudged()
        case "dark":
            return Nudged(sent.data)
        case "picture":
            return PictureAsked()
        case _:
            return None
