"""Alembic's way in: `migrate` gives the address; nothing is read from a file or the environment."""

from alembic import context

from central import engines, schema


def _run() -> None:
    # The writer's own engine: each step is one transaction there, its tables included.
    engine = engines.writing_engine(context.config.attributes["url"])
    with engine.connect() as connection:
        context.configure(
            connection=connection, target_metadata=schema.metadata, transactional_ddl=True
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


_run()
