"""What a facility is by its product: its own terms, the events of its life, and commitment spent and given back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.store.columns import InstantType, JsonType, MoneyType
from ledger.store.guards import append_only
from ledger.store.guards_of_identity import Kept, keeps_first

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

APPEND_ONLY = ("product_terms", "product_event")
KEPT = (Kept("product_terms", (("facility_id",),)), Kept("product_event", (("id",),)))

LEFT = """
    SELECT coalesce(sum(CASE WHEN kind IN ('signed', 'restored') THEN amount ELSE -amount END), 0) FROM facility_event
    WHERE facility_id = NEW.facility_id AND kind IN ('signed', 'restored', 'drawdown', 'spent', 'lapse')
"""
"""What is left of a commitment: fees may have used it beside drawdowns, and what is recallable has come back to it."""

ON_SQLITE = (
    "DROP TRIGGER facility_event_within_commitment",
    f"""
    CREATE TRIGGER facility_event_within_commitment BEFORE INSERT ON facility_event
    WHEN NEW.kind IN ('drawdown', 'spent') BEGIN
      SELECT RAISE(ABORT, 'books: more would be drawn than is signed') WHERE NEW.amount > ({LEFT});
    END
    """,
)
ON_POSTGRESQL = f"""
    CREATE OR REPLACE FUNCTION facility_event_within_commitment() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NEW.kind IN ('drawdown', 'spent') AND NEW.amount > ({LEFT}) THEN
        RAISE EXCEPTION 'books: more would be drawn than is signed' USING ERRCODE = 'check_violation';
      END IF;
      RETURN NEW;
    END $$
"""


def upgrade() -> None:
    """Create the tables, then the guards that keep what must never change."""
    op.create_table(
        "product_terms",
        sa.Column("facility_id", sa.String(length=40), nullable=False),
        sa.Column("told", JsonType(), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.ForeignKeyConstraint(["facility_id"], ["facility.id"], name=op.f("fk_product_terms_facility_id")),
        sa.PrimaryKeyConstraint("facility_id", name=op.f("pk_product_terms")),
    )
    op.create_table(
        "product_event",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("facility_id", sa.String(length=40), nullable=False),
        sa.Column("verb", sa.String(length=24), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("told", JsonType(), nullable=False),
        sa.Column("value", MoneyType(), nullable=True),
        sa.Column("cost", MoneyType(), nullable=False),
        sa.Column("unrealised", MoneyType(), nullable=False),
        sa.ForeignKeyConstraint(["facility_id"], ["facility.id"], name=op.f("fk_product_event_facility_id")),
        sa.ForeignKeyConstraint(["id"], ["facility_event.id"], name=op.f("fk_product_event_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_event")),
    )
    op.create_index(op.f("ix_product_event_facility_id"), "product_event", ["facility_id"], unique=False)
    bind = op.get_bind()
    dialect = bind.dialect.name
    for table in APPEND_ONLY:
        for statement in append_only(table, dialect):
            op.execute(statement)
    for kept in KEPT:
        for statement in keeps_first(kept, dialect):
            op.execute(statement)
    _within_commitment(bind)


def _within_commitment(bind: sa.Connection) -> None:
    if bind.dialect.name == "sqlite":
        for statement in ON_SQLITE:
            op.execute(statement)
        return
    op.execute(ON_POSTGRESQL)
    # A function made again has lost where it looks for tables, and a new guard reads our tables only as well.
    schema = bind.scalar(sa.text("SELECT quote_ident(current_schema())"))
    op.execute(f"ALTER FUNCTION facility_event_within_commitment() SET search_path = {schema}, pg_temp")
