"""The looks at onward lending: every loan at a day as known then, its history, and what one quarter moved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Select, and_, bindparam, func, select
from sqlalchemy.orm import aliased

from intermediaries.frontline.queries import standing
from intermediaries.loans.model import Loan, LoanReport, LoanTape
from intermediaries.loans.rules import is_restructured, ours
from intermediaries.loans.views import (
    LoanDetail,
    LoanMovement,
    LoanPage,
    LoanState,
    Movements,
    PlaceView,
    Reported,
    ReportLine,
    Split,
    ToldLate,
)
from intermediaries.register.rules import may_see
from intermediaries.returns.rows import LoanRow, row_from_texts
from ledger import queries as books
from ledger.dates import CALENDAR_ENDS, Quarter
from ledger.identifiers import refuse_strange_cursor
from ledger.money import NOTHING, Money
from ledger.queries import Known
from ledger.refusals import NotFound
from ledger.store.columns import MoneyType
from ledger.store.database import ReadSession
from ledger.store.work import Actor

_Value = TypeVar("_Value")
_MOVED = {
    "drawn": (LoanReport.drawn, LoanReport.own_drawn),
    "repaid": (LoanReport.principal_received, LoanReport.own_principal_received),
    "interest": (LoanReport.interest_received, LoanReport.own_interest_received),
    "written_off": (LoanReport.written_off, LoanReport.own_written_off),
    "recovered": (LoanReport.recovered, LoanReport.own_recovered),
}


class _Live(NamedTuple):
    """The returns that count, as a statement and the values that it is told."""

    query: Select[str]
    told: dict[str, Any]


class NoSuchLoan(NotFound):
    """No loan of that id, or none this reader may know of."""

    slug = "no-such-loan"


def portfolio(
    session: ReadSession,
    as_at: date | None = None,
    known: Known | None = None,
    *,
    intermediary: str | None = None,
    facility: str | None = None,
) -> list[LoanState]:
    """Every loan by its last accepted report effective by a day and known then, closed loans too, in order of id."""
    return _states(session, as_at, known, intermediary=intermediary, facility=facility)


def loans(
    session: ReadSession,
    *,
    viewer: Actor,
    as_at: date | None = None,
    known: Known | None = None,
    intermediary: str | None = None,
    facility: str | None = None,
    status: str | None = None,
    cursor: str | None = None,
    limit: int = 100,
) -> LoanPage:
    """Loans by id, page by page; an intermediary's actor sees its own alone. Refuses a cursor that no page gave."""
    refuse_strange_cursor(cursor, "lon")
    if viewer.kind == "intermediary":
        if intermediary not in {None, viewer.intermediary}:
            return LoanPage(items=(), next_cursor=None)
        intermediary = viewer.intermediary or ""
    found = _states(
        session,
        as_at,
        known,
        intermediary=intermediary,
        facility=facility,
        status=status,
        after=cursor,
        limit=limit + 1,
    )
    return LoanPage(items=tuple(found[:limit]), next_cursor=found[limit - 1].id if len(found) > limit else None)


def loan(
    session: ReadSession, loan_id: str, *, viewer: Actor, as_at: date | None = None, known: Known | None = None
) -> LoanDetail:
    """One loan with its history and the entries behind its principal; a foreign loan is not there."""
    row = session.get(Loan, loan_id)
    if row is None or not may_see(viewer, row.intermediary):
        raise _no_loan(loan_id)
    found = _states(session, as_at, known, intermediary=row.intermediary, facility=row.facility, only=loan_id)
    if not found:
        raise _no_loan(loan_id)
    then = known or books.known(session)
    below = f"{row.facility}:{row.id}"
    lines = [
        line
        for role in ("1300", "1390")
        for line in books.entries_behind(session, row.intermediary, f"{role}:{below}", None, as_at, then)
    ]
    return LoanDetail(
        state=found[0],
        history=tuple(_history(session, row, then)),
        entries=tuple(sorted(lines, key=lambda line: (line.seq, line.account))),
    )


