"""The tables of onward lending: loans, the tapes of accepted returns, and what each tape says of each loan."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ledger.dates import Quarter
from ledger.money import Money
from ledger.store.columns import Base, InstantType, JsonType, MoneyType, QuarterType, RateType

_Id = BigInteger().with_variant(Integer, "sqlite")


class Loan(Base):
    """One onward loan: what never changes of it. All else is what its reports say."""

    __tablename__ = "loan"
    __table_args__ = (UniqueConstraint("intermediary", "loan_ref"),)

    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    intermediary: Mapped[str] = mapped_column(ForeignKey("intermediary.id"))
    facility: Mapped[str] = mapped_column(String(80), index=True)
    loan_ref: Mapped[str] = mapped_column(String(80))
    first_return: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(InstantType)


class LoanTape(Base):
    """One accepted return as the set of its loan reports. Of a facility's quarter the highest version counts.

    `effective_on` is the day its entries took effect: the quarter's last day, or the first open day when the quarter
    was closed before the return was accepted. So reports and entries are cut alike on both time axes.
    """

    __tablename__ = "loan_tape"
    __table_args__ = (UniqueConstraint("facility", "quarter", "version"),)

    return_id: Mapped[str] = mapped_column(String(80), primary_key=True)
    facility: Mapped[str] = mapped_column(String(80))
    intermediary: Mapped[str] = mapped_column(ForeignKey("intermediary.id"), index=True)
    quarter: Mapped[Quarter] = mapped_column(QuarterType)
    version: Mapped[int] = mapped_column(Integer)
    effective_on: Mapped[date]
    recorded_at: Mapped[datetime] = mapped_column(InstantType)


class LoanReport(Base):
    """What one tape says of one loan. Amounts are of the whole loan; those that begin with `own_` are our share.

    `facts` holds the canonical text of every filled column of the accepted row, `entry_seq` the journal entry that
    carries the quarter's movements; none where nothing moved.
    """

    __tablename__ = "loan_report"
    __table_args__ = (UniqueConstraint("return_id", "loan"), Index(None, "loan", "quarter"))

    id: Mapped[int] = mapped_column(_Id, primary_key=True, autoincrement=True)
    return_id: Mapped[str] = mapped_column(ForeignKey("loan_tape.return_id"))
    loan: Mapped[str] = mapped_column(ForeignKey("loan.id"))
    quarter: Mapped[Quarter] = mapped_column(QuarterType)
    organisation: Mapped[str] = mapped_column(String(80), index=True)
    facts: Mapped[dict[str, str]] = mapped_column(JsonType)
    status: Mapped[str] = mapped_column(String(20))
    outcome_area: Mapped[str] = mapped_column(String(60))
    beneficiary_group: Mapped[str] = mapped_column(String(60))
    our_share: Mapped[Decimal] = mapped_column(RateType)
    days_past_due: Mapped[int] = mapped_column(Integer)
    amount_committed: Mapped[Money] = mapped_column(MoneyType)
    drawn: Mapped[Money] = mapped_column(MoneyType)
    principal_received: Mapped[Money] = mapped_column(MoneyType)
    interest_received: Mapped[Money] = mapped_column(MoneyType)
    written_off: Mapped[Money] = mapped_column(MoneyType)
    recovered: Mapped[Money] = mapped_column(MoneyType)
    principal_outstanding: Mapped[Money] = mapped_column(MoneyType)
    arrears_principal: Mapped[Money] = mapped_column(MoneyType)
    own_drawn: Mapped[Money] = mapped_column(MoneyType)
    own_principal_received: Mapped[Money] = mapped_column(MoneyType)
    own_interest_received: Mapped[Money] = mapped_column(MoneyType)
    own_written_off: Mapped[Money] = mapped_column(MoneyType)
    own_recovered: Mapped[Money] = mapped_column(MoneyType)
    entry_seq: Mapped[int | None] = mapped_column(BigInteger)
    place_given: Mapped[str] = mapped_column(String(80))
    lsoa: Mapped[str | None] = mapped_column(String(20))
    local_authority: Mapped[str | None] = mapped_column(String(20))
    local_authority_name: Mapped[str | None] = mapped_column(String(120))
    region: Mapped[str | None] = mapped_column(String(20))
    nation: Mapped[str | None] = mapped_column(String(40))
    vanguard: Mapped[str | None] = mapped_column(String(60))
    decile: Mapped[int | None] = mapped_column(SmallInteger)
    deprivation_index: Mapped[str] = mapped_column(String(60))
    deprivation_missing: Mapped[str] = mapped_column(String(40))
