"""How Alembic runs a step: on the connection it is handed, and on no other."""

from __future__ import annotations

from alembic import context

from bank.wiring import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata(),
    transactional_ddl=True,
    transaction_per_migration=False,
    render_as_batch=False,
)
context.run_migrations()
