"""The money rooms: people and keys, dormant money, share capital, the liquidity policy, and facilities."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.store.columns import InstantType, JsonType, MoneyType, RateType
from ledger.store.guards import append_only

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

APPEND_ONLY = (
    "participant",
    "reserve_rate",
    "reserve_rate_approval",
    "inflow",
    "reclaim",
    "apportionment",
    "share_subscription",
    "liquidity_policy",
    "liquidity_policy_approval",
    "facility",
    "facility_approval",
    "facility_event",
)

WITHIN_COMMITMENT_ON_SQLITE = """
    CREATE TRIGGER facility_event_within_commitment BEFORE INSERT ON facility_event WHEN NEW.kind = 'drawdown' BEGIN
      SELECT RAISE(ABORT, 'books: more would be drawn than is signed')
        WHERE NEW.amount > (
          SELECT coalesce(sum(CASE WHEN kind = 'signed' THEN amount ELSE -amount END), 0) FROM facility_event
          WHERE facility_id = NEW.facility_id AND kind IN ('signed', 'drawdown', 'lapse'));
    END
"""

WITHIN_COMMITMENT_ON_POSTGRESQL = (
    """
    CREATE FUNCTION facility_event_within_commitment() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NEW.kind = 'drawdown' AND NEW.amount > (
          SELECT coalesce(sum(CASE WHEN kind = 'signed' THEN amount ELSE -amount END), 0) FROM facility_event
          WHERE facility_id = NEW.facility_id AND kind IN ('signed', 'drawdown', 'lapse')) THEN
        RAISE EXCEPTION 'books: more would be drawn than is signed' USING ERRCODE = 'check_violation';
      END IF;
      RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER facility_event_within_commitment BEFORE INSERT ON facility_event
    FOR EACH ROW EXECUTE FUNCTION facility_event_within_commitment()
    """,
    "ALTER TABLE facility_event ENABLE ALWAYS TRIGGER facility_event_within_commitment",
)
"""A drawdown beyond the signed commitment is refused by the database, whatever a program may have forgotten."""


def upgrade() -> None:
    """Create the tables, then the guards that keep what must never change."""
    op.create_table(
        "apportionment",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("financial_year", sa.String(length=7), nullable=True),
        sa.Column("order_name", sa.String(length=200), nullable=False),
        sa.Column("apportioned_on", sa.Date(), nullable=False),
        sa.Column("amount", MoneyType(), nullable=False),
        sa.Column("distributor_expenses", MoneyType(), nullable=False),
        sa.Column("secretary_of_state_expenses", MoneyType(), nullable=False),
        sa.Column("england", MoneyType(), nullable=False),
        sa.Column("wales", MoneyType(), nullable=False),
        sa.Column("scotland", MoneyType(), nullable=False),
        sa.Column("northern_ireland", MoneyType(), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("seqs", JsonType(), nullable=False),
        sa.CheckConstraint(
            "england + wales + scotland + northern_ireland"
            " + distributor_expenses + secretary_of_state_expenses = amount",
            name=op.f("ck_apportionment_whole"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_apportionment")),
        sa.UniqueConstraint("seq", name=op.f("uq_apportionment_seq")),
    )
    op.create_index(op.f("ix_apportionment_financial_year"), "apportionment", ["financial_year"], unique=False)
    op.create_table(
        "cash_hold",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_cash_hold_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cash_hold")),
    )
    op.create_table(
        "facility",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("intermediary", sa.String(length=40), nullable=False),
        sa.Column("product", sa.String(length=40), nullable=False),
        sa.Column("amount", MoneyType(), nullable=False),
        sa.Column("co_investor_amount", MoneyType(), nullable=False),
        sa.Column("annual_rate", RateType(), nullable=False),
        sa.Column("day_count", sa.String(length=16), nullable=False),
        sa.Column("available_from", sa.Date(), nullable=False),
        sa.Column("available_until", sa.Date(), nullable=False),
        sa.Column("matures_on", sa.Date(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("additionality", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.String(length=80), nullable=False),
        sa.Column("proposed_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.CheckConstraint("amount > 0 AND co_investor_amount >= 0", name=op.f("ck_facility_amounts")),
        sa.CheckConstraint(
            "available_from <= available_until AND available_until <= matures_on",
            name=op.f("ck_facility_days_in_order"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facility")),
        sa.UniqueConstraint("id", "proposed_by", name=op.f("uq_facility_id_proposed_by")),
    )
    op.create_index(op.f("ix_facility_intermediary"), "facility", ["intermediary"], unique=False)
    op.create_index(op.f("ix_facility_recorded_at_id"), "facility", ["recorded_at", "id"], unique=False)
    op.create_table(
        "liquidity_policy",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("fraction", RateType(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_liquidity_policy")),
        sa.UniqueConstraint("id", "proposed_by", name=op.f("uq_liquidity_policy_id_proposed_by")),
    )
    op.create_table(
        "participant",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("added_at", InstantType(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_participant")),
        sa.UniqueConstraint("name", name=op.f("uq_participant_name")),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("roles", JsonType(), nullable=False),
        sa.Column("intermediary", sa.String(length=40), nullable=True),
        sa.Column("added_at", InstantType(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("email", name=op.f("uq_person_email")),
    )
    op.create_table(
        "reserve_rate",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("asset_class", sa.String(length=40), nullable=False),
        sa.Column("rate", RateType(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reserve_rate")),
        sa.UniqueConstraint("id", "proposed_by", name=op.f("uq_reserve_rate_id_proposed_by")),
    )
    op.create_table(
        "share_subscription",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("share_class", sa.String(length=1), nullable=False),
        sa.Column("holder", sa.String(length=300), nullable=False),
        sa.Column("amount", MoneyType(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("seqs", JsonType(), nullable=False),
        sa.CheckConstraint("share_class IN ('A', 'B')", name=op.f("ck_share_subscription_known_class")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_share_subscription_amount")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_share_subscription")),
    )
    op.create_table(
        "access_key",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.String(length=40), nullable=True),
        sa.Column("intermediary", sa.String(length=40), nullable=True),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("scopes", JsonType(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("last_four", sa.String(length=4), nullable=False),
        sa.Column("issued_at", InstantType(), nullable=False),
        sa.Column("issued_by", sa.String(length=40), nullable=False),
        sa.Column("expires_at", InstantType(), nullable=False),
        sa.Column("revoked_at", InstantType(), nullable=True),
        sa.CheckConstraint("(person_id IS NULL) <> (intermediary IS NULL)", name=op.f("ck_access_key_one_holder")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_access_key_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_key")),
    )
    op.create_index(op.f("ix_access_key_intermediary"), "access_key", ["intermediary"], unique=False)
    op.create_index(op.f("ix_access_key_person_id"), "access_key", ["person_id"], unique=False)
    op.create_table(
        "facility_approval",
        sa.Column("facility_id", sa.String(length=40), nullable=False),
        sa.Column("proposed_by", sa.String(length=80), nullable=False),
        sa.Column("approved_by", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.CheckConstraint("proposed_by <> approved_by", name=op.f("ck_facility_approval_two_people")),
        sa.ForeignKeyConstraint(
            ["facility_id", "proposed_by"],
            ["facility.id", "facility.proposed_by"],
            name=op.f("fk_facility_approval_facility_id_proposed_by"),
        ),
        sa.PrimaryKeyConstraint("facility_id", name=op.f("pk_facility_approval")),
    )
    op.create_table(
        "facility_event",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("facility_id", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("amount", MoneyType(), nullable=False),
        sa.Column("interest", MoneyType(), nullable=False),
        sa.Column("co_investor_amount", MoneyType(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.Column("seqs", JsonType(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint("interest >= 0 OR kind = 'accrual'", name=op.f("ck_facility_event_interest")),
        sa.CheckConstraint("amount >= 0 AND co_investor_amount >= 0", name=op.f("ck_facility_event_amounts")),
        sa.ForeignKeyConstraint(["facility_id"], ["facility.id"], name=op.f("fk_facility_event_facility_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facility_event")),
        sa.UniqueConstraint("facility_id", "number", name=op.f("uq_facility_event_facility_id_number")),
    )
    op.create_index(
        "uq_facility_event_once",
        "facility_event",
        ["facility_id", "kind"],
        unique=True,
        sqlite_where=sa.text("kind IN ('proposed', 'approved', 'rejected', 'signed')"),
        postgresql_where=sa.text("kind IN ('proposed', 'approved', 'rejected', 'signed')"),
    )
    op.create_table(
        "inflow",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("participant_id", sa.String(length=40), nullable=False),
        sa.Column("asset_class", sa.String(length=40), nullable=False),
        sa.Column("scheme", sa.String(length=16), nullable=False),
        sa.Column("amount", MoneyType(), nullable=False),
        sa.Column("whole_balance", MoneyType(), nullable=False),
        sa.Column("accounts", sa.Integer(), nullable=True),
        sa.Column("reserve_rate_id", sa.String(length=40), nullable=False),
        sa.Column("reserve", MoneyType(), nullable=False),
        sa.Column("consented_on", sa.Date(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("tracing_attested", sa.Boolean(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("seqs", JsonType(), nullable=False),
        sa.CheckConstraint("scheme = 'alternative' OR whole_balance = amount", name=op.f("ck_inflow_main_is_whole")),
        sa.CheckConstraint("amount > 0 AND whole_balance >= amount AND reserve >= 0", name=op.f("ck_inflow_amounts")),
        sa.CheckConstraint("consented_on <= received_on", name=op.f("ck_inflow_consent_first")),
        sa.ForeignKeyConstraint(["participant_id"], ["participant.id"], name=op.f("fk_inflow_participant_id")),
        sa.ForeignKeyConstraint(["reserve_rate_id"], ["reserve_rate.id"], name=op.f("fk_inflow_reserve_rate_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inflow")),
        sa.UniqueConstraint("seq", name=op.f("uq_inflow_seq")),
    )
    op.create_index(op.f("ix_inflow_participant_id"), "inflow", ["participant_id"], unique=False)
    op.create_table(
        "liquidity_policy_approval",
        sa.Column("policy_id", sa.String(length=40), nullable=False),
        sa.Column("proposed_by", sa.String(length=80), nullable=False),
        sa.Column("approved_by", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.CheckConstraint("proposed_by <> approved_by", name=op.f("ck_liquidity_policy_approval_two_people")),
        sa.ForeignKeyConstraint(
            ["policy_id", "proposed_by"],
            ["liquidity_policy.id", "liquidity_policy.proposed_by"],
            name=op.f("fk_liquidity_policy_approval_policy_id_proposed_by"),
        ),
        sa.PrimaryKeyConstraint("policy_id", name=op.f("pk_liquidity_policy_approval")),
    )
    op.create_table(
        "reserve_rate_approval",
        sa.Column("rate_id", sa.String(length=40), nullable=False),
        sa.Column("proposed_by", sa.String(length=80), nullable=False),
        sa.Column("approved_by", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.CheckConstraint("proposed_by <> approved_by", name=op.f("ck_reserve_rate_approval_two_people")),
        sa.ForeignKeyConstraint(
            ["rate_id", "proposed_by"],
            ["reserve_rate.id", "reserve_rate.proposed_by"],
            name=op.f("fk_reserve_rate_approval_rate_id_proposed_by"),
        ),
        sa.PrimaryKeyConstraint("rate_id", name=op.f("pk_reserve_rate_approval")),
    )
    op.create_table(
        "reclaim",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("participant_id", sa.String(length=40), nullable=False),
        sa.Column("inflow_id", sa.String(length=40), nullable=True),
        sa.Column("principal", MoneyType(), nullable=False),
        sa.Column("interest", MoneyType(), nullable=False),
        sa.Column("from_provision", MoneyType(), nullable=False),
        sa.Column("accounts", sa.Integer(), nullable=True),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("seqs", JsonType(), nullable=False),
        sa.CheckConstraint(
            "from_provision >= 0 AND from_provision <= principal + interest", name=op.f("ck_reclaim_provision")
        ),
        sa.CheckConstraint(
            "principal >= 0 AND interest >= 0 AND principal + interest > 0", name=op.f("ck_reclaim_amounts")
        ),
        sa.ForeignKeyConstraint(["inflow_id"], ["inflow.id"], name=op.f("fk_reclaim_inflow_id")),
        sa.ForeignKeyConstraint(["participant_id"], ["participant.id"], name=op.f("fk_reclaim_participant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reclaim")),
        sa.UniqueConstraint("seq", name=op.f("uq_reclaim_seq")),
    )
    op.create_index(op.f("ix_reclaim_inflow_id"), "reclaim", ["inflow_id"], unique=False)
    op.create_index(op.f("ix_reclaim_participant_id"), "reclaim", ["participant_id"], unique=False)
    dialect = op.get_bind().dialect.name
    for table in APPEND_ONLY:
        for statement in append_only(table, dialect):
            op.execute(statement)
    sqlite = dialect == "sqlite"
    for statement in (WITHIN_COMMITMENT_ON_SQLITE,) if sqlite else WITHIN_COMMITMENT_ON_POSTGRESQL:
        op.execute(statement)
