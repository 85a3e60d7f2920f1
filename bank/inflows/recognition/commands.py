"""The journal of receipts is chosen for the fund's book by two people, before the first money comes."""

from __future__ import annotations

from datetime import date
from functools import partial

from bank.approvals.rules import RECEIPT_POLICY
from bank.approvals.seconding import heard
from bank.inflows.recognition.model import ReceiptPolicy, ReceiptPolicyApproval
from bank.inflows.recognition.queries import (
    ReceiptPolicyView,
    entered_by,
    first_receipt_on,
    policy_on,
    receipt_policies,
    receipt_policy,
)
from bank.inflows.recognition.rules import INCOME_FIRST, sound_method
from bank.people.rules import FUND_MANAGER
from bank.treasury.commands import hold_headroom
from bank.treasury.rules import BadTerms
from ledger import trail
from ledger.agreeing import second
from ledger.dates import within_calendar
from ledger.refusals import Refusal
from ledger.store.work import Work, command


class PolicyInUse(Refusal):
    """Money has come by another journal, and a book keeps to one."""

    slug = "receipt-policy-in-use"
    status = 409


class BeforePolicy(Refusal):
    """Every policy approved begins later than the day."""

    slug = "before-receipt-policy"
    status = 409


@command
def propose_receipt_policy(
    work: Work, *, method: str, from_on: date, basis: str, key: str | None = None
) -> ReceiptPolicyView:
    """Propose by which journal dormant money is entered when it comes, from a day on, and what that rests on.

    `income-first`: the cash is income, and what is kept for claims is charged. `liability-first`: all of it is owed,
    and what need not be kept is released. Nothing follows it until another fund manager approves it. Refuses another
    method than that by which money has come already: one book is kept by one.
    """
    work.actor.require(FUND_MANAGER)
    del key
    if not basis.strip():
        raise BadTerms("Say what the policy rests on: the fund's accounting policies, its auditor's letter, a minute")
    _refuse_change(work, sound_method(method), within_calendar(from_on))
    row = ReceiptPolicy(
        id=work.new_id("rpo"),
        method=method,
        from_on=from_on,
        basis=basis.strip(),
        proposed_by=work.actor.id,
        recorded_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    trail.record(
        work,
        action="inflow.propose-receipt-policy",
        subject=row.id,
        reason=row.basis,
        method=method,
        from_on=from_on,
    )
    return receipt_policy(work.session, row.id)


@command
def approve_receipt_policy(work: Work, *, id: str, key: str | None = None) -> ReceiptPolicyView:  # noqa: A002 -- what a policy is known by
    """Approve a policy that somebody else proposed: from its day on it holds, until another that starts later does.

    Refuses one of another method than that by which money has come since it was proposed.
    """
    del key
    hold_headroom(work)
    told = receipt_policy(work.session, id)
    if heard(work, told, "policy on receipts", act=RECEIPT_POLICY):
        _refuse_change(work, told.method, told.from_on)
        approval = partial(ReceiptPolicyApproval, policy_id=id)
        second(work, told, "policy on receipts", approval, action="inflow.approve-receipt-policy")
    return receipt_policy(work.session, id)


def method_for(work: Work, on: date) -> str:
    """The journal of money received on a day: by the policy in force then, and income first where none was agreed to.

    Whoever asks holds the headroom, so that no policy is approved meanwhile. Refuses a day before every policy begins,
    and one on which another journal is in force than that by which money has come: a book keeps to one.
    """
    policies, used = receipt_policies(work.session), entered_by(work.session)
    approved = [one.from_on for one in policies if one.approved_at is not None]
    policy = policy_on(policies, on)
    if policy is None and approved:
        raise BeforePolicy(
            f"{on} is too early: no policy on receipts that is approved holds before {min(approved)}. Propose one that "
            "begins by then, and let another approve it: `bank inflow receipt-policy`",
            on=str(on),
            from_on=str(min(approved)),
        )
    method = INCOME_FIRST if policy is None else policy.method
    if policy is not None and used not in {None, method}:
        raise PolicyInUse(
            f"On {on} the policy {policy.id} is in force, {method}, and all that has come was entered {used}: a book "
            f"keeps to one. Propose {used} from {policy.from_on} or later, and let another approve it: `bank inflow "
            "receipt-policy`",
            used=used,
            policy=policy.id,
        )
    return method


def _refuse_change(work: Work, method: str, from_on: date) -> None:
    """Once money has come a policy can only be put in words: a book told by two journals would add unlike sums."""
    first, used = first_receipt_on(work.session), entered_by(work.session)
    if first is None:
        return
    if method != used:
        raise PolicyInUse(
            f"Money has come since {first} and was entered {used}: a book keeps one policy, and a change of it would "
            f"have to be told from its first receipt on (IAS 8, 22). {method} takes a book in which nothing has come",
            used=used,
            first=str(first),
        )
    if from_on > first and policy_on(receipt_policies(work.session), first) is None:
        raise BadTerms(
            f"{from_on} is too late: money has come since {first}, on which no policy is in force yet, so the first "
            "policy in words holds from then"
        )
