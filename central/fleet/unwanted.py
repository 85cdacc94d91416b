"""Which release files nobody wants any more, of those that a hall box has fetched from its office."""

from collections.abc import Collection

import sqlalchemy as sa

from central import schema
from central.database.tx import Row, Tx, View

_F, _R, _RING, _PIN, _M, _D = (
    table.c
    for table in (
        schema.release_file,
        schema.release,
        schema.ring_release,
        schema.machine_pin,
        schema.machine,
        schema.device,
    )
)
_FILES = sa.select(schema.release_file).order_by(_F.added_at.desc(), _F.file)
# What a ring wanted before is what it may be taken back to; a halted one may be let go on.
_CHOSEN = sa.union(
    sa.select(_RING.release.label("release")),
    sa.select(_RING.before).where(_RING.before.is_not(None)),
    sa.select(_PIN.release),
    sa.select(_R.name).where(_R.halted_at.is_not(None)),
)
_REVOKED = sa.select(_D.id).where(_D.station == _M.station, _D.revoked_at.is_not(None))
_MACHINES = sa.select(_M.begun, _M.body).where(_M.device.not_in(_REVOKED))
_FORGET = sa.delete(schema.release_file).where(_F.file == sa.bindparam("of_file"))
_OTHERS = sa.select(_F.file).where(_F.release == sa.bindparam("release"))
# Who has let it go on, and when, is remembered: what went wrong before does not halt it again.
_FORGET_RELEASE = sa.delete(schema.release).where(
    _R.name == sa.bindparam("of_release"), _R.halted_at.is_(None), _R.resumed_at.is_(None)
)
_ONE = sa.select(_F.release).where(_F.file == sa.bindparam("file"))


def of(view: View, fetched: Collection[str], wanted: Collection[str]) -> list[str]:
    """Those of the files *fetched* that no ring, pin, halt or machine needs, and that are not *wanted*.

    Of each platform the one that came last stays too: it is the one before what is wanted.
    """
    needed = _needed(view)
    spare: dict[str, list[Row]] = {}
    for row in view.all(_FILES):
        if row.file in fetched and row.file not in wanted and row.release not in needed:
            spare.setdefault(row.platform, []).append(row)
    return sorted(str(row.file) for rows in spare.values() for row in rows[1:])


def forget(tx: Tx, file: str) -> None:
    """Know nothing of *file* any more, nor of its release when that was its last one."""
    release = tx.one(_ONE, file=file).release
    tx.run(_FORGET, of_file=file)
    if tx.first(_OTHERS, release=release) is None:
        tx.run(_FORGET_RELEASE, of_release=release)


def _needed(view: View) -> set[str]:
    found = {str(row.release) for row in view.all(_CHOSEN)}
    for row in view.all(_MACHINES):
        found |= {str(row.body.get(word, "")) for word in ("release", "about")} | {row.begun or ""}
    return found
