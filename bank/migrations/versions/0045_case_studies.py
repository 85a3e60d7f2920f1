"""Case studies of onward loans, each with two names, and the consents that were taken back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.store.columns import InstantType
from ledger.store.guards import append_only
from ledger.store.guards_of_identity import Kept, keeps_first
from ledger.store.guards_of_proposals import Approving, approvals_are_outcomes, outcomes_have_proposals

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

KEPT = (
    Kept("case_study", (("id",),)),
    Kept("case_study_approval", (("case_id",),)),
    Kept("consent_withdrawal", (("case_id",),)),
)
"""The new tables, all of them only ever added to, with their unique keys."""

NEW = Approving("case_study", "case_study_approval", "case_id")
PROPOSALS = (
    NEW,
    Approving("evidence_policy", "evidence_policy_approval", "policy_id"),
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
    _tables()
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


def _tables() -> None:
    op.create_table(
        "case_study",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("loan", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(length=100), nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("consent_by", sa.String(length=300), nullable=False),
        sa.Column("consented_on", sa.Date(), nullable=False),
        sa.Column("consent_until", sa.Date(), nullable=False),
        sa.Column("named", sa.Boolean(), nullable=False),
        sa.Column("proposed_by", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.CheckConstraint("outcome IN ('succeeded', 'mixed', 'failed')", name=op.f("ck_case_study_known_outcome")),
        sa.CheckConstraint("consented_on <= consent_until", name=op.f("ck_case_study_consent_lasts")),
        sa.ForeignKeyConstraint(["loan"], ["loan.id"], name=op.f("fk_case_study_loan_loan")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_study")),
        sa.UniqueConstraint("id", "proposed_by", name=op.f("uq_case_study_id_proposed_by")),
    )
    op.create_table(
        "case_study_approval",
        sa.Column("case_id", sa.String(length=40), nullable=False),
        sa.Column("proposed_by", sa.String(length=80), nullable=False),
        sa.Column("approved_by", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.CheckConstraint("proposed_by <> approved_by", name=op.f("ck_case_study_approval_two_people")),
        sa.ForeignKeyConstraint(
            ["case_id", "proposed_by"],
            ["case_study.id", "case_study.proposed_by"],
            name=op.f("fk_case_study_approval_case_id_case_study"),
        ),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_case_study_approval")),
    )
    op.create_table(
        "consent_withdrawal",
        sa.Column("case_id", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_study.id"], name=op.f("fk_consent_withdrawal_case_id_case_study")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_consent_withdrawal")),
    )
