"""Placements of the reclaim fund beside the bank's, and gilts at amortised cost."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.store.columns import MoneyType, RateType

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what a placement now tells; one of before is the bank's, and stands at cost."""
    for column in (
        sa.Column("book", sa.String(length=40), nullable=False, server_default="bank"),
        sa.Column("measured", sa.String(length=16), nullable=False, server_default="cost"),
        sa.Column("coupons", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("effective_rate", RateType(), nullable=True),
    ):
        op.add_column("placement", column)
    op.add_column("placement_event", sa.Column("amortised", MoneyType(), nullable=False, server_default="0"))
