"""The loans of a return of very many, kept in parts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.store.columns import JsonType
from ledger.store.guards import append_only
from ledger.store.guards_of_identity import Kept, keeps_first

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

KEPT = (Kept("lending_return_part", (("return_id", "part"),)),)
"""The new table, only ever added to, with its unique key."""


def upgrade() -> None:
    """Create the table, then the guards that keep what must never change."""
    op.create_table(
        "lending_return_part",
        sa.Column("return_id", sa.String(length=80), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("rows", JsonType(), nullable=False),
        sa.ForeignKeyConstraint(["return_id"], ["lending_return.id"], name=op.f("fk_lending_return_part_return_id")),
        sa.PrimaryKeyConstraint("return_id", "part", name=op.f("pk_lending_return_part")),
    )
    dialect = op.get_bind().dialect.name
    for kept in KEPT:
        for statement in (*append_only(kept.table, dialect), *keeps_first(kept, dialect)):
            op.execute(statement)
