"""Publications of the record of loan performance, each kept with what a later one is held against."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.store.columns import InstantType, JsonType, QuarterType
from ledger.store.guards import append_only
from ledger.store.guards_of_identity import Kept, keeps_first

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

KEPT = (Kept("publication", (("id",), ("quarter", "number"))),)
"""The new table, only ever added to, with its unique keys."""


def upgrade() -> None:
    """Create the table, then the guards that keep what must never change."""
    op.create_table(
        "publication",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("quarter", QuarterType(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("as_at", sa.Date(), nullable=False),
        sa.Column("known_seq", sa.BigInteger(), nullable=False),
        sa.Column("known_at", InstantType(), nullable=False),
        sa.Column("fewest", sa.Integer(), nullable=False),
        sa.Column("published_at", InstantType(), nullable=False),
        sa.Column("published_by", sa.String(length=80), nullable=False),
        sa.Column("published_by_name", sa.String(length=300), nullable=False),
        sa.Column("record", JsonType(), nullable=False),
        sa.Column("kept", JsonType(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publication")),
        sa.UniqueConstraint("quarter", "number", name=op.f("uq_publication_quarter_number")),
    )
    dialect = op.get_bind().dialect.name
    for kept in KEPT:
        for statement in (*append_only(kept.table, dialect), *keeps_first(kept, dialect)):
            op.execute(statement)
