"""The part of a group's pounds that one borrower may be, beside the floor; and which publications a statement knew."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.store.columns import JsonType, RateType

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what later floors and statements say more; those that are there say nothing of it, and mean nothing by it."""
    op.add_column("disclosure_floor", sa.Column("most_of_one", RateType(), nullable=True))
    op.add_column("statement_withholding", sa.Column("most_of_one", RateType(), nullable=True))
    op.add_column("statement_withholding", sa.Column("publications", JsonType(), nullable=True))
