"""The seals of filed statements: what stands behind the file, and the digest of both together."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.store.columns import InstantType
from ledger.store.guards import append_only
from ledger.store.guards_of_identity import Kept, keeps_first

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

KEPT = (Kept("statement_seal", (("statement",),)),)
"""The new table, only ever added to, with its unique key."""


def upgrade() -> None:
    """Create the table, then the guards that keep what must never change."""
    op.create_table(
        "statement_seal",
        sa.Column("statement", sa.String(length=80), nullable=False),
        sa.Column("signer", sa.String(length=300), nullable=False),
        sa.Column("certificate_sha256", sa.String(length=64), nullable=False),
        sa.Column("stamped_at", InstantType(), nullable=True),
        sa.Column("sealed_at", InstantType(), nullable=False),
        sa.Column("sealed_by", sa.String(length=80), nullable=False),
        sa.Column("sealed_by_name", sa.String(length=300), nullable=False),
        sa.Column("sealed_sha256", sa.String(length=64), nullable=False),
        sa.Column("behind", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["statement"], ["statement.id"], name=op.f("fk_statement_seal_statement")),
        sa.PrimaryKeyConstraint("statement", name=op.f("pk_statement_seal")),
    )
    bind = op.get_bind()
    for kept in KEPT:
        for statement in (*append_only(kept.table, bind.dialect.name), *keeps_first(kept, bind.dialect.name)):
            op.execute(statement)
