"""Looks at the policy on the journal of receipts: those proposed, and the one that the fund's book is kept by."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import func, select

from bank.inflows.model import Inflow
from bank.inflows.recognition.model import ReceiptPolicy, ReceiptPolicyApproval
from ledger.queries import Known, known
from ledger.refusals import NotFound
from ledger.store.database import ReadSession
from ledger.store.outcomes import ProposalOutcome
from ledger.store.proposals import TurnedDown, outcome_of, proposals
from ledger.store.work import View


class ReceiptPolicyView(View):
    """A policy on the journal of receipts as proposed and, once another fund manager agreed, approved."""

    id: str
    method: str
    from_on: date
    basis: str
    proposed_by: str
    proposed_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    state: str
    turned_down: TurnedDown | None


class NoSuchPolicy(NotFound):
    """No policy of this id."""

    slug = "no-such-receipt-policy"


def receipt_policies(session: ReadSession, *, at: Known | None = None) -> list[ReceiptPolicyView]:
    """Every policy proposed, with its approval if it has one, in the order proposed."""
    then = at or known(session)
    link = ReceiptPolicyApproval.policy_id
    told = proposals(session, ReceiptPolicy, ReceiptPolicyApproval, link, then.instant)
    return [_shown(*each) for each in told]


def receipt_policy(session: ReadSession, wanted: str) -> ReceiptPolicyView:
    """A policy by its id; refuses an unknown one."""
    for policy in receipt_policies(session):
        if policy.id == wanted:
            return policy
    raise NoSuchPolicy(f"There is no policy on receipts {wanted!r:.60}: `bank inflow receipt-policy` lists them")


def policy_of_the_book(session: ReadSession) -> ReceiptPolicyView | None:
    """The one policy of the fund's book, which is the last approved; none where none was ever agreed to."""
    approved = [(one.approved_at, one) for one in receipt_policies(session) if one.approved_at is not None]
    return max(reversed(approved), key=lambda each: each[0])[1] if approved else None


def first_receipt_on(session: ReadSession) -> date | None:
    """The earliest day of any money received so far; none where nothing was."""
    return session.scalar(select(func.min(Inflow.received_on)))


def _shown(
    row: ReceiptPolicy, agreed: ReceiptPolicyApproval | None, ended: ProposalOutcome | None
) -> ReceiptPolicyView:
    return ReceiptPolicyView(
        id=row.id, method=row.method, from_on=row.from_on, basis=row.basis, **outcome_of(row, agreed, ended)
    )
