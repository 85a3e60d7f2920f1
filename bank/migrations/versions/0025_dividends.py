"""Policies on dividends, their approvals, and the dividends paid to each holder."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.store.columns import InstantType, JsonType, MoneyType, RateType
from ledger.store.guards import append_only
from ledger.store.guards_of_identity import Kept, keeps_first, keeps_identity

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

KEPT = (
    Kept("dividend_policy", (("id",),)),
    Kept("dividend_policy_approval", (("policy_id",),)),
    Kept("dividend", (("id",), ("seq",))),
    Kept("dividend_share", (("dividend_id", "share_class", "holder"),)),
)
"""The new tables, all of them only ever added to, with their unique keys."""

ACCOUNT = ("id", "book_id", "code", "kind", "mirror", "opened_at")
"""What of an account never changes."""


def upgrade() -> None:
    """Create the tables, then the guards that keep what must never change."""
    _policies()
    _dividends()
    dialect = op.get_bind().dialect.name
    for kept in KEPT:
        for statement in (*append_only(kept.table, dialect), *keeps_first(kept, dialect)):
            op.execute(statement)
    _what_is_retained_mirrors_the_trust(dialect)


def _policies() -> None:
    op.create_table(
        "dividend_policy",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("part", RateType(), nullable=False),
        sa.Column("classes", sa.String(length=2), nullable=False),
        sa.Column("a_cap", RateType(), nullable=True),
        sa.Column("b_cap", RateType(), nullable=True),
        sa.Column("reserve_kept", MoneyType(), nullable=False),
        sa.Column("liquidity_kept", MoneyType(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.CheckConstraint("classes IN ('A', 'B', 'AB')", name=op.f("ck_dividend_policy_known_classes")),
        sa.CheckConstraint("reserve_kept >= 0 AND liquidity_kept >= 0", name=op.f("ck_dividend_policy_amounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dividend_policy")),
        sa.UniqueConstraint("id", "proposed_by", name=op.f("uq_dividend_policy_id_proposed_by")),
    )
    op.create_table(
        "dividend_policy_approval",
        sa.Column("policy_id", sa.String(length=40), nullable=False),
        sa.Column("proposed_by", sa.String(length=80), nullable=False),
        sa.Column("approved_by", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.CheckConstraint("proposed_by <> approved_by", name=op.f("ck_dividend_policy_approval_two_people")),
        sa.ForeignKeyConstraint(
            ["policy_id", "proposed_by"],
            ["dividend_policy.id", "dividend_policy.proposed_by"],
            name=op.f("fk_dividend_policy_approval_policy_id_proposed_by"),
        ),
        sa.PrimaryKeyConstraint("policy_id", name=op.f("pk_dividend_policy_approval")),
    )


def _dividends() -> None:
    op.create_table(
        "dividend",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("policy_id", sa.String(length=40), nullable=False),
        sa.Column("amount", MoneyType(), nullable=False),
        sa.Column("reserve", MoneyType(), nullable=False),
        sa.Column("accounts_to", sa.Date(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("seqs", JsonType(), nullable=False),
        sa.CheckConstraint("amount > 0 AND amount <= reserve", name=op.f("ck_dividend_amounts")),
        sa.ForeignKeyConstraint(
            ["policy_id"], ["dividend_policy_approval.policy_id"], name=op.f("fk_dividend_policy_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dividend")),
        sa.UniqueConstraint("seq", name=op.f("uq_dividend_seq")),
    )
    op.create_table(
        "dividend_share",
        sa.Column("dividend_id", sa.String(length=40), nullable=False),
        sa.Column("share_class", sa.String(length=1), nullable=False),
        sa.Column("holder", sa.String(length=300), nullable=False),
        sa.Column("paid_up", MoneyType(), nullable=False),
        sa.Column("amount", MoneyType(), nullable=False),
        sa.CheckConstraint("share_class IN ('A', 'B')", name=op.f("ck_dividend_share_known_class")),
        sa.CheckConstraint("paid_up > 0 AND amount >= 0", name=op.f("ck_dividend_share_amounts")),
        sa.ForeignKeyConstraint(["dividend_id"], ["dividend.id"], name=op.f("fk_dividend_share_dividend_id")),
        sa.PrimaryKeyConstraint("dividend_id", "share_class", "holder", name=op.f("pk_dividend_share")),
    )


def _what_is_retained_mirrors_the_trust(dialect: str) -> None:
    """A dividend on A shares is paid out of what is retained, so that account is the bank's side of the pair.

    Nothing was ever posted to it. In a database made from nothing there are no accounts yet, and nothing to change.
    """
    on = "" if dialect == "sqlite" else " ON account"
    op.execute(f"DROP TRIGGER account_keeps_identity{on}")
    op.execute(
        "UPDATE account SET mirror = 'dividend' WHERE code = '3200' "
        "AND book_id IN (SELECT id FROM book WHERE kind = 'bank')"
    )
    for statement in keeps_identity("account", ACCOUNT, ("name",), dialect):
        if "account_keeps_identity" in statement:
            op.execute(statement)
