"""The projection: twenty quarters of the reclaim fund's and the bank's money, and the first in which either fails.

It is arithmetic on what is there, on what is agreed and on what is assumed: each facility pays by its own schedule, a
doubtful one no more than is expected of it, and each placement by its own terms, as the scenario says how much of it
comes. Nothing of it is a forecast or is posted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final

from bank.stress.expecting import Expecting
from bank.treasury.placements.coupons import Coupons
from bank.treasury.rules import BadTerms, fraction, not_negative
from ledger.dates import Quarter
from ledger.daycounts import DayCount
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
    Commitments are drawn in equal parts within `drawn_over` quarters and their availability, `repayment_shortfall` of
    what falls due, principal and interest, never comes, and cash that is not placed earns `treasury_rate`. For
    `holds_for` quarters nothing may fail: none means that the scenario is only shown.
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
    """One facility as the projection sees it: what may still be drawn, until when, and how it is counted on to pay.

    `contract` tells how it would pay by its contract, where that is doubtful.
    """

    undrawn: Money
    available_until: date
    expecting: Expecting
    contract: Expecting | None = None


@dataclass(frozen=True, slots=True)
class Placed:
    """Money placed: what it stands at, what comes at its end, what it earns, and whether it can be had before its end.

    `due` is what it has earned by the day from which the projection goes on and has not paid; `coupons` are those of a
    gilt that earns by their periods.
    """

    cost: Money
    nominal: Money
    rate: Decimal
    count: DayCount
    matures_on: date | None
    locked: bool
    due: Money
    coupons: Coupons | None = None


@dataclass(frozen=True, slots=True)
class Fund:
    """The reclaim fund as it stands: its cash, its provision, what its owners may claim, what it has declared.

    `notified` is what owners have claimed and have still to be paid: it is in neither the provision nor `owed`. What it
    has placed pays as it stands on the day `as_at`.
    """

    cash: Money
    provision: Money
    owed: Money
    payable: Money
    reserve_rate: Decimal
    notified: Money = NOTHING
    as_at: date = date.min
    placed: tuple[Placed, ...] = ()
    reserved: tuple[Fraction, ...] = ()
    """What part of a quarter's receipts is reserved, quarter by quarter; `reserve_rate` where none is told."""


@dataclass(frozen=True, slots=True)
class Bank:
    """The bank as it stands on a day: its cash, what of it must be kept, its commitments, and what it has placed."""

    as_at: date
    cash: Money
    reserve: Money
    commitments: tuple[Commitment, ...]
    placed: tuple[Placed, ...] = ()


@dataclass(frozen=True, slots=True)
class FundQuarter:
    """A quarter of the fund: what came and went, and what was left: in cash or to be had at once, and still placed."""

    quarter: Quarter
    receipts: Money
    treasury: Money
    claims: Money
    beyond_provision: Money
    distributed: Money
    cash: Money
    placed: Money
    provision: Money
    owed: Money


