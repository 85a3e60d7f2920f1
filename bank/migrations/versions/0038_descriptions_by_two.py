"""What sort of risk a facility is, told otherwise once it is past its proposal: by one, and approved by another."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.store.columns import InstantType
from ledger.store.guards import append_only
from ledger.store.guards_of_identity import Kept, keeps_first
from ledger.store.guards_of_proposals import Approving, approvals_are_outcomes, outcomes_have_proposals

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

KEPT = (Kept("facility_description", (("id",),)), Kept("facility_description_approval", (("description_id",),)))
"""The new tables, both of them only ever added to, with their unique keys."""

NEW = Approving("facility_description", "facility_description_approval", "description_id")
PROPOSALS = (
    NEW,
    Approving("dormancy_period", "dormancy_period_approval", "period_id"),
    Approving("base_rate", "base_rate_approval", "rate_id"),
    Approving("reserve_rate", "reserve_rate_approval", "rate_id"),
    Approving("england_direction", "england_direction_approval", "direction_id"),
    Approving("share_agreement", "share_agreement_approval", "agreement_id"),
    Approving("dividend_policy", "dividend_policy_approval", "policy_id"),
    Approving("liquidity_policy", "liquidity_policy_approval", "policy_id"),
    Approving("placement_bounds", "placement_bounds_approval", "bounds_id"),
    Approving("stress_scenario", "stress_scenario_approval", "scenario_id"),
    Approving("question_policy", "question_policy_approval", "policy_id"),
    Approving("loan_terms", "loan_terms_approval", "terms_id"),
    Approving("modification_threshold", "modification_threshold_approval", "threshold_id"),
    Approving("loss_assumption", "loss_assumption_approval", "assumption_id"),
    Approving("receipts_foretold", "receipts_foretold_approval", "foretold_id"),
    Approving("receipt_forecast", "receipt_forecast_approval", "forecast_id"),
)
"""Everything that is proposed and approved by now: the guard of their outcomes is made anew for all of them."""


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
    op.create_table(
        "facility_description_approval",
        sa.Column("description_id", sa.String(length=40), nullable=False),
        sa.Column("proposed_by", sa.String(length=80), nullable=False),
        sa.Column("approved_by", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.CheckConstraint("proposed_by <> approved_by", name=op.f("ck_facility_description_approval_two_people")),
        sa.ForeignKeyConstraint(
            ["description_id", "proposed_by"],
            ["facility_description.id", "facility_description.proposed_by"],
            name=op.f("fk_facility_description_approval_description_id_proposed_by"),
        ),
        sa.PrimaryKeyConstraint("description_id", name=op.f("pk_facility_description_approval")),
    )
    bind = op.get_bind()
    for kept in KEPT:
        for statement in (*append_only(kept.table, bind.dialect.name), *keeps_first(kept, bind.dialect.name)):
            op.execute(statement)
    for statement in (
        *approvals_are_outcomes(NEW, bind.dialect.name),
        *outcomes_have_proposals(PROPOSALS, bind.dialect.name),
    ):
        op.execute(statement)
    if bind.dialect.name == "postgresql":
        # A function made again has lost where it looks for tables.
        schema = bind.scalar(sa.text("SELECT quote_ident(current_schema())"))
        op.execute(f"ALTER FUNCTION books_outcome_has_proposal() SET search_path = {schema}, pg_temp")
