"""Assumptions of loss year by year, and what of an undrawn commitment is drawn before a default."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.store.columns import JsonType, RateType

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what an assumption may tell; one of before tells neither, and is read as all of it within a year."""
    op.add_column("loss_assumption", sa.Column("by_year", JsonType(), nullable=True))
    op.add_column("loss_assumption", sa.Column("conversion", RateType(), nullable=True))
