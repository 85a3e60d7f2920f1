"""The looks at the register: who an intermediary is, how it stood at a day as known then, and whose a facility is."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from functools import cache
from operator import itemgetter

from sqlalchemy import Select, String, bindparam, func, select

from intermediaries.register.model import Intermediary, IntermediaryStanding
from intermediaries.register.rules import NoSuchIntermediary, may_see, own, sound_kind, sound_standing
from ledger.chart import INTERMEDIARY
from ledger.identifiers import refuse_strange_cursor
from ledger.queries import Known
from ledger.refusals import NotFound
from ledger.store.database import ReadSession, WriteSession
from ledger.store.listed import Form, is_listed, listed
from ledger.store.tables import Account, Book
from ledger.store.work import Actor, View

_OWED = "2100:"


class Contact(View):
    """Somebody at an intermediary, and what about."""

    name: str
    role: str = ""
    email: str = ""
    telephone: str = ""


class StandingLine(View):
    """One change of standing."""

    standing: str
    effective_on: date
    recorded_at: datetime
    reason: str


class IntermediaryView(View):
    """An intermediary as it is shown, with its standing at a day as known then."""

    id: str
    name: str
    kind: str
    identifiers: tuple[str, ...]
    contacts: tuple[Contact, ...]
    registered_at: datetime
    standing: str
    standing_since: date
    history: tuple[StandingLine, ...]
    facilities: tuple[str, ...]
    pending: tuple[str, ...] = ()
    """What waits for somebody's word on it, in words, where the look was asked for that."""


class IntermediaryPage(View):
    """Some intermediaries, and where to read on."""

    items: tuple[IntermediaryView, ...]
    next_cursor: str | None


class NoSuchFacility(NotFound):
    """No facility of that id, or none this reader may know of."""

    slug = "no-such-facility"


def intermediary(
    session: ReadSession,
    intermediary_id: str,
    *,
    viewer: Actor,
    as_at: date | None = None,
    known: Known | None = None,
) -> IntermediaryView:
    """One intermediary; to another intermediary's actor there is none of that id."""
    own(viewer, intermediary_id)
    row = session.get(Intermediary, intermediary_id)
    if row is None or (known is not None and row.registered_at > known.instant):
        raise NoSuchIntermediary(f"There is no intermediary {intermediary_id!r:.80}")
    return _views(session, [row], as_at, known)[0]


def intermediaries(
    session: ReadSession,
    *,
    viewer: Actor,
    kind: str | None = None,
    standing: str | None = None,
    as_at: date | None = None,
    known: Known | None = None,
    cursor: str | None = None,
    limit: int = 100,
) -> IntermediaryPage:
    """The register by id, page by page; an intermediary's actor sees itself alone. Refuses a cursor no page gave."""
    refuse_strange_cursor(cursor, "int")
    query = select(Intermediary).order_by(Intermediary.id)
    if viewer.kind == "intermediary":
        query = query.where(Intermediary.id == viewer.intermediary)
    if kind is not None:
        query = query.where(Intermediary.kind == sound_kind(kind))
    if known is not None:
        query = query.where(Intermediary.registered_at <= known.instant)
    if cursor is not None:
        query = query.where(Intermediary.id > cursor)
    views = _views(session, session.scalars(query).all(), as_at, known)
    if standing is not None:
        views = [view for view in views if view.standing == sound_standing(standing)]
    page = tuple(views[:limit])
    return IntermediaryPage(items=page, next_cursor=page[-1].id if len(views) > limit else None)


def names(session: ReadSession) -> dict[str, str]:
    """The name of every intermediary, by id."""
    return dict(session.execute(_names()).all())


@cache
def _names() -> Select[str, str]:
    return select(Intermediary.id, Intermediary.name)


def name_taken(session: ReadSession, name: str) -> bool:
    """Whether an intermediary of that name is registered, capitals aside."""
    return session.scalar(_named(), {"name": name.lower()}) is not None


@cache
def _named() -> Select[str]:
    return select(Intermediary.id).where(func.lower(Intermediary.name) == bindparam("name", type_=String))


def standing_at(session: ReadSession, intermediary_id: str, on: date, known: Known | None = None) -> str:
    """How an intermediary stood on a day, as known then."""
    lines = _lines(session, [intermediary_id], known).get(intermediary_id, [])
    if not lines:
        raise NoSuchIntermediary(f"There is no intermediary {intermediary_id!r:.80}")
    return _standing(lines, on).standing


