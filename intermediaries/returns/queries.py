"""The looks at returns: each version with its state, what it says, what the next one is checked against, what lacks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, select, tuple_
from sqlalchemy.orm import aliased

from intermediaries.loans.model import LoanReport, LoanTape
from intermediaries.loans.queries import live_tapes, tape_before
from intermediaries.register.queries import facilities, intermediary
from intermediaries.register.rules import may_see
from intermediaries.returns.deadlines import DUE_AFTER_DAYS, days_late, due_on, reminder
from intermediaries.returns.findings import Answered
from intermediaries.returns.model import Return, ReturnEvent, ReturnPart, ReturnRun
from intermediaries.returns.questions.queries import answers_counted, standing_answers, with_answers
from intermediaries.returns.rows import LoanRow, PriorLoan, row_from_texts
from intermediaries.returns.showing import lateness_view, return_view
from intermediaries.returns.views import (
    Correction,
    Lateness,
    MissingReturn,
    Original,
    Reminder,
    ReturnPage,
    ReturnView,
)
from ledger import queries as books
from ledger.dates import Quarter
from ledger.money import NOTHING, Money
from ledger.queries import Known
from ledger.refusals import BadCursor, NotFound
from ledger.store.columns import MoneyType, QuarterType
from ledger.store.database import ReadSession
from ledger.store.work import Actor
from ledger.whole_numbers import place_in

_TAKEN = frozenset({"attested", "accepted", "superseded"})
_CURSOR_PARTS = 3


class NoSuchReturn(NotFound):
    """No return of that id, or none this reader may know of."""

    slug = "no-such-return"


def return_(session: ReadSession, return_id: str, *, viewer: Actor, known: Known | None = None) -> ReturnView:
    """One version of a return with its findings and everything that happened to it; a foreign one is not there."""
    row = filed(session, return_id, viewer)
    events = _events(session, [row.id], known).get(row.id, [])
    if not events:
        raise _no_return(return_id)
    answers = standing_answers(session, [row.id], known).get(row.id, {})
    findings = with_answers(row.findings, answers)
    return return_view(row, events, session.get(ReturnRun, row.id), answered=len(answers), findings=findings)


def returns(
    session: ReadSession,
    *,
    viewer: Actor,
    facility: str | None = None,
    intermediary: str | None = None,
    quarter: Quarter | None = None,
    state: str | None = None,
    cursor: str | None = None,
    limit: int = 100,
) -> ReturnPage:
    """Returns by quarter, facility and version, page by page; an intermediary's actor sees its own alone."""
    query = _with_state()
    if viewer.kind == "intermediary":
        query = query.where(Return.intermediary == viewer.intermediary)
    for column, wanted in (
        (Return.facility, facility),
        (Return.intermediary, intermediary),
        (Return.quarter, quarter),
        (ReturnEvent.state, state),
    ):
        if wanted is not None:
            query = query.where(column == wanted)
    if cursor is not None:
        query = query.where(tuple_(Return.quarter, Return.facility, Return.version) > _place(cursor))
    found = session.scalars(query.order_by(Return.quarter, Return.facility, Return.version).limit(limit + 1)).all()
    page = found[:limit]
    ids = [row.id for row in page]
    events, answered = _events(session, ids, None), answers_counted(session, ids)
    runs = {run.return_id: run for run in session.scalars(select(ReturnRun).where(ReturnRun.return_id.in_(ids)))}
    return ReturnPage(
        items=tuple(
            return_view(row, events[row.id], runs.get(row.id), answered=answered.get(row.id, 0), brief=True)
            for row in page
        ),
        next_cursor=f"{page[-1].quarter}/{page[-1].facility}/{page[-1].version}" if len(found) > limit else None,
    )


