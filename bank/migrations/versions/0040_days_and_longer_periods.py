"""Sums of all accounts from fewer rows: the days at the edge of a month by an index, and longer periods."""

from __future__ import annotations

from alembic import op

from ledger.store import cells

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index where a look into each account costs as much as all of it, and add the cells of longer periods."""
    bind = op.get_bind()
    if bind.dialect.name == "postgresql":
        op.create_index("ix_posting_day", "posting", ["effective_on", "seq", "account_id", "amount"], unique=False)
    cells.lengthen(bind)
