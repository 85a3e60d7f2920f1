"""Dormant money as it came in and went out again, and the reserve rates agreed: rows that are only ever added."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from ledger.money import Money
from ledger.store.columns import Base, InstantType, JsonType, MoneyType, RateType


class Participant(Base):
    """A bank or building society that hands dormant money over and stays its customers' agent."""

    __tablename__ = "participant"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(300), unique=True)
    added_at: Mapped[datetime] = mapped_column(InstantType)


class ReserveRate(Base):
    """A proposed rate of reserve for a class of asset, from a day on."""

    __tablename__ = "reserve_rate"
    __table_args__ = (UniqueConstraint("id", "proposed_by"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    asset_class: Mapped[str] = mapped_column(String(40))
    rate: Mapped[Decimal] = mapped_column(RateType)
    from_on: Mapped[date]
    basis: Mapped[str] = mapped_column(Text)
    proposed_by: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(InstantType)


class ReserveRateApproval(Base):
    """The approval of a rate. The proposer is copied and tied to the proposal: the database compares the persons."""

    __tablename__ = "reserve_rate_approval"
    __table_args__ = (
        ForeignKeyConstraint(["rate_id", "proposed_by"], ["reserve_rate.id", "reserve_rate.proposed_by"]),
        CheckConstraint("proposed_by <> approved_by", name="two_people"),
    )

    rate_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    proposed_by: Mapped[str] = mapped_column(String(80))
    approved_by: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(InstantType)


class Inflow(Base):
    """One transfer of dormant money: what came, what its owners may claim, and what was set aside for that."""

    __tablename__ = "inflow"
    __table_args__ = (
        CheckConstraint("amount > 0 AND whole_balance >= amount AND reserve >= 0", name="amounts"),
        CheckConstraint("scheme = 'alternative' OR whole_balance = amount", name="main_is_whole"),
        CheckConstraint("consented_on <= received_on", name="consent_first"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    participant_id: Mapped[str] = mapped_column(ForeignKey("participant.id"), index=True)
    asset_class: Mapped[str] = mapped_column(String(40))
    scheme: Mapped[str] = mapped_column(String(16))
    amount: Mapped[Money] = mapped_column(MoneyType)
    whole_balance: Mapped[Money] = mapped_column(MoneyType)
    accounts: Mapped[int | None] = mapped_column(Integer)
    reserve_rate_id: Mapped[str] = mapped_column(ForeignKey("reserve_rate.id"))
    reserve: Mapped[Money] = mapped_column(MoneyType)
    consented_on: Mapped[date]
    received_on: Mapped[date]
    tracing_attested: Mapped[bool | None]
    note: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(InstantType)
    recorded_by: Mapped[str] = mapped_column(String(80))
    seq: Mapped[int] = mapped_column(BigInteger, unique=True)
    seqs: Mapped[list[int]] = mapped_column(JsonType)


class Reclaim(Base):
    """Claims repaid to a participant in one payment. It may exceed what was transferred: it is never capped."""

    __tablename__ = "reclaim"
    __table_args__ = (
        CheckConstraint("principal >= 0 AND interest >= 0 AND principal + interest > 0", name="amounts"),
        CheckConstraint("from_provision >= 0 AND from_provision <= principal + interest", name="provision"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    participant_id: Mapped[str] = mapped_column(ForeignKey("participant.id"), index=True)
    inflow_id: Mapped[str | None] = mapped_column(ForeignKey("inflow.id"), index=True)
    asset_class: Mapped[str] = mapped_column(String(40))
    principal: Mapped[Money] = mapped_column(MoneyType)
    interest: Mapped[Money] = mapped_column(MoneyType)
    from_provision: Mapped[Money] = mapped_column(MoneyType)
    accounts: Mapped[int | None] = mapped_column(Integer)
    paid_on: Mapped[date]
    note: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(InstantType)
    recorded_by: Mapped[str] = mapped_column(String(80))
    seq: Mapped[int] = mapped_column(BigInteger, unique=True)
    seqs: Mapped[list[int]] = mapped_column(JsonType)


class ClaimNotice(Base):
    """Claims that a participant has told of and that are not paid: owed to it from that day, out of the provision."""

    __tablename__ = "claim_notice"
    __table_args__ = (
        CheckConstraint("principal >= 0 AND interest >= 0 AND principal + interest > 0", name="amounts"),
        CheckConstraint("from_provision >= 0 AND from_provision <= principal + interest", name="provision"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    participant_id: Mapped[str] = mapped_column(ForeignKey("participant.id"), index=True)
    inflow_id: Mapped[str | None] = mapped_column(ForeignKey("inflow.id"), index=True)
    asset_class: Mapped[str] = mapped_column(String(40))
    principal: Mapped[Money] = mapped_column(MoneyType)
    interest: Mapped[Money] = mapped_column(MoneyType)
    from_provision: Mapped[Money] = mapped_column(MoneyType)
    accounts: Mapped[int | None] = mapped_column(Integer)
    notified_on: Mapped[date]
    note: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(InstantType)
    recorded_by: Mapped[str] = mapped_column(String(80))
    seq: Mapped[int] = mapped_column(BigInteger, unique=True)
    seqs: Mapped[list[int]] = mapped_column(JsonType)


class ClaimNoticePayment(Base):
    """Which notice a payment of claims settles, whole or in part; the payment itself is a reclaim like any other."""

    __tablename__ = "claim_notice_payment"

    reclaim_id: Mapped[str] = mapped_column(ForeignKey("reclaim.id"), primary_key=True)
    notice_id: Mapped[str] = mapped_column(ForeignKey("claim_notice.id"), index=True)
    recorded_at: Mapped[datetime] = mapped_column(InstantType)


class ClaimNoticeEnd(Base):
    """Notified claims that will not be paid: the participant withdrew them, or the fund rejected them."""

    __tablename__ = "claim_notice_end"
    __table_args__ = (
        CheckConstraint("outcome IN ('withdrawn', 'rejected')", name="known_outcome"),
        CheckConstraint("principal >= 0 AND interest >= 0 AND principal + interest > 0", name="amounts"),
        CheckConstraint("to_provision >= 0 AND to_provision <= principal + interest", name="provision"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    notice_id: Mapped[str] = mapped_column(ForeignKey("claim_notice.id"), index=True)
    outcome: Mapped[str] = mapped_column(String(16))
    principal: Mapped[Money] = mapped_column(MoneyType)
    interest: Mapped[Money] = mapped_column(MoneyType)
    to_provision: Mapped[Money] = mapped_column(MoneyType)
    ended_on: Mapped[date]
    reason: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(InstantType)
    recorded_by: Mapped[str] = mapped_column(String(80))
    seq: Mapped[int] = mapped_column(BigInteger, unique=True)
    seqs: Mapped[list[int]] = mapped_column(JsonType)


class ReserveReEstimate(Base):
    """A class's provision brought to an approved rate from a day on: what was held, what is wanted, the difference."""

    __tablename__ = "reserve_re_estimate"
    __table_args__ = (CheckConstraint("wanted >= 0 AND wanted - held = change AND change <> 0", name="amounts"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    asset_class: Mapped[str] = mapped_column(String(40), index=True)
    reserve_rate_id: Mapped[str] = mapped_column(ForeignKey("reserve_rate.id"))
    effective_on: Mapped[date]
    transferred: Mapped[Money] = mapped_column(MoneyType)
    claimed: Mapped[Money] = mapped_column(MoneyType)
    held: Mapped[Money] = mapped_column(MoneyType)
    wanted: Mapped[Money] = mapped_column(MoneyType)
    change: Mapped[Money] = mapped_column(MoneyType)
    recorded_at: Mapped[datetime] = mapped_column(InstantType)
    recorded_by: Mapped[str] = mapped_column(String(80))
    seq: Mapped[int] = mapped_column(BigInteger, unique=True)
    seqs: Mapped[list[int]] = mapped_column(JsonType)


class SurplusDeclaration(Base):
    """Surplus that the reclaim fund has committed to the distributor, and owes it until it is paid."""

    __tablename__ = "surplus_declaration"
    __table_args__ = (CheckConstraint("amount > 0", name="amount"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    amount: Mapped[Money] = mapped_column(MoneyType)
    declared_on: Mapped[date]
    basis: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(InstantType)
    recorded_by: Mapped[str] = mapped_column(String(80))
    seq: Mapped[int] = mapped_column(BigInteger, unique=True)
    seqs: Mapped[list[int]] = mapped_column(JsonType)


class SurplusPayment(Base):
    """Declared surplus paid, whole or in part."""

    __tablename__ = "surplus_payment"
    __table_args__ = (CheckConstraint("amount > 0", name="amount"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    declaration_id: Mapped[str] = mapped_column(ForeignKey("surplus_declaration.id"), index=True)
    amount: Mapped[Money] = mapped_column(MoneyType)
    paid_on: Mapped[date]
    recorded_at: Mapped[datetime] = mapped_column(InstantType)
    recorded_by: Mapped[str] = mapped_column(String(80))
    seq: Mapped[int] = mapped_column(BigInteger, unique=True)
    seqs: Mapped[list[int]] = mapped_column(JsonType)


class EnglandDirection(Base):
    """A direction on what England's money is for: causes with percentages or with amounts, from a day on.

    `shares` holds each cause and its figure as text; what the figures are is said by `measure`.
    """

    __tablename__ = "england_direction"
    __table_args__ = (
        UniqueConstraint("id", "proposed_by"),
        CheckConstraint("measure IN ('percentages', 'amounts')", name="known_measure"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    measure: Mapped[str] = mapped_column(String(16))
    shares: Mapped[dict[str, str]] = mapped_column(JsonType)
    from_on: Mapped[date]
    source: Mapped[str] = mapped_column(Text)
    proposed_by: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(InstantType)


class EnglandDirectionApproval(Base):
    """The approval of a direction. The proposer is copied from it: the database compares the persons."""

    __tablename__ = "england_direction_approval"
    __table_args__ = (
        ForeignKeyConstraint(
            ["direction_id", "proposed_by"], ["england_direction.id", "england_direction.proposed_by"]
        ),
        CheckConstraint("proposed_by <> approved_by", name="two_people"),
    )

    direction_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    proposed_by: Mapped[str] = mapped_column(String(80))
    approved_by: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(InstantType)


class EnglandAllocation(Base):
    """Money held for England shared among the causes of a direction; `shares` holds each cause's part as text."""

    __tablename__ = "england_allocation"
    __table_args__ = (CheckConstraint("amount > 0", name="amount"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    direction_id: Mapped[str] = mapped_column(ForeignKey("england_direction.id"), index=True)
    amount: Mapped[Money] = mapped_column(MoneyType)
    allocated_on: Mapped[date]
    shares: Mapped[dict[str, str]] = mapped_column(JsonType)
    recorded_at: Mapped[datetime] = mapped_column(InstantType)
    recorded_by: Mapped[str] = mapped_column(String(80))
    seq: Mapped[int] = mapped_column(BigInteger, unique=True)
    seqs: Mapped[list[int]] = mapped_column(JsonType)


class NationPayment(Base):
    """Money held for a nation, or for one of England's causes, paid to somebody outside our books."""

    __tablename__ = "nation_payment"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("nation IN ('england', 'wales', 'scotland', 'northern_ireland')", name="known_nation"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    nation: Mapped[str] = mapped_column(String(16))
    cause: Mapped[str | None] = mapped_column(String(40))
    recipient: Mapped[str] = mapped_column(String(300))
    amount: Mapped[Money] = mapped_column(MoneyType)
    paid_on: Mapped[date]
    recorded_at: Mapped[datetime] = mapped_column(InstantType)
    recorded_by: Mapped[str] = mapped_column(String(80))
    seq: Mapped[int] = mapped_column(BigInteger, unique=True)
    seqs: Mapped[list[int]] = mapped_column(JsonType)


class Apportionment(Base):
    """Money shared among the four nations after expenses, under the Order then in force."""

    __tablename__ = "apportionment"
    __table_args__ = (
        CheckConstraint(
            "england + wales + scotland + northern_ireland"
            " + distributor_expenses + secretary_of_state_expenses = amount",
            name="whole",
        ),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    financial_year: Mapped[str | None] = mapped_column(String(7), index=True)
    order_name: Mapped[str] = mapped_column(String(200))
    apportioned_on: Mapped[date]
    amount: Mapped[Money] = mapped_column(MoneyType)
    distributor_expenses: Mapped[Money] = mapped_column(MoneyType)
    secretary_of_state_expenses: Mapped[Money] = mapped_column(MoneyType)
    england: Mapped[Money] = mapped_column(MoneyType)
    wales: Mapped[Money] = mapped_column(MoneyType)
    scotland: Mapped[Money] = mapped_column(MoneyType)
    northern_ireland: Mapped[Money] = mapped_column(MoneyType)
    recorded_at: Mapped[datetime] = mapped_column(InstantType)
    recorded_by: Mapped[str] = mapped_column(String(80))
    seq: Mapped[int] = mapped_column(BigInteger, unique=True)
    seqs: Mapped[list[int]] = mapped_column(JsonType)
