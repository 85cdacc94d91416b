"""Alembic's way in: `migrate` gives the address; nothing is read from a file or the environment."""

import sqlalchemy as sa
from alembic import context

from central import migrations, schema
from central.database import engines


def _run() -> None:
    given = context.config.attributes.get("connection")
    if given is not None:
        _on(given)  # in the transaction that is open there, which alembic neither begins nor ends
        return
    # Each step is one transaction, its tables included.
    engine = engines.migrating_engine(context.config.attributes["url"])
    try:
        with engine.connect() as connection:
            _on(connection)
    finally:
        engine.dispose()


def _on(connection: sa.Connection) -> None:
    context.configure(
        connection=connection, target_metadata=schema.metadata, transactional_ddl=True
    )
    with context.begin_transaction():
        context.run_migrations()
        migrations.say_who_reads(connection)


_run()