@dataclass(frozen=True, slots=True)
class BankQuarter:
    """A quarter of the bank: what came and went, and what was left: in cash or to be had at once, and still placed."""

    quarter: Quarter
    drawdowns: Money
    repayments: Money
    interest: Money
    treasury: Money
    costs: Money
    cash: Money
    placed: Money
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

    Claims are of the balances owed at a quarter's beginning, and the interest on them is counted from the whole, so
    that more claims can never come to less; what comes in is reserved at the rate in force. What is placed pays and
    comes home as the bank's does.
    """
    provision, owed, payable, notified = fund.provision, fund.owed, fund.payable, fund.notified
    income, home, at_rates = treasury(fund.placed, fund.as_at, first)
    cash, locked = _at_once(fund.cash, fund.placed)
    asked = interest = NOTHING
    lines: list[FundQuarter] = []
    for place, quarter in enumerate(next_quarters(first)):
        earned = income[place] + _income(cash - at_rates[place], told.treasury_rate)
        principal = min(owed, owed.times(told.claims_rate / _IN_A_YEAR))
        asked += principal
        claims, interest = principal + asked.times(told.claims_interest) - interest, asked.times(told.claims_interest)
        provision += told.receipts.times(fund.reserved[place] if fund.reserved else fund.reserve_rate)
        met = min(claims, max(provision, NOTHING))
        cash += told.receipts + earned + home[place] - claims - notified - payable
        locked -= home[place]
        provision -= met
        owed += told.receipts - principal
        lines.append(
            FundQuarter(
                quarter,
                told.receipts,
                earned,
                claims + notified,
                claims - met,
                payable,
                cash=cash,
                placed=locked,
                provision=provision,
                owed=owed,
            )
        )
        payable = notified = NOTHING
    return lines


def bank_projection(bank: Bank, told: Assumptions, first: Quarter) -> list[BankQuarter]:
    """The bank's next twenty quarters, with no new commitments and no new capital.

    Facilities are drawn as the scenario says and pay as they are counted on to, less what never comes; placements pay
    by their own terms. What can be had at once counts as cash; a deposit for a term does when its day has come.
    """
    drawn = [drawdowns(each, told.drawn_over, first) for each in bank.commitments]
    paid = [
        repayments(each, parts, told.repayment_shortfall, bank.as_at, first)
        for each, parts in zip(bank.commitments, drawn, strict=True)
    ]
    out = _summed(drawn)
    principal, interest = _summed(one for one, _ in paid), _summed(other for _, other in paid)
    income, home, at_rates = treasury(bank.placed, bank.as_at, first)
    cash, locked = _at_once(bank.cash, bank.placed)
    lines = list[BankQuarter]()
    for place, quarter in enumerate(next_quarters(first)):
        earned = income[place] + _income(cash - at_rates[place], told.treasury_rate)
        cash += principal[place] + interest[place] + earned + home[place] - out[place] - told.costs
        locked -= home[place]
        lines.append(
            BankQuarter(
                quarter,
                out[place],
                principal[place],
                interest[place],
                earned,
                told.costs,
                cash=cash,
                placed=locked,
                reserve=bank.reserve,
            )
        )
    return lines


def treasury(placed: Iterable[Placed], as_at: date, first: Quarter) -> tuple[list[Money], list[Money], list[Money]]:
    """What placements bring in each quarter, what of them comes home then, and what still earns at rates of its own.

    A deposit for a term pays when it ends; what can be had at once pays as it is earned. What comes at the end beyond
    the cost, or short of it, is counted then.
    """
    income, home, at_rates = ([NOTHING] * QUARTERS for _ in range(3))
    for each in placed:
        before, ends = (
            NOTHING,
            None if each.matures_on is None else max(_between(first, Quarter.of(each.matures_on)), 0),
        )
        for place, quarter in enumerate(next_quarters(first)):
            if ends is not None and place > ends:
                break
            now = each.due + _placed_earned(each, as_at, quarter.ends_on)
            if not each.locked or place == ends:
                income[place] += now - before
                before = now
            if each.rate and not each.locked and place != ends:
                at_rates[place] += each.cost
            if place == ends:
                income[place] += each.nominal - each.cost
                home[place] += each.cost if each.locked else NOTHING
    return income, home, at_rates


def _at_once(cash: Money, placed: Sequence[Placed]) -> tuple[Money, Money]:
    """What can be had at once, cash and placements, and what is placed for a term."""
    locked = Money.total(each.cost for each in placed if each.locked)
    return cash + Money.total(each.cost for each in placed) - locked, locked


def _placed_earned(placed: Placed, as_at: date, until: date) -> Money:
    last = until if placed.matures_on is None else min(until, placed.matures_on)
    if last <= as_at:
        return NOTHING
    years = placed.count.fraction(as_at, last) if placed.coupons is None else placed.coupons.years(as_at, last)
    return placed.nominal.times(Fraction(placed.rate) * years)


def fund_failure(lines: Sequence[FundQuarter]) -> Failure:
    """The fund's reserve fails when claims go beyond the provision, its liquidity when the cash does not reach."""
    return Failure(
        next((line.quarter for line in lines if line.beyond_provision > NOTHING), None),
        next((line.quarter for line in lines if line.cash < NOTHING), None),
    )


def bank_failure(lines: Sequence[BankQuarter]) -> Failure:
    """The bank's reserve fails when all it has falls below what must be kept, its liquidity when no cash is left."""
    return Failure(
        next((line.quarter for line in lines if line.cash + line.placed < line.reserve), None),
        next((line.quarter for line in lines if line.cash < NOTHING), None),
    )


def drawdowns(commitment: Commitment, over: int, first: Quarter) -> list[Money]:
    """What is drawn in each quarter: equal parts, all within the availability period and within so many quarters."""
    window = max(_between(first, Quarter.of(commitment.available_until)) + 1, 1)
    return _spread(commitment.undrawn, 0, min(over, window))


def repayments(
    commitment: Commitment, drawn: Sequence[Money], shortfall: Decimal, as_at: date, first: Quarter
) -> tuple[list[Money], list[Money]]:
    """What comes back in each quarter, principal and interest, as the facility is counted on less the shortfall.

    What is drawn in a quarter is thought to be drawn on its last day. What should have come back before the first
    quarter is counted in it.
    """
    lent = [(quarter.ends_on, part) for quarter, part in zip(next_quarters(first), drawn, strict=True) if part]
    principal, interest = ([NOTHING] * QUARTERS for _ in range(2))
    for flow in commitment.expecting.coming(lent, as_at):
        place = max(_between(first, Quarter.of(flow.on)), 0)
        if place < QUARTERS:
            principal[place] += flow.principal - flow.principal.times(shortfall)
            interest[place] += flow.interest - flow.interest.times(shortfall)
    return principal, interest


def left_out(bank: Bank, told: Assumptions, first: Quarter) -> Money:
    """What doubtful facilities would bring within the twenty quarters by their contracts, beyond what is counted on."""
    found = NOTHING
    for each in bank.commitments:
        if each.contract is not None:
            parts = drawdowns(each, told.drawn_over, first)
            claimed, counted = (
                Money.total(amount for some in repayments(one, parts, Decimal(0), bank.as_at, first) for amount in some)
                for one in (replace(each, expecting=each.contract), each)
            )
            found += max(claimed - counted, NOTHING)
    return found


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
