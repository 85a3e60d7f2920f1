"""What the outcome of a check rested on, kept with it, so that what has not changed need not be checked again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let a run say it; runs of before do not, and their returns are checked again when they are accepted."""
    op.add_column("lending_return_run", sa.Column("grounds_sha256", sa.String(length=64), nullable=True))