def movements(
    session: ReadSession,
    quarter: Quarter,
    known: Known | None = None,
    *,
    facility: str | None = None,
    as_at: date | None = None,
) -> list[LoanMovement]:
    """What the accepted returns of one quarter say moved, loan by loan, as known then and effective by a day."""
    live, told = _live(as_at, known, facility=facility, quarter=quarter)
    query = select(LoanReport, Loan.facility, Loan.intermediary).join(Loan, Loan.id == LoanReport.loan)
    rows = session.execute(query.where(LoanReport.return_id.in_(live)).order_by(LoanReport.loan), told)
    return [
        LoanMovement(
            loan=row.LoanReport.loan,
            facility=row.facility,
            intermediary=row.intermediary,
            quarter=quarter,
            return_id=row.LoanReport.return_id,
            **_splits(row.LoanReport),
        )
        for row in rows
    ]


def loans_by_ref(session: ReadSession, intermediary: str) -> dict[str, tuple[str, str]]:
    """The id and the facility of every loan of an intermediary, by its reference."""
    query = select(Loan.loan_ref, Loan.id, Loan.facility).where(Loan.intermediary == intermediary)
    return {ref: (one, facility) for ref, one, facility in session.execute(query)}


def tape_before(
    session: ReadSession, facility: str, quarter: Quarter, known: Known | None = None
) -> Iterator[tuple[LoanRow, dict[str, Money]]]:
    """The last accepted row of every loan of a facility before a quarter, closed loans too, with what moved to date."""
    live = _live(None, known, facility=facility, before=quarter)
    sums = _sums(session, live)
    for loan_id, facts in session.execute(_newest_facts(live.query), live.told):
        yield row_from_texts(facts), sums.pop(loan_id)


@cache
def _newest_facts(live: Select[str]) -> Select[str, dict[str, str]]:
    """What was last told of each loan among the reports that count, some loans at a time."""
    newest = (
        select(LoanReport.loan, func.max(LoanReport.quarter).label("quarter"))
        .where(LoanReport.return_id.in_(live))
        .group_by(LoanReport.loan)
        .subquery()
    )
    return (
        select(LoanReport.loan, LoanReport.facts)
        .join(newest, and_(newest.c.loan == LoanReport.loan, newest.c.quarter == LoanReport.quarter))
        .where(LoanReport.return_id.in_(live))
        .order_by(LoanReport.loan)
        .execution_options(yield_per=1000)
    )


def told_by_quarter(
    session: ReadSession, intermediary: str, *, before: Quarter, known: Known | None = None
) -> Iterator[tuple[str, Quarter, dict[str, str]]]:
    """What accepted returns told of every loan of an intermediary before a quarter, earlier first, row after row."""
    live, told = _live(None, known, intermediary=intermediary, before=before)
    query = (
        select(Loan.loan_ref, LoanReport.quarter, LoanReport.facts)
        .join(Loan, Loan.id == LoanReport.loan)
        .where(LoanReport.return_id.in_(live))
        .order_by(LoanReport.quarter, Loan.loan_ref)
    )
    rows = session.execute(query.execution_options(yield_per=1000), told)
    for row in rows:
        yield row.loan_ref, row.quarter, row.facts


def reports_of(session: ReadSession, return_id: str, loans: Iterable[str]) -> dict[str, LoanReport]:
    """What one accepted return says of some loans, by the loan's reference."""
    rows = session.execute(
        select(Loan.loan_ref, LoanReport)
        .join(Loan, Loan.id == LoanReport.loan)
        .where(LoanReport.return_id == return_id, LoanReport.loan.in_(list(loans)))
    )
    return {row.loan_ref: row.LoanReport for row in rows}


