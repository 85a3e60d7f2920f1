"""What was taken off the price of a gilt that was bought without its next coupon."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.store.columns import InstantType, MoneyType
from ledger.store.guards import append_only
from ledger.store.guards_of_identity import Kept, keeps_first

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

KEPT = (Kept("placement_rebate", (("placement_id",),)),)
"""The new table, only ever added to, with its unique key."""


def upgrade() -> None:
    """Create the table, then the guards that keep what must never change."""
    op.create_table(
        "placement_rebate",
        sa.Column("placement_id", sa.String(length=40), nullable=False),
        sa.Column("amount", MoneyType(), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_placement_rebate_amounts")),
        sa.ForeignKeyConstraint(["placement_id"], ["placement.id"], name=op.f("fk_placement_rebate_placement_id")),
        sa.PrimaryKeyConstraint("placement_id", name=op.f("pk_placement_rebate")),
    )
    dialect = op.get_bind().dialect.name
    for kept in KEPT:
        for statement in (*append_only(kept.table, dialect), *keeps_first(kept, dialect)):
            op.execute(statement)
