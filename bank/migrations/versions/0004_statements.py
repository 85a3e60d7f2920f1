"""The published statements, kept as they were handed out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.store.columns import InstantType, QuarterType
from ledger.store.guards import append_only

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

APPEND_ONLY = ("statement",)


def upgrade() -> None:
    """Create the tables, then the guards that keep what must never change."""
    op.create_table(
        "statement",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("quarter", QuarterType(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("as_at", sa.Date(), nullable=False),
        sa.Column("known_seq", sa.BigInteger(), nullable=False),
        sa.Column("known_at", InstantType(), nullable=False),
        sa.Column("corrections_since", InstantType(), nullable=True),
        sa.Column("caution", sa.Text(), nullable=False),
        sa.Column("supersedes", sa.String(length=80), nullable=True),
        sa.Column("published_at", InstantType(), nullable=False),
        sa.Column("published_by", sa.String(length=80), nullable=False),
        sa.Column("published_by_name", sa.String(length=300), nullable=False),
        sa.Column("request_key", sa.String(length=255), nullable=True),
        sa.Column("figures_sha256", sa.String(length=64), nullable=False),
        sa.Column("pdf_sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("pdf", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["supersedes"], ["statement.id"], name=op.f("fk_statement_supersedes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement")),
        sa.UniqueConstraint("kind", "quarter", "number", name=op.f("uq_statement_kind_quarter_number")),
        sa.UniqueConstraint("published_by", "request_key", name=op.f("uq_statement_published_by_request_key")),
    )
    op.create_index(op.f("ix_statement_quarter"), "statement", ["quarter"], unique=False)
    dialect = op.get_bind().dialect.name
    for table in APPEND_ONLY:
        for statement in append_only(table, dialect):
            op.execute(statement)
