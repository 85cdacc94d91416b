"""Bringing a database to this release while nobody serves it."""

from pathlib import Path

from central import migrations
from central.database.folder import DataFolder
from central.database.presence import alone
from central.serving.serve import check_database


def migrate(data: Path, database: str) -> str:
    """Migrate the PostgreSQL at *database*, or the file in the folder *data*; give the revision.

    Raises:
        FolderTaken, StoreTaken: somebody serves it.
        StoreAway, StoreUnfit: it does not answer, or is of a newer release.
    """
    if database:
        check_database(database)
        with alone(database):
            migrations.migrate(database)
    else:
        with DataFolder(data) as folder:
            migrations.migrate(folder.url)
    return migrations.revisions()[0]
