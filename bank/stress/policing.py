"""The policy: nothing is promised or distributed that makes a scenario fail in the quarters in which it must hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from bank.inflows.rules import FUND
from bank.stress.expecting import AtTheEnd
from bank.stress.queries import Otherwise, ScenarioView, bank_stands, fund_stands, scenarios_in_force
from bank.stress.rules import (
    Bank,
    BankQuarter,
    BreachesStressPolicy,
    Commitment,
    Failure,
    Fund,
    FundQuarter,
    Placed,
    bank_failure,
    bank_projection,
    fund_failure,
    fund_projection,
    must_hold,
)
from bank.treasury.placements.rules import Terms
from ledger.dates import Quarter
from ledger.money import NOTHING, Money
from ledger.store.work import Work


def refuse_commitment_under_stress(
    work: Work, amount: Money, *, available_until: date, matures_on: date, signing: bool = False
) -> None:
    """Pass when the bank, with this much more promised, holds in every scenario for as long as it must.

    An approval counts everything approved in principle as promised; a signature only what is signed. What is promised
    comes back on its last day and earns nothing until its terms are agreed. Says the scenario, the quarter and the
    figures of the first that fails.
    """
    if not _binding(work):
        return
    stands = bank_stands(work.session, work.today, in_principle=not signing)
    more = Commitment(amount, available_until, AtTheEnd(matures_on))
    _refuse(work, f"{amount} more cannot be promised", None, replace(stands, commitments=(*stands.commitments, more)))


def refuse_change_under_stress(work: Work, facility: str, change: Otherwise, what: str) -> None:
    """Pass when the bank holds with one facility drawn until, ending, or paying otherwise; or has no less by it.

    A facility that neither has money out nor is promised any is in no projection, and passes. `what` begins what is
    said where it is refused: what cannot be done.
    """
    if not _binding(work):
        return
    now = bank_stands(work.session, work.today)
    _refuse(work, what, now, bank_stands(work.session, work.today, otherwise={facility: change}))


def refuse_placement_under_stress(work: Work, book: str, terms: Terms) -> None:
    """Pass when the bank, or the reclaim fund, holds with this much of its cash placed so; or has no less by it."""
    if not _binding(work):
        return
    spent, what = terms.cost + terms.interest_bought, f"{terms.cost} more cannot be placed so"
    placed = Placed(
        cost=terms.cost,
        nominal=terms.nominal,
        rate=terms.rate or Decimal(0),
        count=terms.day_count,
        matures_on=terms.matures_on,
        locked=terms.locked,
        due=max(terms.interest_bought, NOTHING),
        coupons=terms.calendar,
    )
    if book == FUND:
        there = fund_stands(work.session, work.today)
        _refuse_fund(work, what, there, replace(there, cash=there.cash - spent, placed=(*there.placed, placed)))
    else:
        now = bank_stands(work.session, work.today)
        _refuse(work, what, now, replace(now, cash=now.cash - spent, placed=(*now.placed, placed)))


def refuse_declaration_under_stress(work: Work, amount: Money) -> None:
    """Pass when the reclaim fund, with this much more surplus declared, holds for as long as it must."""
    if not _binding(work):
        return
    stands = fund_stands(work.session, work.today)
    _refuse_fund(work, f"{amount} more cannot be declared", None, replace(stands, payable=stands.payable + amount))


def refuse_dividend_under_stress(work: Work, amount: Money) -> None:
    """Pass when the bank, with so much cash paid to shareholders, holds in every scenario for as long as it must."""
    if not _binding(work):
        return
    stands = bank_stands(work.session, work.today)
    _refuse(work, f"{amount} more cannot be paid to the shareholders", None, replace(stands, cash=stands.cash - amount))


def _binding(work: Work) -> list[ScenarioView]:
    return [each for each in scenarios_in_force(work.session, work.today) if each.holds_for]


def _refuse(work: Work, what: str, was: Bank | None, bank: Bank) -> None:
    """Pass when every scenario holds; or, of what `was` otherwise, where no quarter that must hold has less by it."""
    first = Quarter.of(work.today).next
    for each in _binding(work):
        lines = bank_projection(bank, each.assumptions, first)
        failure = bank_failure(lines)
        if must_hold(failure, first, each.holds_for):
            continue
        before = [] if was is None else bank_projection(was, each.assumptions, first)
        if was is None or _less(before[: each.holds_for], lines):
            _refuse_for_the_bank(each, what, failure, lines)


def _refuse_fund(work: Work, what: str, was: Fund | None, fund: Fund) -> None:
    first = Quarter.of(work.today).next
    for each in _binding(work):
        lines = fund_projection(fund, each.assumptions, first)
        failure = fund_failure(lines)
        if must_hold(failure, first, each.holds_for):
            continue
        before = [] if was is None else fund_projection(was, each.assumptions, first)
        if was is None or _less(before[: each.holds_for], lines):
            _refuse_for_the_fund(each, what, failure, lines)


def _less(before: Sequence[BankQuarter | FundQuarter], after: Sequence[BankQuarter | FundQuarter]) -> bool:
    """Whether any of some quarters has less at once, or less in all, than it had."""
    pairs = list(zip(before, after, strict=False))
    return any(new.cash < old.cash or new.cash + new.placed < old.cash + old.placed for old, new in pairs)


def _refuse_for_the_bank(scenario: ScenarioView, what: str, failure: Failure, lines: Sequence[BankQuarter]) -> None:
    at = next(line for line in lines if line.quarter == failure.first)
    raise BreachesStressPolicy(
        f"{what}: in the scenario {scenario.name!r} the bank's cash would be {at.cash} at "
        f"the end of {at.quarter}, with {at.placed} placed, below the {at.reserve} it must keep, and by the policy in "
        f"force from {scenario.from_on} it must hold for {scenario.holds_for} quarters. Promise less, later, or find "
        "more capital",
        scenario=scenario.name,
        quarter=str(at.quarter),
        cash=str(at.cash),
        placed=str(at.placed),
        reserve=str(at.reserve),
        holds_for=scenario.holds_for,
    )


def _refuse_for_the_fund(scenario: ScenarioView, what: str, failure: Failure, lines: Sequence[FundQuarter]) -> None:
    at = next(line for line in lines if line.quarter == failure.first)
    raise BreachesStressPolicy(
        f"{what}: in the scenario {scenario.name!r} the reclaim fund would have {at.cash} in "
        f"cash and {at.placed} placed at the end of {at.quarter}, and {at.beyond_provision} of that quarter's "
        f"{at.claims} in claims would go beyond its provision; by the policy in force from {scenario.from_on} it must "
        f"hold for {scenario.holds_for} quarters. Declare less, or reserve more first",
        scenario=scenario.name,
        quarter=str(at.quarter),
        cash=str(at.cash),
        placed=str(at.placed),
        claims=str(at.claims),
        beyond_provision=str(at.beyond_provision),
        holds_for=scenario.holds_for,
    )
