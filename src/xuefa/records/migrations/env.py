"""Alembic's environment: runs the revisions on the connection that `schema.py` hands over, in its transaction."""

from alembic import context

from xuefa.records.tables import REVISION_TABLE, metadata

context.configure(
    connection=context.config.attributes["connection"], target_metadata=metadata, version_table=REVISION_TABLE
)
context.run_migrations()
