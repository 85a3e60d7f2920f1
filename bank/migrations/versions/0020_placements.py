"""Cash placed on deposit, in short gilts and in funds, and what came of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.store.columns import InstantType, JsonType, MoneyType, RateType
from ledger.store.guards import append_only
from ledger.store.guards_of_identity import Kept, keeps_first

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

KEPT = (
    Kept("placement", (("id",), ("seq",))),
    Kept("placement_event", (("id",), ("placement_id", "number"), ("seq",))),
)
"""The new tables, both only ever added to, with their unique keys."""


def upgrade() -> None:
    """Create the tables, then the guards that keep what must never change."""
    op.create_table(
        "placement",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("sort", sa.String(length=16), nullable=False),
        sa.Column("counterparty", sa.String(length=300), nullable=False),
        sa.Column("cost", MoneyType(), nullable=False),
        sa.Column("nominal", MoneyType(), nullable=False),
        sa.Column("interest_bought", MoneyType(), nullable=False),
        sa.Column("rate", RateType(), nullable=True),
        sa.Column("day_count", sa.String(length=16), nullable=False),
        sa.Column("placed_on", sa.Date(), nullable=False),
        sa.Column("matures_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("seqs", JsonType(), nullable=False),
        sa.CheckConstraint("sort IN ('deposit', 'gilt', 'fund')", name=op.f("ck_placement_known_sort")),
        sa.CheckConstraint("cost > 0 AND nominal > 0 AND interest_bought >= 0", name=op.f("ck_placement_amounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_placement")),
        sa.UniqueConstraint("seq", name=op.f("uq_placement_seq")),
    )
    op.create_table(
        "placement_event",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("placement_id", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("amount", MoneyType(), nullable=False),
        sa.Column("interest", MoneyType(), nullable=False),
        sa.Column("nominal", MoneyType(), nullable=False),
        sa.Column("cost", MoneyType(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("seqs", JsonType(), nullable=False),
        sa.CheckConstraint("kind IN ('accrual', 'income', 'realisation')", name=op.f("ck_placement_event_known_kind")),
        sa.CheckConstraint("nominal >= 0 AND cost >= 0 AND interest >= 0", name=op.f("ck_placement_event_amounts")),
        sa.ForeignKeyConstraint(["placement_id"], ["placement.id"], name=op.f("fk_placement_event_placement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_placement_event")),
        sa.UniqueConstraint("placement_id", "number", name=op.f("uq_placement_event_placement_id_number")),
        sa.UniqueConstraint("seq", name=op.f("uq_placement_event_seq")),
    )
    dialect = op.get_bind().dialect.name
    for kept in KEPT:
        for statement in (*append_only(kept.table, dialect), *keeps_first(kept, dialect)):
            op.execute(statement)
