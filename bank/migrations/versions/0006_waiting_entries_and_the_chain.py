"""Entries that wait for their place, the chain over every act, and entries placed and checked by the server itself."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from ledger.acts import after_mark, after_quarter, chain_start
from ledger.store import server_side
from ledger.store.columns import InstantType, QuarterType

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

SQLITE_ONLY_INLINE = """
    CREATE TRIGGER waiting_entry_is_refused BEFORE INSERT ON waiting_entry BEGIN
      SELECT RAISE(ABORT, 'books: this database places every entry at once, and none waits');
    END
"""
"""SQLite has one writer at a time: there is nobody to wait for."""


def upgrade() -> None:
    """Add the table and the column, hang what has been done so far on the chain, then set the guards."""
    _waiting_table()
    bind = op.get_bind()
    if bind.dialect.name == "sqlite":
        op.execute("ALTER TABLE journal_head ADD COLUMN chain BLOB NOT NULL DEFAULT x''")
        op.execute(SQLITE_ONLY_INLINE)
    else:
        op.execute("ALTER TABLE journal_head ADD COLUMN chain BYTEA NOT NULL DEFAULT ''")
        op.execute("ALTER TABLE journal_head ALTER COLUMN chain DROP DEFAULT")
        for statement in (*server_side.FUNCTIONS, *server_side.TRIGGERS):
            op.execute(sa.text(statement.replace(":", r"\:")))
    bind.execute(sa.text("UPDATE journal_head SET chain = :chain"), {"chain": _chain(bind)})


def _waiting_table() -> None:
    op.create_table(
        "waiting_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("opening", sa.Text(), nullable=False),
        sa.Column("text_before", sa.Text(), nullable=False),
        sa.Column("text_between", sa.Text(), nullable=False),
        sa.Column("accepted_at", InstantType(), nullable=False),
        sa.Column("book_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("legs", sa.Integer(), nullable=False),
        sa.Column("postings", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(["book_id"], ["book.id"], name=op.f("fk_waiting_entry_book_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiting_entry")),
        sa.UniqueConstraint("book_id", "key", name=op.f("uq_waiting_entry_book_id_key")),
    )


def _chain(bind: sa.Connection) -> bytes:
    """What the chain comes to over the marks and the quarters' events that there are."""
    mark = sa.table("mark", sa.column("upto_seq"), sa.column("recorded_at", InstantType()), sa.column("root"))
    acts: list[tuple[tuple[int, int], Any]] = [
        ((row.upto_seq, 0), row) for row in bind.execute(sa.select(mark).order_by(mark.c.upto_seq))
    ]
    acts += [((row.upto_seq, row.id), row) for row in bind.execute(sa.select(_events()))]
    chain = chain_start()
    for (_, event), row in sorted(acts, key=lambda act: act[0]):
        chain = (
            after_mark(chain, row.upto_seq, row.recorded_at, bytes(row.root)) if not event else _after_event(chain, row)
        )
    return chain


def _events() -> sa.TableClause:
    return sa.table(
        "quarter_event",
        *(sa.column(name) for name in ("id", "state", "actor", "upto_seq", "root", "trial_balance")),
        sa.column("quarter", QuarterType()),
        sa.column("ends_on", sa.Date()),
        sa.column("recorded_at", InstantType()),
    )


def _after_event(chain: bytes, row: Any) -> bytes:
    return after_quarter(
        chain,
        event_id=row.id,
        quarter=str(row.quarter),
        ends_on=row.ends_on,
        state=row.state,
        recorded_at=row.recorded_at,
        actor=row.actor,
        upto_seq=row.upto_seq,
        root=bytes(row.root),
        trial_balance=bytes(row.trial_balance),
    )
