"""The policy: nothing is promised or distributed that makes a scenario fail in the quarters in which it must hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from bank.stress.expecting import AtTheEnd
from bank.stress.queries import ScenarioView, bank_stands, fund_stands, scenarios_in_force
from bank.stress.rules import (
    BankQuarter,
    BreachesStressPolicy,
    Commitment,
    Failure,
    FundQuarter,
    bank_failure,
    bank_projection,
    fund_failure,
    fund_projection,
    must_hold,
)
from ledger.dates import Quarter
from ledger.money import Money
from ledger.store.work import Work


def refuse_commitment_under_stress(
    work: Work, amount: Money, *, available_until: date, matures_on: date, signing: bool = False
) -> None:
    """Pass when the bank, with this much more promised, holds in every scenario for as long as it must.

    An approval counts everything approved in principle as promised; a signature only what is signed. What is promised
    comes back on its last day and earns nothing until its terms are agreed. Says the scenario, the quarter and the
    figures of the first that fails.
    """
    binding = _binding(work)
    if not binding:
        return
    first = Quarter.of(work.today).next
    stands = bank_stands(work.session, work.today, in_principle=not signing)
    more = Commitment(amount, available_until, AtTheEnd(matures_on))
    bank = replace(stands, commitments=(*stands.commitments, more))
    for each in binding:
        lines = bank_projection(bank, each.assumptions, first)
        failure = bank_failure(lines)
        if not must_hold(failure, first, each.holds_for):
            _refuse_for_the_bank(each, amount, failure, lines)


def refuse_declaration_under_stress(work: Work, amount: Money) -> None:
    """Pass when the reclaim fund, with this much more surplus declared, holds for as long as it must."""
    binding = _binding(work)
    if not binding:
        return
    first = Quarter.of(work.today).next
    stands = fund_stands(work.session, work.today)
    fund = replace(stands, payable=stands.payable + amount)
    for each in binding:
        lines = fund_projection(fund, each.assumptions, first)
        failure = fund_failure(lines)
        if not must_hold(failure, first, each.holds_for):
            _refuse_for_the_fund(each, amount, failure, lines)


def refuse_dividend_under_stress(work: Work, amount: Money) -> None:
    """Pass when the bank, with so much cash paid to shareholders, holds in every scenario for as long as it must."""
    binding = _binding(work)
    if not binding:
        return
    first = Quarter.of(work.today).next
    stands = bank_stands(work.session, work.today)
    bank = replace(stands, cash=stands.cash - amount)
    for each in binding:
        lines = bank_projection(bank, each.assumptions, first)
        failure = bank_failure(lines)
        if not must_hold(failure, first, each.holds_for):
            _refuse_for_the_bank(each, amount, failure, lines, act="paid to the shareholders")


def _binding(work: Work) -> list[ScenarioView]:
    return [each for each in scenarios_in_force(work.session, work.today) if each.holds_for]


def _refuse_for_the_bank(
    scenario: ScenarioView, amount: Money, failure: Failure, lines: Sequence[BankQuarter], act: str = "promised"
) -> None:
    at = next(line for line in lines if line.quarter == failure.first)
    raise BreachesStressPolicy(
        f"{amount} more cannot be {act}: in the scenario {scenario.name!r} the bank's cash would be {at.cash} at "
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


def _refuse_for_the_fund(scenario: ScenarioView, amount: Money, failure: Failure, lines: Sequence[FundQuarter]) -> None:
    at = next(line for line in lines if line.quarter == failure.first)
    raise BreachesStressPolicy(
        f"{amount} more cannot be declared: in the scenario {scenario.name!r} the reclaim fund would have {at.cash} in "
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
