"""The tables of the register: each intermediary, and how its standing changed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ledger.store.columns import Base, InstantType, JsonType

_Id = BigInteger().with_variant(Integer, "sqlite")


class Intermediary(Base):
    """A partner through whom the bank's money reaches the frontline; its id is the code of its memorandum book."""

    __tablename__ = "intermediary"

    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    name: Mapped[str] = mapped_column(String(300), unique=True)
    kind: Mapped[str] = mapped_column(String(40))
    identifiers: Mapped[list[str]] = mapped_column(JsonType)
    contacts: Mapped[list[dict[str, Any]]] = mapped_column(JsonType)
    registered_at: Mapped[datetime] = mapped_column(InstantType)
    registered_by: Mapped[str] = mapped_column(String(80))


class IntermediaryStanding(Base):
    """One change of standing: true of the world from `effective_on`, and known to us since `recorded_at`."""

    __tablename__ = "intermediary_standing"
    __table_args__ = (Index(None, "intermediary", "id"),)

    id: Mapped[int] = mapped_column(_Id, primary_key=True, autoincrement=True)
    intermediary: Mapped[str] = mapped_column(ForeignKey("intermediary.id"))
    standing: Mapped[str] = mapped_column(String(20))
    effective_on: Mapped[date]
    recorded_at: Mapped[datetime] = mapped_column(InstantType)
    actor: Mapped[str] = mapped_column(String(80))
    reason: Mapped[str] = mapped_column(Text)
