"""The table of published statements: which quarter, as known when, by whom, and the document itself."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Integer, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, deferred, mapped_column

from ledger.dates import Quarter
from ledger.store.columns import Base, InstantType, JsonType, QuarterType, RateType


class Statement(Base):
    """One statement as it was handed out. Never changed: a later one of the same quarter says which it replaces.

    `corrections_since` is where its list of restatements begins: with it, and with what was known, every figure and
    every byte can be made again.
    """

    __tablename__ = "statement"
    __table_args__ = (UniqueConstraint("kind", "quarter", "number"), UniqueConstraint("published_by", "request_key"))

    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    quarter: Mapped[Quarter] = mapped_column(QuarterType, index=True)
    number: Mapped[int] = mapped_column(Integer)
    as_at: Mapped[date]
    known_seq: Mapped[int] = mapped_column(BigInteger)
    known_at: Mapped[datetime] = mapped_column(InstantType)
    corrections_since: Mapped[datetime | None] = mapped_column(InstantType)
    caution: Mapped[str] = mapped_column(Text)
    form: Mapped[str] = mapped_column(String(20), server_default="trustees")
    """For which readers: the first of a quarter and the later ones are counted over all forms together."""
    supersedes: Mapped[str | None] = mapped_column(ForeignKey("statement.id"))
    published_at: Mapped[datetime] = mapped_column(InstantType)
    published_by: Mapped[str] = mapped_column(String(80))
    published_by_name: Mapped[str] = mapped_column(String(300))
    request_key: Mapped[str | None] = mapped_column(String(255))
    figures_sha256: Mapped[str] = mapped_column(String(64))
    pdf_sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(Integer)
    version: Mapped[int | None] = mapped_column(Integer)
    """The version of the statements that composed it; none where it was filed before they named themselves."""
    pdf: Mapped[bytes] = deferred(mapped_column(LargeBinary, nullable=False))


class StatementSeal(Base):
    """The seal that was put on a filed statement: what stands behind its bytes, and the digest of both together."""

    __tablename__ = "statement_seal"

    statement: Mapped[str] = mapped_column(ForeignKey("statement.id"), primary_key=True)
    signer: Mapped[str] = mapped_column(String(300))
    certificate_sha256: Mapped[str] = mapped_column(String(64))
    stamped_at: Mapped[datetime | None] = mapped_column(InstantType)
    sealed_at: Mapped[datetime] = mapped_column(InstantType)
    sealed_by: Mapped[str] = mapped_column(String(80))
    sealed_by_name: Mapped[str] = mapped_column(String(300))
    sealed_sha256: Mapped[str] = mapped_column(String(64))
    behind: Mapped[bytes] = deferred(mapped_column(LargeBinary, nullable=False))


class StatementHead(Base):
    """What the books cannot tell again of a filed statement's head: its signature, and whom it is joined to.

    A statement that was filed before there were such heads has none.
    """

    __tablename__ = "statement_head"

    statement: Mapped[str] = mapped_column(ForeignKey("statement.id"), primary_key=True)
    note: Mapped[str] = mapped_column(Text)
    signer: Mapped[str] = mapped_column(Text)
    others: Mapped[list[int]] = mapped_column(JsonType)


class StatementWithholding(Base):
    """By what a filed statement withholds, and against which others for the public it was held.

    `kept` is given to nobody: by column and quarter, each borrower's part of each row, and the rows that were withheld;
    with it the next statement for the public finds of whom the two together would tell. A statement that was filed
    before there were forms has none: its floor is the one that is listed.
    """

    __tablename__ = "statement_withholding"
    __table_args__ = (CheckConstraint("fewest >= 0", name="a_number"),)

    statement: Mapped[str] = mapped_column(ForeignKey("statement.id"), primary_key=True)
    fewest: Mapped[int] = mapped_column(Integer)
    """Of how many borrowers a group is, at the least, that it tells of; 0 where it withholds nothing."""
    held_against: Mapped[list[str]] = mapped_column(JsonType)
    """The statements for the public that were on file, in their order; none for another form."""
    most_of_one: Mapped[Decimal | None] = mapped_column(RateType)
    """The part of a group's pounds that one borrower may be, at the most; none where nothing was said of it."""
    publications: Mapped[list[str] | None] = mapped_column(JsonType)
    """The publications of the public record that there were; none said by one that was not held against any."""
    kept: Mapped[dict[str, Any]] = deferred(mapped_column(JsonType, nullable=False))
