"""The projection: twenty quarters of the reclaim fund's and the bank's money, and the first in which either fails.

It is arithmetic on what is there and on what is assumed; nothing of it is a forecast, and nothing of it is posted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from bank.treasury.rules import BadTerms, fraction, not_negative
from ledger.dates import Quarter
from ledger.money import NOTHING, Money, split
from ledger.refusals import Refusal

QUARTERS: Final = 20
_IN_A_YEAR: Final = 4


class BreachesStressPolicy(Refusal):
    """What would be committed fails a scenario that must hold."""

    slug = "breaches-stress-policy"
    status = 409


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What a scenario assumes. Rates are yearly fractions, amounts are for a quarter.

    `claims_rate` is of the balances owed to owners, and `claims_interest` comes on top of what they claim.
    Commitments are drawn in equal parts within `drawn_over` quarters, and `repayment_shortfall` of what should be
    repaid never comes. For `holds_for` quarters nothing may fail: none means that the scenario is only shown.
    """

    claims_rate: Decimal
    claims_interest: Decimal
    receipts: Money
    drawn_over: int
    repayment_shortfall: Decimal
    treasury_rate: Decimal
    costs: Money
    holds_for: int


@dataclass(frozen=True, slots=True)
class Commitment:
    """One facility as the projection sees it: what is owed, what may still be drawn, and its days."""

    outstanding: Money
    undrawn: Money
    available_until: date
    matures_on: date


@dataclass(frozen=True, slots=True)
class Fund:
    """The reclaim fund as it stands: its cash, its provision, what its owners may claim, what it has declared.

    `notified` is what owners have claimed and have still to be paid: it is in neither the provision nor `owed`.
    """

    cash: Money
    provision: Money
    owed: Money
    payable: Money
    reserve_rate: Decimal
    notified: Money = NOTHING


@dataclass(frozen=True, slots=True)
class Bank:
    """The bank as it stands: its cash, what of it must be kept, and its commitments."""

    cash: Money
    reserve: Money
    commitments: tuple[Commitment, ...]


@dataclass(frozen=True, slots=True)
class FundQuarter:
    """A quarter of the fund: what came and went, and what was left."""

    quarter: Quarter
    receipts: Money
    treasury: Money
    claims: Money
    beyond_provision: Money
    distributed: Money
    cash: Money
    provision: Money
    owed: Money


@dataclass(frozen=True, slots=True)
class BankQuarter:
    """A quarter of the bank: what came and went, and what was left."""

    quarter: Quarter
    drawdowns: Money
    repayments: Money
    treasury: Money
    costs: Money
    cash: Money
    reserve: Money


@dataclass(frozen=True, slots=True)
class Failure:
    """The first quarter in which the reserve fails, and the first in which the cash does; none where both hold."""

    reserve: Quarter | None
    liquidity: Quarter | None

    @property
    def first(self) -> Quarter | None:
        """Whichever comes first."""
        return min((each for each in (self.reserve, self.liquidity) if each is not None), default=None)


def sound_assumptions(told: Assumptions) -> Assumptions:
    """The assumptions as they will stand; refuses what cannot be meant."""
    for value, what in (
        (told.claims_rate, "The rate of claims"),
        (told.claims_interest, "The interest on claims"),
        (told.repayment_shortfall, "The shortfall of repayments"),
        (told.treasury_rate, "The treasury's rate"),
    ):
        fraction(value, what)
    not_negative(told.receipts, "What is received in a quarter")
    not_negative(told.costs, "A quarter's costs")
    if not 1 <= told.drawn_over <= QUARTERS:
        raise BadTerms(f"Commitments are drawn within 1 to {QUARTERS} quarters, not {told.drawn_over}")
    if not 0 <= told.holds_for <= QUARTERS:
        raise BadTerms(f"A scenario must hold for 0 to {QUARTERS} quarters, not {told.holds_for}")
    return told


