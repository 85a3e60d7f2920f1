"""The case studies as told, their approvals, and the consents taken back: rows that are only ever added."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ledger.store.columns import Base, InstantType


class CaseStudy(Base):
    """What became of one onward loan, in words, and the borrower's consent to print it. It holds no sum of money."""

    __tablename__ = "case_study"
    __table_args__ = (
        UniqueConstraint("id", "proposed_by"),
        CheckConstraint("outcome IN ('succeeded', 'mixed', 'failed')", name="known_outcome"),
        CheckConstraint("consented_on <= consent_until", name="consent_lasts"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    loan: Mapped[str] = mapped_column(ForeignKey("loan.id"))
    title: Mapped[str] = mapped_column(String(100))
    told: Mapped[str] = mapped_column(Text)
    outcome: Mapped[str] = mapped_column(String(10))
    evidence: Mapped[str] = mapped_column(Text)
    consent_by: Mapped[str] = mapped_column(String(300))
    """Who of the borrower gave it. Kept, and printed nowhere."""
    consented_on: Mapped[date]
    consent_until: Mapped[date]
    """The last day on which a statement that prints it may be issued."""
    named: Mapped[bool]
    """Whether the borrower may be named; it is told without a name otherwise."""
    proposed_by: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(InstantType)

    @property
    def from_on(self) -> date:
        """The day from which it may be told: that of the consent."""
        return self.consented_on


class CaseStudyApproval(Base):
    """The approval of a case study. Who told it is copied and tied: the database compares the persons."""

    __tablename__ = "case_study_approval"
    __table_args__ = (
        ForeignKeyConstraint(["case_id", "proposed_by"], ["case_study.id", "case_study.proposed_by"]),
        CheckConstraint("proposed_by <> approved_by", name="two_people"),
    )

    case_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    proposed_by: Mapped[str] = mapped_column(String(80))
    approved_by: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(InstantType)


class ConsentWithdrawal(Base):
    """That a borrower took its consent back: it holds for whatever was told of the loan by then."""

    __tablename__ = "consent_withdrawal"

    case_id: Mapped[str] = mapped_column(ForeignKey("case_study.id"), primary_key=True)
    reason: Mapped[str] = mapped_column(Text)
    recorded_by: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(InstantType)
