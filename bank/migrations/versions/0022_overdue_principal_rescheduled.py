"""Whether terms of a loan take its overdue principal into their schedule."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what terms may tell; those of before tell nothing, and leave what is overdue due."""
    op.add_column("loan_terms", sa.Column("reschedules", sa.Boolean(), nullable=True))
