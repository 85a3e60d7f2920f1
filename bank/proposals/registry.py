"""Every kind of thing that one person proposes and another approves: one line each, whatever room it belongs to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from bank.allocations.credit.commands import approve_assumption
from bank.allocations.credit.foretelling import approve_receipts
from bank.allocations.credit.model import LossAssumption, ReceiptsForetold
from bank.allocations.forecasts.commands import approve_forecast
from bank.allocations.forecasts.model import ReceiptForecast
from bank.allocations.life.describing import approve_description
from bank.allocations.life.evidence.commands import approve_evidence_policy
from bank.allocations.life.evidence.model import EvidencePolicy
from bank.allocations.life.model import FacilityDescription
from bank.allocations.terms.commands import approve_terms, approve_threshold
from bank.allocations.terms.model import LoanTerms, ModificationThreshold
from bank.approvals import rules as acts
from bank.approvals.questions import approve_question_policy
from bank.capital.agreeing import approve_agreement
from bank.capital.dividends.commands import approve_dividend_policy
from bank.capital.dividends.model import DividendPolicy
from bank.capital.model import ShareAgreement
from bank.cases.commands import approve_case
from bank.cases.model import CaseStudy
from bank.inflows.england import approve_direction
from bank.inflows.model import EnglandDirection, ReserveRate
from bank.inflows.periods.commands import approve_dormancy_period
from bank.inflows.periods.model import DormancyPeriod
from bank.inflows.recognition.commands import approve_receipt_policy
from bank.inflows.recognition.model import ReceiptPolicy
from bank.inflows.reserve import approve_reserve_rate
from bank.inflows.rules import amount_directed
from bank.publishing.floors.commands import approve_floor
from bank.publishing.floors.model import DisclosureFloor
from bank.rates.commands import approve_base_rate
from bank.rates.model import BaseRate
from bank.stress.commands import approve_scenario
from bank.stress.model import StressScenario
from bank.treasury.commands import approve_liquidity_policy
from bank.treasury.model import LiquidityPolicy
from bank.treasury.placements.bounds.commands import approve_bounds
from bank.treasury.placements.model import PlacementBounds
from intermediaries.returns.model import QuestionPolicy
from ledger.money import NOTHING, Money


def _no_amount(row: Any) -> Money:
    del row
    return NOTHING


def _promised(row: ShareAgreement) -> Money:
    return row.commitment


def _directed(row: EnglandDirection) -> Money:
    return amount_directed(row.measure, row.shares)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of proposal: how its ids begin, what agreeing to it is called in the table, and the verb that does it.

    `amount` is what a rule asks about; of what is proposed on a facility it is the facility's, and is not told here.
    """

    prefix: str
    act: str
    what: str
    row: type[Any]
    approve: Callable[..., object]
    amount: Callable[[Any], Money] = _no_amount
    on_facility: bool = False


KINDS: Final = (
    Kind("trm", acts.TERMS, "set of terms", LoanTerms, approve_terms, on_facility=True),
    Kind("dsc", acts.DESCRIBE, "description", FacilityDescription, approve_description, on_facility=True),
    Kind("fct", acts.FORECAST, "forecast", ReceiptForecast, approve_forecast, on_facility=True),
    Kind("rcp", acts.EXPECT_RECEIPTS, "forecast of receipts", ReceiptsForetold, approve_receipts, on_facility=True),
    Kind("thr", acts.THRESHOLD, "threshold", ModificationThreshold, approve_threshold),
    Kind("ecl", acts.ASSUME_LOSS, "assumption of loss", LossAssumption, approve_assumption),
    Kind("bas", acts.BASE_RATE, "base rate", BaseRate, approve_base_rate),
    Kind("rsv", acts.RESERVE_RATE, "rate of reserve", ReserveRate, approve_reserve_rate),
    Kind("dop", acts.DORMANCY_PERIOD, "period of dormancy", DormancyPeriod, approve_dormancy_period),
    Kind("rpo", acts.RECEIPT_POLICY, "policy on receipts", ReceiptPolicy, approve_receipt_policy),
    Kind("dir", acts.DIRECTION, "direction", EnglandDirection, approve_direction, _directed),
    Kind("agr", acts.SHARE_AGREEMENT, "agreement", ShareAgreement, approve_agreement, _promised),
    Kind("dvp", acts.DIVIDEND_POLICY, "policy", DividendPolicy, approve_dividend_policy),
    Kind("pol", acts.LIQUIDITY_POLICY, "policy", LiquidityPolicy, approve_liquidity_policy),
    Kind("bnd", acts.PLACEMENT_BOUNDS, "policy", PlacementBounds, approve_bounds),
    Kind("scn", acts.SCENARIO, "scenario", StressScenario, approve_scenario),
    Kind("evp", acts.EVIDENCE_POLICY, "policy", EvidencePolicy, approve_evidence_policy),
    Kind("flo", acts.DISCLOSURE_FLOOR, "floor", DisclosureFloor, approve_floor),
    Kind("qpo", acts.QUESTION_POLICY, "policy", QuestionPolicy, approve_question_policy),
    Kind("cas", acts.TELL_CASE, "case study", CaseStudy, approve_case),
)
"""What is proposed and approved by a row of its own; a rule of approval and a limit keep their decisions themselves."""

PREFIXES: Final = tuple(f"{kind.prefix}_" for kind in KINDS)
