"""Reads under very many facilities at once: their rows, what happened to them, and how far they were accrued.

Facilities are asked for a part at a time, and nothing is asked of one after another.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, or_, select

from bank.allocations.model import Facility, FacilityApproval, FacilityEvent
from bank.allocations.rules import (
    ACCRUAL,
    CO_DRAWING,
    DRAWDOWN,
    IMPAIRMENT,
    RECURRING,
    REPLACEMENT,
    WRITE_OFF,
    Fact,
)
from ledger.money import NOTHING, Money
from ledger.queries import Known, stands
from ledger.store.columns import MoneyType
from ledger.store.database import ReadSession
from ledger.store.listed import Form, is_listed, listed, one_of

TOGETHER = 2_000
"""Facilities asked for by one statement: what they tell is held in memory at once."""


class Told(NamedTuple):
    """What happened to a facility: a single event, or all of a kind that recurs, with the last of its days.

    What recurs the database adds up.
    """

    fact: Fact
    actor: str


def in_parts(ids: Iterable[str]) -> Iterator[list[str]]:
    """The ids in their order, each once, so many at a time."""
    rest = iter(dict.fromkeys(ids))
    while part := list(islice(rest, TOGETHER)):
        yield part


def rows_of(session: ReadSession, ids: Iterable[str], *, held: bool = False) -> list[Facility]:
    """The rows of some facilities in the order of their ids; held until the commit where that is asked."""
    found: list[Facility] = []
    for part in in_parts(sorted(ids)):
        told = listed(session, part)
        found += session.scalars(_rows_listed(told.form, held=held), {"facilities": told.value})
    return found


@cache
def _rows_listed(form: Form, *, held: bool) -> Select[Facility]:
    query = select(Facility).where(is_listed(Facility.id, form, "facilities")).order_by(Facility.id)
    return query.with_for_update().execution_options(populate_existing=True) if held else query


def last_numbers(session: ReadSession, ids: Iterable[str]) -> dict[str, int]:
    """The number of each facility's last event, where it has one."""
    found: dict[str, int] = {}
    for part in in_parts(ids):
        told = listed(session, part)
        rows = session.execute(_last_numbers(told.form), {"facilities": told.value})
        found |= {facility: number for facility, number in rows if number is not None}
    return found


@cache
def _last_numbers(form: Form) -> Select[str, int]:
    return (
        select(FacilityEvent.facility_id, func.max(FacilityEvent.number))
        .where(is_listed(FacilityEvent.facility_id, form, "facilities"))
        .group_by(FacilityEvent.facility_id)
    )


def told_of(session: ReadSession, ids: Iterable[str], day: date, then: Known) -> dict[str, list[Told]]:
    """What happened to each facility by a day, as known then: single events in the order recorded, sums after them."""
    found: dict[str, list[Told]] = defaultdict(list)
    for part in in_parts(ids):
        told = listed(session, part)
        asked = {"facilities": told.value, **then_told(day, then)}
        for facility, kind, on, amount, interest, other, actor in session.execute(_single(told.form), asked):
            found[facility].append(Told(Fact(kind, on, amount, interest, other), actor))
        for facility, kind, last, amount, interest, other in session.execute(_summed(told.form), asked):
            found[facility].append(Told(Fact(kind, last, amount, interest, other), ""))
    return found


def places_told(session: ReadSession, ids: Iterable[str], day: date, then: Known) -> dict[str, set[int]]:
    """The places of the entries that each facility's events name, by a day and as known then; but for what recurs.

    What recurs from quarter to quarter moves no cash, and its accounts say whose it is.
    """
    found: dict[str, set[int]] = defaultdict(set)
    for part in in_parts(ids):
        rows = session.execute(
            select(FacilityEvent.facility_id, FacilityEvent.seqs).where(
                one_of(session, FacilityEvent.facility_id, part),
                FacilityEvent.kind.not_in(RECURRING),
                *by_then(day, then),
            )
        )
        for facility, seqs in rows:
            found[facility].update(seqs)
    return found


def by_then(day: date, then: Known) -> tuple[ColumnElement[bool], ...]:
    """Events dated up to a day and known then: by their place in the journal, or by the instant if they have none.

    One whose first entry has been reversed by then is undone, and is not among them.
    """
    return (
        stands(FacilityEvent.seq, then.seq, day),
        FacilityEvent.effective_on <= day,
        or_(
            FacilityEvent.seq <= then.seq,
            and_(FacilityEvent.seq.is_(None), FacilityEvent.recorded_at <= then.instant),
        ),
    )


def by_then_as_told() -> tuple[ColumnElement[bool], ...]:
    """The same, for a statement that is made once: the day and what was known are told when it is asked.

    They are told by `then_told`.
    """
    return (stands(FacilityEvent.seq, bindparam("place"), bindparam("day")), *_recorded_by_then())


def _recorded_by_then() -> tuple[ColumnElement[bool], ...]:
    return (
        FacilityEvent.effective_on <= bindparam("day"),
        or_(
            FacilityEvent.seq <= bindparam("place"),
            and_(FacilityEvent.seq.is_(None), FacilityEvent.recorded_at <= bindparam("instant")),
        ),
    )


