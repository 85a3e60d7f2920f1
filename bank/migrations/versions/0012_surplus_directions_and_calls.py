"""Surplus declared and paid, directions on money for England, re-estimates of the reserve, and calls on shares."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.store.columns import InstantType, JsonType, MoneyType, RateType
from ledger.store.guards import append_only
from ledger.store.guards_of_identity import Kept, keeps_first, keeps_identity

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

KEPT = (
    Kept("surplus_declaration", (("id",), ("seq",))),
    Kept("surplus_payment", (("id",), ("seq",))),
    Kept("reserve_re_estimate", (("id",), ("seq",))),
    Kept("england_direction", (("id",),)),
    Kept("england_direction_approval", (("direction_id",),)),
    Kept("england_allocation", (("id",), ("seq",))),
    Kept("nation_payment", (("id",), ("seq",))),
    Kept("share_agreement", (("id",),)),
    Kept("share_agreement_approval", (("agreement_id",),)),
    Kept("share_call", (("id",), ("agreement_id", "subscription_id"), ("seq",))),
    Kept("share_call_payment", (("subscription_id",),)),
)
"""The new tables, all of them only ever added to, with their unique keys."""

ACCOUNT = ("id", "book_id", "code", "kind", "mirror", "opened_at")
"""What of an account never changes."""


def upgrade() -> None:
    """Create the tables, then the guards that keep what must never change."""
    op.create_table(
        "england_direction",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("measure", sa.String(length=16), nullable=False),
        sa.Column("shares", JsonType(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.CheckConstraint("measure IN ('percentages', 'amounts')", name=op.f("ck_england_direction_known_measure")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_england_direction")),
        sa.UniqueConstraint("id", "proposed_by", name=op.f("uq_england_direction_id_proposed_by")),
    )
    op.create_table(
        "nation_payment",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("nation", sa.String(length=16), nullable=False),
        sa.Column("cause", sa.String(length=40), nullable=True),
        sa.Column("recipient", sa.String(length=300), nullable=False),
        sa.Column("amount", MoneyType(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("seqs", JsonType(), nullable=False),
        sa.CheckConstraint(
            "nation IN ('england', 'wales', 'scotland', 'northern_ireland')",
            name=op.f("ck_nation_payment_known_nation"),
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_nation_payment_amount")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nation_payment")),
        sa.UniqueConstraint("seq", name=op.f("uq_nation_payment_seq")),
    )
    op.create_table(
        "share_agreement",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("holder", sa.String(length=300), nullable=False),
        sa.Column("commitment", MoneyType(), nullable=False),
        sa.Column("a_parts", sa.Integer(), nullable=False),
        sa.Column("b_parts", sa.Integer(), nullable=False),
        sa.Column("vote_cap", RateType(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.CheckConstraint("commitment > 0 AND a_parts > 0 AND b_parts > 0", name=op.f("ck_share_agreement_amounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_share_agreement")),
        sa.UniqueConstraint("id", "proposed_by", name=op.f("uq_share_agreement_id_proposed_by")),
    )
    op.create_table(
        "surplus_declaration",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("amount", MoneyType(), nullable=False),
        sa.Column("declared_on", sa.Date(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("seqs", JsonType(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_surplus_declaration_amount")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_surplus_declaration")),
        sa.UniqueConstraint("seq", name=op.f("uq_surplus_declaration_seq")),
    )
    op.create_table(
        "england_allocation",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("direction_id", sa.String(length=40), nullable=False),
        sa.Column("amount", MoneyType(), nullable=False),
        sa.Column("allocated_on", sa.Date(), nullable=False),
        sa.Column("shares", JsonType(), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("seqs", JsonType(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_england_allocation_amount")),
        sa.ForeignKeyConstraint(
            ["direction_id"], ["england_direction.id"], name=op.f("fk_england_allocation_direction_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_england_allocation")),
        sa.UniqueConstraint("seq", name=op.f("uq_england_allocation_seq")),
    )
    op.create_index(op.f("ix_england_allocation_direction_id"), "england_allocation", ["direction_id"], unique=False)
    op.create_table(
        "england_direction_approval",
        sa.Column("direction_id", sa.String(length=40), nullable=False),
        sa.Column("proposed_by", sa.String(length=80), nullable=False),
        sa.Column("approved_by", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.CheckConstraint("proposed_by <> approved_by", name=op.f("ck_england_direction_approval_two_people")),
        sa.ForeignKeyConstraint(
            ["direction_id", "proposed_by"],
            ["england_direction.id", "england_direction.proposed_by"],
            name=op.f("fk_england_direction_approval_direction_id_proposed_by"),
        ),
        sa.PrimaryKeyConstraint("direction_id", name=op.f("pk_england_direction_approval")),
    )
    op.create_table(
        "reserve_re_estimate",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("asset_class", sa.String(length=40), nullable=False),
        sa.Column("reserve_rate_id", sa.String(length=40), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("transferred", MoneyType(), nullable=False),
        sa.Column("claimed", MoneyType(), nullable=False),
        sa.Column("held", MoneyType(), nullable=False),
        sa.Column("wanted", MoneyType(), nullable=False),
        sa.Column("change", MoneyType(), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("seqs", JsonType(), nullable=False),
        sa.CheckConstraint(
            "wanted >= 0 AND wanted - held = change AND change <> 0", name=op.f("ck_reserve_re_estimate_amounts")
        ),
        sa.ForeignKeyConstraint(
            ["reserve_rate_id"], ["reserve_rate.id"], name=op.f("fk_reserve_re_estimate_reserve_rate_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reserve_re_estimate")),
        sa.UniqueConstraint("seq", name=op.f("uq_reserve_re_estimate_seq")),
    )
    op.create_index(op.f("ix_reserve_re_estimate_asset_class"), "reserve_re_estimate", ["asset_class"], unique=False)
    op.create_table(
        "share_agreement_approval",
        sa.Column("agreement_id", sa.String(length=40), nullable=False),
        sa.Column("proposed_by", sa.String(length=80), nullable=False),
        sa.Column("approved_by", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.CheckConstraint("proposed_by <> approved_by", name=op.f("ck_share_agreement_approval_two_people")),
        sa.ForeignKeyConstraint(
            ["agreement_id", "proposed_by"],
            ["share_agreement.id", "share_agreement.proposed_by"],
            name=op.f("fk_share_agreement_approval_agreement_id_proposed_by"),
        ),
        sa.PrimaryKeyConstraint("agreement_id", name=op.f("pk_share_agreement_approval")),
    )
    op.create_table(
        "share_call",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("agreement_id", sa.String(length=40), nullable=False),
        sa.Column("subscription_id", sa.String(length=40), nullable=False),
        sa.Column("amount", MoneyType(), nullable=False),
        sa.Column("called_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("seqs", JsonType(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_share_call_amount")),
        sa.ForeignKeyConstraint(["agreement_id"], ["share_agreement.id"], name=op.f("fk_share_call_agreement_id")),
        sa.ForeignKeyConstraint(
            ["subscription_id"], ["share_subscription.id"], name=op.f("fk_share_call_subscription_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_share_call")),
        sa.UniqueConstraint("agreement_id", "subscription_id", name=op.f("uq_share_call_agreement_id_subscription_id")),
        sa.UniqueConstraint("seq", name=op.f("uq_share_call_seq")),
    )
    op.create_index(op.f("ix_share_call_subscription_id"), "share_call", ["subscription_id"], unique=False)
    op.create_table(
        "surplus_payment",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("declaration_id", sa.String(length=40), nullable=False),
        sa.Column("amount", MoneyType(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("seqs", JsonType(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_surplus_payment_amount")),
        sa.ForeignKeyConstraint(
            ["declaration_id"], ["surplus_declaration.id"], name=op.f("fk_surplus_payment_declaration_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_surplus_payment")),
        sa.UniqueConstraint("seq", name=op.f("uq_surplus_payment_seq")),
    )
    op.create_index(op.f("ix_surplus_payment_declaration_id"), "surplus_payment", ["declaration_id"], unique=False)
    op.create_table(
        "share_call_payment",
        sa.Column("subscription_id", sa.String(length=40), nullable=False),
        sa.Column("call_id", sa.String(length=40), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["share_call.id"], name=op.f("fk_share_call_payment_call_id")),
        sa.ForeignKeyConstraint(
            ["subscription_id"], ["share_subscription.id"], name=op.f("fk_share_call_payment_subscription_id")
        ),
        sa.PrimaryKeyConstraint("subscription_id", name=op.f("pk_share_call_payment")),
    )
    op.create_index(op.f("ix_share_call_payment_call_id"), "share_call_payment", ["call_id"], unique=False)
    # Until now there was one class of asset of which anything could be taken in.
    op.add_column(
        "reclaim", sa.Column("asset_class", sa.String(length=40), nullable=False, server_default="bank-account")
    )
    dialect = op.get_bind().dialect.name
    for kept in KEPT:
        for statement in (*append_only(kept.table, dialect), *keeps_first(kept, dialect)):
            op.execute(statement)
    _what_is_payable_mirrors_the_distributor(dialect)


def _what_is_payable_mirrors_the_distributor(dialect: str) -> None:
    """Surplus is now paid out of what is payable, so that account is the fund's side of the pair.

    Nothing was ever posted to it. In a database made from nothing there are no accounts yet, and nothing to change.
    """
    on = "" if dialect == "sqlite" else " ON account"
    op.execute(f"DROP TRIGGER account_keeps_identity{on}")
    op.execute(
        "UPDATE account SET mirror = 'distribution' WHERE (code = '2100' OR code LIKE '2100:%') "
        "AND book_id IN (SELECT id FROM book WHERE kind = 'reclaim-fund')".replace(":", r"\:")
    )
    for statement in keeps_identity("account", ACCOUNT, ("name",), dialect):
        if "account_keeps_identity" in statement:
            op.execute(statement)
