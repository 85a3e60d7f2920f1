"""Whether a payment was divided by the contract or by hand."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what a payment now tells; of those of before it is not known, and they stay as they were divided."""
    op.add_column("facility_event", sa.Column("shared_out", sa.Boolean(), nullable=False, server_default=sa.false()))
