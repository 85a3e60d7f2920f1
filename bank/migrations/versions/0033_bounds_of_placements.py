"""The bounds of what a short gilt is and costs, as dated policy with its approver."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.store.columns import InstantType, RateType
from ledger.store.guards import append_only
from ledger.store.guards_of_identity import Kept, keeps_first

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

KEPT = (Kept("placement_bounds", (("id",),)), Kept("placement_bounds_approval", (("bounds_id",),)))
"""The new tables, both of them only ever added to, with their unique keys."""


def upgrade() -> None:
    """Create the tables, then the guards that keep what must never change."""
    op.create_table(
        "placement_bounds",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("longest_years", sa.Integer(), nullable=False),
        sa.Column("least_price", RateType(), nullable=False),
        sa.Column("most_price", RateType(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.CheckConstraint("longest_years > 0", name=op.f("ck_placement_bounds_years")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_placement_bounds")),
        sa.UniqueConstraint("id", "proposed_by", name=op.f("uq_placement_bounds_id_proposed_by")),
    )
    op.create_table(
        "placement_bounds_approval",
        sa.Column("bounds_id", sa.String(length=40), nullable=False),
        sa.Column("proposed_by", sa.String(length=80), nullable=False),
        sa.Column("approved_by", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.CheckConstraint("proposed_by <> approved_by", name=op.f("ck_placement_bounds_approval_two_people")),
        sa.ForeignKeyConstraint(
            ["bounds_id", "proposed_by"],
            ["placement_bounds.id", "placement_bounds.proposed_by"],
            name=op.f("fk_placement_bounds_approval_bounds_id_proposed_by"),
        ),
        sa.PrimaryKeyConstraint("bounds_id", name=op.f("pk_placement_bounds_approval")),
    )
    dialect = op.get_bind().dialect.name
    for kept in KEPT:
        for statement in (*append_only(kept.table, dialect), *keeps_first(kept, dialect)):
            op.execute(statement)
