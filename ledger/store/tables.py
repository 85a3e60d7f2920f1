"""The tables of the books. What is identity is never changed; what may change is never sealed."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from ledger.dates import Quarter
from ledger.money import LIMIT_PENCE, Money
from ledger.store.columns import Base, InstantType, MoneyType, QuarterType

_Id = BigInteger().with_variant(Integer, "sqlite")


class Book(Base):
    """One set of accounts that balances within itself."""

    __tablename__ = "book"
    __table_args__ = ({"info": {"changes": ("name",)}},)

    id: Mapped[int] = mapped_column(_Id, primary_key=True, autoincrement=True)
    code: Mapped[str] = mapped_column(String(80), unique=True)
    kind: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(300))
    opened_at: Mapped[datetime] = mapped_column(InstantType)


class Account(Base):
    """An account of a book. Its code never changes; its name may, and so is never sealed."""

    __tablename__ = "account"
    __table_args__ = (
        UniqueConstraint("book_id", "code"),
        UniqueConstraint("book_id", "id"),
        # Finds an account and all below it whatever the order of letters the database was made with.
        Index("ix_account_tree", "book_id", "code", postgresql_ops={"code": "varchar_pattern_ops"}),
        {"info": {"changes": ("name",)}},
    )

    id: Mapped[int] = mapped_column(_Id, primary_key=True, autoincrement=True)
    book_id: Mapped[int] = mapped_column(ForeignKey("book.id"))
    code: Mapped[str] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(String(300))
    kind: Mapped[str] = mapped_column(String(16))
    mirror: Mapped[str] = mapped_column(String(40), default="")
    opened_at: Mapped[datetime] = mapped_column(InstantType)


class EntryRow(Base):
    """The header of an entry, inserted after its postings: by then the database can count and add them up.

    `legs` and `gross` declare what the entry is made of; with the checks on `posting` no leg can be added later.
    """

    __tablename__ = "entry"
    __table_args__ = (
        UniqueConstraint("book_id", "key"),
        UniqueConstraint("id", "legs"),
        CheckConstraint("legs >= 2", name="two_legs"),
        CheckConstraint(f"gross > 0 AND gross <= {LIMIT_PENCE}", name="gross"),
        CheckConstraint("id > 0 AND seq > 0", name="counted_from_one"),
        Index(None, "pair", postgresql_where=text("pair <> ''"), sqlite_where=text("pair <> ''")),
        Index(None, "recorded_at"),
    )

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(BigInteger, unique=True)
    book_id: Mapped[int] = mapped_column(ForeignKey("book.id"))
    key: Mapped[str] = mapped_column(String(255))
    kind: Mapped[str] = mapped_column(String(40))
    description: Mapped[str] = mapped_column(Text)
    effective_on: Mapped[date]
    original_effective_on: Mapped[date | None]
    recorded_at: Mapped[datetime] = mapped_column(InstantType)
    actor: Mapped[str] = mapped_column(String(80))
    pair: Mapped[str] = mapped_column(String(200))
    reverses: Mapped[int | None] = mapped_column(ForeignKey("entry.seq"), unique=True)
    legs: Mapped[int] = mapped_column(Integer)
    gross: Mapped[Money] = mapped_column(MoneyType)
    content_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    seal: Mapped[bytes] = mapped_column(LargeBinary(32))


class PostingRow(Base):
    """One leg of an entry. The day and the place are copied from the header, so that a balance is one index range."""

    __tablename__ = "posting"
    __table_args__ = (
        ForeignKeyConstraint(["book_id", "account_id"], ["account.book_id", "account.id"]),
        ForeignKeyConstraint(["entry_id", "legs"], ["entry.id", "entry.legs"], deferrable=True, initially="DEFERRED"),
        CheckConstraint("leg >= 1 AND leg <= legs", name="leg_declared"),
        CheckConstraint(f"amount <> 0 AND amount >= -{LIMIT_PENCE} AND amount <= {LIMIT_PENCE}", name="amount"),
        Index("ix_posting_read", "account_id", "effective_on", "seq", "amount"),
        Index("ix_posting_tail", "account_id", "seq", "effective_on", "amount"),
        # The days at the edge of a month for all accounts at once: on PostgreSQL a look into each costs as much as all.
        Index("ix_posting_day", "effective_on", "seq", "account_id", "amount", info={"only_on": "postgresql"}).ddl_if(
            dialect="postgresql"
        ),
    )

    entry_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    leg: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    legs: Mapped[int] = mapped_column(Integer)
    book_id: Mapped[int] = mapped_column(BigInteger)
    account_id: Mapped[int] = mapped_column(BigInteger)
    amount: Mapped[Money] = mapped_column(MoneyType)
    effective_on: Mapped[date]
    seq: Mapped[int] = mapped_column(BigInteger)


class Mark(Base):
    """Where the journal stood after one act: what "as known at" resolves to."""

    __tablename__ = "mark"

    upto_seq: Mapped[int] = mapped_column(
        ForeignKey("entry.seq", deferrable=True, initially="DEFERRED"), primary_key=True, autoincrement=False
    )
    recorded_at: Mapped[datetime] = mapped_column(InstantType, index=True)
    root: Mapped[bytes] = mapped_column(LargeBinary(32))


class JournalHead(Base):
    """The one row that gives each entry its place. Taken last in an act, so that it is held only across the commit.

    The only row of the books that changes: everything in it can be computed again from the entries.
    """

    __tablename__ = "journal_head"
    __table_args__ = (
        CheckConstraint("id = 1", name="only_one"),
        {"info": {"changes": ("seq", "recorded_at", "frontier", "root", "chain")}},
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(BigInteger)
    recorded_at: Mapped[datetime] = mapped_column(InstantType)
    frontier: Mapped[bytes] = mapped_column(LargeBinary)
    root: Mapped[bytes] = mapped_column(LargeBinary(32))
    chain: Mapped[bytes] = mapped_column(LargeBinary(32))


class QuarterEvent(Base):
    """A quarter soft-closed, opened again or closed for good, with the head and the trial balance of that moment."""

    __tablename__ = "quarter_event"

    id: Mapped[int] = mapped_column(_Id, primary_key=True, autoincrement=True)
    quarter: Mapped[Quarter] = mapped_column(QuarterType, index=True)
    ends_on: Mapped[date]
    state: Mapped[str] = mapped_column(String(12))
    recorded_at: Mapped[datetime] = mapped_column(InstantType)
    actor: Mapped[str] = mapped_column(String(80))
    upto_seq: Mapped[int] = mapped_column(BigInteger)
    root: Mapped[bytes] = mapped_column(LargeBinary(32))
    trial_balance: Mapped[bytes] = mapped_column(LargeBinary(32))


class Cell(Base):
    """What one span of entries put through one account in one period: added when the span is full, never changed.

    A span of level n is a fixed run of consecutive places in the journal (see `ledger.store.cells`), so what it came
    to is settled for ever: an entry dated back is of a later span, and adds there. `period` is a month, as 201203, or
    a whole year, as 2012; or, of a level below nought, a day, as 20120331, up to which the sums are meant
    (`ledger.store.running`).
    """

    __tablename__ = "cell"
    __table_args__ = (
        Index("ix_cell_account", "account_id", "level", "block", "period", "debits", "credits"),
        {"sqlite_with_rowid": False},
    )

    level: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    block: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    period: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    account_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    debits: Mapped[Money] = mapped_column(MoneyType)
    credits: Mapped[Money] = mapped_column(MoneyType)


class ClosingBalance(Base):
    """What went through an account up to the end of a closed quarter: nothing can be added on or before that day."""

    __tablename__ = "closing_balance"
    __table_args__ = ({"sqlite_with_rowid": False},)

    ends_on: Mapped[date] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    upto_seq: Mapped[int] = mapped_column(BigInteger)
    debits: Mapped[Money] = mapped_column(MoneyType)
    credits: Mapped[Money] = mapped_column(MoneyType)


class WaitingEntry(Base):
    """An entry accepted but not yet placed: PostgreSQL's way for more writers than one head row can serve.

    It is kept as the canonical text it will be sealed from (`opening`, `text_before`, `text_between`: see
    `ledger.seals`); the database itself reads the other columns out of that text, refuses what would not be an entry,
    and lets a row go only when its entry stands in the journal. `postings` are account ids and pence, as JSON.
    """

    __tablename__ = "waiting_entry"
    __table_args__ = (UniqueConstraint("book_id", "key"), {"info": {"goes": True}})

    id: Mapped[int] = mapped_column(_Id, primary_key=True, autoincrement=True)
    actor: Mapped[str] = mapped_column(String(80))
    opening: Mapped[str] = mapped_column(Text)
    text_before: Mapped[str] = mapped_column(Text)
    text_between: Mapped[str] = mapped_column(Text)
    accepted_at: Mapped[datetime] = mapped_column(InstantType)
    book_id: Mapped[int] = mapped_column(_Id)
    key: Mapped[str] = mapped_column(String(255))
    effective_on: Mapped[date]
    legs: Mapped[int] = mapped_column(Integer)
    postings: Mapped[str] = mapped_column(Text)
    content_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