def entries_of(session: ReadSession, return_id: str) -> dict[str, int | None]:
    """The entry of each loan that an accepted return tells of, by the loan's reference; none where nothing moved."""
    rows = session.execute(
        select(Loan.loan_ref, LoanReport.entry_seq)
        .join(Loan, Loan.id == LoanReport.loan)
        .where(LoanReport.return_id == return_id)
    )
    return {row.loan_ref: row.entry_seq for row in rows}


def live_tapes(
    session: ReadSession,
    *,
    facility: str | None = None,
    quarter: Quarter | None = None,
    as_at: date | None = None,
    known: Known | None = None,
) -> list[LoanTape]:
    """The accepted returns that count: of each facility's quarter the highest version known then."""
    live = _live(as_at, known, facility=facility, quarter=quarter)
    return list(session.scalars(_tapes(live.query), live.told))


@cache
def _tapes(live: Select[str]) -> Select[LoanTape]:
    return select(LoanTape).where(LoanTape.return_id.in_(live)).order_by(LoanTape.quarter, LoanTape.facility)


def tapes_between(session: ReadSession, since: datetime, until: datetime) -> list[LoanTape]:
    """The returns accepted after one instant and up to another, in the order in which they were."""
    query = select(LoanTape).where(LoanTape.recorded_at > since, LoanTape.recorded_at <= until)
    return list(session.scalars(query.order_by(LoanTape.recorded_at, LoanTape.return_id)))


def reported(session: ReadSession, as_at: date | None = None, known: Known | None = None) -> list[Reported]:
    """Every report that counts, of every loan and quarter, earlier quarters first: the sector's record of performance.

    Its reports of one loan, added up, are the loan's movements to date; see `loans` for its state.
    """
    then = known or books.known(session)
    live, told = _live(as_at or session.now.date(), then)
    query = select(LoanReport, Loan.intermediary).join(Loan, Loan.id == LoanReport.loan)
    query = query.where(LoanReport.return_id.in_(live)).order_by(LoanReport.quarter, LoanReport.loan)
    rows = session.execute(query, told).all()
    bodies = standing(session, {report.organisation for report, _ in rows}, then.instant)
    return [_reported(report, intermediary, bodies) for report, intermediary in rows]


def _reported(report: LoanReport, intermediary: str, bodies: Mapping[str, str]) -> Reported:
    restructured_on = report.facts.get("restructured_on", "")
    return Reported(
        loan=report.loan,
        intermediary=intermediary,
        organisation=bodies[report.organisation],
        quarter=report.quarter,
        drawn=report.own_drawn,
        received=report.own_principal_received,
        written_off=report.own_written_off,
        recovered=report.own_recovered,
        days_past_due=report.days_past_due,
        restructured=report.status == "restructured" or restructured_on not in {"", "?", "-"},
        first_time=report.facts.get("first_time_borrower", ""),
    )


def told_late(session: ReadSession, known: Known) -> list[ToldLate]:
    """How late each accepted report known by then says its loan is, earlier quarters first: superseded ones too.

    With the tapes that count on a day it tells how late every loan was then, without reading each loan's particulars.
    """
    rows = session.execute(
        select(LoanReport.return_id, LoanReport.loan, LoanReport.quarter, LoanReport.days_past_due)
        .join(LoanTape, LoanTape.return_id == LoanReport.return_id)
        .where(LoanTape.recorded_at <= known.instant)
        .order_by(LoanReport.quarter, LoanReport.loan)
    )
    return [ToldLate(*row) for row in rows]


def _live(
    as_at: date | None,
    known: Known | None,
    *,
    intermediary: str | None = None,
    facility: str | None = None,
    quarter: Quarter | None = None,
    before: Quarter | None = None,
) -> _Live:
    """The returns that count: known by the instant, effective by the day, and not followed by a higher such version."""
    cuts = {"intermediary": intermediary, "facility": facility, "quarter": quarter, "before": before}
    told = {"as_at": as_at or CALENDAR_ENDS, "instant": None if known is None else known.instant, **cuts}
    told = {name: value for name, value in told.items() if value is not None}
    return _Live(_counting(frozenset(told)), told)


