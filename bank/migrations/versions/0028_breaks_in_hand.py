"""Who is to clear a break."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.store.columns import InstantType
from ledger.store.guards import append_only
from ledger.store.guards_of_identity import Kept, keeps_first

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

KEPT = (Kept("lending_return_break_owner", (("id",),)),)
"""The table made here is only ever added to; with its unique key."""


def upgrade() -> None:
    """Create the table, then the guards that keep what must never change."""
    op.create_table(
        "lending_return_break_owner",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("break_id", sa.String(length=80), nullable=False),
        sa.Column("owner", sa.String(length=80), nullable=False),
        sa.Column("owner_name", sa.String(length=300), nullable=False),
        sa.Column("clear_by", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("actor_name", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(
            ["break_id"], ["lending_return_break.id"], name=op.f("fk_lending_return_break_owner_break_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lending_return_break_owner")),
    )
    op.create_index(
        op.f("ix_lending_return_break_owner_break_id_id"),
        "lending_return_break_owner",
        ["break_id", "id"],
        unique=False,
    )
    dialect = op.get_bind().dialect.name
    for kept in KEPT:
        for statement in (*append_only(kept.table, dialect), *keeps_first(kept, dialect)):
            op.execute(statement)
