"""Policies on the evidence of each step of a life, each with two names."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bank.migrations.proposals import EVIDENCE_POLICY, come_to_one_end, create_approvals, keep
from ledger.store.columns import InstantType
from ledger.store.guards_of_identity import Kept

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

KEPT = (Kept("evidence_policy", (("id",),)), Kept("evidence_policy_approval", (("policy_id",),)))
"""The new tables, both of them only ever added to, with their unique keys."""


def upgrade() -> None:
    """Create the tables, then the guards that keep what must never change."""
    op.create_table(
        "evidence_policy",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("step", sa.String(length=40), nullable=False),
        sa.Column("wanted", sa.Boolean(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_policy")),
        sa.UniqueConstraint("id", "proposed_by", name=op.f("uq_evidence_policy_id_proposed_by")),
    )
    create_approvals(EVIDENCE_POLICY, key="proposed_by")
    keep(*KEPT)
    come_to_one_end(EVIDENCE_POLICY)
