"""The assumptions of each scenario, dated and agreed by two people: rows that are only ever added."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ledger.money import Money
from ledger.store.columns import Base, InstantType, MoneyType, RateType


class StressScenario(Base):
    """What a scenario assumes from a day on; a later row under the same name takes its place from its own day."""

    __tablename__ = "stress_scenario"
    __table_args__ = (
        UniqueConstraint("id", "proposed_by"),
        CheckConstraint("drawn_over > 0 AND holds_for >= 0 AND receipts >= 0 AND costs >= 0", name="amounts"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(80), index=True)
    claims_rate: Mapped[Decimal] = mapped_column(RateType)
    claims_interest: Mapped[Decimal] = mapped_column(RateType)
    receipts: Mapped[Money] = mapped_column(MoneyType)
    drawn_over: Mapped[int] = mapped_column(Integer)
    repayment_shortfall: Mapped[Decimal] = mapped_column(RateType)
    treasury_rate: Mapped[Decimal] = mapped_column(RateType)
    costs: Mapped[Money] = mapped_column(MoneyType)
    holds_for: Mapped[int] = mapped_column(Integer)
    from_on: Mapped[date]
    basis: Mapped[str] = mapped_column(Text)
    proposed_by: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(InstantType)


class StressScenarioApproval(Base):
    """The approval of a scenario. The proposer is copied from it: the database compares the persons."""

    __tablename__ = "stress_scenario_approval"
    __table_args__ = (
        ForeignKeyConstraint(["scenario_id", "proposed_by"], ["stress_scenario.id", "stress_scenario.proposed_by"]),
        CheckConstraint("proposed_by <> approved_by", name="two_people"),
    )

    scenario_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    proposed_by: Mapped[str] = mapped_column(String(80))
    approved_by: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(InstantType)
