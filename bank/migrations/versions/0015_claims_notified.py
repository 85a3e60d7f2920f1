"""Claims notified by participants, and what became of them: paid, withdrawn or rejected."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.store.columns import InstantType, JsonType, MoneyType
from ledger.store.guards import append_only
from ledger.store.guards_of_identity import Kept, keeps_first

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

KEPT = (
    Kept("claim_notice", (("id",), ("seq",))),
    Kept("claim_notice_end", (("id",), ("seq",))),
    Kept("claim_notice_payment", (("reclaim_id",),)),
)
"""The new tables, all of them only ever added to, with their unique keys."""


def upgrade() -> None:
    """Create the tables, then the guards that keep what must never change."""
    op.create_table(
        "claim_notice",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("participant_id", sa.String(length=40), nullable=False),
        sa.Column("inflow_id", sa.String(length=40), nullable=True),
        sa.Column("asset_class", sa.String(length=40), nullable=False),
        sa.Column("principal", MoneyType(), nullable=False),
        sa.Column("interest", MoneyType(), nullable=False),
        sa.Column("from_provision", MoneyType(), nullable=False),
        sa.Column("accounts", sa.Integer(), nullable=True),
        sa.Column("notified_on", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("seqs", JsonType(), nullable=False),
        sa.CheckConstraint(
            "from_provision >= 0 AND from_provision <= principal + interest", name=op.f("ck_claim_notice_provision")
        ),
        sa.CheckConstraint(
            "principal >= 0 AND interest >= 0 AND principal + interest > 0", name=op.f("ck_claim_notice_amounts")
        ),
        sa.ForeignKeyConstraint(["inflow_id"], ["inflow.id"], name=op.f("fk_claim_notice_inflow_id")),
        sa.ForeignKeyConstraint(["participant_id"], ["participant.id"], name=op.f("fk_claim_notice_participant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_notice")),
        sa.UniqueConstraint("seq", name=op.f("uq_claim_notice_seq")),
    )
    op.create_index(op.f("ix_claim_notice_inflow_id"), "claim_notice", ["inflow_id"], unique=False)
    op.create_index(op.f("ix_claim_notice_participant_id"), "claim_notice", ["participant_id"], unique=False)
    op.create_table(
        "claim_notice_end",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("notice_id", sa.String(length=40), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("principal", MoneyType(), nullable=False),
        sa.Column("interest", MoneyType(), nullable=False),
        sa.Column("to_provision", MoneyType(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("seqs", JsonType(), nullable=False),
        sa.CheckConstraint("outcome IN ('withdrawn', 'rejected')", name=op.f("ck_claim_notice_end_known_outcome")),
        sa.CheckConstraint(
            "principal >= 0 AND interest >= 0 AND principal + interest > 0", name=op.f("ck_claim_notice_end_amounts")
        ),
        sa.CheckConstraint(
            "to_provision >= 0 AND to_provision <= principal + interest", name=op.f("ck_claim_notice_end_provision")
        ),
        sa.ForeignKeyConstraint(["notice_id"], ["claim_notice.id"], name=op.f("fk_claim_notice_end_notice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_notice_end")),
        sa.UniqueConstraint("seq", name=op.f("uq_claim_notice_end_seq")),
    )
    op.create_index(op.f("ix_claim_notice_end_notice_id"), "claim_notice_end", ["notice_id"], unique=False)
    op.create_table(
        "claim_notice_payment",
        sa.Column("reclaim_id", sa.String(length=40), nullable=False),
        sa.Column("notice_id", sa.String(length=40), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["claim_notice.id"], name=op.f("fk_claim_notice_payment_notice_id")),
        sa.ForeignKeyConstraint(["reclaim_id"], ["reclaim.id"], name=op.f("fk_claim_notice_payment_reclaim_id")),
        sa.PrimaryKeyConstraint("reclaim_id", name=op.f("pk_claim_notice_payment")),
    )
    op.create_index(op.f("ix_claim_notice_payment_notice_id"), "claim_notice_payment", ["notice_id"], unique=False)
    dialect = op.get_bind().dialect.name
    for kept in KEPT:
        for statement in (*append_only(kept.table, dialect), *keeps_first(kept, dialect)):
            op.execute(statement)