def waiting(session: ReadSession, facility: str, before: Quarter) -> dict[Quarter, Return]:
    """The newest attested version that waits to be accepted, for each quarter before one."""
    found = session.scalars(
        _with_state()
        .where(Return.facility == facility, Return.quarter < before, ReturnEvent.state == "attested")
        .order_by(Return.version)
    )
    return {row.quarter: row for row in found}


def filed(session: ReadSession, return_id: str, viewer: Actor) -> Return:
    """A return as it was filed, if the viewer may know of it."""
    row = session.get(Return, return_id)
    if row is None or not may_see(viewer, row.intermediary):
        raise _no_return(return_id)
    return row


def original(session: ReadSession, return_id: str, *, viewer: Actor) -> Original:
    """The return byte for byte as it came."""
    row = filed(session, return_id, viewer)
    return Original(data=row.original, filename=row.filename, content_type=row.content_type, sha256=row.original_sha256)


def rows(session: ReadSession, return_id: str, *, viewer: Actor) -> list[LoanRow]:
    """The loans of a return, as far as they could be read."""
    return [row_from_texts(facts) for facts in told_by(session, filed(session, return_id, viewer))]


def told_by(session: ReadSession, row: Return) -> Iterator[dict[str, str]]:
    """The loans of a return in canonical text, one after another: of very many never all at a time."""
    yield from row.rows
    if row.rows:
        return
    count = session.scalar(select(func.count()).where(ReturnPart.return_id == row.id)) or 0
    for number in range(count):
        found = select(ReturnPart.rows).where(ReturnPart.return_id == row.id, ReturnPart.part == number)
        yield from session.scalars(found).one()


def findings(session: ReadSession, return_id: str, *, viewer: Actor) -> list[Answered]:
    """What was found when the return came, each question with the answer that its filer gave."""
    row = filed(session, return_id, viewer)
    return with_answers(row.findings, standing_answers(session, [row.id]).get(row.id, {}))


def state_of(session: ReadSession, return_id: str) -> str:
    """The state of a return now."""
    found = session.scalar(
        select(ReturnEvent.state).where(ReturnEvent.return_id == return_id).order_by(ReturnEvent.id.desc()).limit(1)
    )
    if found is None:
        raise _no_return(return_id)
    return found


def versions(session: ReadSession, facility: str, quarter: Quarter) -> list[tuple[Return, str]]:
    """Every version of a facility's return for a quarter with its state, the newest first."""
    found = session.scalars(
        select(Return).where(Return.facility == facility, Return.quarter == quarter).order_by(Return.version.desc())
    ).all()
    events = _events(session, [row.id for row in found], None)
    return [(row, events[row.id][-1].state) for row in found]


def prior_state(
    session: ReadSession, facility: str, quarter: Quarter, known: Known | None = None
) -> dict[str, PriorLoan]:
    """Every loan ever reported under a facility before a quarter, as its accepted returns left it, by reference."""
    return {
        row.loan_ref: PriorLoan(
            loan_ref=row.loan_ref,
            principal_outstanding=row.principal_outstanding,
            drawn_to_date=moved["drawn"],
            written_off_to_date=moved["written_off"],
            recovered_to_date=moved["recovered"],
            amount_committed=row.amount_committed,
            agreed_on=row.agreed_on,
            maturity_on=row.maturity_on,
            our_share=row.our_share,
            status=row.status,
            borrower_name=row.borrower_name,
        )
        for row, moved in tape_before(session, facility, quarter, known)
    }


def cash_moved(session: ReadSession, return_id: str) -> Money:
    """By how much the loans of a tape moved its facility's cash: our share of what came in, less of what was drawn."""
    columns = (
        LoanReport.own_principal_received,
        LoanReport.own_interest_received,
        LoanReport.own_recovered,
        LoanReport.own_drawn,
    )
    summed = [func.sum(column, type_=MoneyType) for column in columns]
    found = session.execute(select(*summed).where(LoanReport.return_id == return_id)).one()
    repaid, interest, recovered, drawn = (amount or NOTHING for amount in found)
    return repaid + interest + recovered - drawn


