"""Within how many days acts count together against a line of the table, and what each act came to by it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.store.columns import InstantType, JsonType, MoneyType
from ledger.store.guards import append_only
from ledger.store.guards_of_identity import Kept, keeps_first

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

KEPT = (Kept("approval_reckoning", (("id",),)),)
"""The new table, only ever added to, with its key."""


def upgrade() -> None:
    """Let a line say it; the lines of before count each act by itself, as they did. Then the table, and its guards."""
    op.add_column("approval_rule", sa.Column("within_days", sa.Integer(), nullable=True))
    op.create_table(
        "approval_reckoning",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("together", sa.String(length=400), nullable=False),
        sa.Column("amount", MoneyType(), nullable=False),
        sa.Column("counted", MoneyType(), nullable=False),
        sa.Column("rule_id", sa.String(length=40), nullable=True),
        sa.Column("roles", JsonType(), nullable=False),
        sa.Column("request_id", sa.String(length=40), nullable=True),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_reckoning")),
    )
    op.create_index(
        op.f("ix_approval_reckoning_action_together_recorded_at"),
        "approval_reckoning",
        ["action", "together", "recorded_at"],
    )
    bind = op.get_bind()
    for kept in KEPT:
        for statement in (*append_only(kept.table, bind.dialect.name), *keeps_first(kept, bind.dialect.name)):
            op.execute(statement)
