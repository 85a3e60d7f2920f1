"""One entry in one statement on PostgreSQL: what it asks first, and a guard that lets legs and header come together."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.store import server_in_one

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the question, and the guard anew."""
    bind = op.get_bind()
    if bind.dialect.name != "postgresql":
        return
    for statement in server_in_one.FUNCTIONS:
        op.execute(sa.text(statement.replace(":", r"\:")))
    # A function made again has lost where it looks for tables.
    schema = bind.scalar(sa.text("SELECT quote_ident(current_schema())"))
    for guard in ("books_posting_is_sound", "books_entries_are_sound"):
        op.execute(f"ALTER FUNCTION {guard}() SET search_path = {schema}, pg_temp")
