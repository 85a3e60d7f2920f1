"""What became of every proposal: approved, rejected or withdrawn, once, whatever was proposed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bank.migrations.proposals import FIRST, keep
from ledger.store.columns import InstantType
from ledger.store.guards_of_identity import Kept
from ledger.store.guards_of_proposals import approvals_are_outcomes, outcomes_have_proposals, proposal_functions

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

KEPT = (Kept("proposal_outcome", (("proposal_id",),)),)
"""The new table, only ever added to, with its unique key."""


def upgrade() -> None:
    """Create the table, tell of what was approved before that it was, then set the guards."""
    op.create_table(
        "proposal_outcome",
        sa.Column("proposal_id", sa.String(length=40), nullable=False),
        sa.Column("proposed_by", sa.String(length=80), nullable=False),
        sa.Column("decided_by", sa.String(length=80), nullable=False),
        sa.Column("decision", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.CheckConstraint(
            "decision IN ('approved', 'rejected', 'withdrawn')", name=op.f("ck_proposal_outcome_decision")
        ),
        sa.CheckConstraint(
            "(proposed_by = decided_by) = (decision = 'withdrawn')", name=op.f("ck_proposal_outcome_two_people")
        ),
        sa.CheckConstraint("decision = 'approved' OR reason <> ''", name=op.f("ck_proposal_outcome_reason")),
        sa.PrimaryKeyConstraint("proposal_id", name=op.f("pk_proposal_outcome")),
    )
    for kind in FIRST:
        op.execute(
            "INSERT INTO proposal_outcome (proposal_id, proposed_by, decided_by, decision, reason, recorded_at) "  # noqa: S608 -- names of our own tables
            f"SELECT {kind.link}, proposed_by, approved_by, 'approved', '', recorded_at FROM {kind.approvals}"
        )
    dialect = op.get_bind().dialect.name
    keep(*KEPT)
    for statement in (*proposal_functions(dialect), *outcomes_have_proposals(FIRST, dialect)):
        op.execute(statement)
    for kind in FIRST:
        for statement in approvals_are_outcomes(kind, dialect):
            op.execute(statement)
    if dialect == "postgresql":
        schema = op.get_bind().scalar(sa.text("SELECT quote_ident(current_schema())"))
        for function in ("books_approval_is_outcome", "books_outcome_has_proposal"):
            op.execute(f"ALTER FUNCTION {function}() SET search_path = {schema}, pg_temp")
