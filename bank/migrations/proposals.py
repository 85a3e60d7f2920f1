"""What migrations share that bring something which one person proposes and another approves.

This is history, as the migrations are: a kind once told here stays as it is, in its place, and a new one goes before
the others. What a migration makes by it is then the same for ever.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa
from alembic import op

from ledger.store.columns import InstantType
from ledger.store.guards import append_only
from ledger.store.guards_of_identity import Kept, keeps_first
from ledger.store.guards_of_proposals import Approving, approvals_are_outcomes, outcomes_have_proposals

FIRST: Final = (
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
"""What was there when proposals came to have one table of outcomes."""

CASE_STUDY: Final = Approving("case_study", "case_study_approval", "case_id")
EVIDENCE_POLICY: Final = Approving("evidence_policy", "evidence_policy_approval", "policy_id")
DESCRIPTION: Final = Approving("facility_description", "facility_description_approval", "description_id")
DORMANCY_PERIOD: Final = Approving("dormancy_period", "dormancy_period_approval", "period_id")

DISCLOSURE_FLOOR: Final = Approving("disclosure_floor", "disclosure_floor_approval", "floor_id")
RECEIPT_POLICY: Final = Approving("receipt_policy", "receipt_policy_approval", "policy_id")

_SINCE: Final = (RECEIPT_POLICY, DISCLOSURE_FLOOR, CASE_STUDY, EVIDENCE_POLICY, DESCRIPTION, DORMANCY_PERIOD)
_NEWEST_FIRST: Final = (*_SINCE, *FIRST)


def keep(*tables: Kept) -> None:
    """Set the guards of tables that are only ever added to, and of their unique keys."""
    dialect = op.get_bind().dialect.name
    for kept in tables:
        _execute((*append_only(kept.table, dialect), *keeps_first(kept, dialect)))


def create_approvals(kind: Approving, *, key: str) -> None:
    """Create the table of a kind's approvals: two people, and the proposer is the proposal's own.

    `key` is how the name of the foreign key ends, after the column; the table of proposals is there, unique in its id
    with its proposer.
    """
    named, link = kind.approvals, kind.link
    op.create_table(
        named,
        sa.Column(link, sa.String(length=40), nullable=False),
        sa.Column("proposed_by", sa.String(length=80), nullable=False),
        sa.Column("approved_by", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.CheckConstraint("proposed_by <> approved_by", name=op.f(f"ck_{named}_two_people")),
        sa.ForeignKeyConstraint(
            [link, "proposed_by"],
            [f"{kind.proposals}.id", f"{kind.proposals}.proposed_by"],
            name=op.f(f"fk_{named}_{link}_{key}"),
        ),
        sa.PrimaryKeyConstraint(link, name=op.f(f"pk_{named}")),
    )


def come_to_one_end(kind: Approving) -> None:
    """Hold a new kind to the table of outcomes, and that table to every kind there is by then."""
    bind = op.get_bind()
    dialect = bind.dialect.name
    there = _NEWEST_FIRST[_NEWEST_FIRST.index(kind) :]
    _execute((*approvals_are_outcomes(kind, dialect), *outcomes_have_proposals(there, dialect)))
    if dialect == "postgresql":
        # A function made again has lost where it looks for tables.
        schema = bind.scalar(sa.text("SELECT quote_ident(current_schema())"))
        op.execute(f"ALTER FUNCTION books_outcome_has_proposal() SET search_path = {schema}, pg_temp")


def _execute(statements: Sequence[str]) -> None:
    for statement in statements:
        op.execute(statement)
