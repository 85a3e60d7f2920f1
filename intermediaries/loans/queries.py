"""The looks at onward lending: every loan at a day as known then, its history, and what one quarter moved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from functools import cache

from sqlalchemy import Select, and_, func, select

from intermediaries.frontline.queries import standing
from intermediaries.loans.counted.queries import live_returns, moved_to_date, splits
from intermediaries.loans.model import Loan, LoanReport, LoanTape
from intermediaries.loans.standing.queries import states
from intermediaries.loans.views import (
    LoanDetail,
    LoanMovement,
    LoanPage,
    LoanState,
    Movements,
    Reported,
    ReportLine,
    ToldLate,
)
from intermediaries.register.rules import may_see
from intermediaries.returns.rows import LoanRow, row_from_texts
from ledger import queries as books
from ledger.dates import Quarter
from ledger.identifiers import refuse_strange_cursor
from ledger.money import Money
from ledger.queries import Known
from ledger.refusals import NotFound
from ledger.store.database import ReadSession
from ledger.store.work import Actor


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
    return states(session, as_at, known, intermediary=intermediary, facility=facility)


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
    found = states(
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
    found = states(session, as_at, known, intermediary=row.intermediary, facility=row.facility, only=loan_id)
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
    live, told = live_returns(as_at, known, facility=facility, quarter=quarter)
    query = select(LoanReport, Loan.facility, Loan.intermediary).join(Loan, Loan.id == LoanReport.loan)
    rows = session.execute(query.where(LoanReport.return_id.in_(live)).order_by(LoanReport.loan), told)
    return [
        LoanMovement(
            loan=row.LoanReport.loan,
            facility=row.facility,
            intermediary=row.intermediary,
            quarter=quarter,
            return_id=row.LoanReport.return_id,
            **splits(row.LoanReport),
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
    live = live_returns(None, known, facility=facility, before=quarter)
    sums = moved_to_date(session, live)
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
    live, told = live_returns(None, known, intermediary=intermediary, before=before)
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
    live = live_returns(as_at, known, facility=facility, quarter=quarter)
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
    live, told = live_returns(as_at or session.now.date(), then)
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

    Only of loans that any report says are late at all, for most never are. With the tapes that count on a day it tells
    how late every loan was then, without reading each loan's particulars.
    """
    late = select(LoanReport.loan).where(LoanReport.days_past_due > 0)
    rows = session.execute(
        select(LoanReport.return_id, LoanReport.loan, LoanReport.quarter, LoanReport.days_past_due)
        .join(LoanTape, LoanTape.return_id == LoanReport.return_id)
        .where(LoanTape.recorded_at <= known.instant, LoanReport.loan.in_(late))
        .order_by(LoanReport.quarter, LoanReport.loan)
    )
    return [ToldLate(*row) for row in rows]


def _history(session: ReadSession, loan_: Loan, then: Known) -> Iterable[ReportLine]:
    counting = set(session.scalars(*live_returns(None, then, facility=loan_.facility)))
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
            moved=Movements(**splits(report)),
            outstanding=report.principal_outstanding,
            arrears=report.arrears_principal,
            entry_seq=report.entry_seq,
        )


def _no_loan(loan_id: str) -> NoSuchLoan:
    return NoSuchLoan(f"There is no loan {loan_id!r:.80}")
