"""Which columns of its files an edition of places was read by, where they go by another heading than the usual."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what later loads say; of those that are there nobody knows any more."""
    op.add_column("place_load", sa.Column("columns", sa.Text(), nullable=True))
