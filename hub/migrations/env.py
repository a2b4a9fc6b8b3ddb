"""Alembic's door to the ledger: `hub.ledger` hands it a connection, or an engine when somebody runs alembic by hand."""

from __future__ import annotations

from alembic import context

from hub.tables import metadata

config = context.config
connection = config.attributes.get("connection")
if connection is not None:
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
    context.run_migrations()
else:
    with config.attributes["engine"].connect() as opened, opened.begin():
        context.configure(connection=opened, target_metadata=metadata, render_as_batch=True)
        context.run_migrations()