def then_told(day: date, then: Known) -> dict[str, Any]:
    """The values of `by_then_as_told`."""
    return {"day": day, "place": then.seq, "instant": then.instant}


@cache
def events_by_then() -> Select[FacilityEvent]:
    """The events of the facility told, as `then_told` cuts them, in the order recorded: those undone since as well."""
    return (
        select(FacilityEvent)
        .where(FacilityEvent.facility_id == bindparam("facility"), *_recorded_by_then())
        .order_by(FacilityEvent.number)
    )


def days_accrued(session: ReadSession, ids: Iterable[str], since: date) -> dict[str, set[date]]:
    """The days from one on, on which something of each facility was accrued."""
    found: dict[str, set[date]] = defaultdict(set)
    for part in in_parts(ids):
        told = listed(session, part)
        for facility, day in session.execute(_days_accrued(told.form), {"facilities": told.value, "since": since}):
            found[facility].add(day)
    return found


@cache
def _days_accrued(form: Form) -> Select[str, date]:
    return (
        select(FacilityEvent.facility_id, FacilityEvent.effective_on)
        .where(
            is_listed(FacilityEvent.facility_id, form, "facilities"),
            FacilityEvent.kind == ACCRUAL,
            FacilityEvent.effective_on >= bindparam("since"),
        )
        .distinct()
    )


class Measured(NamedTuple):
    """What was decided of the loss to come of a facility on a day.

    `losses_since` are the entries of losses of that day that were told after it was measured.
    """

    amount: Money | None = None
    """The loss expected, as it was measured last; none where it was not."""
    losses_since: frozenset[int] = frozenset()
    replaced: bool = False
    """Whether the loan ended on the day and another began, and it was not measured since."""


def measured_since(session: ReadSession, ids: Iterable[str], since: date) -> dict[str, dict[date, Measured]]:
    """What was measured from a day on, and the loans that were replaced: that stands, whatever comes to be known."""
    found: dict[str, dict[date, Measured]] = defaultdict(dict)
    for part in in_parts(ids):
        rows = session.execute(
            select(
                FacilityEvent.facility_id,
                FacilityEvent.kind,
                FacilityEvent.effective_on,
                FacilityEvent.amount,
                FacilityEvent.seqs,
            )
            .where(
                one_of(session, FacilityEvent.facility_id, part),
                FacilityEvent.kind.in_((IMPAIRMENT, REPLACEMENT, WRITE_OFF)),
                FacilityEvent.effective_on >= since,
            )
            .order_by(FacilityEvent.facility_id, FacilityEvent.number)
        )
        for facility, kind, on, amount, seqs in rows:
            told = found[facility].get(on)
            if kind == IMPAIRMENT:
                found[facility][on] = Measured(amount)
            elif kind == REPLACEMENT:
                found[facility][on] = (told or Measured())._replace(replaced=True)
            elif told is not None:
                found[facility][on] = told._replace(losses_since=told.losses_since | frozenset(seqs))
    return dict(found)


@cache
def _single(form: Form) -> Select[str, str, date, Money, Money, Money, str]:
    return (
        select(
            FacilityEvent.facility_id,
            FacilityEvent.kind,
            FacilityEvent.effective_on,
            FacilityEvent.amount,
            FacilityEvent.interest,
            FacilityEvent.co_investor_amount,
            FacilityEvent.actor,
        )
        .where(
            is_listed(FacilityEvent.facility_id, form, "facilities"),
            *by_then_as_told(),
            FacilityEvent.kind.not_in(RECURRING),
        )
        .order_by(FacilityEvent.facility_id, FacilityEvent.number)
    )


@cache
def _summed(form: Form) -> Select[str, str, date, Money, Money, Money]:
    return (
        select(
            FacilityEvent.facility_id,
            FacilityEvent.kind,
            func.max(FacilityEvent.effective_on),
            func.sum(FacilityEvent.amount, type_=MoneyType()),
            func.sum(FacilityEvent.interest, type_=MoneyType()),
            func.sum(FacilityEvent.co_investor_amount, type_=MoneyType()),
        )
        .where(
            is_listed(FacilityEvent.facility_id, form, "facilities"),
            *by_then_as_told(),
            FacilityEvent.kind.in_(RECURRING),
        )
        .group_by(FacilityEvent.facility_id, FacilityEvent.kind)
    )


def co_drawn(session: ReadSession, day: date, at: Known) -> list[tuple[date, Money]]:
    """What co-investors paid beside drawdowns of every facility by a day, as known then, each with its day."""
    rows = session.execute(
        select(FacilityEvent.effective_on, FacilityEvent.co_investor_amount).where(
            FacilityEvent.kind.in_((DRAWDOWN, CO_DRAWING)), *by_then(day, at)
        )
    )
    return [(on, amount) for on, amount in rows]


def approved_for(session: ReadSession, intermediary: str) -> Money:
    """All that was ever approved for an intermediary."""
    approved = select(FacilityApproval.facility_id)
    whole = func.sum(Facility.amount, type_=MoneyType())
    found = select(whole).where(Facility.intermediary == intermediary, Facility.id.in_(approved))
    return session.scalar(found) or NOTHING
