"""Interest and credit on loans: base rates, interest terms, assumptions of loss, stages and back-stops rebutted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.store.columns import InstantType, JsonType, MoneyType, RateType
from ledger.store.guards import append_only
from ledger.store.guards_of_identity import Kept, keeps_first

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

KEPT = (
    Kept("base_rate", (("id",),)),
    Kept("base_rate_approval", (("rate_id",),)),
    Kept("loan_terms", (("id",),)),
    Kept("loan_terms_approval", (("terms_id",),)),
    Kept("loss_assumption", (("id",),)),
    Kept("loss_assumption_approval", (("assumption_id",),)),
    Kept("stage_move", (("id",),)),
    Kept("backstop_rebuttal", (("id",),)),
)
"""Every table of this step: its rows are only ever added, and none is put over another."""


def upgrade() -> None:
    """Create the tables, then the guards that keep what must never change."""
    op.create_table(
        "base_rate",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("base", sa.String(length=40), nullable=False),
        sa.Column("rate", RateType(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_base_rate")),
        sa.UniqueConstraint("id", "proposed_by", name=op.f("uq_base_rate_id_proposed_by")),
    )
    op.create_index(op.f("ix_base_rate_base_from_on"), "base_rate", ["base", "from_on"], unique=False)
    op.create_table(
        "loss_assumption",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("stage", sa.Integer(), nullable=False),
        sa.Column("probability", RateType(), nullable=False),
        sa.Column("loss_given_default", RateType(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.CheckConstraint("stage IN (1, 2, 3)", name=op.f("ck_loss_assumption_stage")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loss_assumption")),
        sa.UniqueConstraint("id", "proposed_by", name=op.f("uq_loss_assumption_id_proposed_by")),
    )
    op.create_table(
        "backstop_rebuttal",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("facility_id", sa.String(length=40), nullable=False),
        sa.Column("stage", sa.Integer(), nullable=False),
        sa.Column("overdue_since", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.CheckConstraint("stage IN (2, 3)", name=op.f("ck_backstop_rebuttal_stage")),
        sa.ForeignKeyConstraint(["facility_id"], ["facility.id"], name=op.f("fk_backstop_rebuttal_facility_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backstop_rebuttal")),
    )
    op.create_index(
        op.f("ix_backstop_rebuttal_facility_id_overdue_since"),
        "backstop_rebuttal",
        ["facility_id", "overdue_since"],
        unique=False,
    )
    op.create_table(
        "base_rate_approval",
        sa.Column("rate_id", sa.String(length=40), nullable=False),
        sa.Column("proposed_by", sa.String(length=80), nullable=False),
        sa.Column("approved_by", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.CheckConstraint("proposed_by <> approved_by", name=op.f("ck_base_rate_approval_two_people")),
        sa.ForeignKeyConstraint(
            ["rate_id", "proposed_by"],
            ["base_rate.id", "base_rate.proposed_by"],
            name=op.f("fk_base_rate_approval_rate_id_proposed_by"),
        ),
        sa.PrimaryKeyConstraint("rate_id", name=op.f("pk_base_rate_approval")),
    )
    op.create_table(
        "loan_terms",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("facility_id", sa.String(length=40), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("base", sa.String(length=40), nullable=True),
        sa.Column("rate", RateType(), nullable=False),
        sa.Column("floor", RateType(), nullable=True),
        sa.Column("cap", RateType(), nullable=True),
        sa.Column("default_margin", RateType(), nullable=False),
        sa.Column("commitment_fee", RateType(), nullable=False),
        sa.Column("arrangement_fee", MoneyType(), nullable=False),
        sa.Column("fee_withheld", sa.Boolean(), nullable=False),
        sa.Column("repayment", sa.String(length=20), nullable=False),
        sa.Column("first_due_on", sa.Date(), nullable=False),
        sa.Column("every_months", sa.Integer(), nullable=False),
        sa.Column("instalments", sa.Integer(), nullable=False),
        sa.Column("capital_holiday", sa.Integer(), nullable=False),
        sa.Column("bespoke", JsonType(), nullable=False),
        sa.Column("nation", sa.String(length=8), nullable=False),
        sa.Column("roll", sa.String(length=20), nullable=False),
        sa.Column("waterfall", JsonType(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.CheckConstraint(
            "arrangement_fee >= 0 AND instalments > 0 AND capital_holiday >= 0", name=op.f("ck_loan_terms_amounts")
        ),
        sa.ForeignKeyConstraint(["facility_id"], ["facility.id"], name=op.f("fk_loan_terms_facility_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loan_terms")),
        sa.UniqueConstraint("id", "proposed_by", name=op.f("uq_loan_terms_id_proposed_by")),
    )
    op.create_index(op.f("ix_loan_terms_facility_id_from_on"), "loan_terms", ["facility_id", "from_on"], unique=False)
    op.create_table(
        "loss_assumption_approval",
        sa.Column("assumption_id", sa.String(length=40), nullable=False),
        sa.Column("proposed_by", sa.String(length=80), nullable=False),
        sa.Column("approved_by", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.CheckConstraint("proposed_by <> approved_by", name=op.f("ck_loss_assumption_approval_two_people")),
        sa.ForeignKeyConstraint(
            ["assumption_id", "proposed_by"],
            ["loss_assumption.id", "loss_assumption.proposed_by"],
            name=op.f("fk_loss_assumption_approval_assumption_id_proposed_by"),
        ),
        sa.PrimaryKeyConstraint("assumption_id", name=op.f("pk_loss_assumption_approval")),
    )
    op.create_table(
        "stage_move",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("facility_id", sa.String(length=40), nullable=False),
        sa.Column("stage", sa.Integer(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.CheckConstraint("stage IN (1, 2, 3)", name=op.f("ck_stage_move_stage")),
        sa.ForeignKeyConstraint(["facility_id"], ["facility.id"], name=op.f("fk_stage_move_facility_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stage_move")),
    )
    op.create_index(
        op.f("ix_stage_move_facility_id_effective_on"), "stage_move", ["facility_id", "effective_on"], unique=False
    )
    op.create_table(
        "loan_terms_approval",
        sa.Column("terms_id", sa.String(length=40), nullable=False),
        sa.Column("proposed_by", sa.String(length=80), nullable=False),
        sa.Column("approved_by", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.CheckConstraint("proposed_by <> approved_by", name=op.f("ck_loan_terms_approval_two_people")),
        sa.ForeignKeyConstraint(
            ["terms_id", "proposed_by"],
            ["loan_terms.id", "loan_terms.proposed_by"],
            name=op.f("fk_loan_terms_approval_terms_id_proposed_by"),
        ),
        sa.PrimaryKeyConstraint("terms_id", name=op.f("pk_loan_terms_approval")),
    )
    dialect = op.get_bind().dialect.name
    for kept in KEPT:
        for statement in (*append_only(kept.table, dialect), *keeps_first(kept, dialect)):
            op.execute(statement)
