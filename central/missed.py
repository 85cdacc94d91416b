"""A call that ran out without its customer: when it was, and only where the place is kept all the same."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from central import coming, held, schema
from central.coming import Came
from central.known import Known
from central.line import Visit
from central.meeting import Outcome
from central.places import Place
from central.tx import View
from contract.event import EventKind
from contract.plate import Plate
from contract.visit import Source, State
from contract.wire import LEASE_CAP_MS

_CAP = timedelta(milliseconds=LEASE_CAP_MS)

_C, _E = schema.call.c, schema.event.c
_GRANTED = sa.select(_C.granted_at).where(_C.id == sa.bindparam("call"))
_REOPENED = (
    sa.select(_E.data)
    .where(_E.visit == sa.bindparam("visit"), _E.kind == EventKind.REOPENED.value)
    .order_by(_E.seq.desc())
    .limit(1)
)


def of(view: View, known: Known, place: Place, visit: Visit, typed: Plate) -> datetime | None:
    """When *visit* was called in vain, as far as it stands so now and typing *typed* loses nothing."""
    if visit.state is State.CALLED:
        return _of_called(view, visit)
    if visit.state is State.NO_SHOW and _comes_back(view, known, place, visit, typed):
        return visit.called_at
    return None


def before(visit: Visit | None) -> datetime | None:
    """When the visit that an arrival has reopened was called in vain; None when it had left."""
    return visit.called_at if visit is not None and visit.state is State.NO_SHOW else None


def before_reopening(view: View, visit: Visit) -> datetime | None:
    """The same for a retry of that arrival: the visit's row has forgotten it, its events have not."""
    row = view.first(_REOPENED, visit=visit.id)
    was = {} if row is None else row.data.get("was", {})
    if was.get("state") != State.NO_SHOW or was.get("called_at") is None:
        return None
    return datetime.fromisoformat(was["called_at"])


def _of_called(view: View, visit: Visit) -> datetime | None:
    """Nobody has missed a call whose plate may still be lit: the cap counts from the first grant."""
    if visit.called_at is None:
        return None
    row = view.first(_GRANTED, call=visit.call)
    granted_at = None if row is None else row.granted_at
    shown_at = visit.called_at if granted_at is None else max(visit.called_at, granted_at)
    return visit.called_at if view.now - shown_at >= _CAP else None


def _comes_back(view: View, known: Known, place: Place, visit: Visit, typed: Plate) -> bool:
    """Whether the same plate, typed now, would reopen this very visit."""
    came = Came("", typed, view.now, Source.POST)
    found = coming.find(view, place, came)
    is_it = found.outcome is Outcome.REOPENED and found.before is not None
    if not is_it or found.before is None or found.before.id != visit.id:
        return False
    return held.why(known, place, came, found, view.now) is None
