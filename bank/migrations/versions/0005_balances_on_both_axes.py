"""Cells and closing balances: what a balance at any two times is read from, filled from the books that there are."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.store import cells
from ledger.store.columns import MoneyType
from ledger.store.guards import append_only

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

APPEND_ONLY = ("cell", "closing_balance")
NEVER_TWICE = (
    """
    CREATE TRIGGER cell_is_new BEFORE INSERT ON cell BEGIN
      SELECT RAISE(ABORT, 'books: a cell is already there')
        WHERE EXISTS (SELECT 1 FROM cell WHERE level = NEW.level AND block = NEW.block
                      AND period = NEW.period AND account_id = NEW.account_id);
    END
    """,
    """
    CREATE TRIGGER closing_balance_is_new BEFORE INSERT ON closing_balance BEGIN
      SELECT RAISE(ABORT, 'books: a closing balance is already there')
        WHERE EXISTS (SELECT 1 FROM closing_balance WHERE ends_on = NEW.ends_on AND account_id = NEW.account_id);
    END
    """,
)
"""On SQLite a row put in place of another would pass by the guard against deletion where a connection has switched
recursive triggers off."""


def upgrade() -> None:
    """Create the tables and the indexes, fold the journal as far as it goes, then set the guards."""
    op.create_table(
        "cell",
        sa.Column("level", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("block", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("period", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("debits", MoneyType(), nullable=False),
        sa.Column("credits", MoneyType(), nullable=False),
        sa.PrimaryKeyConstraint("level", "block", "period", "account_id", name=op.f("pk_cell")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_cell_account", "cell", ["account_id", "level", "block", "period", "debits", "credits"], unique=False
    )
    op.create_table(
        "closing_balance",
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("upto_seq", sa.BigInteger(), nullable=False),
        sa.Column("debits", MoneyType(), nullable=False),
        sa.Column("credits", MoneyType(), nullable=False),
        sa.PrimaryKeyConstraint("ends_on", "account_id", name=op.f("pk_closing_balance")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_posting_tail", "posting", ["account_id", "seq", "effective_on", "amount"], unique=False)
    op.create_index(
        "ix_account_tree",
        "account",
        ["book_id", "code"],
        unique=False,
        postgresql_ops={"code": "varchar_pattern_ops"},
    )
    cells.rebuild(op.get_bind())
    dialect = op.get_bind().dialect.name
    for table in APPEND_ONLY:
        for statement in append_only(table, dialect):
            op.execute(statement)
    if dialect == "sqlite":
        for statement in NEVER_TWICE:
            op.execute(statement)
