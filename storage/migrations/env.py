"""What Alembic runs: the steps, on the connection and in the world that `migrate` hands over."""

from alembic import context

from storage.schema import METADATA

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=METADATA,
    version_table_schema=context.config.attributes["world"],
)
with context.begin_transaction():
    context.run_migrations()