def last_rows(session: ReadSession, facility: str, quarter: Quarter) -> list[LoanRow]:
    """The last accepted row of every loan of a facility before a quarter, closed loans too."""
    return [row for row, _ in tape_before(session, facility, quarter)]


def returns_missing(
    session: ReadSession, quarter: Quarter, known: Known | None = None, *, due_after: int = DUE_AFTER_DAYS
) -> list[MissingReturn]:
    """The facilities with money out in a quarter and no accepted return for it, as known then."""
    then = known or books.known(session)
    there = {tape.facility for tape in live_tapes(session, quarter=quarter, known=then)}
    due = due_on(quarter, due_after)
    return [
        MissingReturn(
            facility=facility,
            intermediary=holder,
            quarter=quarter,
            due_on=due,
            days_late=days_late(due, then.instant.date()),
        )
        for facility, holder in _asked_for(session, quarter, then)
        if facility not in there
    ]


def lateness(
    session: ReadSession,
    quarter: Quarter,
    known: Known | None = None,
    *,
    due_after: int = DUE_AFTER_DAYS,
    viewer: Actor | None = None,
) -> list[Lateness]:
    """How punctual the return of each facility with money out in a quarter was, as known then.

    A return is filed on the day its first version came that the intermediary attested. A viewer who is an intermediary
    is told of its own alone.
    """
    then = known or books.known(session)
    tapes = {tape.facility: tape for tape in live_tapes(session, quarter=quarter, known=then)}
    filings = _filings(session, quarter, then)
    asked = dict(_asked_for(session, quarter, then)) | {tape.facility: tape.intermediary for tape in tapes.values()}
    due = due_on(quarter, due_after)
    return [
        lateness_view(facility, asked[facility], quarter, due, tapes.get(facility), filings.get(facility, []), then)
        for facility in sorted(asked)
        if viewer is None or may_see(viewer, asked[facility])
    ]


def reminders(session: ReadSession, quarter: Quarter, known: Known | None = None, *, viewer: Actor) -> list[Reminder]:
    """Who is to be told what of each return of a quarter that was not filed, as known then. Nothing is sent."""
    then = known or books.known(session)
    found = []
    for line in lateness(session, quarter, then, viewer=viewer):
        step, following = reminder(line.due_on, then.instant.date())
        if line.filed_on is None and step is not None:
            whose = intermediary(session, line.intermediary, viewer=viewer, known=then)
            found.append(
                Reminder(
                    facility=line.facility,
                    intermediary=line.intermediary,
                    name=whose.name,
                    quarter=quarter,
                    due_on=line.due_on,
                    days_late=line.days_late,
                    since=line.due_on + timedelta(days=step.days),
                    to=tuple(f"{one.name} {one.email or one.telephone}".strip() for one in whose.contacts),
                    also_the_manager=step.also_the_manager,
                    sentence=f"{whose.name}, {line.facility}, {quarter}: {step.sentence}",
                    next_on=following,
                )
            )
    return found


def corrections(session: ReadSession, since: datetime, until: datetime, known: Known | None = None) -> list[Correction]:
    """The accepted returns that took the place of accepted ones, accepted after one instant and up to another."""
    until = until if known is None else min(until, known.instant)
    query = (
        select(LoanTape)
        .where(LoanTape.recorded_at > since, LoanTape.recorded_at <= until)
        .order_by(LoanTape.recorded_at, LoanTape.return_id)
    )
    found = []
    for tape in session.scalars(query):
        before = _accepted_before(session, tape)
        if before is not None:
            found.append(_correction(session, tape, before))
    return found


