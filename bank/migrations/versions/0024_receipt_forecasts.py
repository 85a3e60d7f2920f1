"""Forecasts of what a facility without fixed payments will bring in, and their approvals."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.store.columns import InstantType, JsonType
from ledger.store.guards import append_only
from ledger.store.guards_of_identity import Kept, keeps_first

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

KEPT = (Kept("receipt_forecast", (("id",),)), Kept("receipt_forecast_approval", (("forecast_id",),)))
"""The new tables, both only ever added to, with their unique keys."""


def upgrade() -> None:
    """Create the tables, then the guards that keep what must never change."""
    op.create_table(
        "receipt_forecast",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("facility_id", sa.String(length=40), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("flows", JsonType(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.ForeignKeyConstraint(["facility_id"], ["facility.id"], name=op.f("fk_receipt_forecast_facility_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt_forecast")),
        sa.UniqueConstraint("id", "proposed_by", name=op.f("uq_receipt_forecast_id_proposed_by")),
    )
    op.create_index(
        op.f("ix_receipt_forecast_facility_id_from_on"), "receipt_forecast", ["facility_id", "from_on"], unique=False
    )
    op.create_table(
        "receipt_forecast_approval",
        sa.Column("forecast_id", sa.String(length=40), nullable=False),
        sa.Column("proposed_by", sa.String(length=80), nullable=False),
        sa.Column("approved_by", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.CheckConstraint("proposed_by <> approved_by", name=op.f("ck_receipt_forecast_approval_two_people")),
        sa.ForeignKeyConstraint(
            ["forecast_id", "proposed_by"],
            ["receipt_forecast.id", "receipt_forecast.proposed_by"],
            name=op.f("fk_receipt_forecast_approval_forecast_id_proposed_by"),
        ),
        sa.PrimaryKeyConstraint("forecast_id", name=op.f("pk_receipt_forecast_approval")),
    )
    dialect = op.get_bind().dialect.name
    for kept in KEPT:
        for statement in (*append_only(kept.table, dialect), *keeps_first(kept, dialect)):
            op.execute(statement)
