"""The looks at publications of the public record, and at what the next one is held against."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select

from bank.figures.beside import Beside
from bank.figures.publications.model import Publication
from bank.figures.published import PublishedRecord
from bank.figures.withholding import Before
from ledger.dates import Quarter
from ledger.refusals import NotFound
from ledger.store.database import ReadSession
from ledger.store.work import View


class NoSuchPublication(NotFound):
    """No publication of that id."""

    slug = "no-such-publication"


class PublicationLine(View):
    """One publication: of which quarter, as known when, by whom, and from how many borrowers on it tells anything."""

    id: str
    quarter: Quarter
    number: int
    as_at: date
    known_seq: int
    known_at: datetime
    fewest_borrowers: int
    published_at: datetime
    published_by: str
    published_by_name: str


class PublicationView(PublicationLine):
    """A publication with the record as everybody was given it."""

    record: PublishedRecord


def published_before(session: ReadSession, beside: Beside | None = None) -> Before:
    """All that was published, in its order: what the next publication is held against.

    `beside` is what statements for the public have told.
    """
    before = Before(beside=beside or Beside())
    kept = select(Publication.quarter, Publication.kept).order_by(Publication.published_at, Publication.id)
    for quarter, columns in session.execute(kept):
        before.take(quarter, columns)
    return before


def publications(session: ReadSession) -> list[PublicationLine]:
    """Every publication, the first one first."""
    found = session.scalars(select(Publication).order_by(Publication.published_at, Publication.id))
    return [_line(row) for row in found]


def publication(session: ReadSession, publication_id: str) -> PublicationView:
    """One publication, with what everybody was given."""
    row = session.get(Publication, publication_id)
    if row is None:
        raise NoSuchPublication(f"There is no publication {publication_id!r:.80}")
    return PublicationView(**_line(row).model_dump(), record=PublishedRecord.model_validate(row.record))


def _line(row: Publication) -> PublicationLine:
    return PublicationLine(
        id=row.id,
        quarter=row.quarter,
        number=row.number,
        as_at=row.as_at,
        known_seq=row.known_seq,
        known_at=row.known_at,
        fewest_borrowers=row.fewest,
        published_at=row.published_at,
        published_by=row.published_by,
        published_by_name=row.published_by_name,
    )
