"""The facts that central keeps in order: one table that is audit trail, push feed and timeline."""

from enum import StrEnum


class EventKind(StrEnum):
    """What happened.  Names are kept for ever: old rows are read by new releases."""

    ARRIVED = "arrived"
    TYPED_AGAIN = "typed_again"
    REOPENED = "reopened"
    ARRIVAL_NOTED = "arrival_noted"
    CALLED = "called"
    RECALLED = "recalled"
    MOVED = "moved"
    ENTERED = "entered"
    PUT_BACK = "put_back"
    NO_SHOW = "no_show"
    FINISHED = "finished"
    SIGN_GRANTED = "sign_granted"
    SIGN_SENT = "sign_sent"
    SIGN_CONFIRMED = "sign_confirmed"
    SIGN_DARK = "sign_dark"
    SIGN_CANNOT_SHOW = "sign_cannot_show"
    SIGN_FAULT = "sign_fault"
    SIGN_WELL = "sign_well"
    SIGN_SILENT = "sign_silent"
    SIGN_BACK = "sign_back"
    SIGN_SEEN_DARK = "sign_seen_dark"
    HELP_RAISED = "help_raised"
    HELP_ACKNOWLEDGED = "help_acknowledged"
    HELP_CLOSED = "help_closed"
    BOOKINGS_IMPORTED = "bookings_imported"
    DEVICE_ENROLLED = "device_enrolled"