def fund_projection(fund: Fund, told: Assumptions, first: Quarter) -> list[FundQuarter]:
    """The fund's next twenty quarters: what is declared or notified is paid in the first, claims whatever they come to.

    Claims are of the balances owed at a quarter's beginning; what comes in is reserved at the rate in force.
    """
    cash, provision, owed = fund.cash, fund.provision, fund.owed
    payable, notified = fund.payable, fund.notified
    lines: list[FundQuarter] = []
    for quarter in next_quarters(first):
        treasury = _income(cash, told.treasury_rate)
        principal = min(owed, owed.times(told.claims_rate / _IN_A_YEAR))
        claims = principal + principal.times(told.claims_interest)
        provision += told.receipts.times(fund.reserve_rate)
        met = min(claims, max(provision, NOTHING))
        cash += told.receipts + treasury - claims - notified - payable
        provision -= met
        owed += told.receipts - principal
        lines.append(
            FundQuarter(
                quarter,
                told.receipts,
                treasury,
                claims + notified,
                claims - met,
                payable,
                cash=cash,
                provision=provision,
                owed=owed,
            )
        )
        payable = notified = NOTHING
    return lines


def bank_projection(bank: Bank, told: Assumptions, first: Quarter) -> list[BankQuarter]:
    """The bank's next twenty quarters, with no new commitments, no new capital and no interest counted on."""
    drawn = _summed(drawdowns(each, told.drawn_over, first) for each in bank.commitments)
    repaid = _summed(repayments(each, told.repayment_shortfall, first) for each in bank.commitments)
    cash, lines = bank.cash, list[BankQuarter]()
    for place, quarter in enumerate(next_quarters(first)):
        treasury = _income(cash, told.treasury_rate)
        cash += repaid[place] + treasury - drawn[place] - told.costs
        lines.append(
            BankQuarter(quarter, drawn[place], repaid[place], treasury, told.costs, cash=cash, reserve=bank.reserve)
        )
    return lines


def fund_failure(lines: Sequence[FundQuarter]) -> Failure:
    """The fund's reserve fails when claims go beyond the provision, its liquidity when the cash does not reach."""
    return Failure(
        next((line.quarter for line in lines if line.beyond_provision > NOTHING), None),
        next((line.quarter for line in lines if line.cash < NOTHING), None),
    )


def bank_failure(lines: Sequence[BankQuarter]) -> Failure:
    """The bank's reserve fails when its cash falls below what must be kept, its liquidity when there is none left."""
    return Failure(
        next((line.quarter for line in lines if line.cash < line.reserve), None),
        next((line.quarter for line in lines if line.cash < NOTHING), None),
    )


def drawdowns(commitment: Commitment, over: int, first: Quarter) -> list[Money]:
    """What is drawn in each quarter: equal parts, all within the availability period and within so many quarters."""
    window = max(_between(first, Quarter.of(commitment.available_until)) + 1, 1)
    return _spread(commitment.undrawn, 0, min(over, window))


def repayments(commitment: Commitment, shortfall: Decimal, first: Quarter) -> list[Money]:
    """What comes back in each quarter: equal parts from the end of availability to maturity, less the shortfall.

    What should have come back before the first quarter is counted in it.
    """
    begins = max(_between(first, Quarter.of(commitment.available_until)) + 1, 0)
    ends = max(_between(first, Quarter.of(commitment.matures_on)), begins)
    due = _spread(commitment.outstanding + commitment.undrawn, begins, ends - begins + 1)
    return [part - part.times(shortfall) for part in due]


def must_hold(failure: Failure, first: Quarter, holds_for: int) -> bool:
    """Whether nothing fails in the quarters in which nothing may."""
    return failure.first is None or _between(first, failure.first) >= holds_for


def next_quarters(first: Quarter) -> list[Quarter]:
    """The quarters of a projection."""
    found = [first]
    while len(found) < QUARTERS:
        found.append(found[-1].next)
    return found


def _income(cash: Money, rate: Decimal) -> Money:
    """What cash earns in a quarter; what is missing costs nothing, for nobody lends it."""
    return max(cash, NOTHING).times(rate / _IN_A_YEAR)


def _spread(whole: Money, begins: int, parts: int) -> list[Money]:
    """A sum in equal parts over quarters from one on, as far as the projection reaches."""
    spread = [NOTHING] * QUARTERS
    for place, part in enumerate(split(whole, [1] * parts), start=begins):
        if place < QUARTERS:
            spread[place] = part
    return spread


def _summed(lines: Iterable[list[Money]]) -> list[Money]:
    total = [NOTHING] * QUARTERS
    for line in lines:
        total = [so_far + more for so_far, more in zip(total, line, strict=True)]
    return total


def _between(first: Quarter, second: Quarter) -> int:
    return (second.year - first.year) * _IN_A_YEAR + second.number - first.number
