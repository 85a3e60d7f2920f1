"""The evidence of an enquiry, of each thing that happens to a facility, and of what somebody says to a request."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

TABLES = ("enquiry", "facility_event", "approval_decision")


def upgrade() -> None:
    """Add what may now be told with each; none was told of those of before."""
    for table in TABLES:
        op.add_column(table, sa.Column("evidence", sa.Text(), nullable=False, server_default=""))