@cache
def _counting(told: frozenset[str]) -> Select[str]:
    """The same as a statement, cut by whichever names are told: made once for each few of them that go together."""
    newer = aliased(LoanTape)
    same = [newer.facility == LoanTape.facility, newer.quarter == LoanTape.quarter, newer.version > LoanTape.version]
    mine = [LoanTape.effective_on <= bindparam("as_at")]
    same.append(newer.effective_on <= bindparam("as_at"))
    if "instant" in told:
        mine.append(LoanTape.recorded_at <= bindparam("instant"))
        same.append(newer.recorded_at <= bindparam("instant"))
    if "before" in told:
        mine.append(LoanTape.quarter < bindparam("before"))
    columns = {"intermediary": LoanTape.intermediary, "facility": LoanTape.facility, "quarter": LoanTape.quarter}
    mine += [column == bindparam(name) for name, column in columns.items() if name in told]
    return select(LoanTape.return_id).where(*mine, ~select(newer.return_id).where(*same).exists())


def _last(
    session: ReadSession,
    live: _Live,
    *,
    status: str | None = None,
    after: str | None = None,
    only: str | None = None,
    limit: int | None = None,
) -> list[Any]:
    """The last report of each loan among those that count, with the loan."""
    newest = (
        select(LoanReport.loan, func.max(LoanReport.quarter).label("quarter"))
        .where(LoanReport.return_id.in_(live.query))
        .group_by(LoanReport.loan)
    )
    if only is not None:
        newest = newest.where(LoanReport.loan == only)
    last = newest.subquery()
    query = (
        select(LoanReport, Loan)
        .join(last, and_(last.c.loan == LoanReport.loan, last.c.quarter == LoanReport.quarter))
        .join(Loan, Loan.id == LoanReport.loan)
        .where(LoanReport.return_id.in_(live.query))
    )
    if status is not None:
        query = query.where(LoanReport.status == status)
    if after is not None:
        query = query.where(Loan.id > after)
    return list(session.execute(query.order_by(Loan.id).limit(limit), live.told))


def _sums(session: ReadSession, live: _Live, only: Iterable[str] | None = None) -> dict[str, dict[str, Money]]:
    """What moved to date on each loan: the whole loan's by the movement's name, ours by `own_` and its name."""
    query = _summed(live.query)
    if only is not None:
        query = query.where(LoanReport.loan.in_(list(only)))
    names = [f"{mark}{name}" for name in _MOVED for mark in ("", "own_")]
    return {row[0]: dict(zip(names, row[1:], strict=True)) for row in session.execute(query, live.told)}


@cache
def _summed(live: Select[str]) -> Select[*tuple[Any, ...]]:
    summed = [func.sum(column, type_=MoneyType) for pair in _MOVED.values() for column in pair]
    return select(LoanReport.loan, *summed).where(LoanReport.return_id.in_(live)).group_by(LoanReport.loan)


def _states(
    session: ReadSession,
    as_at: date | None,
    known: Known | None,
    *,
    intermediary: str | None = None,
    facility: str | None = None,
    status: str | None = None,
    after: str | None = None,
    only: str | None = None,
    limit: int | None = None,
) -> list[LoanState]:
    then = known or books.known(session)
    day = as_at or session.now.date()
    live = _live(day, then, intermediary=intermediary, facility=facility)
    rows = _last(session, live, status=status, after=after, only=only, limit=limit)
    sums = _sums(session, live, None if limit is None and only is None else [row.Loan.id for row in rows])
    bodies = standing(session, {row.LoanReport.organisation for row in rows}, then.instant)
    balances = _balances(session, {row.Loan.intermediary for row in rows}, facility, day, then)
    return [
        _state(row.Loan, row.LoanReport, sums[row.Loan.id], bodies[row.LoanReport.organisation], balances)
        for row in rows
    ]


