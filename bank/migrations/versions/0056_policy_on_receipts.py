"""The policy on the journal of dormant money that comes: dated, what it rests on, and two names to it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bank.migrations.proposals import RECEIPT_POLICY, come_to_one_end, create_approvals, keep
from ledger.store.columns import InstantType
from ledger.store.guards_of_identity import Kept

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None

KEPT = (Kept("receipt_policy", (("id",),)), Kept("receipt_policy_approval", (("policy_id",),)))
"""The new tables, both of them only ever added to, with their unique keys."""


def upgrade() -> None:
    """Create the tables, then the guards that keep what must never change. Older books stay income first."""
    op.create_table(
        "receipt_policy",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("method", sa.String(length=20), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.CheckConstraint(
            "method IN ('income-first', 'liability-first')", name=op.f("ck_receipt_policy_known_method")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt_policy")),
        sa.UniqueConstraint("id", "proposed_by", name=op.f("uq_receipt_policy_id_proposed_by")),
    )
    create_approvals(RECEIPT_POLICY, key="proposed_by")
    keep(*KEPT)
    come_to_one_end(RECEIPT_POLICY)
