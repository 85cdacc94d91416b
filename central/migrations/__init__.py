"""Brings a database to this release's tables, step by step."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError

from central.errors import StoreUnfit

_HERE = Path(__file__).parent


def migrate(url: str) -> None:
    """Bring the database behind *url* up to date; whoever calls holds the data folder.

    Raises:
        StoreUnfit: a newer release has written this database.
    """
    config = _config()
    config.attributes["url"] = url
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise StoreUnfit(
            f"This database was written by a newer Portvakt; install that release again ({error})."
        ) from error


def upgrade(connection: sa.Connection, revision: str = "head") -> None:
    """Bring the database to *revision* inside the transaction of *connection*, which nobody commits here."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def revisions() -> list[str]:
    """The names of all steps that this release knows, newest first."""
    steps = ScriptDirectory.from_config(_config()).walk_revisions()
    return [step.revision for step in steps]


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_HERE).replace("%", "%%"))
    return config
