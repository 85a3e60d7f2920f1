"""What filers confirmed, how each return came and by which rules it was judged, and what open questions stop."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.store.columns import InstantType, JsonType
from ledger.store.guards import append_only
from ledger.store.guards_of_identity import Kept, keeps_first

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

KEPT = (
    Kept("lending_return_run", (("return_id",),)),
    Kept("lending_return_answer", (("id",),)),
    Kept("question_policy", (("id",),)),
    Kept("question_policy_approval", (("policy_id",),)),
)
"""The new tables, all of them only ever added to, with their unique keys."""


def upgrade() -> None:
    """Create the tables, then the guards that keep what must never change."""
    _returns()
    _policies()
    dialect = op.get_bind().dialect.name
    for kept in KEPT:
        for statement in (*append_only(kept.table, dialect), *keeps_first(kept, dialect)):
            op.execute(statement)


def _returns() -> None:
    op.create_table(
        "lending_return_run",
        sa.Column("return_id", sa.String(length=80), nullable=False),
        sa.Column("manner", sa.String(length=20), nullable=False),
        sa.Column("rules_version", sa.String(length=20), nullable=False),
        sa.Column("rules", JsonType(), nullable=False),
        sa.Column("carried", JsonType(), nullable=False),
        sa.ForeignKeyConstraint(["return_id"], ["lending_return.id"], name=op.f("fk_lending_return_run_return_id")),
        sa.PrimaryKeyConstraint("return_id", name=op.f("pk_lending_return_run")),
    )
    op.create_table(
        "lending_return_answer",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("return_id", sa.String(length=80), nullable=False),
        sa.Column("finding", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.String(length=80), nullable=False),
        sa.Column("answered_by_name", sa.String(length=300), nullable=False),
        sa.Column("answered_at", InstantType(), nullable=False),
        sa.Column("carried_from", sa.String(length=80), nullable=True),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.ForeignKeyConstraint(["return_id"], ["lending_return.id"], name=op.f("fk_lending_return_answer_return_id")),
        sa.ForeignKeyConstraint(
            ["carried_from"], ["lending_return.id"], name=op.f("fk_lending_return_answer_carried_from")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lending_return_answer")),
    )
    op.create_index(
        op.f("ix_lending_return_answer_return_id_finding"), "lending_return_answer", ["return_id", "finding"]
    )


def _policies() -> None:
    op.create_table(
        "question_policy",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("stops", sa.Boolean(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question_policy")),
        sa.UniqueConstraint("id", "proposed_by", name=op.f("uq_question_policy_id_proposed_by")),
    )
    op.create_table(
        "question_policy_approval",
        sa.Column("policy_id", sa.String(length=40), nullable=False),
        sa.Column("proposed_by", sa.String(length=80), nullable=False),
        sa.Column("approved_by", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.CheckConstraint("proposed_by <> approved_by", name=op.f("ck_question_policy_approval_two_people")),
        sa.ForeignKeyConstraint(
            ["policy_id", "proposed_by"],
            ["question_policy.id", "question_policy.proposed_by"],
            name=op.f("fk_question_policy_approval_policy_id_proposed_by"),
        ),
        sa.PrimaryKeyConstraint("policy_id", name=op.f("pk_question_policy_approval")),
    )
