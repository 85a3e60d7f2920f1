"""Looks at the policies on the journal of receipts: those proposed, which holds on a day, and how money was entered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from itertools import pairwise

from sqlalchemy import func, select

from bank.inflows.model import Inflow
from bank.inflows.recognition.model import ReceiptPolicy, ReceiptPolicyApproval
from bank.inflows.recognition.rules import method_by
from ledger.in_force import in_force
from ledger.queries import Known, entry, known
from ledger.refusals import NotFound
from ledger.store.database import ReadSession
from ledger.store.outcomes import ProposalOutcome
from ledger.store.proposals import TurnedDown, outcome_of, proposals
from ledger.store.work import View


class ReceiptPolicyView(View):
    """A policy on the journal of receipts as proposed and, once another fund manager agreed, approved.

    `in_force` tells whether it holds today. An approved one holds from `from_on` until the day before `replaced_on`,
    from which another holds; on no day at all where the two are the same.
    """

    id: str
    method: str
    from_on: date
    basis: str
    in_force: bool
    replaced_on: date | None
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
    return _told_apart([_shown(*each) for each in told], session.now.date())


def receipt_policy(session: ReadSession, wanted: str) -> ReceiptPolicyView:
    """A policy by its id; refuses an unknown one."""
    for policy in receipt_policies(session):
        if policy.id == wanted:
            return policy
    raise NoSuchPolicy(f"There is no policy on receipts {wanted!r:.60}: `bank inflow receipt-policy` lists them")


def policy_on(policies: Sequence[ReceiptPolicyView], day: date) -> ReceiptPolicyView | None:
    """The policy in force on a day: of the approved that which starts last by then; of two from one day, the later.

    The policies are in the order proposed, in which of two approved at one moment the later proposed is the later.
    """
    return in_force(reversed(policies), day)


def first_receipt_on(session: ReadSession) -> date | None:
    """The earliest day of any money received so far; none where nothing was."""
    return session.scalar(select(func.min(Inflow.received_on)))


def entered_by(session: ReadSession) -> str | None:
    """The journal by which the first receipt was entered, which the book keeps; none where nothing has come.

    It is read from the entry itself, and not from a policy: what was agreed to since changes no entry.
    """
    first = session.scalar(select(func.min(Inflow.seq)))
    return None if first is None else method_by({posting.account for posting in entry(session, first).entry.postings})


def _told_apart(policies: Sequence[ReceiptPolicyView], today: date) -> list[ReceiptPolicyView]:
    """The policies, each with the day from which another holds, and that in force today so marked."""
    held = policy_on(policies, today)
    order = sorted(
        (one.from_on, one.approved_at, place) for place, one in enumerate(policies) if one.approved_at is not None
    )
    replaced = {place: later[0] for (_, _, place), later in pairwise(order)}
    return [
        one.model_copy(update={"in_force": one is held, "replaced_on": replaced.get(place)})
        for place, one in enumerate(policies)
    ]


def _shown(
    row: ReceiptPolicy, agreed: ReceiptPolicyApproval | None, ended: ProposalOutcome | None
) -> ReceiptPolicyView:
    return ReceiptPolicyView(
        id=row.id,
        method=row.method,
        from_on=row.from_on,
        basis=row.basis,
        in_force=False,
        replaced_on=None,
        **outcome_of(row, agreed, ended),
    )
