"""What is expected to be received of loans that are impaired, from the day they begin or become so."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.store.columns import InstantType, JsonType, RateType
from ledger.store.guards import append_only
from ledger.store.guards_of_identity import Kept, keeps_first

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

KEPT = (Kept("receipts_foretold", (("id",),)), Kept("receipts_foretold_approval", (("foretold_id",),)))
"""Both tables made here are only ever added to; with their unique keys."""


def upgrade() -> None:
    """Create the tables, then the guards that keep what must never change."""
    op.create_table(
        "receipts_foretold",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("facility_id", sa.String(length=40), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("receipts", JsonType(), nullable=False),
        sa.Column("market_rate", RateType(), nullable=True),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.ForeignKeyConstraint(["facility_id"], ["facility.id"], name=op.f("fk_receipts_foretold_facility_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipts_foretold")),
        sa.UniqueConstraint("id", "proposed_by", name=op.f("uq_receipts_foretold_id_proposed_by")),
    )
    op.create_index(op.f("ix_receipts_foretold_facility_id_from_on"), "receipts_foretold", ["facility_id", "from_on"])
    op.create_table(
        "receipts_foretold_approval",
        sa.Column("foretold_id", sa.String(length=40), nullable=False),
        sa.Column("proposed_by", sa.String(length=80), nullable=False),
        sa.Column("approved_by", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.CheckConstraint("proposed_by <> approved_by", name=op.f("ck_receipts_foretold_approval_two_people")),
        sa.ForeignKeyConstraint(
            ["foretold_id", "proposed_by"],
            ["receipts_foretold.id", "receipts_foretold.proposed_by"],
            name=op.f("fk_receipts_foretold_approval_foretold_id_proposed_by"),
        ),
        sa.PrimaryKeyConstraint("foretold_id", name=op.f("pk_receipts_foretold_approval")),
    )
    dialect = op.get_bind().dialect.name
    for kept in KEPT:
        for statement in (*append_only(kept.table, dialect), *keeps_first(kept, dialect)):
            op.execute(statement)
