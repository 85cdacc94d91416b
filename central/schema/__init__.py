"""The tables.  What must never happen is refused here, by the database, and not only by the code."""

from central.schema.doors import call, device, heartbeat, lit, named
from central.schema.happening import deed, event, help_call
from central.schema.line import arrival, booking, claim, inspection, visit
from central.schema.parts import (
    BIG,
    HAS_ENDED,
    HAS_ENDED_WITH_TWO,
    HAS_OTHER_PLATE,
    IS_CALLED,
    IS_DUE,
    IS_HELD,
    IS_IN_BAY,
    IS_OPEN,
    IS_UNCERTAIN,
    IS_UNHELPED,
    STANDS,
    metadata,
)
from central.schema.people import device_code, person, session, sign_in_code
from central.schema.setting import bay, meta, station

__all__ = [
    "BIG",
    "HAS_ENDED",
    "HAS_ENDED_WITH_TWO",
    "HAS_OTHER_PLATE",
    "IS_CALLED",
    "IS_DUE",
    "IS_HELD",
    "IS_IN_BAY",
    "IS_OPEN",
    "IS_UNCERTAIN",
    "IS_UNHELPED",
    "STANDS",
    "arrival",
    "bay",
    "booking",
    "call",
    "claim",
    "deed",
    "device",
    "device_code",
    "event",
    "heartbeat",
    "help_call",
    "inspection",
    "lit",
    "meta",
    "metadata",
    "named",
    "person",
    "session",
    "sign_in_code",
    "station",
    "visit",
]