def facilities(session: ReadSession) -> dict[str, str]:
    """The intermediary of every facility whose accounts are open in a memorandum book, by facility."""
    rows = sorted(session.execute(_signed()), key=itemgetter(0))
    return {code.removeprefix(_OWED): book for code, book in rows}


@cache
def _signed() -> Select[str, str]:
    return (
        select(Account.code, Book.code)
        .join(Book, Book.id == Account.book_id)
        .where(Book.kind == INTERMEDIARY.kind, func.substr(Account.code, 1, len(_OWED)) == _OWED)
    )


def holder_of(session: ReadSession, facility: str) -> str:
    """The intermediary that a facility was signed with; refuses a facility that no memorandum book knows."""
    found = session.scalar(_holder(), {"code": f"{_OWED}{facility}"})
    if found is None:
        raise _no_facility(facility)
    return found


@cache
def _holder() -> Select[str]:
    return (
        select(Book.code)
        .join(Account, Account.book_id == Book.id)
        .where(Book.kind == INTERMEDIARY.kind, Account.code == bindparam("code"))
    )


def hold_facility(session: WriteSession, facility: str) -> None:
    """Keep a facility's account until the end of the transaction: what is filed for it comes one after the other."""
    session.execute(_held(), {"code": f"{_OWED}{facility}"}).all()


@cache
def _held() -> Select[int]:
    return select(Account.id).where(Account.code == bindparam("code")).with_for_update(key_share=True)


def own_facility(session: ReadSession, actor: Actor, facility: str) -> str:
    """The intermediary of a facility the actor may know of; any other facility is not there."""
    holder = holder_of(session, facility)
    if not may_see(actor, holder):
        raise _no_facility(facility)
    return holder


def _no_facility(facility: str) -> NoSuchFacility:
    return NoSuchFacility(
        f"There is no signed facility {facility!r:.80}: write its id, fac_…, as it stands in the "
        "agreement and in `bank return due QUARTER`"
    )


def _views(
    session: ReadSession, rows: Iterable[Intermediary], as_at: date | None, known: Known | None
) -> list[IntermediaryView]:
    told = list(rows)
    day = as_at or session.now.date()
    lines = _lines(session, [row.id for row in told], known)
    held: dict[str, list[str]] = {}
    for facility, holder in facilities(session).items():
        held.setdefault(holder, []).append(facility)
    return [_view(row, lines[row.id], day, held.get(row.id, [])) for row in told]


def _view(row: Intermediary, lines: list[StandingLine], day: date, held: list[str]) -> IntermediaryView:
    now = _standing(lines, day)
    return IntermediaryView(
        id=row.id,
        name=row.name,
        kind=row.kind,
        identifiers=tuple(row.identifiers),
        contacts=tuple(Contact.model_validate(one) for one in row.contacts),
        registered_at=row.registered_at,
        standing=now.standing,
        standing_since=now.effective_on,
        history=tuple(lines),
        facilities=tuple(held),
    )


def _standing(lines: list[StandingLine], day: date) -> StandingLine:
    """The last said of those in force; before the first of all, that first one."""
    in_force = [line for line in lines if line.effective_on <= day]
    return max(in_force, key=lambda line: line.effective_on) if in_force else lines[0]


def _lines(session: ReadSession, ids: list[str], known: Known | None) -> dict[str, list[StandingLine]]:
    """Changes of standing, those true earlier first; of two for one day the one said last comes first and so counts."""
    told = listed(session, ids)
    asked = {"ids": told.value} if known is None else {"ids": told.value, "instant": known.instant}
    found: dict[str, list[StandingLine]] = {}
    for one, standing, day, recorded_at, reason in session.execute(_said(told.form, then=known is not None), asked):
        line = StandingLine(standing=standing, effective_on=day, recorded_at=recorded_at, reason=reason)
        found.setdefault(one, []).append(line)
    return {one: sorted(lines, key=lambda line: line.effective_on) for one, lines in found.items()}


@cache
def _said(form: Form, *, then: bool) -> Select[str, str, date, datetime, str]:
    query = select(
        IntermediaryStanding.intermediary,
        IntermediaryStanding.standing,
        IntermediaryStanding.effective_on,
        IntermediaryStanding.recorded_at,
        IntermediaryStanding.reason,
    ).where(is_listed(IntermediaryStanding.intermediary, form, "ids"))
    query = query.where(IntermediaryStanding.recorded_at <= bindparam("instant")) if then else query
    return query.order_by(IntermediaryStanding.id.desc())
