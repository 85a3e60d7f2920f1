"""The heads of the books in filed statements: their signature, and the sizes of the books they are joined to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.store.columns import JsonType
from ledger.store.guards import append_only
from ledger.store.guards_of_identity import Kept, keeps_first

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

KEPT = (Kept("statement_head", (("statement",),)),)
"""The new table, only ever added to, with its unique key."""


def upgrade() -> None:
    """Create the table, then the guards that keep what must never change."""
    op.create_table(
        "statement_head",
        sa.Column("statement", sa.String(length=80), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("signer", sa.Text(), nullable=False),
        sa.Column("others", JsonType(), nullable=False),
        sa.ForeignKeyConstraint(["statement"], ["statement.id"], name=op.f("fk_statement_head_statement")),
        sa.PrimaryKeyConstraint("statement", name=op.f("pk_statement_head")),
    )
    bind = op.get_bind()
    for kept in KEPT:
        for statement in (*append_only(kept.table, bind.dialect.name), *keeps_first(kept, bind.dialect.name)):
            op.execute(statement)
