"""Which version of the statements composed a filed one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what later statements say of themselves; those that are there named no version."""
    op.add_column("statement", sa.Column("version", sa.Integer(), nullable=True))
