"""The registry: every figure by its code, with the measure it is of and the function that works it out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from bank.figures import judged, lending, money, portfolio, standing
from bank.figures.borrowers import BORROWERS, FURTHER
from bank.figures.evidence import Evidence, Found
from bank.figures.measures import MEASURES
from reports.figures import Measure

Working = Callable[[Evidence, str], Found]


@dataclass(frozen=True, slots=True)
class Registered:
    """One figure the bank gives: what it means and how it is worked out."""

    measure: Measure
    working: Working

    def work_out(self, evidence: Evidence) -> Found:
        """The figure, with what it rests on."""
        return self.working(evidence, self.measure.code)


_WORKINGS: Final[Mapping[str, Working]] = {
    "received": money.fold,
    "accounts": standing.accounts,
    "whole_balances": money.fold,
    "reclaimed": money.fold,
    "reserved": money.fold,
    "claims_notified": money.fold,
    "reserve_rate": standing.reserve_rate,
    "reclaim_cash": money.fold,
    "reclaim_placed": money.fold,
    "distributed": money.fold,
    "england": money.fold,
    "wales": money.fold,
    "scotland": money.fold,
    "northern_ireland": money.fold,
    "england_held": money.fold,
    "wales_held": money.fold,
    "scotland_held": money.fold,
    "northern_ireland_held": money.fold,
    "trust": money.fold,
    "bank": money.fold,
    "a_shares": money.fold,
    "b_shares": money.fold,
    "cash": money.fold,
    "liquidity_fraction": standing.liquidity_fraction,
    "treasury": money.fold,
    "treasury_income": money.fold,
    "bank_reserve": standing.liquidity,
    "undrawn_commitments": standing.liquidity,
    "headroom": standing.liquidity,
    "free_to_approve": standing.liquidity,
    "facilities": standing.facilities,
    "intermediaries": standing.facilities,
    "in_principle": money.fold,
    "awaiting_signature": money.fold,
    "signed": money.fold,
    "drawn": money.fold,
    "signed_with_match": standing.matched,
    "drawn_with_match": standing.matched,
    "co_in_principle": standing.approved_beside,
    "co_signed": standing.matched,
    "co_drawn": standing.matched,
    "undrawn": money.fold,
    "guarantees": money.fold,
    "repaid": money.fold,
    "owed": money.fold,
    "owed_as_debt": money.fold,
    "interests_at_cost": money.fold,
    "value_beyond_cost": money.fold,
    "investment_income": money.fold,
    "grants_held": money.fold,
    "interest_accrued": money.fold,
    "repaid_interest": money.fold,
    "interest_due": money.fold,
    "interest_written_off": money.fold,
    "written_off": money.fold,
    "interest_receivable": money.fold,
    "loss_allowance": money.fold,
    "commitment_provision": money.fold,
    "impairment": money.fold,
    "arrangement_fees": money.fold,
    "fees_to_earn": money.fold,
    "commitment_fees": money.fold,
    "fees_due": money.fold,
    "bank_recovered": money.fold,
    "lent": money.fold,
    "co_invested": money.fold,
    "loans": lending.loans,
    "loans_outstanding": lending.loans_outstanding,
    "organisations": lending.organisations,
    "places": lending.places,
    "deprived_half": judged.deprived_half,
    "moved_on": judged.moved,
    **BORROWERS,
    **FURTHER,
    "outstanding": money.fold,
    "co_outstanding": money.fold,
    "overdue": lending.overdue,
    "at_risk_30": lending.risk,
    "at_risk_30_restructured": lending.risk,
    "at_risk_90": lending.risk,
    "at_risk_90_restructured": lending.risk,
    "onward_written_off": money.fold,
    "onward_recovered": money.fold,
    "onward_loss_rate": lending.lost,
    "onward_recovery_rate": lending.lost,
    "borrower_interest": money.fold,
    "held_by_intermediaries": money.fold,
    "own_money": money.fold,
    "costs": money.fold,
    "returns_due": standing.punctual,
    "returns_received": standing.punctual,
    "returns_late": standing.punctual,
    "returns_missing": standing.punctual,
    "breaks": standing.open_breaks,
    "oldest_break": standing.open_breaks,
    "breaks_unowned": standing.open_breaks,
    "unexplained": standing.unexplained,
    **dict.fromkeys(portfolio.CODES, portfolio.of_the_portfolio),
}

REGISTRY: Final[Mapping[str, Registered]] = {
    code: Registered(MEASURES[code], working) for code, working in _WORKINGS.items()
}
"""In the order the money takes, then the front line, then how far the figures can be relied on."""
