"""What is kept back is proposed by one fund manager and approved by another; cash is held while it is promised."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import cache, partial

from sqlalchemy import Select, select
from sqlalchemy.dialects import postgresql, sqlite

from bank.approvals.rules import LIQUIDITY_POLICY
from bank.approvals.seconding import seconded
from bank.people.rules import FUND_MANAGER
from bank.treasury.model import CashHold, LiquidityPolicy, LiquidityPolicyApproval
from bank.treasury.queries import LiquidityPolicyView, liquidity_policies
from bank.treasury.rules import BadTerms, fraction
from ledger import trail
from ledger.commands import post_many
from ledger.dates import within_calendar
from ledger.entries import Entry
from ledger.refusals import NotFound
from ledger.store.work import Work, command


class NoSuchPolicy(NotFound):
    """No policy of this id."""

    slug = "no-such-policy"


def hold_headroom(work: Work) -> None:
    """Take the bank's cash until the commit: nobody else can check it, promise it or pay it out in between.

    Taken before anything is read on which the decision rests, and before the journal's head. SQLite has one writer at
    a time from the beginning of a unit of work; there the row is taken all the same.
    """
    if work.session.scalar(_taken()) is None:
        dialect = sqlite if work.database.dialect == "sqlite" else postgresql
        work.session.execute(dialect.insert(CashHold).values(id=1).on_conflict_do_nothing())
        work.session.scalar(_taken())


@cache
def _taken() -> Select[int]:
    return select(CashHold.id).where(CashHold.id == 1).with_for_update()


def posted(work: Work, entries: Sequence[Entry]) -> list[int]:
    """Post entries and answer their places in the journal."""
    return [done.seq for done in post_many(work, entries)]


@command
def propose_liquidity_policy(
    work: Work, *, fraction: Decimal, from_on: date, basis: str, key: str | None = None
) -> LiquidityPolicyView:
    """Propose what part of paid-in capital is kept in cash from a day on, and what that rests on."""
    work.actor.require(FUND_MANAGER)
    del key
    row = LiquidityPolicy(
        id=work.new_id("pol"),
        fraction=_fraction(fraction),
        from_on=within_calendar(from_on),
        basis=_reasoned(basis),
        proposed_by=work.actor.id,
        recorded_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    trail.record(work, action="treasury.propose-policy", subject=row.id, fraction=fraction, from_on=from_on)
    return _policy(work, row.id)


@command
def approve_liquidity_policy(work: Work, *, id: str, key: str | None = None) -> LiquidityPolicyView:  # noqa: A002 -- what a policy is known by
    """Approve a policy that somebody else proposed; it is in force from its day."""
    del key
    approval = partial(LiquidityPolicyApproval, policy_id=id)
    seconded(work, _policy(work, id), "policy", approval, act=LIQUIDITY_POLICY, action="treasury.approve-policy")
    return _policy(work, id)


def _policy(work: Work, wanted: str) -> LiquidityPolicyView:
    for policy in liquidity_policies(work.session):
        if policy.id == wanted:
            return policy
    raise NoSuchPolicy(f"There is no liquidity policy {wanted!r:.60}")


def _fraction(value: Decimal) -> Decimal:
    return fraction(value, "The reserve")


def _reasoned(basis: str) -> str:
    if not basis.strip():
        raise BadTerms("Say what the policy rests on: a minute, a forecast, a stress test")
    return basis.strip()
