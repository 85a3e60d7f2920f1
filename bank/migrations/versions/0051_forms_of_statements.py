"""Forms of a statement by its readers: which a filed one has, by what it withholds, and the floors with two names."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bank.migrations.proposals import DISCLOSURE_FLOOR, come_to_one_end, create_approvals, keep
from ledger.store.columns import InstantType, JsonType
from ledger.store.guards_of_identity import Kept

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None

KEPT = (
    Kept("disclosure_floor", (("id",),)),
    Kept("disclosure_floor_approval", (("floor_id",),)),
    Kept("statement_withholding", (("statement",),)),
)
"""The new tables, all of them only ever added to, with their unique keys."""


def upgrade() -> None:
    """Create the tables, then the guards that keep what must never change. What is filed is of the trustees' form."""
    op.add_column("statement", sa.Column("form", sa.String(length=20), nullable=False, server_default="trustees"))
    op.create_table(
        "statement_withholding",
        sa.Column("statement", sa.String(length=80), nullable=False),
        sa.Column("fewest", sa.Integer(), nullable=False),
        sa.Column("held_against", JsonType(), nullable=False),
        sa.Column("kept", JsonType(), nullable=False),
        sa.CheckConstraint("fewest >= 0", name=op.f("ck_statement_withholding_a_number")),
        sa.ForeignKeyConstraint(["statement"], ["statement.id"], name=op.f("fk_statement_withholding_statement")),
        sa.PrimaryKeyConstraint("statement", name=op.f("pk_statement_withholding")),
    )
    op.create_table(
        "disclosure_floor",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("form", sa.String(length=20), nullable=False),
        sa.Column("fewest", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.CheckConstraint("fewest >= 2", name=op.f("ck_disclosure_floor_more_than_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disclosure_floor")),
        sa.UniqueConstraint("id", "proposed_by", name=op.f("uq_disclosure_floor_id_proposed_by")),
    )
    create_approvals(DISCLOSURE_FLOOR, key="proposed_by")
    keep(*KEPT)
    come_to_one_end(DISCLOSURE_FLOOR)
