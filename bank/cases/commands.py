"""A case study is told by one, approved by another, and printed while the borrower's consent holds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import partial

from bank.approvals.rules import TELL_CASE, said
from bank.approvals.seconding import seconded
from bank.cases.model import CaseStudy, CaseStudyApproval, ConsentWithdrawal
from bank.cases.queries import CaseView, NoSuchCase, case, lapsed
from bank.cases.rules import (
    EVIDENCE,
    TEXT,
    TITLE,
    WHO,
    NoConsent,
    refuse_naming,
    refuse_odd_consent,
    refuse_unconsented,
    sound_outcome,
    sound_words,
)
from bank.people.rules import FUND_MANAGER
from intermediaries.loans.queries import loan, loans_by_ref
from intermediaries.loans.views import LoanState
from intermediaries.register.rules import may_see
from ledger import trail
from ledger.store.holding import hold
from ledger.store.work import Work, command


@command
def tell_case(
    work: Work,
    *,
    intermediary: str,
    loan_ref: str,
    title: str,
    text: str,
    outcome: str,
    evidence: str,
    consent_by: str,
    consented_on: date,
    consent_until: date,
    named: bool = False,
    key: str,
) -> CaseView:
    """Tell what became of one onward loan, in words; nothing is printed before another approves it.

    Takes the loan's own intermediary or a fund manager. What happened with the money is not told here: it is drawn
    from the loan. The title takes 5 to 100 characters, the text 80 to 900, in letters that the statements can print.
    The consent says who of the borrower gave it, on which day, whether the borrower may be `named`, and the last day
    on which a statement that prints it may be issued. Refuses a loan that is not there or another intermediary's,
    a consent that is over, and words that name a borrower which consented without its name (`NamesBorrower`).
    """
    del key
    if work.actor.kind != "intermediary":
        work.actor.require(FUND_MANAGER)
    from reports.typeset.fonts import letters  # noqa: PLC0415 -- only who tells something pays for the fonts

    known = letters()
    state = _loan(work, intermediary, loan_ref)
    refuse_odd_consent(consented_on, consent_until, work.today)
    row = CaseStudy(
        id=work.new_id("cas"),
        loan=state.id,
        title=sound_words(title, "The title", TITLE, known),
        told=sound_words(text, "The text", TEXT, known),
        outcome=sound_outcome(outcome),
        evidence=sound_words(evidence, "What shows it", EVIDENCE, known),
        consent_by=sound_words(consent_by, "Who consented", WHO, known),
        consented_on=consented_on,
        consent_until=consent_until,
        named=named,
        proposed_by=work.actor.id,
        recorded_at=work.now,
    )
    if not named:
        refuse_naming(state.borrower_name, row.title, row.told)
    work.session.add(row)
    work.session.flush()
    trail.record(
        work, action="case.tell", subject=row.id, loan=state.id, outcome=row.outcome, consented_on=consented_on
    )
    return case(work.session, row.id)


@command
def approve_case(work: Work, *, id: str, key: str | None = None) -> CaseView:  # noqa: A002 -- what it is known by
    """Approve a case study that somebody else told; refuses one to which the borrower's consent does not hold."""
    del key
    told = case(work.session, id)
    hold(work.session, told.loan)
    _refuse_lapsed(work, [id])
    approval = partial(CaseStudyApproval, case_id=id)
    seconded(work, told, "case study", approval, act=TELL_CASE, action="case.approve")
    return case(work.session, id)


@command
def withdraw_consent(work: Work, *, id: str, reason: str, key: str) -> CaseView:  # noqa: A002 -- what it is known by
    """Keep that the borrower takes its consent back: no statement issued from now on prints what was told of the loan.

    Takes the loan's own intermediary or a fund manager; what was issued before stays as it was filed. Refuses a
    consent that was taken back already.
    """
    del key
    told = case(work.session, id, viewer=work.actor)
    if work.actor.kind != "intermediary":
        work.actor.require(FUND_MANAGER, "operator")
    hold(work.session, told.loan)
    told = case(work.session, id)
    if told.withdrawn_at is not None:
        raise NoConsent(f"The consent to {id} was taken back on {told.withdrawn_at.date()}")
    why = said(reason, "why the consent is taken back, or that no reason was given")
    work.session.add(ConsentWithdrawal(case_id=id, reason=why, recorded_by=work.actor.id, recorded_at=work.now))
    work.session.flush()
    trail.record(work, action="case.withdraw-consent", subject=id, reason=why, loan=told.loan)
    return case(work.session, id)


def hold_consents(work: Work, printed: Iterable[str]) -> None:
    """Pass while every consent to these case studies holds today, and keep them so until the commit."""
    wanted = sorted(printed)
    for loan_id in sorted({case(work.session, each).loan for each in wanted}):
        hold(work.session, loan_id)
    _refuse_lapsed(work, wanted)


def _refuse_lapsed(work: Work, wanted: Iterable[str]) -> None:
    refuse_unconsented(lapsed(work.session, wanted, work.today))


def _loan(work: Work, intermediary: str, loan_ref: str) -> LoanState:
    if may_see(work.actor, intermediary):
        found = loans_by_ref(work.session, intermediary).get(loan_ref)
        if found is not None:
            return loan(work.session, found[0], viewer=work.actor).state
    raise NoSuchCase(f"{intermediary!r:.60} has no loan {loan_ref!r:.60}, or none that you may see", loan_ref=loan_ref)
