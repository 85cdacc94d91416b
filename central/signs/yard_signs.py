"""A yard sign hangs over no bay and lists several: where to go, for those who do not see the doors yet."""

from collections.abc import Sequence

import sqlalchemy as sa

from central import schema
from central.database.tx import Row, Tx
from central.errors import NotPossible
from central.places.places import Place
from central.words import Actor
from contract.event import EventKind
from contract.wire import Role

_LIST = (
    sa.update(schema.device)
    .where(schema.device.c.id == sa.bindparam("of_device"))
    .values(lists=sa.bindparam("lists"), bay_seq=sa.bindparam("bay_seq"))
)


def set_lists(tx: Tx, place: Place, actor: Actor, sign: Row, bays: Sequence[str]) -> None:
    """Let *sign* list *bays*, each once and in this order; with none it is no yard sign any more.

    Raises:
        NotPossible: it is a post, or hangs over a bay.
        Problem: `not_found` for a bay that does not exist.
    """
    if sign.role != Role.SIGN:
        raise NotPossible(f"{sign.name} is a post; only signs list bays.")
    if sign.bay is not None:
        raise NotPossible(
            f"{sign.name} hangs over bay {sign.bay}; take it down first:"
            f" portvakt central device hang {sign.id} --station {place.id}"
        )
    lists = [place.bay(bay).id for bay in dict.fromkeys(bays)]
    data = {"device": sign.id, "name": sign.name, "lists": lists}
    seq = tx.event(place.id, EventKind.SIGN_ASSIGNED, actor, data=data)
    # What it lists holds since this event, as what a door's sign hangs over does.
    tx.run(_LIST, of_device=sign.id, lists=lists or None, bay_seq=seq)
