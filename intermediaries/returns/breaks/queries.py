"""The looks at breaks: what keeps accepted returns from tying with the books, how old it is and who has it in hand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Select, bindparam, select

from intermediaries.loans.queries import live_tapes
from intermediaries.returns.breaks.rules import Age, ages
from intermediaries.returns.model import ReturnBreak, ReturnBreakEvent, ReturnBreakOwner
from intermediaries.returns.showing import break_view, named
from intermediaries.returns.views import BreakView
from ledger import queries as books
from ledger.dates import Quarter
from ledger.queries import Known
from ledger.refusals import NotFound
from ledger.store.database import ReadSession
from ledger.store.listed import Form, is_listed, listed

_Told = TypeVar("_Told", ReturnBreakEvent, ReturnBreakOwner)


class NoSuchBreak(NotFound):
    """No break of that id."""

    slug = "no-such-break"


def breaks(
    session: ReadSession,
    *,
    quarter: Quarter | None = None,
    facility: str | None = None,
    return_id: str | None = None,
    owner: str | None = None,
    known: Known | None = None,
) -> list[BreakView]:
    """The breaks of accepted returns, oldest first, as known then; of one person's, those still unexplained."""
    query = select(ReturnBreak)
    for column, wanted in (
        (ReturnBreak.quarter, quarter),
        (ReturnBreak.facility, facility),
        (ReturnBreak.return_id, return_id),
    ):
        if wanted is not None:
            query = query.where(column == wanted)
    if known is not None:
        query = query.where(ReturnBreak.opened_at <= known.instant)
    found = _views(session, query, known)
    return found if owner is None else [one for one in found if one.owner == owner and one.state == "open"]


def break_(session: ReadSession, break_id: str) -> BreakView:
    """One break."""
    for found in _views(session, select(ReturnBreak).where(ReturnBreak.id == break_id), None):
        return found
    raise NoSuchBreak(f"There is no break {break_id!r:.80}")


def breaks_unexplained(
    session: ReadSession, quarter: Quarter | None = None, known: Known | None = None
) -> list[BreakView]:
    """The breaks of which something is still unexplained."""
    return [one for one in breaks(session, quarter=quarter, known=known) if one.state == "open"]


def _views(session: ReadSession, query: Select[ReturnBreak], known: Known | None) -> list[BreakView]:
    found = session.scalars(query.order_by(ReturnBreak.opened_at, ReturnBreak.id)).all()
    if not found:
        return []
    then = known or books.known(session)
    kin = _kin(session, {row.facility for row in found}, known)
    ids = [row.id for row in kin]
    events = _told(session, ReturnBreakEvent, ids, known)
    owners = _told(session, ReturnBreakOwner, ids, known)
    aged = _ages(session, kin, events, then)
    return [break_view(row, events[row.id], aged[row.id], _owners(aged[row.id], owners)) for row in found]


def _kin(session: ReadSession, facilities: Iterable[str], known: Known | None) -> Sequence[ReturnBreak]:
    """Every break of some facilities: what one of them goes on from may be of another quarter or version."""
    told = listed(session, sorted(facilities))
    asked = {"facilities": told.value} if known is None else {"facilities": told.value, "instant": known.instant}
    return session.scalars(_breaks_of(told.form, then=known is not None), asked).all()


@cache
def _breaks_of(form: Form, *, then: bool) -> Select[ReturnBreak]:
    query = select(ReturnBreak).where(is_listed(ReturnBreak.facility, form, "facilities"))
    return query.where(ReturnBreak.opened_at <= bindparam("instant")) if then else query


def _told(
    session: ReadSession, table: type[_Told], ids: Sequence[str], known: Known | None
) -> defaultdict[str, list[_Told]]:
    listed_ids = listed(session, ids)
    asked = {"breaks": listed_ids.value} if known is None else {"breaks": listed_ids.value, "instant": known.instant}
    found: defaultdict[str, list[_Told]] = defaultdict(list)
    for row in session.scalars(_lines_of(table, listed_ids.form, then=known is not None), asked):
        found[row.break_id].append(row)
    return found


@cache
def _lines_of(table: Any, form: Form, *, then: bool) -> Select[Any]:
    query = select(table).where(is_listed(table.break_id, form, "breaks")).order_by(table.id)
    return query.where(table.recorded_at <= bindparam("instant")) if then else query


def _ages(
    session: ReadSession, kin: Sequence[ReturnBreak], events: Mapping[str, list[ReturnBreakEvent]], then: Known
) -> dict[str, Age]:
    counting = {
        tape.return_id
        for facility in sorted({row.facility for row in kin})
        for tape in live_tapes(session, facility=facility, known=then)
    }
    return ages([named(row, events.get(row.id, ()), counts=row.return_id in counting) for row in kin], then.instant)


def _owners(age: Age, owners: Mapping[str, list[ReturnBreakOwner]]) -> list[ReturnBreakOwner]:
    return sorted((one for id_ in age.chain for one in owners.get(id_, ())), key=lambda one: one.id)
