"""One order that the database holds the journal to, rows that stay themselves, and guards that read our tables only."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.store.guards import append_only
from ledger.store.guards_of_identity import Kept, identity_functions, keeps_first, keeps_identity
from ledger.store.guards_of_place import guard_places, place_functions

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

KEPT = (
    Kept("book", (("id",), ("code",))),
    Kept("account", (("id",), ("book_id", "code"))),
    Kept("entry", (("id",), ("seq",), ("book_id", "key"), ("reverses",))),
    Kept("posting", (("entry_id", "leg"),)),
    Kept("mark", (("upto_seq",),)),
    Kept("quarter_event", (("id",),)),
    Kept("trail", (("id",),)),
    Kept("key_claim", (("scope", "key"),), asked=True),
    Kept("key_answer", (("scope", "key"),)),
    Kept("apportionment", (("id",), ("seq",))),
    Kept("facility", (("id",),)),
    Kept("facility_approval", (("facility_id",),)),
    Kept("facility_event", (("id",), ("facility_id", "number"))),
    Kept("governance_test", (("id",),)),
    Kept("inflow", (("id",), ("seq",))),
    Kept("intermediary", (("id",), ("name",))),
    Kept("intermediary_standing", (("id",),)),
    Kept("lending_return", (("id",), ("facility", "quarter", "version"))),
    Kept("lending_return_break", (("id",),)),
    Kept("lending_return_break_event", (("id",),)),
    Kept("lending_return_event", (("id",),)),
    Kept("liquidity_policy", (("id",),)),
    Kept("liquidity_policy_approval", (("policy_id",),)),
    Kept("loan", (("id",), ("intermediary", "loan_ref"))),
    Kept("loan_report", (("id",), ("return_id", "loan"))),
    Kept("loan_tape", (("return_id",), ("facility", "quarter", "version"))),
    Kept("organisation", (("id",),)),
    Kept("organisation_description", (("id",),)),
    Kept("organisation_join", (("absorbed",),)),
    Kept("organisation_registration", (("registration",),), asked=True),
    Kept("participant", (("id",), ("name",))),
    Kept("reclaim", (("id",), ("seq",))),
    Kept("reserve_rate", (("id",),)),
    Kept("reserve_rate_approval", (("rate_id",),)),
    Kept("share_subscription", (("id",),)),
    Kept("statement", (("id",), ("kind", "quarter", "number"), ("published_by", "request_key"))),
    Kept("person", (("id",), ("email",))),
    Kept("access_key", (("id",),)),
    Kept("cash_hold", (("id",),), asked=True),
)
"""Every table whose rows stay, with its unique keys. Cells and closing balances have had this guard from the first."""

ONE_STEP_OF_A_FACILITY = """
    CREATE TRIGGER facility_event_is_once BEFORE INSERT ON facility_event
    WHEN NEW.kind IN ('proposed', 'approved', 'rejected', 'signed')
      AND EXISTS (SELECT 1 FROM facility_event WHERE facility_id = NEW.facility_id AND kind = NEW.kind)
    BEGIN SELECT RAISE(ABORT, 'books: a row of facility_event is already there'); END
"""
"""The key of those events is a partial one, which REPLACE would obey as well."""

NAMED = (
    ("book", ("id", "code", "kind", "opened_at"), ("name",)),
    ("account", ("id", "book_id", "code", "kind", "mirror", "opened_at"), ("name",)),
    ("person", ("id", "name", "email", "intermediary", "added_at"), ("roles",)),
    (
        "access_key",
        (
            *("id", "person_id", "intermediary", "label", "scopes", "secret_hash"),
            *("last_four", "issued_at", "issued_by", "expires_at"),
        ),
        ("revoked_at",),
    ),
    ("cash_hold", ("id",), ()),
)
"""The tables of which something may change, with what may not, and what may."""


def upgrade() -> None:
    """Tie each mark to its entry, then set the guards."""
    dialect = op.get_bind().dialect.name
    if dialect == "sqlite":
        _mark_with_its_entry()
        op.execute(ONE_STEP_OF_A_FACILITY)
    else:
        op.create_foreign_key(
            op.f("fk_mark_upto_seq"), "mark", "entry", ["upto_seq"], ["seq"], deferrable=True, initially="DEFERRED"
        )
    for statement in (*identity_functions(dialect), *place_functions(dialect), *guard_places(dialect)):
        op.execute(sa.text(statement.replace(":", r"\:")))
    for table, fixed, changes in NAMED:
        for statement in keeps_identity(table, fixed, changes, dialect):
            op.execute(statement)
    for kept in KEPT:
        for statement in keeps_first(kept, dialect):
            op.execute(statement)
    if dialect == "postgresql":
        _read_our_tables_only()


def _mark_with_its_entry() -> None:
    """SQLite adds no constraint to a table that is there: the table is written again, and its guards with it."""
    op.create_table(
        "mark_again",
        sa.Column("upto_seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recorded_at", sa.String(length=27), nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["upto_seq"], ["entry.seq"], name=op.f("fk_mark_upto_seq"), deferrable=True, initially="DEFERRED"
        ),
        sa.PrimaryKeyConstraint("upto_seq", name=op.f("pk_mark")),
    )
    op.execute("INSERT INTO mark_again SELECT upto_seq, recorded_at, root FROM mark ORDER BY upto_seq")
    op.drop_table("mark")
    op.rename_table("mark_again", "mark")
    op.create_index(op.f("ix_mark_recorded_at"), "mark", ["recorded_at"], unique=False)
    for statement in append_only("mark", "sqlite"):
        op.execute(statement)


def _read_our_tables_only() -> None:
    """A table of somebody's own under the name of one of ours, in a schema searched sooner, would mislead a guard."""
    bind = op.get_bind()
    schema = bind.scalar(sa.text("SELECT quote_ident(current_schema())"))
    guards = bind.scalars(
        sa.text(
            "SELECT DISTINCT tgfoid::regprocedure::text FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid "
            "WHERE NOT tgisinternal AND relnamespace = current_schema()::regnamespace"
        )
    ).all()
    for guard in guards:
        op.execute(f"ALTER FUNCTION {guard} SET search_path = {schema}, pg_temp")
