"""What the public was told, in statements and in the public record: what the next statement for it is held against."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import undefer

from bank.figures.beside import Beside
from bank.figures.publications.model import Publication
from bank.figures.withholding import Before
from bank.publishing.model import Statement, StatementWithholding
from bank.publishing.rules import PUBLIC
from ledger.dates import Quarter
from ledger.store.database import ReadSession


@dataclass(frozen=True, slots=True)
class ToldPublic:
    """As much of a statement for the public as the next is held against."""

    statement: str
    quarter: Quarter
    kept: dict[str, Any]


def told_public(session: ReadSession) -> list[ToldPublic]:
    """What the public was told, statement by statement, in the order in which they were filed."""
    query = (
        select(Statement.id, Statement.quarter, StatementWithholding)
        .join(StatementWithholding, StatementWithholding.statement == Statement.id)
        .where(Statement.form == PUBLIC)
        .options(undefer(StatementWithholding.kept))
        .order_by(Statement.published_at, Statement.id)
    )
    return [ToldPublic(one, quarter, row.kept) for one, quarter, row in session.execute(query)]


@dataclass(frozen=True, slots=True)
class ToldRecord:
    """As much of a publication of the public record as a statement for the public is held against."""

    id: str
    quarter: Quarter
    kept: dict[str, Any]


def told_records(session: ReadSession) -> list[ToldRecord]:
    """What the public was told in the public record, publication by publication, in their order."""
    query = select(Publication.id, Publication.quarter, Publication.kept)
    found = session.execute(query.order_by(Publication.published_at, Publication.id))
    return [ToldRecord(one, quarter, kept) for one, quarter, kept in found]


def before_of(told: Iterable[ToldPublic], records: Iterable[ToldRecord] = ()) -> Before:
    """What the public was told in statements, and beside them, as the statement that comes next is held against it."""
    beside = Before()
    for record in records:
        beside.take(record.quarter, record.kept)
    before = Before(beside=Beside(beside.columns))
    for one in told:
        before.take(one.quarter, one.kept)
    return before
