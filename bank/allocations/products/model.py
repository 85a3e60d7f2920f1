"""The terms that a facility's product has of its own, and what is told of each event: rows that are only ever added."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from ledger.money import Money
from ledger.store.columns import Base, InstantType, JsonType, MoneyType


class ProductTerms(Base):
    """The terms of a facility that only its product has, as they were proposed with it. Never edited."""

    __tablename__ = "product_terms"

    facility_id: Mapped[str] = mapped_column(ForeignKey("facility.id"), primary_key=True)
    told: Mapped[dict[str, str]] = mapped_column(JsonType)
    recorded_at: Mapped[datetime] = mapped_column(InstantType)


class ProductEvent(Base):
    """What an event of a facility was by its product: the verb, the day it was true, and all that was told with it.

    Who recorded it, when, and the entries it made stand in the facility's own event of the same id. `cost` and
    `unrealised` are what it did to what is held, `value` is the worth of the day where one was told.
    """

    __tablename__ = "product_event"
    __table_args__ = (Index(None, "facility_id"),)

    id: Mapped[str] = mapped_column(ForeignKey("facility_event.id"), primary_key=True)
    facility_id: Mapped[str] = mapped_column(ForeignKey("facility.id"))
    verb: Mapped[str] = mapped_column(String(24))
    happened_on: Mapped[date]
    told: Mapped[dict[str, str]] = mapped_column(JsonType)
    value: Mapped[Money | None] = mapped_column(MoneyType)
    cost: Mapped[Money] = mapped_column(MoneyType)
    unrealised: Mapped[Money] = mapped_column(MoneyType)
