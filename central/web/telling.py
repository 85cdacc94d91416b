"""What the two streams tell, for the document: `streams.py` sends it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from msgspec import Meta, Struct

from central.web.routes import Gives
from contract.wire import Utc
from contract.yard import EventRow, Queue

EVENT_STREAM = "text/event-stream"


class StillHere(Struct, frozen=True):
    """Nothing happened until `now`."""

    now: Utc


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """The kinds of event of a stream, by name, and the type of each one's data."""

    events: Mapping[str, Any]


EVENTS = Gives(
    200,
    Told({"snapshot": Queue, "event": EventRow, "heartbeat": StillHere}),
    EVENT_STREAM,
    "A `snapshot` first, unless the reader goes on after an event of this `epoch`; then every `event`"
    " with its id, and a `heartbeat` every 15 seconds.  The stream ends after 15 minutes; come back with"
    " the last id.",
)
NUDGES = Gives(
    200,
    Told(
        {
            "beat": Annotated[str, Meta(description="Beat at once; the data says `now`.")],
            "picture": Annotated[
                str,
                Meta(
                    description="Beat at once, with the `picture` that stands; the data says `now`."
                ),
            ],
            "dark": Annotated[str, Meta(description="Blank at once; the data is the call's id.")],
        }
    ),
    EVENT_STREAM,
    "`beat` first, for what was missed.",
)
