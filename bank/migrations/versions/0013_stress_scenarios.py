"""The scenarios of stress, with what each assumes and who agreed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.store.columns import InstantType, MoneyType, RateType
from ledger.store.guards import append_only
from ledger.store.guards_of_identity import Kept, keeps_first

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

KEPT = (Kept("stress_scenario", (("id",),)), Kept("stress_scenario_approval", (("scenario_id",),)))


def upgrade() -> None:
    """Create the tables, then the guards that keep what must never change."""
    op.create_table(
        "stress_scenario",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("claims_rate", RateType(), nullable=False),
        sa.Column("claims_interest", RateType(), nullable=False),
        sa.Column("receipts", MoneyType(), nullable=False),
        sa.Column("drawn_over", sa.Integer(), nullable=False),
        sa.Column("repayment_shortfall", RateType(), nullable=False),
        sa.Column("treasury_rate", RateType(), nullable=False),
        sa.Column("costs", MoneyType(), nullable=False),
        sa.Column("holds_for", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.CheckConstraint(
            "drawn_over > 0 AND holds_for >= 0 AND receipts >= 0 AND costs >= 0",
            name=op.f("ck_stress_scenario_amounts"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stress_scenario")),
        sa.UniqueConstraint("id", "proposed_by", name=op.f("uq_stress_scenario_id_proposed_by")),
    )
    op.create_index(op.f("ix_stress_scenario_name"), "stress_scenario", ["name"], unique=False)
    op.create_table(
        "stress_scenario_approval",
        sa.Column("scenario_id", sa.String(length=40), nullable=False),
        sa.Column("proposed_by", sa.String(length=80), nullable=False),
        sa.Column("approved_by", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.CheckConstraint("proposed_by <> approved_by", name=op.f("ck_stress_scenario_approval_two_people")),
        sa.ForeignKeyConstraint(
            ["scenario_id", "proposed_by"],
            ["stress_scenario.id", "stress_scenario.proposed_by"],
            name=op.f("fk_stress_scenario_approval_scenario_id_proposed_by"),
        ),
        sa.PrimaryKeyConstraint("scenario_id", name=op.f("pk_stress_scenario_approval")),
    )
    dialect = op.get_bind().dialect.name
    for kept in KEPT:
        for statement in (*append_only(kept.table, dialect), *keeps_first(kept, dialect)):
            op.execute(statement)
