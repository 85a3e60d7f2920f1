"""The books: journal, accounts, marks, quarters, trail and idempotency keys, with what the database itself refuses."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.store.columns import InstantType, JsonType, MoneyType, QuarterType
from ledger.store.guards import append_only, guard_entries, guard_functions

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = ("entry", "posting", "mark", "quarter_event", "trail", "key_claim", "key_answer")


def upgrade() -> None:
    """Create the tables, then the guards that keep what must never change."""
    op.create_table(
        "book",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("opened_at", InstantType(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_book")),
        sa.UniqueConstraint("code", name=op.f("uq_book_code")),
    )
    op.create_table(
        "journal_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.Column("frontier", sa.LargeBinary(), nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_journal_head_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal_head")),
    )
    op.create_table(
        "key_answer",
        sa.Column("scope", sa.String(length=200), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "key", name=op.f("pk_key_answer")),
    )
    op.create_table(
        "key_claim",
        sa.Column("scope", sa.String(length=200), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("claimed_at", InstantType(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "key", name=op.f("pk_key_claim")),
    )
    op.create_table(
        "mark",
        sa.Column("upto_seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("upto_seq", name=op.f("pk_mark")),
    )
    op.create_index(op.f("ix_mark_recorded_at"), "mark", ["recorded_at"], unique=False)
    op.create_table(
        "quarter_event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("quarter", QuarterType(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("upto_seq", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("trial_balance", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarter_event")),
    )
    op.create_index(op.f("ix_quarter_event_quarter"), "quarter_event", ["quarter"], unique=False)
    op.create_table(
        "trail",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.Column("actor_kind", sa.String(length=16), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("actor_name", sa.String(length=300), nullable=False),
        sa.Column("credential", sa.String(length=80), nullable=True),
        sa.Column("action", sa.String(length=80), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("facts", JsonType(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trail")),
    )
    op.create_index(op.f("ix_trail_action"), "trail", ["action"], unique=False)
    op.create_index(op.f("ix_trail_recorded_at"), "trail", ["recorded_at"], unique=False)
    op.create_index(op.f("ix_trail_subject"), "trail", ["subject"], unique=False)
    op.create_table(
        "account",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("book_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("mirror", sa.String(length=40), nullable=False),
        sa.Column("opened_at", InstantType(), nullable=False),
        sa.ForeignKeyConstraint(["book_id"], ["book.id"], name=op.f("fk_account_book_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("book_id", "code", name=op.f("uq_account_book_id_code")),
        sa.UniqueConstraint("book_id", "id", name=op.f("uq_account_book_id_id")),
    )
    op.create_table(
        "entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("book_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("original_effective_on", sa.Date(), nullable=True),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("pair", sa.String(length=200), nullable=False),
        sa.Column("reverses", sa.BigInteger(), nullable=True),
        sa.Column("legs", sa.Integer(), nullable=False),
        sa.Column("gross", MoneyType(), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("seal", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint("gross > 0 AND gross <= 9000000000000000", name=op.f("ck_entry_gross")),
        sa.CheckConstraint("id > 0 AND seq > 0", name=op.f("ck_entry_counted_from_one")),
        sa.CheckConstraint("legs >= 2", name=op.f("ck_entry_two_legs")),
        sa.ForeignKeyConstraint(["book_id"], ["book.id"], name=op.f("fk_entry_book_id")),
        sa.ForeignKeyConstraint(["reverses"], ["entry.seq"], name=op.f("fk_entry_reverses")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry")),
        sa.UniqueConstraint("book_id", "key", name=op.f("uq_entry_book_id_key")),
        sa.UniqueConstraint("id", "legs", name=op.f("uq_entry_id_legs")),
        sa.UniqueConstraint("reverses", name=op.f("uq_entry_reverses")),
        sa.UniqueConstraint("seq", name=op.f("uq_entry_seq")),
    )
    op.create_index(
        op.f("ix_entry_pair"),
        "entry",
        ["pair"],
        unique=False,
        postgresql_where=sa.text("pair <> ''"),
        sqlite_where=sa.text("pair <> ''"),
    )
    op.create_index(op.f("ix_entry_recorded_at"), "entry", ["recorded_at"], unique=False)
    op.create_table(
        "posting",
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("leg", sa.SmallInteger(), nullable=False),
        sa.Column("legs", sa.Integer(), nullable=False),
        sa.Column("book_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", MoneyType(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "amount <> 0 AND amount >= -9000000000000000 AND amount <= 9000000000000000", name=op.f("ck_posting_amount")
        ),
        sa.CheckConstraint("leg >= 1 AND leg <= legs", name=op.f("ck_posting_leg_declared")),
        sa.ForeignKeyConstraint(
            ["book_id", "account_id"], ["account.book_id", "account.id"], name=op.f("fk_posting_book_id_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["entry_id", "legs"],
            ["entry.id", "entry.legs"],
            name=op.f("fk_posting_entry_id_legs"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("entry_id", "leg", name=op.f("pk_posting")),
    )
    op.create_index("ix_posting_read", "posting", ["account_id", "effective_on", "seq", "amount"], unique=False)
    dialect = op.get_bind().dialect.name
    for statement in guard_functions(dialect):
        op.execute(statement)
    for table in APPEND_ONLY:
        for statement in append_only(table, dialect):
            op.execute(statement)
    for statement in guard_entries(dialect):
        op.execute(statement)
