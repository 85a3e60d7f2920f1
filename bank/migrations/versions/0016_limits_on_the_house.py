"""What every limit read before a decision on the money of the bank itself."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.store.columns import InstantType, JsonType, MoneyType
from ledger.store.guards import append_only
from ledger.store.guards_of_identity import Kept, keeps_first

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

KEPT = Kept("house_evaluation", (("id",),))


def upgrade() -> None:
    """Create the tables, then the guards that keep what must never change."""
    op.create_table(
        "house_evaluation",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("amount", MoneyType(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("readings", JsonType(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_house_evaluation")),
    )
    op.create_index(op.f("ix_house_evaluation_subject"), "house_evaluation", ["subject"], unique=False)
    dialect = op.get_bind().dialect.name
    for statement in (*append_only(KEPT.table, dialect), *keeps_first(KEPT, dialect)):
        op.execute(statement)
