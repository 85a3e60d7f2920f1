"""What locks the assets of organisations, as a dated fact with what shows it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.store.columns import InstantType
from ledger.store.guards import append_only
from ledger.store.guards_of_identity import Kept, keeps_first

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

KEPT = (Kept("asset_lock_fact", (("id",),)),)
"""The table made here is only ever added to; with its unique key."""


def upgrade() -> None:
    """Create the table, then the guards that keep what must never change."""
    op.create_table(
        "asset_lock_fact",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("organisation", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.ForeignKeyConstraint(["organisation"], ["organisation.id"], name=op.f("fk_asset_lock_fact_organisation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_asset_lock_fact")),
    )
    op.create_index(
        op.f("ix_asset_lock_fact_organisation_from_on"), "asset_lock_fact", ["organisation", "from_on"], unique=False
    )
    dialect = op.get_bind().dialect.name
    for kept in KEPT:
        for statement in (*append_only(kept.table, dialect), *keeps_first(kept, dialect)):
            op.execute(statement)
