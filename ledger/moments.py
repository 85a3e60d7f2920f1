"""What "as known at" means: a place in the journal and the instant that goes with it; and which books there are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Final

from sqlalchemy import Select, func, select

from ledger.dates import instant_text
from ledger.refusals import Malformed, NotFound
from ledger.store import journal
from ledger.store.database import ReadSession
from ledger.store.heard import heard
from ledger.store.raw import Raw
from ledger.store.tables import Book, Mark
from ledger.whole_numbers import FARTHEST_PLACE

_HEAD: Final = "head"
_STANDING: Final = "SELECT seq, recorded_at, (SELECT recorded_at FROM entry WHERE seq = ?) FROM journal_head"


@dataclass(frozen=True, slots=True)
class Known:
    """A point of knowledge: everything up to a place in the journal, and the instant at which that was all we knew."""

    seq: int
    instant: datetime


class NoSuchPlace(NotFound):
    """No such place in the journal, or none yet."""

    slug = "no-such-place"


class NotYet(Malformed):
    """An instant that has not come."""

    slug = "not-yet"


class NoSuchBook(NotFound):
    """No book of this code."""

    slug = "no-such-book"


class NoSuchAccount(NotFound):
    """No account of this code in the book."""

    slug = "no-such-account"


def known(session: ReadSession, at: datetime | int | None = None) -> Known:
    """Resolve a point of knowledge: an instant (all that was recorded by then), a place in the journal, or now.

    A place knows what was recorded beside the journal until its own instant. Refuses a place where no entry is yet
    (`NoSuchPlace`) and an instant that has not come (`NotYet`): what is answered of it today would not be what is
    answered once it has.
    """
    if isinstance(at, datetime):
        if at > session.now and at > (present := known(session).instant):
            raise NotYet(
                f"{instant_text(at)} has not come: by the bank's clock it is {instant_text(present)}. "
                "Name an instant that has, or leave it out for now",
                now=instant_text(present),
            )
        return known_by(session, at)
    # Asked several times in every act: through the ORM it would take longer than what is asked of the database.
    raw = Raw.within(session)
    if at is None:
        told = heard(session)
        if _HEAD not in told:
            ((seq, recorded_at),) = raw.ask("SELECT seq, recorded_at FROM journal_head")
            told[_HEAD] = (seq, raw.read_instant(recorded_at))
        seq, recorded_at = told[_HEAD]
        return Known(seq, max(session.now, recorded_at))
    ((seq, recorded_at, instant),) = raw.ask(_STANDING, min(at, FARTHEST_PLACE))
    if not 0 <= at <= seq:
        raise NoSuchPlace(
            f"There is no place {at} in the journal: it goes from 0, before the first entry, to {seq}, the last "
            "so far. Name one of them or an instant, or leave it out for now",
            last=seq,
        )
    if at == seq:
        return Known(seq, raw.read_instant(recorded_at))
    return Known(at, journal.EPOCH if instant is None else raw.read_instant(instant))


def known_by(session: ReadSession, instant: datetime) -> Known:
    """What `known` tells of an instant at which something is on record, whatever the clock says now."""
    seq = session.scalar(select(func.max(Mark.upto_seq)).where(Mark.recorded_at <= instant))
    return Known(seq or 0, instant)


def books(session: ReadSession) -> dict[str, str]:
    """The kind of every book, by code, in the order they were opened."""
    return dict(session.execute(_books()).all())


@cache
def _books() -> Select[str, str]:
    return select(Book.code, Book.kind).order_by(Book.id)


def require_book(session: ReadSession, book: str) -> None:
    """Refuse a book that is not there."""
    if not Raw.within(session).ask("SELECT id FROM book WHERE code = ?", book):
        there = ", ".join(books(session)) or "none yet"
        raise NoSuchBook(f"There is no book {book!r}: the books are {there}")
