"""The guards of what waits, on PostgreSQL, in one question each: they refuse what they refused, a fifth sooner."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.store.columns import InstantType
from ledger.store.guards_of_waiting import FUNCTIONS

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None


SQLITE_ONLY_INLINE = """
    CREATE TRIGGER waiting_entry_is_refused BEFORE INSERT ON waiting_entry BEGIN
      SELECT RAISE(ABORT, 'books: this database places every entry at once, and none waits');
    END
"""
"""As it was: it goes with the table, and comes with it again."""


def upgrade() -> None:
    """Make the guards anew, and let go of the key to the book, which the guard itself looks up."""
    bind = op.get_bind()
    if bind.dialect.name == "sqlite":
        _table_without_the_key()
        return
    schema = bind.scalar(sa.text("SELECT quote_ident(current_schema())"))
    for signature, function in FUNCTIONS.items():
        op.execute(sa.text(function.replace(":", r"\:")))
        op.execute(f"ALTER FUNCTION {signature} SET search_path = {schema}, pg_temp")
    op.drop_constraint("fk_waiting_entry_book_id", "waiting_entry", type_="foreignkey")


def _table_without_the_key() -> None:
    """SQLite drops no constraint: the table is made again. Nothing is lost, for nothing ever waits there."""
    op.drop_table("waiting_entry")
    op.create_table(
        "waiting_entry",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("opening", sa.Text(), nullable=False),
        sa.Column("text_before", sa.Text(), nullable=False),
        sa.Column("text_between", sa.Text(), nullable=False),
        sa.Column("accepted_at", InstantType(), nullable=False),
        sa.Column("book_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("legs", sa.Integer(), nullable=False),
        sa.Column("postings", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiting_entry")),
        sa.UniqueConstraint("book_id", "key", name=op.f("uq_waiting_entry_book_id_key")),
    )
    op.execute(SQLITE_ONLY_INLINE)
