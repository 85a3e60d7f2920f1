"""What is expected to be received of an impaired loan: proposed by one fund manager, approved by another."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import partial

from bank.allocations.accruing import put_right_after
from bank.allocations.changing import under_terms
from bank.allocations.credit.expecting import Claimed, refuse_beyond_claims
from bank.allocations.credit.model import ReceiptsForetold, ReceiptsForetoldApproval
from bank.allocations.credit.queries import ForetoldView, receipts_foretold, stages_of
from bank.allocations.credit.rules import NoSuchAssumption, sound_receipts, stage_at
from bank.allocations.facts import facts_of
from bank.allocations.impaired import Foretold
from bank.allocations.model import Facility
from bank.allocations.products.rules import refuse_unless_lent
from bank.allocations.recording import take
from bank.allocations.rules import APPROVED, DRAWING, PROPOSED, SIGNED, refuse_unless
from bank.allocations.terms.queries import agreed_of, terms_of
from bank.approvals.rules import EXPECT_RECEIPTS
from bank.approvals.seconding import heard
from bank.people.rules import FUND_MANAGER
from bank.treasury.rules import BadTerms
from ledger import trail
from ledger.agreeing import second
from ledger.impairment import Stage
from ledger.money import NOTHING, Money
from ledger.store.outcomes import WAITING
from ledger.store.work import Work, command

_LIVES = (PROPOSED, APPROVED, SIGNED, DRAWING)


@command
def expect_receipts(
    work: Work,
    *,
    facility: str,
    from_on: date,
    receipts: tuple[tuple[date, Money], ...],
    basis: str,
    key: str,
    market_rate: Decimal | None = None,
) -> ForetoldView:
    """Propose what is expected to be received of an impaired loan after a day, all losses taken off, and why.

    Told for the day of its first money, the loan begins impaired: it earns the rate at which this is worth what is
    lent, for all its life (IFRS 9, 5.4.1(a)). With the market's rate, at which others would take it on, it begins at
    what this is worth by that, and earns that. Told later, for such a loan or one in stage 3, it is what losses are
    measured by from then on. Nothing is in force until another fund manager approves it.
    Refuses a receipt beyond what the contract would claim on its day, after those before it.
    """
    work.actor.require(FUND_MANAGER)
    del key
    row, life = take(work, facility)
    refuse_unless_lent(row.product)
    refuse_unless(life.state, _LIVES, "expected to pay so much")
    told = sound_receipts(from_on, receipts, market_rate, basis)
    _refuse_for_a_sound_loan(work, row, from_on)
    _refuse_beyond_the_contract(work, row, Foretold(from_on, tuple(told)))
    made = ReceiptsForetold(
        id=work.new_id("rcp"),
        facility_id=row.id,
        from_on=from_on,
        receipts=[[str(day), str(amount)] for day, amount in told],
        market_rate=market_rate,
        basis=basis.strip(),
        proposed_by=work.actor.id,
        recorded_at=work.now,
    )
    work.session.add(made)
    work.session.flush()
    trail.record(
        work,
        action="allocation.expect-receipts",
        subject=row.id,
        reason=made.basis,
        foretold=made.id,
        from_on=from_on,
        receipts=[(str(day), str(amount)) for day, amount in told],
        market_rate=market_rate,
    )
    return _view(work, made.id)


@command
def approve_receipts(work: Work, *, id: str, key: str) -> ForetoldView:  # noqa: A002 -- what it is known by
    """Approve what somebody else proposed to expect; the loss that follows is entered when it is next measured."""
    del key
    proposed = _view(work, id)
    row, life = take(work, proposed.facility)
    agreed_by_all = heard(work, proposed, "forecast of receipts", act=EXPECT_RECEIPTS, amount=row.amount)
    refuse_unless(life.state, _LIVES, "expected to pay so much")
    _refuse_for_a_sound_loan(work, row, proposed.from_on)
    told = tuple((each.on, each.amount) for each in proposed.receipts)
    _refuse_beyond_the_contract(work, row, Foretold(proposed.from_on, told))
    if not agreed_by_all:
        return _view(work, id)
    approval = partial(ReceiptsForetoldApproval, foretold_id=id)
    second(work, proposed, "forecast of receipts", approval, action="allocation.approve-receipts", subject=row.id)
    put_right_after(work, row, proposed.from_on)
    return _view(work, id)


def _refuse_for_a_sound_loan(work: Work, row: Facility, day: date) -> None:
    """Pass when nothing is lent yet, or what is lent is impaired on the day: it began so before, or is in stage 3."""
    course = facts_of(work.session, row).course
    if not course.principal:
        return
    began = course.began_impaired_by(day)
    if began is not None and began.on < day:
        return
    later = day > min(on for on, _ in course.principal)
    if began is None and later and stage_at(stages_of(work.session, row.id), day) is Stage.IMPAIRED:
        return
    raise BadTerms(
        f"What is expected of {row.name} from {day} on is told before its first money, or while it is impaired: on "
        f"that day it is neither in stage 3 nor a loan that began impaired before. Its losses are measured by the "
        f"assumption of its stage"
    )


def _refuse_beyond_the_contract(work: Work, row: Facility, told: Foretold) -> None:
    """Pass when all that is expected is owed then, by the terms that are agreed or by those that are proposed."""
    facts, since = facts_of(work.session, row), told.from_on
    course = facts.course
    lent = Money.total(amount for day, amount in course.principal if day <= since)
    lent += facts.balance(["9100"], since) if course.principal else row.amount
    beside = course.unpaid(since) + facts.balance(["1500"], since)
    claimed = Claimed(Fraction(max(lent, NOTHING).pence), Fraction(max(beside, NOTHING).pence))
    last = max((each.from_on for each in course.terms), default=date.min)
    proposed = [each for each in terms_of(work.session, row.id) if each.state == WAITING and each.from_on > last]
    others = [under_terms(work.session, row, course, (*course.terms, agreed_of(each))) for each in proposed]
    refuse_beyond_claims([course, *others], claimed, told)


def _view(work: Work, wanted: str) -> ForetoldView:
    row = work.session.get(ReceiptsForetold, wanted)
    if row is None:
        raise NoSuchAssumption(f"Nothing is expected of a loan by {wanted!r:.60}")
    return next(view for view in receipts_foretold(work.session, row.facility_id) if view.id == wanted)
