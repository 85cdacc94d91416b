"""A call that ran out without its customer: when it was, and only where the visit is not over."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from central import schema
from central.database.tx import Row, View
from central.line.line import Visit
from contract.event import EventKind
from contract.visit import Source, State
from contract.wire import LEASE_CAP_MS

_CAP = timedelta(milliseconds=LEASE_CAP_MS)

_C = schema.call.c
_GRANTED = sa.select(_C.granted_at).where(_C.id == sa.bindparam("call"))


def of_called(view: View, visit: Visit) -> datetime | None:
    """When the call that *visit* stands under was, once nobody can see it any more.

    Nobody has missed a call that no sign ever showed, nor one whose plate may still be lit: the cap
    counts from the first grant.
    """
    if visit.state is not State.CALLED or visit.called_at is None:
        return None
    row = view.first(_GRANTED, call=visit.call)
    if row is None or row.granted_at is None:
        return None
    shown_at = max(visit.called_at, row.granted_at)
    return visit.called_at if view.now - shown_at >= _CAP else None


def before(visit: Visit | None) -> datetime | None:
    """When the visit that an arrival has reopened was called in vain; None when it had left."""
    return visit.called_at if visit is not None and visit.state is State.NO_SHOW else None


def before_reopening(placed: Row | None) -> datetime | None:
    """The same while that visit waits since then: its row has forgotten it, the event has not.

    *placed* is the event that put the visit where it stands.  Whom a person has put back in the line has
    spoken with one, and is only in the line.
    """
    if placed is None or placed.kind != EventKind.REOPENED:
        return None
    was = placed.data.get("was", {})
    if placed.data.get("source") != Source.POST or was.get("state") != State.NO_SHOW:
        return None
    called_at = was.get("called_at")
    return None if called_at is None else datetime.fromisoformat(called_at)
