"""Case studies of onward loans, each with two names, and the consents that were taken back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bank.migrations.proposals import CASE_STUDY, come_to_one_end, create_approvals, keep
from ledger.store.columns import InstantType
from ledger.store.guards_of_identity import Kept

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


def upgrade() -> None:
    """Create the tables, then the guards that keep what must never change."""
    _tables()
    keep(*KEPT)
    come_to_one_end(CASE_STUDY)


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
    create_approvals(CASE_STUDY, key="case_study")
    op.create_table(
        "consent_withdrawal",
        sa.Column("case_id", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_study.id"], name=op.f("fk_consent_withdrawal_case_id_case_study")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_consent_withdrawal")),
    )
