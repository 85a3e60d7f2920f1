"""Policies on the evidence of each step of a life, each with two names."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.store.columns import InstantType
from ledger.store.guards import append_only
from ledger.store.guards_of_identity import Kept, keeps_first
from ledger.store.guards_of_proposals import Approving, approvals_are_outcomes, outcomes_have_proposals

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

KEPT = (Kept("evidence_policy", (("id",),)), Kept("evidence_policy_approval", (("policy_id",),)))
"""The new tables, both of them only ever added to, with their unique keys."""

NEW = Approving("evidence_policy", "evidence_policy_approval", "policy_id")
PROPOSALS = (
    NEW,
    Approving("facility_description", "facility_description_approval", "description_id"),
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
    op.create_table(
        "evidence_policy_approval",
        sa.Column("policy_id", sa.String(length=40), nullable=False),
        sa.Column("proposed_by", sa.String(length=80), nullable=False),
        sa.Column("approved_by", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.CheckConstraint("proposed_by <> approved_by", name=op.f("ck_evidence_policy_approval_two_people")),
        sa.ForeignKeyConstraint(
            ["policy_id", "proposed_by"],
            ["evidence_policy.id", "evidence_policy.proposed_by"],
            name=op.f("fk_evidence_policy_approval_policy_id_proposed_by"),
        ),
        sa.PrimaryKeyConstraint("policy_id", name=op.f("pk_evidence_policy_approval")),
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
