"""Brings a database to this release's tables, step by step; says which releases may still use it.

Steps only add, so that a release can be taken back without losing what happened since: a database says in
`meta` which revision's code is the oldest that can use it (`reads_from`).
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy.engine import make_url

from central.database import engines
from central.errors import StoreUnfit
from central.migrations.before import clear, kept_as_it_was

log = logging.getLogger(__name__)

READS_FROM = "reads_from"
_NOT_KEPT = "in no copy, because PostgreSQL is not copied here: its backups are yours"
_HERE = Path(__file__).parent
_META = sa.table("meta", sa.column("name"), sa.column("value"))
_TABLES = sa.table("alembic_version", sa.column("version_num"))


@dataclass(frozen=True, slots=True)
class Standing:
    """What a database says of itself: its tables' revision, and whose code is the oldest that can use it."""

    revision: str | None
    reads_from: str | None = None

    @property
    def is_newer(self) -> bool:
        """Whether a newer release than this one has made its tables."""
        return self.revision is not None and self.revision not in revisions()

    def check(self) -> None:
        """Refuse tables that this release's code cannot use.

        Raises:
            StoreUnfit: the text says which code they need.
        """
        ours = revisions()
        if self.is_newer and self.reads_from not in ours:
            needed = self.reads_from or self.revision
            raise StoreUnfit(
                f"This database was written by a newer Portvakt: it needs the code of its tables {needed}"
                f" or later, and this release has {ours[0]}; install that release again."
            )


def migrate(url: str, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
    """Bring the database behind *url* up to date; whoever calls holds the data folder.

    A SQLite file is kept aside first, as it was.  One that a newer release has made is used as it is, when
    its tables allow that.

    Raises:
        StoreUnfit: a newer release has written this database, or there is no room to keep it aside.
    """
    there, ours = standing(url), revisions()[0]
    there.check()
    file = _file(url)
    if file is not None:
        clear(file, there.revision, lambda copy: standing(f"sqlite:///{copy}").revision)
    if there.is_newer:
        log.warning(
            "the database is of a newer release and is used as it is tables=%s ours=%s",
            there.revision,
            ours,
        )
        return
    config = _config()
    config.attributes["url"] = url
    if there.revision in (None, ours):
        command.upgrade(config, "head")
        return
    with kept_as_it_was(file, now()) as kept:
        log.warning(
            "the tables are changed from=%s to=%s as it was=%s",
            there.revision,
            ours,
            kept or _NOT_KEPT,
        )
        command.upgrade(config, "head")


def standing(url: str) -> Standing:
    """How the tables behind *url* are; nothing is changed."""
    if engines.is_sqlite(url) and not _file(url).exists():  # type: ignore[union-attr]
        return Standing(None)
    engine = engines.migrating_engine(url)
    try:
        with engine.connect() as connection:
            return _standing(connection)
    finally:
        engine.dispose()


def _standing(connection: sa.Connection) -> Standing:
    if not sa.inspect(connection).has_table(_TABLES.name):
        return Standing(None)
    revision = connection.execute(sa.select(_TABLES.c.version_num)).scalar()
    asked = sa.select(_META.c.value).where(_META.c.name == READS_FROM)
    return Standing(revision, connection.execute(asked).scalar())


def upgrade(connection: sa.Connection, revision: str = "head") -> None:
    """Bring the database to *revision* inside the transaction of *connection*, which nobody commits here."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def catch_up(connection: sa.Connection) -> None:
    """Bring a kept database of an older release to today's tables, in the transaction of *connection*."""
    if _standing(connection).revision in revisions()[1:]:
        upgrade(connection)


def say_who_reads(connection: sa.Connection) -> None:
    """Write beside the tables whose code can use them; a part of the transaction that has made them."""
    there = _standing(connection).revision
    if there is None:
        return
    connection.execute(sa.delete(_META).where(_META.c.name == READS_FROM))
    connection.execute(sa.insert(_META).values(name=READS_FROM, value=reads_from(there)))


def reads_from(revision: str) -> str:
    """The oldest revision whose code can use tables of *revision*; a step that says nothing needs its own."""
    step = ScriptDirectory.from_config(_config()).get_revision(revision)
    return str(getattr(step.module, READS_FROM, revision))


def revisions() -> list[str]:
    """The names of all steps that this release knows, newest first."""
    steps = ScriptDirectory.from_config(_config()).walk_revisions()
    return [step.revision for step in steps]


def _file(url: str) -> Path | None:
    found = make_url(url)
    return Path(found.database or "") if engines.is_sqlite(url) else None


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_HERE).replace("%", "%%"))
    return config
