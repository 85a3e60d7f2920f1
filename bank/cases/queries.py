"""Looks at case studies: those told, where each stands, and those that a statement may print, as known then."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import select

from bank.cases.model import CaseStudy, CaseStudyApproval, ConsentWithdrawal
from bank.cases.rules import holds
from intermediaries.loans.model import Loan
from intermediaries.register.rules import may_see
from ledger.queries import Known, known
from ledger.refusals import NotFound
from ledger.store.database import ReadSession
from ledger.store.outcomes import ProposalOutcome
from ledger.store.proposals import TurnedDown, outcome_of, proposals
from ledger.store.work import Actor, View


class CaseView(View):
    """A case study as told, with the consent it rests on and, once somebody else agreed, its approval."""

    id: str
    loan: str
    loan_ref: str
    intermediary: str
    title: str
    text: str
    outcome: str
    evidence: str
    consent_by: str
    consented_on: date
    consent_until: date
    named: bool
    withdrawn_at: datetime | None
    """When the borrower took its consent back, for this or for whatever was told of the loan by then."""
    withdrawn_because: str
    proposed_by: str
    proposed_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    state: str
    turned_down: TurnedDown | None


class NoSuchCase(NotFound):
    """No case study of this id, or none that the asker may see."""

    slug = "no-such-case-study"


def cases(session: ReadSession, *, viewer: Actor | None = None, at: Known | None = None) -> list[CaseView]:
    """Every case study told, in that order, as known then; to an intermediary its own alone."""
    then = at or known(session)
    link = CaseStudyApproval.case_id
    told = proposals(session, CaseStudy, CaseStudyApproval, link, then.instant)
    if not told:
        return []
    loans = {row.id: row for row in session.scalars(select(Loan).where(Loan.id.in_({one.loan for one, _, _ in told})))}
    ends = _withdrawals(session, then.instant)
    return [
        _shown(row, loans[row.loan], agreed, ended, ends.get(row.loan, []))
        for row, agreed, ended in told
        if viewer is None or may_see(viewer, loans[row.loan].intermediary)
    ]


def case(session: ReadSession, wanted: str, *, viewer: Actor | None = None) -> CaseView:
    """A case study by its id; refuses an unknown one, and one of another intermediary as if it were not there."""
    for each in cases(session, viewer=viewer):
        if each.id == wanted:
            return each
    raise NoSuchCase(f"There is no case study {wanted!r:.60}: `bank case list` lists them")


def consented(session: ReadSession, at: Known) -> list[CaseView]:
    """The case studies that a statement as known then may print: approved, and consented to on that day."""
    return [
        each
        for each in cases(session, at=at)
        if each.approved_at is not None
        and holds(each.consent_until, at.instant.date(), withdrawn=each.withdrawn_at is not None)
    ]


def lapsed(session: ReadSession, printed: Iterable[str], today: date) -> list[str]:
    """Which of these case studies may not be printed any more."""
    wanted = set(printed)
    return [
        each.id
        for each in (cases(session) if wanted else ())
        if each.id in wanted and not holds(each.consent_until, today, withdrawn=each.withdrawn_at is not None)
    ]


def _withdrawals(session: ReadSession, instant: datetime) -> dict[str, list[tuple[datetime, str]]]:
    """When consent was taken back, and why, by loan, the first one first."""
    found: dict[str, list[tuple[datetime, str]]] = {}
    rows = session.execute(
        select(CaseStudy.loan, ConsentWithdrawal.recorded_at, ConsentWithdrawal.reason)
        .join(CaseStudy, CaseStudy.id == ConsentWithdrawal.case_id)
        .where(ConsentWithdrawal.recorded_at <= instant)
        .order_by(ConsentWithdrawal.recorded_at, ConsentWithdrawal.case_id)
    )
    for loan, when, why in rows:
        found.setdefault(loan, []).append((when, why))
    return found


def _shown(
    row: CaseStudy,
    loan: Loan,
    agreed: CaseStudyApproval | None,
    ended: ProposalOutcome | None,
    ends: list[tuple[datetime, str]],
) -> CaseView:
    end = next((one for one in ends if one[0] >= row.recorded_at), None)
    return CaseView(
        id=row.id,
        loan=row.loan,
        loan_ref=loan.loan_ref,
        intermediary=loan.intermediary,
        title=row.title,
        text=row.told,
        outcome=row.outcome,
        evidence=row.evidence,
        consent_by=row.consent_by,
        consented_on=row.consented_on,
        consent_until=row.consent_until,
        named=row.named,
        withdrawn_at=None if end is None else end[0],
        withdrawn_because="" if end is None else end[1],
        **outcome_of(row, agreed, ended),
    )
