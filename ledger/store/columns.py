"""How our values lie in a database: the one declarative base, and a column type for each kind of value."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, ClassVar, Final

from sqlalchemy import BigInteger, DateTime, Dialect, MetaData, String, Text
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator, TypeEngine

from ledger.dates import Quarter, instant_text, parse_instant
from ledger.money import Money

NAMING: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
"""Constraints are named by rule, so that a migration can speak of them on either database."""


class Base(DeclarativeBase):
    """The base of every table of every package: one schema, one migration history.

    Rows are added, and stay as they are. A table where it is otherwise says so in its `info`: columns that may change
    (`changes`), a column by which a row is locked (`held`), or rows that may go (`goes`).
    """

    metadata: ClassVar[MetaData] = MetaData(naming_convention=NAMING)


class MoneyType(TypeDecorator[Money]):
    """Whole pence in a signed 64-bit integer."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Money | None, dialect: Dialect) -> int | None:
        """Money to pence."""
        del dialect
        return None if value is None else value.pence

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Money | None:
        """Pence to money; a sum in PostgreSQL arrives as a numeric."""
        del dialect
        return None if value is None else Money(int(value))


class InstantType(TypeDecorator[datetime]):
    """An aware instant: `timestamptz` on PostgreSQL, sortable RFC 3339 text in UTC on SQLite."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """SQLite has no type for an instant; text of fixed width sorts as time does."""
        return dialect.type_descriptor(String(27) if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """An aware instant only; a naive one is a programming error."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant without a zone cannot be recorded")
        return instant_text(value) if dialect.name == "sqlite" else value.astimezone(UTC)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """Back to an aware instant in UTC."""
        if value is None:
            return None
        return parse_instant(value) if dialect.name == "sqlite" else value.astimezone(UTC)


class QuarterType(TypeDecorator[Quarter]):
    """A quarter as its text, which sorts as time does."""

    impl = String(6)
    cache_ok = True

    def process_bind_param(self, value: Quarter | None, dialect: Dialect) -> str | None:
        """Quarter to text."""
        del dialect
        return None if value is None else str(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Quarter | None:
        """Text to quarter."""
        del dialect
        return None if value is None else _quarter(value)


@lru_cache(maxsize=1_024)
def _quarter(text: str) -> Quarter:
    """There are few, and very many rows that name them."""
    return Quarter.parse(text)


class RateType(TypeDecorator[Decimal]):
    """A rate or a share as the decimal text it was given in, so that no digit is invented or lost."""

    impl = String(40)
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:
        """Decimal to plain text."""
        del dialect
        return None if value is None else format(value, "f")

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Decimal | None:
        """Text to decimal."""
        del dialect
        return None if value is None else Decimal(value)


class JsonType(TypeDecorator[Any]):
    """A JSON document as canonical text: sorted members, no spaces."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any | None, dialect: Dialect) -> str | None:
        """Document to text; our own value types write themselves as they do on every wire."""
        del dialect
        return None if value is None else json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Any:
        """Text to document."""
        del dialect
        return None if value is None else json.loads(value)
