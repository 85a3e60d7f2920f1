"""The rural-urban classification of the LSOAs of England and Wales, as operators load it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.store.guards import append_only
from ledger.store.guards_of_identity import Kept, keeps_first

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

KEPT = Kept("place_rurality", (("lsoa", "load"),), keyed=True)
"""The new table, only ever added to, with its unique key."""


def upgrade() -> None:
    """Create the table, then the guards that keep what must never change."""
    op.create_table(
        "place_rurality",
        sa.Column("lsoa", sa.String(length=9), nullable=False),
        sa.Column("load", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=2), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["load"], ["place_load.number"], name=op.f("fk_place_rurality_load")),
        sa.PrimaryKeyConstraint("lsoa", "load", name=op.f("pk_place_rurality")),
        sqlite_with_rowid=False,
    )
    dialect = op.get_bind().dialect.name
    for statement in (*append_only(KEPT.table, dialect), *keeps_first(KEPT, dialect)):
        op.execute(statement)
