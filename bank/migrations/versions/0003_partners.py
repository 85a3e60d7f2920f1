"""The partners: the register, the frontline, onward loans, and lending returns with all that became of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.store.columns import InstantType, JsonType, MoneyType, QuarterType, RateType
from ledger.store.guards import append_only

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

APPEND_ONLY = (
    "intermediary",
    "organisation",
    "governance_test",
    "intermediary_standing",
    "lending_return",
    "loan",
    "loan_tape",
    "organisation_description",
    "organisation_join",
    "organisation_registration",
    "lending_return_break",
    "lending_return_event",
    "loan_report",
    "lending_return_break_event",
)


def upgrade() -> None:
    """Create the tables, then the guards that keep what must never change."""
    op.create_table(
        "intermediary",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("identifiers", JsonType(), nullable=False),
        sa.Column("contacts", JsonType(), nullable=False),
        sa.Column("registered_at", InstantType(), nullable=False),
        sa.Column("registered_by", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intermediary")),
        sa.UniqueConstraint("name", name=op.f("uq_intermediary_name")),
    )
    op.create_table(
        "organisation",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
    )
    op.create_table(
        "governance_test",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("organisation", sa.String(length=80), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.ForeignKeyConstraint(["organisation"], ["organisation.id"], name=op.f("fk_governance_test_organisation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_governance_test")),
    )
    op.create_index(op.f("ix_governance_test_organisation"), "governance_test", ["organisation"], unique=False)
    op.create_table(
        "intermediary_standing",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("intermediary", sa.String(length=80), nullable=False),
        sa.Column("standing", sa.String(length=20), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["intermediary"], ["intermediary.id"], name=op.f("fk_intermediary_standing_intermediary")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intermediary_standing")),
    )
    op.create_index(
        op.f("ix_intermediary_standing_intermediary_id"), "intermediary_standing", ["intermediary", "id"], unique=False
    )
    op.create_table(
        "lending_return",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("facility", sa.String(length=80), nullable=False),
        sa.Column("intermediary", sa.String(length=80), nullable=False),
        sa.Column("quarter", QuarterType(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("supersedes", sa.String(length=80), nullable=True),
        sa.Column("format", sa.String(length=10), nullable=True),
        sa.Column("filename", sa.String(length=300), nullable=True),
        sa.Column("content_type", sa.String(length=200), nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("original_sha256", sa.String(length=64), nullable=False),
        sa.Column("content_sha256", sa.String(length=64), nullable=False),
        sa.Column("cash_held", MoneyType(), nullable=True),
        sa.Column("loans", sa.Integer(), nullable=False),
        sa.Column("errors", sa.Integer(), nullable=False),
        sa.Column("questions", sa.Integer(), nullable=False),
        sa.Column("totals", JsonType(), nullable=False),
        sa.Column("submitted_by", sa.String(length=80), nullable=False),
        sa.Column("submitted_by_name", sa.String(length=300), nullable=False),
        sa.Column("received_at", InstantType(), nullable=False),
        sa.Column("findings", JsonType(), nullable=True),
        sa.Column("rows", JsonType(), nullable=True),
        sa.Column("original", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["intermediary"], ["intermediary.id"], name=op.f("fk_lending_return_intermediary")),
        sa.ForeignKeyConstraint(["supersedes"], ["lending_return.id"], name=op.f("fk_lending_return_supersedes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lending_return")),
        sa.UniqueConstraint("facility", "quarter", "version", name=op.f("uq_lending_return_facility_quarter_version")),
    )
    op.create_index(op.f("ix_lending_return_intermediary"), "lending_return", ["intermediary"], unique=False)
    op.create_index(op.f("ix_lending_return_quarter"), "lending_return", ["quarter"], unique=False)
    op.create_table(
        "loan",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("intermediary", sa.String(length=80), nullable=False),
        sa.Column("facility", sa.String(length=80), nullable=False),
        sa.Column("loan_ref", sa.String(length=80), nullable=False),
        sa.Column("first_return", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.ForeignKeyConstraint(["intermediary"], ["intermediary.id"], name=op.f("fk_loan_intermediary")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loan")),
        sa.UniqueConstraint("intermediary", "loan_ref", name=op.f("uq_loan_intermediary_loan_ref")),
    )
    op.create_index(op.f("ix_loan_facility"), "loan", ["facility"], unique=False)
    op.create_table(
        "loan_tape",
        sa.Column("return_id", sa.String(length=80), nullable=False),
        sa.Column("facility", sa.String(length=80), nullable=False),
        sa.Column("intermediary", sa.String(length=80), nullable=False),
        sa.Column("quarter", QuarterType(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.ForeignKeyConstraint(["intermediary"], ["intermediary.id"], name=op.f("fk_loan_tape_intermediary")),
        sa.PrimaryKeyConstraint("return_id", name=op.f("pk_loan_tape")),
        sa.UniqueConstraint("facility", "quarter", "version", name=op.f("uq_loan_tape_facility_quarter_version")),
    )
    op.create_index(op.f("ix_loan_tape_intermediary"), "loan_tape", ["intermediary"], unique=False)
    op.create_table(
        "organisation_description",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("organisation", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("legal_form", sa.String(length=20), nullable=False),
        sa.Column("told_by", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation"], ["organisation.id"], name=op.f("fk_organisation_description_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation_description")),
    )
    op.create_index(
        op.f("ix_organisation_description_organisation_id"),
        "organisation_description",
        ["organisation", "id"],
        unique=False,
    )
    op.create_table(
        "organisation_join",
        sa.Column("absorbed", sa.String(length=80), nullable=False),
        sa.Column("kept", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.CheckConstraint("absorbed <> kept", name=op.f("ck_organisation_join_two")),
        sa.ForeignKeyConstraint(["absorbed"], ["organisation.id"], name=op.f("fk_organisation_join_absorbed")),
        sa.ForeignKeyConstraint(["kept"], ["organisation.id"], name=op.f("fk_organisation_join_kept")),
        sa.PrimaryKeyConstraint("absorbed", name=op.f("pk_organisation_join")),
    )
    op.create_table(
        "organisation_registration",
        sa.Column("registration", sa.String(length=160), nullable=False),
        sa.Column("identifier", sa.String(length=160), nullable=False),
        sa.Column("organisation", sa.String(length=80), nullable=False),
        sa.Column("told_by", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation"], ["organisation.id"], name=op.f("fk_organisation_registration_organisation")
        ),
        sa.PrimaryKeyConstraint("registration", name=op.f("pk_organisation_registration")),
    )
    op.create_index(
        op.f("ix_organisation_registration_organisation"), "organisation_registration", ["organisation"], unique=False
    )
    op.create_table(
        "lending_return_break",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("return_id", sa.String(length=80), nullable=False),
        sa.Column("facility", sa.String(length=80), nullable=False),
        sa.Column("intermediary", sa.String(length=80), nullable=False),
        sa.Column("quarter", QuarterType(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("amount", MoneyType(), nullable=False),
        sa.Column("opened_at", InstantType(), nullable=False),
        sa.ForeignKeyConstraint(
            ["intermediary"], ["intermediary.id"], name=op.f("fk_lending_return_break_intermediary")
        ),
        sa.ForeignKeyConstraint(["return_id"], ["lending_return.id"], name=op.f("fk_lending_return_break_return_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lending_return_break")),
    )
    op.create_index(op.f("ix_lending_return_break_quarter"), "lending_return_break", ["quarter"], unique=False)
    op.create_index(op.f("ix_lending_return_break_return_id"), "lending_return_break", ["return_id"], unique=False)
    op.create_table(
        "lending_return_event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("return_id", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("actor_name", sa.String(length=300), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("role", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=True),
        sa.Column("by_return", sa.String(length=80), nullable=True),
        sa.ForeignKeyConstraint(["return_id"], ["lending_return.id"], name=op.f("fk_lending_return_event_return_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lending_return_event")),
    )
    op.create_index(
        op.f("ix_lending_return_event_return_id_id"), "lending_return_event", ["return_id", "id"], unique=False
    )
    op.create_table(
        "loan_report",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("return_id", sa.String(length=80), nullable=False),
        sa.Column("loan", sa.String(length=80), nullable=False),
        sa.Column("quarter", QuarterType(), nullable=False),
        sa.Column("organisation", sa.String(length=80), nullable=False),
        sa.Column("facts", JsonType(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("outcome_area", sa.String(length=60), nullable=False),
        sa.Column("beneficiary_group", sa.String(length=60), nullable=False),
        sa.Column("our_share", RateType(), nullable=False),
        sa.Column("days_past_due", sa.Integer(), nullable=False),
        sa.Column("amount_committed", MoneyType(), nullable=False),
        sa.Column("drawn", MoneyType(), nullable=False),
        sa.Column("principal_received", MoneyType(), nullable=False),
        sa.Column("interest_received", MoneyType(), nullable=False),
        sa.Column("written_off", MoneyType(), nullable=False),
        sa.Column("recovered", MoneyType(), nullable=False),
        sa.Column("principal_outstanding", MoneyType(), nullable=False),
        sa.Column("arrears_principal", MoneyType(), nullable=False),
        sa.Column("own_drawn", MoneyType(), nullable=False),
        sa.Column("own_principal_received", MoneyType(), nullable=False),
        sa.Column("own_interest_received", MoneyType(), nullable=False),
        sa.Column("own_written_off", MoneyType(), nullable=False),
        sa.Column("own_recovered", MoneyType(), nullable=False),
        sa.Column("entry_seq", sa.BigInteger(), nullable=True),
        sa.Column("place_given", sa.String(length=80), nullable=False),
        sa.Column("lsoa", sa.String(length=20), nullable=True),
        sa.Column("local_authority", sa.String(length=20), nullable=True),
        sa.Column("local_authority_name", sa.String(length=120), nullable=True),
        sa.Column("region", sa.String(length=20), nullable=True),
        sa.Column("nation", sa.String(length=40), nullable=True),
        sa.Column("vanguard", sa.String(length=60), nullable=True),
        sa.Column("decile", sa.SmallInteger(), nullable=True),
        sa.Column("deprivation_index", sa.String(length=60), nullable=False),
        sa.Column("deprivation_missing", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["loan"], ["loan.id"], name=op.f("fk_loan_report_loan")),
        sa.ForeignKeyConstraint(["return_id"], ["loan_tape.return_id"], name=op.f("fk_loan_report_return_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loan_report")),
        sa.UniqueConstraint("return_id", "loan", name=op.f("uq_loan_report_return_id_loan")),
    )
    op.create_index(op.f("ix_loan_report_loan_quarter"), "loan_report", ["loan", "quarter"], unique=False)
    op.create_index(op.f("ix_loan_report_organisation"), "loan_report", ["organisation"], unique=False)
    op.create_table(
        "lending_return_break_event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("break_id", sa.String(length=80), nullable=False),
        sa.Column("event", sa.String(length=20), nullable=False),
        sa.Column("category", sa.String(length=40), nullable=False),
        sa.Column("amount", MoneyType(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("actor_name", sa.String(length=300), nullable=False),
        sa.Column("entry_seq", sa.BigInteger(), nullable=True),
        sa.Column("effective_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["break_id"], ["lending_return_break.id"], name=op.f("fk_lending_return_break_event_break_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lending_return_break_event")),
    )
    op.create_index(
        op.f("ix_lending_return_break_event_break_id_id"),
        "lending_return_break_event",
        ["break_id", "id"],
        unique=False,
    )
    dialect = op.get_bind().dialect.name
    for table in APPEND_ONLY:
        for statement in append_only(table, dialect):
            op.execute(statement)
