"""Interest terms: proposed by one fund manager, approved by another; later ones change the loan from their day."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import partial
from typing import TypeVar

from bank.allocations.accruing import set_right_after
from bank.allocations.changing import change_of, post_change, under_terms
from bank.allocations.facts import facts_of
from bank.allocations.life.queries import terms_at
from bank.allocations.model import Facility
from bank.allocations.products.rules import product_of
from bank.allocations.recording import take
from bank.allocations.rules import LAPSED, REJECTED, REPAID, WRITTEN_OFF, refuse_unless
from bank.allocations.rules import STATES as ALL_STATES
from bank.allocations.terms.model import (
    LoanTerms,
    LoanTermsApproval,
    ModificationThreshold,
    ModificationThresholdApproval,
)
from bank.allocations.terms.queries import LoanTermsView, ThresholdView, agreed_of, agreed_terms, terms_of, thresholds
from bank.allocations.terms.rules import Agreed, Plan, Repaying, sound, sound_threshold
from bank.approvals.rules import TERMS, THRESHOLD
from bank.approvals.seconding import heard, seconded
from bank.people.rules import FUND_MANAGER
from bank.rates.queries import history
from bank.stress.policing import refuse_change_under_stress
from bank.stress.queries import Otherwise
from bank.treasury.commands import hold_headroom
from bank.treasury.rules import BadTerms
from ledger import trail
from ledger.agreeing import second
from ledger.dates import within_calendar
from ledger.daycounts import DayCount
from ledger.money import NOTHING, Money
from ledger.refusals import NotFound
from ledger.store.work import Work, command
from ledger.waterfalls import USUAL_ORDER
from ledger.workdays import Nation, Roll

Named = TypeVar("Named", bound=StrEnum)

_LIVES = tuple(each for each in ALL_STATES if each not in {REJECTED, REPAID, WRITTEN_OFF, LAPSED})


class NoSuchTerms(NotFound):
    """No interest terms of this id."""

    slug = "no-such-terms"


@command
def propose_terms(
    work: Work,
    *,
    facility: str,
    from_on: date,
    rate: Decimal,
    repayment: str,
    first_due_on: date,
    instalments: int,
    key: str,
    base: str | None = None,
    floor: Decimal | None = None,
    cap: Decimal | None = None,
    default_margin: Decimal = Decimal(0),
    commitment_fee: Decimal = Decimal(0),
    fee_day_count: str | None = None,
    arrangement_fee: Money = NOTHING,
    fee_withheld: bool = False,
    every_months: int = 3,
    capital_holiday: int = 0,
    bespoke: tuple[Money, ...] = (),
    nation: str = Nation.ENGLAND.value,
    roll: str = Roll.MODIFIED_FOLLOWING.value,
    waterfall: tuple[str, ...] = USUAL_ORDER,
    market_rate: Decimal | None = None,
    reschedules: bool = False,
    reason: str = "",
) -> LoanTermsView:
    """Propose what a facility pays from a day on: its rate or margin, its fees, and when and how it repays.

    Nothing is in force until another fund manager approves it. Terms that follow others need a reason, and lie after
    them. Rates are yearly fractions; with a base the rate is the margin over it. The market's rate is told where others
    would not lend at the rate of a change: should the loan be replaced, it is what the new one is worth by. Principal
    that is overdue stays due, unless the terms reschedule it: then it falls due anew by their schedule.
    """
    work.actor.require(FUND_MANAGER)
    del key
    row, life = take(work, facility)
    refuse_unless(life.state, _LIVES, "given interest terms")
    plan = Plan(
        repaying=_named(Repaying, repayment, "way of repaying"),
        first_due_on=first_due_on,
        every_months=every_months,
        instalments=instalments,
        capital_holiday=capital_holiday,
        bespoke=bespoke,
        nation=_named(Nation, nation, "nation whose bank holidays count"),
        roll=_named(Roll, roll, "way of moving a day"),
    )
    agreed = sound(
        Agreed(
            from_on=from_on,
            base=base,
            rate=rate,
            plan=plan,
            floor=floor,
            cap=cap,
            default_margin=default_margin,
            commitment_fee=commitment_fee,
            fee_count=None if fee_day_count is None else _named(DayCount, fee_day_count, "way of counting days"),
            arrangement_fee=arrangement_fee,
            fee_withheld=fee_withheld,
            waterfall=waterfall,
            market_rate=market_rate,
            reschedules=reschedules,
        ),
        terms_at(work.session, row, from_on).matures_on,
    )
    if base is not None:
        history(work.session, base).on(from_on)
    _refuse_out_of_turn(work, facility, from_on, reason)
    _refuse_under_stress(work, row, agreed)
    return _kept(work, row, agreed, reason.strip())


@command
def approve_terms(work: Work, *, id: str, key: str) -> LoanTermsView:  # noqa: A002 -- what terms are known by
    """Approve terms that somebody else proposed.

    Where money is out, the loan's amortised cost becomes what the changed payments are worth at its original
    effective rate, and the difference is a loss or a gain of that day; what was accrued on open days is put right.
    Where the worth of the payments differs by the threshold or more, the loan ends and another begins at fair value.
    """
    del key
    proposed = _terms(work, id)
    hold_headroom(work)
    row, life = take(work, proposed.facility)
    agreed_by_all = heard(work, proposed, "set of terms", act=TERMS, amount=row.amount)
    refuse_unless(life.state, _LIVES, "given interest terms")
    _refuse_out_of_turn(work, row.id, proposed.from_on, proposed.reason)
    if not agreed_by_all:
        return _terms(work, id)
    _refuse_under_stress(work, row, agreed_of(proposed))
    change = change_of(work, row, agreed_of(proposed))
    replaces = None if change is None else change.replaces
    difference = None if change is None else change.difference
    approval = partial(LoanTermsApproval, terms_id=id, difference=difference, replaces=replaces)
    action = "allocation.approve-terms"
    second(work, proposed, "set of terms", approval, action=action, subject=row.id, replaces=bool(replaces))
    if change is not None:
        post_change(work, row, change, proposed.reason)
    set_right_after(work, row, proposed.from_on)
    return _terms(work, id)


@command
def propose_threshold(work: Work, *, part: Decimal, from_on: date, source: str, key: str) -> ThresholdView:
    """Propose from what part of difference on changed terms make another loan, from a day on, and by what source."""
    work.actor.require(FUND_MANAGER)
    del key
    made = ModificationThreshold(
        id=work.new_id("thr"),
        part=sound_threshold(part, source),
        from_on=within_calendar(from_on),
        source=source.strip(),
        proposed_by=work.actor.id,
        recorded_at=work.now,
    )
    work.session.add(made)
    work.session.flush()
    trail.record(
        work, action="allocation.propose-threshold", subject=made.id, reason=made.source, part=part, from_on=from_on
    )
    return _threshold(work, made.id)


@command
def approve_threshold(work: Work, *, id: str, key: str) -> ThresholdView:  # noqa: A002 -- what it is known by
    """Approve a threshold that somebody else proposed; changes approved from then on are held to it."""
    del key
    approval = partial(ModificationThresholdApproval, threshold_id=id)
    seconded(work, _threshold(work, id), "threshold", approval, act=THRESHOLD, action="allocation.approve-threshold")
    return _threshold(work, id)


def _threshold(work: Work, wanted: str) -> ThresholdView:
    for each in thresholds(work.session):
        if each.id == wanted:
            return each
    raise NoSuchTerms(f"There is no threshold {wanted!r:.60}")


def _refuse_out_of_turn(work: Work, facility: str, from_on: date, reason: str) -> None:
    there = agreed_terms(work.session, facility)
    if there and from_on <= there[-1].from_on:
        raise BadTerms(f"Terms from {there[-1].from_on} are agreed: later ones begin after that day, not on {from_on}")
    if there and not reason.strip():
        raise BadTerms("Say why the terms change: a request of the intermediary, arrears, a new business plan")


def _refuse_under_stress(work: Work, row: Facility, agreed: Agreed) -> None:
    """Pass when the bank holds with the facility paying by these terms too; or has no less by them in any quarter."""
    if not product_of(row.product).earns:
        return
    course = facts_of(work.session, row).course
    changed = under_terms(work.session, row, course, (*course.terms, agreed))
    change = Otherwise(course=changed)
    refuse_change_under_stress(work, row.id, change, f"{row.name} cannot be given these terms")


def _kept(work: Work, row: Facility, agreed: Agreed, reason: str) -> LoanTermsView:
    plan = agreed.plan
    made = LoanTerms(
        id=work.new_id("trm"),
        facility_id=row.id,
        from_on=agreed.from_on,
        base=agreed.base,
        rate=agreed.rate,
        floor=agreed.floor,
        cap=agreed.cap,
        default_margin=agreed.default_margin,
        commitment_fee=agreed.commitment_fee,
        fee_day_count=None if agreed.fee_count is None else agreed.fee_count.value,
        arrangement_fee=agreed.arrangement_fee,
        fee_withheld=agreed.fee_withheld,
        repayment=plan.repaying.value,
        first_due_on=plan.first_due_on,
        every_months=plan.every_months,
        instalments=plan.instalments,
        capital_holiday=plan.capital_holiday,
        bespoke=[str(amount) for amount in plan.bespoke],
        nation=plan.nation.value,
        roll=plan.roll.value,
        waterfall=list(agreed.waterfall),
        market_rate=agreed.market_rate,
        reschedules=agreed.reschedules,
        reason=reason,
        proposed_by=work.actor.id,
        recorded_at=work.now,
    )
    work.session.add(made)
    work.session.flush()
    trail.record(
        work,
        action="allocation.propose-terms",
        subject=row.id,
        reason=reason,
        terms=made.id,
        from_on=agreed.from_on,
        base=agreed.base or "",
        rate=agreed.rate,
        repayment=plan.repaying.value,
        instalments=plan.instalments,
        reschedules=agreed.reschedules,
    )
    return _terms(work, made.id)


def _terms(work: Work, wanted: str) -> LoanTermsView:
    row = work.session.get(LoanTerms, wanted)
    if row is None:
        raise NoSuchTerms(f"There are no interest terms {wanted!r:.60}")
    return next(view for view in terms_of(work.session, row.facility_id) if view.id == wanted)


def _named(kinds: type[Named], text: str, what: str) -> Named:
    try:
        return kinds(text)
    except ValueError:
        named = ", ".join(each.value for each in kinds)
        raise BadTerms(f"There is no {what} {text!r:.40}: it is one of {named}") from None