def _balances(
    session: ReadSession, holders: set[str], facility: str | None, day: date, then: Known
) -> dict[str, Money]:
    """The ledger's balances of loans' principal, by account; account codes hold loan ids, so books cannot collide."""
    found: dict[str, Money] = {}
    for holder in holders:
        for role in ("1300", "1390"):
            code = role if facility is None else f"{role}:{facility}"
            found |= books.balances_under(session, holder, code, day, then)
    return found


def _state(
    loan_: Loan, report: LoanReport, moved: Mapping[str, Money], organisation: str, balances: Mapping[str, Money]
) -> LoanState:
    row = row_from_texts(report.facts)
    below = f"{loan_.facility}:{loan_.id}"
    return LoanState(
        id=loan_.id,
        loan_ref=loan_.loan_ref,
        intermediary=loan_.intermediary,
        facility=loan_.facility,
        organisation=organisation,
        borrower_name=row.borrower_name,
        legal_form=row.legal_form,
        purpose=row.purpose,
        product=_given(row.product, str),
        outcome_area=row.outcome_area,
        beneficiary_group=row.beneficiary_group,
        place_basis=row.place_basis,
        status=row.status,
        agreed_on=row.agreed_on,
        maturity_on=_given(row.maturity_on, date),
        annual_rate=None if isinstance(row.annual_rate, str) else row.annual_rate,
        our_share=row.our_share,
        amount_committed=row.amount_committed,
        commitment=Split.of(row.amount_committed, ours(row.amount_committed, row.our_share)),
        quarter=report.quarter,
        return_id=report.return_id,
        days_past_due=row.days_past_due,
        restructured=is_restructured(row.status, row.restructured_on),
        outstanding=Split(
            total=row.principal_outstanding,
            ours=balances.get(f"1300:{below}", NOTHING),
            others=balances.get(f"1390:{below}", NOTHING),
        ),
        arrears=Split.of(row.arrears_principal, ours(row.arrears_principal, row.our_share)),
        **{name: Split.of(moved[name], moved[f"own_{name}"]) for name in _MOVED},
        in_quarter=Movements(**_splits(report)),
        place=_place(report),
        people_reached=_given(row.people_reached, int),
        people_unit=_given(row.people_unit, str),
        facts=report.facts,
    )


def _given(value: object, kind: type[_Value]) -> _Value | None:
    """A value that was answered; None for an empty cell and for both answers that give none."""
    answered = isinstance(value, kind) and not (isinstance(value, str) and value in {"?", "-"})
    return value if answered and isinstance(value, kind) else None


def _splits(report: LoanReport) -> dict[str, Split]:
    return {
        name: Split.of(getattr(report, whole.key), getattr(report, own.key)) for name, (whole, own) in _MOVED.items()
    }


def _place(report: LoanReport) -> PlaceView:
    return PlaceView(
        given=report.place_given,
        **{name: getattr(report, name) for name in PlaceView.model_fields if name != "given"},
    )


def _history(session: ReadSession, loan_: Loan, then: Known) -> Iterable[ReportLine]:
    counting = set(session.scalars(*_live(None, then, facility=loan_.facility)))
    rows = session.execute(
        select(LoanReport, LoanTape)
        .join(LoanTape, LoanTape.return_id == LoanReport.return_id)
        .where(LoanReport.loan == loan_.id, LoanTape.recorded_at <= then.instant)
        .order_by(LoanTape.quarter, LoanTape.version)
    )
    for report, tape in rows:
        yield ReportLine(
            return_id=tape.return_id,
            quarter=tape.quarter,
            version=tape.version,
            effective_on=tape.effective_on,
            recorded_at=tape.recorded_at,
            counts=tape.return_id in counting,
            status=report.status,
            days_past_due=report.days_past_due,
            moved=Movements(**_splits(report)),
            outstanding=report.principal_outstanding,
            arrears=report.arrears_principal,
            entry_seq=report.entry_seq,
        )


def _no_loan(loan_id: str) -> NoSuchLoan:
    return NoSuchLoan(f"There is no loan {loan_id!r:.80}")
