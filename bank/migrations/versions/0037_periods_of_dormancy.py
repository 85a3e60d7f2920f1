"""The periods of dormancy of the classes of asset, as dated facts with their source and two names to each."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bank.migrations.proposals import DORMANCY_PERIOD, come_to_one_end, create_approvals, keep
from ledger.store.columns import InstantType
from ledger.store.guards_of_identity import Kept

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

KEPT = (Kept("dormancy_period", (("id",),)), Kept("dormancy_period_approval", (("period_id",),)))
"""The new tables, both of them only ever added to, with their unique keys."""


def upgrade() -> None:
    """Create the tables, then the guards that keep what must never change."""
    op.create_table(
        "dormancy_period",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("asset_class", sa.String(length=40), nullable=False),
        sa.Column("years", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.CheckConstraint("years > 0", name=op.f("ck_dormancy_period_years")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dormancy_period")),
        sa.UniqueConstraint("id", "proposed_by", name=op.f("uq_dormancy_period_id_proposed_by")),
    )
    create_approvals(DORMANCY_PERIOD, key="proposed_by")
    keep(*KEPT)
    come_to_one_end(DORMANCY_PERIOD)
