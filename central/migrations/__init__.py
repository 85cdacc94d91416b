"""Brings a database to this release's tables, step by step."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError

from central.errors import StoreUnfit

_HERE = Path(__file__).parent


def migrate(url: str) -> None:
    """Bring the database behind *url* up to date; whoever calls holds the data folder.

    Raises:
        StoreUnfit: a newer release has written this database.
    """
    config = Config()
    config.set_main_option("script_location", str(_HERE).replace("%", "%%"))
    config.attributes["url"] = url
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise StoreUnfit(
            f"This database was written by a newer Portvakt; install that release again ({error})."
        ) from error
