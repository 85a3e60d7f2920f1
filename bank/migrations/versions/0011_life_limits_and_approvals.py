"""Who must agree to what, the limits, and what is recorded of a facility beside its money."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.store.columns import InstantType, JsonType, MoneyType, RateType
from ledger.store.guards import append_only
from ledger.store.guards_of_identity import Kept, keeps_first

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

KEPT = (
    Kept("approval_rule", (("id",),)),
    Kept("approval_rule_decision", (("rule_id",),)),
    Kept("approval_request", (("id",),)),
    Kept("approval_decision", (("request_id", "decided_by", "decision"),)),
    Kept("approval_outcome", (("request_id",),)),
    Kept("approval_use", (("request_id",),)),
    Kept("lending_limit", (("id",),)),
    Kept("lending_limit_decision", (("limit_id",),)),
    Kept("limit_evaluation", (("id",),)),
    Kept("enquiry", (("id",),)),
    Kept("enquiry_proposal", (("facility_id",),)),
    Kept("life_step", (("id",), ("subject", "number"))),
    Kept("facility_profile", (("id",), ("facility_id", "number"))),
    Kept("facility_condition", (("id",),)),
    Kept("condition_satisfied", (("condition_id",),)),
    Kept("facility_amendment", (("id",), ("request_id",))),
    Kept("covenant", (("id",),)),
    Kept("covenant_test", (("id",), ("covenant_id", "number"))),
)
"""Every table made here is only ever added to; with its unique keys."""


def upgrade() -> None:
    """Create the tables, then the guards that keep what must never change."""
    op.create_table(
        "approval_request",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("amount", MoneyType(), nullable=False),
        sa.Column("roles", JsonType(), nullable=False),
        sa.Column("facts", JsonType(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("requested_by", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_request")),
        sa.UniqueConstraint("id", "requested_by", name=op.f("uq_approval_request_id_requested_by")),
        info={"held": ("id",)},
    )
    op.create_index(op.f("ix_approval_request_subject_action"), "approval_request", ["subject", "action"], unique=False)
    op.create_table(
        "approval_rule",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("from_amount", MoneyType(), nullable=False),
        sa.Column("roles", JsonType(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.CheckConstraint("from_amount >= 0", name=op.f("ck_approval_rule_amount")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_rule")),
        sa.UniqueConstraint("id", "proposed_by", name=op.f("uq_approval_rule_id_proposed_by")),
    )
    op.create_table(
        "enquiry",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("intermediary", sa.String(length=80), nullable=False),
        sa.Column("product", sa.String(length=40), nullable=False),
        sa.Column("amount", MoneyType(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enquiry")),
        info={"held": ("id",)},
    )
    op.create_table(
        "lending_limit",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("scope", sa.String(length=80), nullable=False),
        sa.Column("amount", MoneyType(), nullable=True),
        sa.Column("share", RateType(), nullable=True),
        sa.Column("hard", sa.Boolean(), nullable=False),
        sa.Column("waivable_by", sa.String(length=40), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.CheckConstraint("amount IS NULL OR share IS NULL", name=op.f("ck_lending_limit_one_bound")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lending_limit")),
        sa.UniqueConstraint("id", "proposed_by", name=op.f("uq_lending_limit_id_proposed_by")),
    )
    op.create_table(
        "life_step",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=40), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_life_step")),
        sa.UniqueConstraint("subject", "number", name=op.f("uq_life_step_subject_number")),
    )
    op.create_table(
        "approval_decision",
        sa.Column("request_id", sa.String(length=40), nullable=False),
        sa.Column("decided_by", sa.String(length=80), nullable=False),
        sa.Column("requested_by", sa.String(length=80), nullable=False),
        sa.Column("roles", JsonType(), nullable=False),
        sa.Column("decision", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.CheckConstraint(
            "requested_by <> decided_by OR decision = 'withdrawn'", name=op.f("ck_approval_decision_two_people")
        ),
        sa.ForeignKeyConstraint(
            ["request_id", "requested_by"],
            ["approval_request.id", "approval_request.requested_by"],
            name=op.f("fk_approval_decision_request_id_requested_by"),
        ),
        sa.PrimaryKeyConstraint("request_id", "decided_by", "decision", name=op.f("pk_approval_decision")),
    )
    op.create_table(
        "approval_outcome",
        sa.Column("request_id", sa.String(length=40), nullable=False),
        sa.Column("requested_by", sa.String(length=80), nullable=False),
        sa.Column("decided_by", sa.String(length=80), nullable=False),
        sa.Column("decision", sa.String(length=16), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.CheckConstraint(
            "requested_by <> decided_by OR decision = 'withdrawn'", name=op.f("ck_approval_outcome_two_people")
        ),
        sa.ForeignKeyConstraint(
            ["request_id", "requested_by"],
            ["approval_request.id", "approval_request.requested_by"],
            name=op.f("fk_approval_outcome_request_id_requested_by"),
        ),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_approval_outcome")),
    )
    op.create_table(
        "approval_rule_decision",
        sa.Column("rule_id", sa.String(length=40), nullable=False),
        sa.Column("proposed_by", sa.String(length=80), nullable=False),
        sa.Column("decided_by", sa.String(length=80), nullable=False),
        sa.Column("decision", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.CheckConstraint(
            "proposed_by <> decided_by OR decision = 'withdrawn'", name=op.f("ck_approval_rule_decision_two_people")
        ),
        sa.ForeignKeyConstraint(
            ["rule_id", "proposed_by"],
            ["approval_rule.id", "approval_rule.proposed_by"],
            name=op.f("fk_approval_rule_decision_rule_id_proposed_by"),
        ),
        sa.PrimaryKeyConstraint("rule_id", name=op.f("pk_approval_rule_decision")),
    )
    op.create_table(
        "approval_use",
        sa.Column("request_id", sa.String(length=40), nullable=False),
        sa.Column("used_by", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id", "used_by"],
            ["approval_request.id", "approval_request.requested_by"],
            name=op.f("fk_approval_use_request_id_used_by"),
        ),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_approval_use")),
    )
    op.create_table(
        "covenant",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("facility_id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("sense", sa.String(length=16), nullable=False),
        sa.Column("threshold", RateType(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.CheckConstraint("sense IN ('at-least', 'at-most')", name=op.f("ck_covenant_sense")),
        sa.ForeignKeyConstraint(["facility_id"], ["facility.id"], name=op.f("fk_covenant_facility_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_covenant")),
    )
    op.create_index(
        op.f("ix_covenant_facility_id_recorded_at"), "covenant", ["facility_id", "recorded_at"], unique=False
    )
    op.create_table(
        "enquiry_proposal",
        sa.Column("facility_id", sa.String(length=40), nullable=False),
        sa.Column("enquiry_id", sa.String(length=40), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.ForeignKeyConstraint(["enquiry_id"], ["enquiry.id"], name=op.f("fk_enquiry_proposal_enquiry_id")),
        sa.ForeignKeyConstraint(["facility_id"], ["facility.id"], name=op.f("fk_enquiry_proposal_facility_id")),
        sa.PrimaryKeyConstraint("facility_id", name=op.f("pk_enquiry_proposal")),
    )
    op.create_index(op.f("ix_enquiry_proposal_enquiry_id"), "enquiry_proposal", ["enquiry_id"], unique=False)
    op.create_table(
        "facility_amendment",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("facility_id", sa.String(length=40), nullable=False),
        sa.Column("request_id", sa.String(length=40), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("available_until", sa.Date(), nullable=True),
        sa.Column("matures_on", sa.Date(), nullable=True),
        sa.Column("match_at_drawdown", RateType(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.ForeignKeyConstraint(["facility_id"], ["facility.id"], name=op.f("fk_facility_amendment_facility_id")),
        sa.ForeignKeyConstraint(["request_id"], ["approval_request.id"], name=op.f("fk_facility_amendment_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facility_amendment")),
        sa.UniqueConstraint("request_id", name=op.f("uq_facility_amendment_request_id")),
    )
    op.create_index(
        op.f("ix_facility_amendment_facility_id_recorded_at"),
        "facility_amendment",
        ["facility_id", "recorded_at"],
        unique=False,
    )
    op.create_table(
        "facility_condition",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("facility_id", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("listed_on", sa.Date(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.ForeignKeyConstraint(["facility_id"], ["facility.id"], name=op.f("fk_facility_condition_facility_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facility_condition")),
    )
    op.create_index(
        op.f("ix_facility_condition_facility_id_recorded_at"),
        "facility_condition",
        ["facility_id", "recorded_at"],
        unique=False,
    )
    op.create_table(
        "facility_profile",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("facility_id", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("region", sa.String(length=80), nullable=True),
        sa.Column("secured", sa.Boolean(), nullable=True),
        sa.Column("first_loss", sa.Boolean(), nullable=True),
        sa.Column("match_at_signing", RateType(), nullable=True),
        sa.Column("match_at_drawdown", RateType(), nullable=True),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.ForeignKeyConstraint(["facility_id"], ["facility.id"], name=op.f("fk_facility_profile_facility_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facility_profile")),
        sa.UniqueConstraint("facility_id", "number", name=op.f("uq_facility_profile_facility_id_number")),
    )
    op.create_table(
        "lending_limit_decision",
        sa.Column("limit_id", sa.String(length=40), nullable=False),
        sa.Column("proposed_by", sa.String(length=80), nullable=False),
        sa.Column("decided_by", sa.String(length=80), nullable=False),
        sa.Column("decision", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.CheckConstraint(
            "proposed_by <> decided_by OR decision = 'withdrawn'", name=op.f("ck_lending_limit_decision_two_people")
        ),
        sa.ForeignKeyConstraint(
            ["limit_id", "proposed_by"],
            ["lending_limit.id", "lending_limit.proposed_by"],
            name=op.f("fk_lending_limit_decision_limit_id_proposed_by"),
        ),
        sa.PrimaryKeyConstraint("limit_id", name=op.f("pk_lending_limit_decision")),
    )
    op.create_table(
        "limit_evaluation",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("facility_id", sa.String(length=40), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("amount", MoneyType(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("readings", JsonType(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.ForeignKeyConstraint(["facility_id"], ["facility.id"], name=op.f("fk_limit_evaluation_facility_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_limit_evaluation")),
    )
    op.create_index(op.f("ix_limit_evaluation_facility_id"), "limit_evaluation", ["facility_id"], unique=False)
    op.create_table(
        "condition_satisfied",
        sa.Column("condition_id", sa.String(length=40), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.ForeignKeyConstraint(
            ["condition_id"], ["facility_condition.id"], name=op.f("fk_condition_satisfied_condition_id")
        ),
        sa.PrimaryKeyConstraint("condition_id", name=op.f("pk_condition_satisfied")),
    )
    op.create_table(
        "covenant_test",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("covenant_id", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("tested_on", sa.Date(), nullable=False),
        sa.Column("value", RateType(), nullable=False),
        sa.Column("threshold", RateType(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", InstantType(), nullable=False),
        sa.ForeignKeyConstraint(["covenant_id"], ["covenant.id"], name=op.f("fk_covenant_test_covenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_covenant_test")),
        sa.UniqueConstraint("covenant_id", "number", name=op.f("uq_covenant_test_covenant_id_number")),
    )
    op.create_index(op.f("ix_covenant_test_covenant_id"), "covenant_test", ["covenant_id"], unique=False)
    dialect = op.get_bind().dialect.name
    for kept in KEPT:
        for statement in (*append_only(kept.table, dialect), *keeps_first(kept, dialect)):
            op.execute(statement)
