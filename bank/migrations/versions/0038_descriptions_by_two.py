"""What sort of risk a facility is, told otherwise once it is past its proposal: by one, and approved by another."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bank.migrations.proposals import DESCRIPTION, come_to_one_end, create_approvals, keep
from ledger.store.columns import InstantType
from ledger.store.guards_of_identity import Kept

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

KEPT = (Kept("facility_description", (("id",),)), Kept("facility_description_approval", (("description_id",),)))
"""The new tables, both of them only ever added to, with their unique keys."""


def upgrade() -> None:
    """Create the tables, then the guards that keep what must never change."""
    op.create_table(
        "facility_description",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("facility_id", sa.String(length=40), nullable=False),
        sa.Column("region", sa.String(length=80), nullable=True),
        sa.Column("secured", sa.Boolean(), nullable=True),
        sa.Column("first_loss", sa.Boolean(), nullable=True),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.ForeignKeyConstraint(["facility_id"], ["facility.id"], name=op.f("fk_facility_description_facility_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facility_description")),
        sa.UniqueConstraint("id", "proposed_by", name=op.f("uq_facility_description_id_proposed_by")),
    )
    op.create_index(
        op.f("ix_facility_description_facility_id_recorded_at"), "facility_description", ["facility_id", "recorded_at"]
    )
    create_approvals(DESCRIPTION, key="proposed_by")
    keep(*KEPT)
    come_to_one_end(DESCRIPTION)
