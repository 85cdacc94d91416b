"""A backup becomes the database: the same, but with another name, and nothing of it happens twice.

All of it is one transaction, in an empty database: PostgreSQL's own, or a new SQLite file that takes the
place of the old one when it is whole.
"""

import os
import pwd
import secrets
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from central import schema
from central.clock import Clock
from central.copies import loading
from central.copies.backup_file import Header, Progress, Reading
from central.database import engines, swap
from central.database.folder import DataFolder
from central.database.presence import alone
from central.database.tx import Tx
from central.devices import heartbeats
from central.errors import NotPossible
from central.line.closing import SWEEP
from central.places.bays import CLOSE_BAY
from central.privacy import owing
from central.privacy.erasure_log import ErasureLog
from central.privacy.personal_data import erase_due_everywhere
from central.serving.serve import check_database
from central.signs import settling
from central.words import COMMAND_LINE
from contract.errors import PortvaktError
from contract.event import EventKind

# Deeds whose effect is in this very database; whatever else waits would leave the house: an old text.
KEPT_DEEDS = (SWEEP, CLOSE_BAY)

_D = schema.deed.c
_DUE = ("pending", "claimed")
_VOID = (
    sa.update(schema.deed)
    .where(_D.state.in_(_DUE), _D.kind.not_in(KEPT_DEEDS))
    .values(state="void", ended_at=sa.bindparam("at"))
)
_UNCLAIM = (
    sa.update(schema.deed)
    .where(_D.state == "claimed", _D.kind.in_(KEPT_DEEDS))
    .values(state="pending", claimed_by=None, claimed_at=None)
)
_NAME = (
    sa.update(schema.meta).where(schema.meta.c.name == "epoch").values(value=sa.bindparam("epoch"))
)
# How a device was then is no news of it; but who sent heartbeats and does not any more must be missed.
_NOT_HEARD = sa.update(schema.heartbeat).values(silent=False, body=heartbeats.BARE)
# What somebody looked at just then is no picture of now, and it may name a plate.
_NOT_SEEN = sa.update(schema.device).values(picture=None)
_STATIONS = sa.select(schema.station.c.id, schema.station.c.seq)


class RestoreFailed(PortvaktError):
    """Nothing was restored; what was there is as it was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """A database that central may serve.  `aside` is where the one before is now, if there was one."""

    rows: int
    taken_at: datetime
    epoch: str
    database: str
    aside: Path | None = None

    def words(self) -> dict[str, object]:
        """The same for JSON."""
        aside = None if self.aside is None else str(self.aside)
        return {**asdict(self), "taken_at": self.taken_at.isoformat(), "aside": aside}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What to restore, and where: into the data folder's own SQLite file, or the PostgreSQL at `database`."""

    file: Path
    data: Path
    database: str = ""
    replace: bool = False


def restore(asked: Asked, clock: Clock, progress: Progress) -> Restored:
    """Make the database anew from a backup file; *progress* hears `(done, of)` rows of each step.

    Raises:
        PortvaktError: it was refused or failed, and everything is as it was; the text says what to do.
    """
    if asked.database:
        check_database(asked.database)
    _check_owner(asked.data)
    file = Reading(asked.file)
    loading.check_revision(file.header())
    header = file.verify(progress)
    with DataFolder(asked.data) as folder:
        try:
            if not asked.database:
                return _into_file(asked, folder, file, header, clock, progress)
            return _into_server(asked, folder, file, header, clock, progress)
        except (DBAPIError, OSError) as error:
            raise RestoreFailed(
                f"Nothing was restored ({_reason(error)}); everything is as it was."
            ) from error


def before_serving(tx: Tx, now: datetime, erasures: ErasureLog | None, taken_at: datetime) -> None:
    """Erase what has grown too old since the backup was taken, before anybody can see it again.

    What was erased on request since then stays erased too, as far as the folder's own list knows.
    """
    erase_due_everywhere(tx, now)
    if erasures is not None:
        erasures.replay(tx, taken_at, now)


