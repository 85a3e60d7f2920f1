"""The journal of receipts is chosen for the fund's book by two people, before the first money comes."""

from __future__ import annotations

from datetime import date
from functools import partial

from bank.approvals.rules import RECEIPT_POLICY
from bank.approvals.seconding import heard
from bank.inflows.recognition.model import ReceiptPolicy, ReceiptPolicyApproval
from bank.inflows.recognition.queries import (
    ReceiptPolicyView,
    first_receipt_on,
    policy_of_the_book,
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
    """Money has come under a policy, and a book keeps it."""

    slug = "receipt-policy-in-use"
    status = 409


class BeforePolicy(Refusal):
    """The policy of the book begins later than the day."""

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
    """Approve a policy that somebody else proposed; the last approved before the first money came is the book's.

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
    """The journal of money received on a day: the policy's, and income first where none was agreed to.

    Whoever asks holds the headroom, so that no policy is approved meanwhile. Refuses a day before the policy begins.
    """
    policy = policy_of_the_book(work.session)
    if policy is None:
        return INCOME_FIRST
    if on < policy.from_on:
        raise BeforePolicy(
            f"{on} is too early: the policy on receipts {policy.id}, {policy.method}, holds from {policy.from_on}. "
            "Propose one that begins by then: `bank inflow receipt-policy`",
            on=str(on),
            from_on=str(policy.from_on),
        )
    return policy.method


def _refuse_change(work: Work, method: str, from_on: date) -> None:
    """Once money has come a policy can only be put in words: a book told by two journals would add unlike sums."""
    first = first_receipt_on(work.session)
    if first is None:
        return
    policy = policy_of_the_book(work.session)
    used = INCOME_FIRST if policy is None else policy.method
    if method != used:
        raise PolicyInUse(
            f"Money has come since {first} and was entered {used}: a book keeps one policy, and a change of it would "
            f"have to be told from its first receipt on (IAS 8, 22). {method} takes a book in which nothing has come",
            used=used,
            first=str(first),
        )
    if from_on > first:
        raise BadTerms(f"{from_on} is too late: money has come since {first}, so a policy in words holds from then")
