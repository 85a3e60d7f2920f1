"""From what difference on changed terms make another loan, and what each approved change came to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.store.columns import InstantType, RateType
from ledger.store.guards import append_only
from ledger.store.guards_of_identity import Kept, keeps_first

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

KEPT = (Kept("modification_threshold", (("id",),)), Kept("modification_threshold_approval", (("threshold_id",),)))
"""Both tables made here are only ever added to; with their unique keys."""


def upgrade() -> None:
    """Add what a change of terms tells, create the tables, then the guards that keep what must never change."""
    op.add_column("loan_terms", sa.Column("market_rate", RateType(), nullable=True))
    op.add_column("loan_terms_approval", sa.Column("difference", RateType(), nullable=True))
    op.add_column("loan_terms_approval", sa.Column("replaces", sa.Boolean(), nullable=True))
    op.create_table(
        "modification_threshold",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("part", RateType(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_modification_threshold")),
        sa.UniqueConstraint("id", "proposed_by", name=op.f("uq_modification_threshold_id_proposed_by")),
    )
    op.create_table(
        "modification_threshold_approval",
        sa.Column("threshold_id", sa.String(length=40), nullable=False),
        sa.Column("proposed_by", sa.String(length=80), nullable=False),
        sa.Column("approved_by", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.CheckConstraint("proposed_by <> approved_by", name=op.f("ck_modification_threshold_approval_two_people")),
        sa.ForeignKeyConstraint(
            ["threshold_id", "proposed_by"],
            ["modification_threshold.id", "modification_threshold.proposed_by"],
            name=op.f("fk_modification_threshold_approval_threshold_id_proposed_by"),
        ),
        sa.PrimaryKeyConstraint("threshold_id", name=op.f("pk_modification_threshold_approval")),
    )
    dialect = op.get_bind().dialect.name
    for kept in KEPT:
        for statement in append_only(kept.table, dialect):
            op.execute(statement)
        for statement in keeps_first(kept, dialect):
            op.execute(statement)
