"""The people of the bank and of its partners, and the keys issued to them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from ledger.store.columns import Base, InstantType, JsonType


class Person(Base):
    """A human being. One e-mail address is one person, however many keys they hold."""

    __tablename__ = "person"
    __table_args__ = ({"info": {"changes": ("roles",)}},)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(300))
    email: Mapped[str] = mapped_column(String(254), unique=True)
    roles: Mapped[list[str]] = mapped_column(JsonType)
    intermediary: Mapped[str | None] = mapped_column(String(40))
    added_at: Mapped[datetime] = mapped_column(InstantType)


class AccessKey(Base):
    """A key by which a program acts for a person or an intermediary. Its secret is not here, only the hash of it."""

    __tablename__ = "access_key"
    __table_args__ = (
        CheckConstraint("(person_id IS NULL) <> (intermediary IS NULL)", name="one_holder"),
        {"info": {"changes": ("revoked_at",)}},
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    person_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"), index=True)
    intermediary: Mapped[str | None] = mapped_column(String(40), index=True)
    label: Mapped[str] = mapped_column(String(200))
    scopes: Mapped[list[str]] = mapped_column(JsonType)
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    last_four: Mapped[str] = mapped_column(String(4))
    issued_at: Mapped[datetime] = mapped_column(InstantType)
    issued_by: Mapped[str] = mapped_column(String(40))
    expires_at: Mapped[datetime] = mapped_column(InstantType)
    revoked_at: Mapped[datetime | None] = mapped_column(InstantType)
