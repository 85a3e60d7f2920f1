"""How the days of a commitment fee are counted, where its terms say so."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let terms say it; those of before count as the facility's interest does."""
    op.add_column("loan_terms", sa.Column("fee_day_count", sa.String(length=20), nullable=True))