def after_loading(tx: Tx, header: Header, now: datetime, erasures: ErasureLog | None = None) -> str:
    """What sets a restored database apart from the one that was backed up; gives its new name.

    *now* is the time to which retention erases.
    """
    epoch = secrets.token_hex(8)
    tx.run(_NAME, epoch=epoch)
    for table in (
        schema.session,
        schema.sign_in_code,
        schema.device_code,
        schema.known_browser,
        schema.tried_name,
    ):
        tx.run(sa.delete(table))
    tx.run(_NOT_HEARD)
    tx.run(_NOT_SEEN)
    tx.run(_VOID, at=tx.now)
    tx.run(_UNCLAIM)
    settling.begin(tx)
    # Up to there the history is the one that was backed up; what follows is another.
    stations = tx.all(_STATIONS)
    before_serving(tx, now, erasures, header.at)
    owing.mark(tx)  # the rows of the backup lay in this file before they were erased
    data = {"from_epoch": header.epoch, "taken_at": header.at.isoformat()}
    for row in stations:
        tx.event(row.id, EventKind.RESTORED, COMMAND_LINE, data={**data, "after": row.seq})
    return epoch


def _fill(
    connection: sa.Connection,
    folder: DataFolder,
    file: Reading,
    header: Header,
    clock: Clock,
    progress: Progress,
) -> str:
    loading.load(connection, file, progress)
    # A clock that nobody has set knows at least that the backup was taken.
    now = clock.now() if clock.synced() else header.at
    return after_loading(Tx(connection, clock.now()), header, now, ErasureLog(folder))


def _into_file(
    asked: Asked,
    folder: DataFolder,
    file: Reading,
    header: Header,
    clock: Clock,
    progress: Progress,
) -> Restored:
    if not asked.replace and _file_holds(folder):
        raise NotPossible(
            f"{folder.path} holds a station already; give --replace to keep that database aside"
            " and restore in its place."
        )
    new = swap.building(folder.path)
    new.touch(mode=0o600)
    engine = engines.writing_engine(f"sqlite:///{new}")
    try:
        with engine.begin() as connection:
            epoch = _fill(connection, folder, file, header, clock, progress)
    except BaseException:
        engine.dispose()
        swap.finish(folder.path)  # half a database is none
        raise
    engine.dispose()  # its last connection brings the log into the file and removes it
    swap.is_whole(folder.path)
    aside = swap.finish(folder.path)
    return Restored(
        rows=header.total, taken_at=header.at, epoch=epoch, database=folder.url, aside=aside
    )


def _file_holds(folder: DataFolder) -> bool:
    """Whether the folder's database has anything in it; one that cannot be read may have."""
    if not (folder.path / swap.NAME).exists():
        return False
    engine = engines.reading_engine(folder.url)
    try:
        with engine.connect() as connection:
            return _holds(connection)
    except DBAPIError:
        return True
    finally:
        engine.dispose()


def _holds(connection: sa.Connection) -> bool:
    """Whether any table but `meta` has a row."""
    there = set(sa.inspect(connection).get_table_names()) - {"meta", "alembic_version"}
    return any(
        connection.execute(sa.select(sa.literal(1)).select_from(sa.table(name)).limit(1)).first()
        for name in sorted(there)
    )


def _into_server(
    asked: Asked,
    folder: DataFolder,
    file: Reading,
    header: Header,
    clock: Clock,
    progress: Progress,
) -> Restored:
    shown = make_url(asked.database).render_as_string(hide_password=True)
    if asked.replace:
        raise NotPossible(
            "A PostgreSQL database is never replaced: make a new one"
            " (createdb --owner=portvakt-central NEW) and name that one with --database."
        )
    engine = engines.migrating_engine(asked.database)
    try:
        with alone(asked.database), engine.begin() as connection:
            if _holds(connection):
                raise NotPossible(
                    f"{shown} is not empty: make a new database"
                    " (createdb --owner=portvakt-central NEW) and name that one with --database."
                )
            _empty(connection)
            epoch = _fill(connection, folder, file, header, clock, progress)
    finally:
        engine.dispose()
    return Restored(rows=header.total, taken_at=header.at, epoch=epoch, database=shown)


def _empty(connection: sa.Connection) -> None:
    """Take away the tables that a central has made and never used: the file brings its own."""
    found = sa.MetaData()
    found.reflect(connection)  # a newer release may have made some that are none of ours
    found.drop_all(connection)


def _check_owner(data: Path) -> None:
    """Files that somebody else makes could not be opened by the service."""
    if data.exists() and data.stat().st_uid != os.geteuid():
        owner = pwd.getpwuid(data.stat().st_uid).pw_name
        raise NotPossible(
            f"Do this as the owner of {data}: sudo -u {owner} portvakt central restore ..."
        )


def _reason(error: DBAPIError | OSError) -> str:
    return str(error.orig if isinstance(error, DBAPIError) else error.strerror)
