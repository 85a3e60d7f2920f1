"""The floors of the forms as proposed, and their approvals: rows that are only ever added."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ledger.store.columns import Base, InstantType, RateType


class DisclosureFloor(Base):
    """From a day on a form tells of no group of fewer borrowers than so many."""

    __tablename__ = "disclosure_floor"
    __table_args__ = (UniqueConstraint("id", "proposed_by"), CheckConstraint("fewest >= 2", name="more_than_one"))

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    form: Mapped[str] = mapped_column(String(20))
    fewest: Mapped[int] = mapped_column(Integer)
    from_on: Mapped[date]
    basis: Mapped[str] = mapped_column(Text)
    most_of_one: Mapped[Decimal | None] = mapped_column(RateType)
    """The part of a group's pounds that one borrower may be, at the most; none where nothing is said of it."""
    proposed_by: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(InstantType)


class DisclosureFloorApproval(Base):
    """The approval of such a floor. The proposer is copied and tied: the database compares the persons."""

    __tablename__ = "disclosure_floor_approval"
    __table_args__ = (
        ForeignKeyConstraint(["floor_id", "proposed_by"], ["disclosure_floor.id", "disclosure_floor.proposed_by"]),
        CheckConstraint("proposed_by <> approved_by", name="two_people"),
    )

    floor_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    proposed_by: Mapped[str] = mapped_column(String(80))
    approved_by: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(InstantType)