def _correction(session: ReadSession, tape: LoanTape, before: str) -> Correction:
    now, then = (
        {facts["loan_ref"]: facts for facts in told_by(session, session.get_one(Return, one))}
        for one in (tape.return_id, before)
    )
    accepted = next(
        line for line in _events(session, [tape.return_id], None)[tape.return_id] if line.state == "accepted"
    )
    return Correction(
        return_id=tape.return_id,
        supersedes=before,
        facility=tape.facility,
        intermediary=tape.intermediary,
        quarter=tape.quarter,
        version=tape.version,
        accepted_at=tape.recorded_at,
        effective_on=tape.effective_on,
        explanation=accepted.reason,
        loans_changed=sum(now.get(ref) != then.get(ref) for ref in {**now, **then}),
    )


def _accepted_before(session: ReadSession, tape: LoanTape) -> str | None:
    return session.scalar(
        select(LoanTape.return_id)
        .where(LoanTape.facility == tape.facility, LoanTape.quarter == tape.quarter, LoanTape.version < tape.version)
        .order_by(LoanTape.version.desc())
        .limit(1)
    )


def _filings(session: ReadSession, quarter: Quarter, then: Known) -> dict[str, list[Return]]:
    """The versions that were attested, by facility, as known then."""
    found = session.scalars(
        select(Return)
        .where(
            Return.quarter == quarter,
            select(ReturnEvent.id)
            .where(
                ReturnEvent.return_id == Return.id,
                ReturnEvent.state.in_(_TAKEN - {"superseded"}),
                ReturnEvent.recorded_at <= then.instant,
            )
            .exists(),
        )
        .order_by(Return.version)
    )
    filings: dict[str, list[Return]] = {}
    for row in found:
        filings.setdefault(row.facility, []).append(row)
    return filings


def _asked_for(session: ReadSession, quarter: Quarter, then: Known) -> list[tuple[str, str]]:
    """The facilities that must report a quarter: money was drawn, and some is owed to the bank or out on loan.

    What is out on loan is asked for only of facilities that owe nothing: it is added up loan by loan.
    """
    last = quarter.ends_on
    asked = []
    by_holder: dict[str, list[str]] = {}
    for facility, holder in facilities(session).items():
        by_holder.setdefault(holder, []).append(facility)
    for holder, held in by_holder.items():
        owed = books.balances_under(session, holder, "2100", last, then)
        moved = books.turnovers_under(session, holder, "2100", quarter.starts_on, last, then)
        asked += [
            (facility, holder)
            for facility in held
            if owed.get(f"2100:{facility}")
            or f"2100:{facility}" in moved
            or any(
                books.balance_at(session, holder, f"1300:{facility}", day, then)
                for day in (last, quarter.previous.ends_on)
            )
        ]
    return sorted(asked)


def _events(session: ReadSession, ids: Sequence[str], known: Known | None) -> dict[str, list[ReturnEvent]]:
    query = select(ReturnEvent).where(ReturnEvent.return_id.in_(ids)).order_by(ReturnEvent.id)
    if known is not None:
        query = query.where(ReturnEvent.recorded_at <= known.instant)
    found: dict[str, list[ReturnEvent]] = {}
    for event in session.scalars(query):
        found.setdefault(event.return_id, []).append(event)
    return found


def _with_state() -> Select[Return]:
    """Returns joined to the last event of each."""
    told = aliased(ReturnEvent)
    last = select(func.max(told.id)).where(told.return_id == Return.id).correlate(Return).scalar_subquery()
    return select(Return).join(ReturnEvent, and_(ReturnEvent.return_id == Return.id, ReturnEvent.id == last))


def _place(cursor: str) -> ColumnElement[Any]:
    parts = cursor.split("/")
    version = place_in(parts[-1])
    if len(parts) != _CURSOR_PARTS or version is None:
        raise BadCursor("This cursor is not one of ours: give the next_cursor of the page before, as it was")
    return tuple_(literal(Quarter.parse(parts[0]), QuarterType), literal(parts[1]), literal(version))


def _no_return(return_id: str) -> NoSuchReturn:
    return NoSuchReturn(f"There is no return {return_id!r:.80}")
