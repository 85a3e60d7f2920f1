"""Jobs: what was asked for, who took it up, and what was said of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.store.columns import InstantType, JsonType
from ledger.store.guards import append_only
from ledger.store.guards_of_identity import Kept, keeps_first

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

KEPT = (
    Kept("job", (("id",),)),
    Kept("job_attempt", (("job", "number"),)),
    Kept("job_step", (("job", "attempt", "place"),)),
)
"""The new tables, only ever added to, with their unique keys."""


def upgrade() -> None:
    """Create the tables, then the guards that keep what must never change."""
    op.create_table(
        "job",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("arguments", JsonType(), nullable=False),
        sa.Column("asked_by_kind", sa.String(length=20), nullable=False),
        sa.Column("asked_by", sa.String(length=80), nullable=False),
        sa.Column("asked_by_name", sa.String(length=300), nullable=False),
        sa.Column("asked_at", InstantType(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
    )
    op.create_index(op.f("ix_job_asked_at"), "job", ["asked_at"])
    op.create_table(
        "job_attempt",
        sa.Column("job", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("worker", sa.String(length=300), nullable=False),
        sa.Column("taken_at", InstantType(), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_job_attempt_counted_from_one")),
        sa.ForeignKeyConstraint(["job"], ["job.id"], name=op.f("fk_job_attempt_job")),
        sa.PrimaryKeyConstraint("job", "number", name=op.f("pk_job_attempt")),
    )
    op.create_table(
        "job_step",
        sa.Column("job", sa.String(length=40), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=10), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("said_at", InstantType(), nullable=False),
        sa.CheckConstraint("what IN ('step', 'done', 'failed', 'again')", name=op.f("ck_job_step_known_what")),
        sa.ForeignKeyConstraint(
            ["job", "attempt"], ["job_attempt.job", "job_attempt.number"], name=op.f("fk_job_step_job")
        ),
        sa.PrimaryKeyConstraint("job", "attempt", "place", name=op.f("pk_job_step")),
    )
    bind = op.get_bind()
    for kept in KEPT:
        for statement in (*append_only(kept.table, bind.dialect.name), *keeps_first(kept, bind.dialect.name)):
            op.execute(statement)
