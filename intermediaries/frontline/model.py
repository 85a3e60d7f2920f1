"""The tables of the frontline: organisations, the registrations they are known by, and what was said of them."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, Boolean, CheckConstraint, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ledger.store.columns import Base, InstantType

_Id = BigInteger().with_variant(Integer, "sqlite")


class Organisation(Base):
    """One body that was lent money, however many names and numbers it has."""

    __tablename__ = "organisation"

    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    recorded_at: Mapped[datetime] = mapped_column(InstantType)


class OrganisationRegistration(Base):
    """One registration of an organisation; no two organisations share one. `identifier` is how it was first written."""

    __tablename__ = "organisation_registration"

    registration: Mapped[str] = mapped_column(String(160), primary_key=True)
    identifier: Mapped[str] = mapped_column(String(160))
    organisation: Mapped[str] = mapped_column(ForeignKey("organisation.id"), index=True)
    told_by: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(InstantType)


class OrganisationDescription(Base):
    """What an intermediary said an organisation is called and is; the latest that was known is what is shown."""

    __tablename__ = "organisation_description"
    __table_args__ = (Index(None, "organisation", "id"),)

    id: Mapped[int] = mapped_column(_Id, primary_key=True, autoincrement=True)
    organisation: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    name: Mapped[str] = mapped_column(String(300))
    legal_form: Mapped[str] = mapped_column(String(20))
    told_by: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(InstantType)


class OrganisationJoin(Base):
    """Two organisations found to be one body: whatever speaks of the absorbed one means the kept one from then on."""

    __tablename__ = "organisation_join"
    __table_args__ = (CheckConstraint("absorbed <> kept", name="two"),)

    absorbed: Mapped[str] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    kept: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    reason: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(InstantType)


class GovernanceTest(Base):
    """A decision on an organisation whose form alone does not make it eligible; the latest that was known counts."""

    __tablename__ = "governance_test"

    id: Mapped[int] = mapped_column(_Id, primary_key=True, autoincrement=True)
    organisation: Mapped[str] = mapped_column(ForeignKey("organisation.id"), index=True)
    passed: Mapped[bool] = mapped_column(Boolean)
    evidence: Mapped[str] = mapped_column(Text)
    decided_by: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(InstantType)


class AssetLockFact(Base):
    """What was found to lock an organisation's assets from a day on, and what shows it; the latest day told counts."""

    __tablename__ = "asset_lock_fact"
    __table_args__ = (Index(None, "organisation", "from_on"),)

    id: Mapped[int] = mapped_column(_Id, primary_key=True, autoincrement=True)
    organisation: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    kind: Mapped[str] = mapped_column(String(20))
    from_on: Mapped[date]
    evidence: Mapped[str] = mapped_column(Text)
    decided_by: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(InstantType)
