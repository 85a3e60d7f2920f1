"""What a placement may be, what it has earned by a day, and what of its cost is gone with a part of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final

from bank.treasury.placements.coupons import A_YEAR, Coupons
from bank.treasury.rules import BadTerms, fraction, not_negative, positive
from ledger.dates import within_calendar
from ledger.daycounts import DayCount
from ledger.money import NOTHING, Money
from ledger.refusals import Refusal
from ledger.workdays import due_dates, workdays_on

DEPOSIT: Final = "deposit"
GILT: Final = "gilt"
FUND: Final = "fund"

ACCRUAL: Final = "accrual"
INCOME: Final = "income"
REALISATION: Final = "realisation"

AT_COST: Final = "cost"
AMORTISED: Final = "amortised-cost"
MEASURES: Final = (AT_COST, AMORTISED)
"""How what is placed stands in the books: at what it cost until it ends, or at amortised cost (IFRS 9, 4.1.2)."""

BOOKS: Final[Mapping[str, str]] = {"bank": "The bank", "reclaim-fund": "The reclaim fund"}
"""The books that place their cash, and what each is called.

The distributor's and the trust's do not: no source says which nation what their balances earned would belong to.
"""


@dataclass(frozen=True, slots=True)
class Sort:
    """A sort of placement: its account, and whether it has a rate and must have a day on which it ends."""

    title: str
    account: str
    accrues: bool
    must_end: bool


SORTS: Final[Mapping[str, Sort]] = {
    DEPOSIT: Sort("Deposit", "1100", accrues=True, must_end=False),
    GILT: Sort("Short gilt", "1110", accrues=True, must_end=True),
    FUND: Sort("Money-market fund", "1120", accrues=False, must_end=False),
}
"""A deposit without a day of its own is repaid on demand; a fund pays income and can be sold on any day."""


_LONGEST_YEARS: Final = 55
"""No gilt is issued for longer: the longest dated are redeemed some fifty-five years on."""
_MOST_PRICE: Final = 1000
_PRICE_DECIMALS: Final = 6


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a short gilt is, in years to its redemption at the most, and between which prices per 100 it is sold."""

    longest_years: int
    least_price: Decimal
    most_price: Decimal


USUAL_BOUNDS: Final = Bounds(7, Decimal(50), Decimal(200))
"""What holds while nobody has approved anything else. A short gilt ends within seven years (United Kingdom Debt
Management Office's bands of maturity); and however yields move, ten per cent a year more or less moves its price by
less within them, so that beyond these prices a figure is mistyped."""


EX_DIVIDEND_DAYS: Final = 7
"""Business days before a coupon from which on a gilt is sold without it (United Kingdom Debt Management Office,
Formulae for Calculating Gilt Prices from Yields, section three: its accrued interest is then below nothing)."""


class BeyondPlacement(Refusal):
    """More than is left of a placement."""

    slug = "beyond-placement"
    status = 409


@dataclass(frozen=True, slots=True)
class Terms:
    """A placement as it is made. Interest runs on the nominal, which for all but gilts is what was paid.

    A gilt whose `coupons` a year are told earns each of them evenly over its own period, as gilts do; all else earns
    by its day count. Bought without its next coupon, its `interest_bought` is below nothing: what was taken off.
    """

    sort: str
    cost: Money
    nominal: Money
    interest_bought: Money
    rate: Decimal | None
    day_count: DayCount
    placed_on: date
    matures_on: date | None
    measured: str = AT_COST
    coupons: int = 0

    @property
    def account(self) -> str:
        """Where it stands in its book."""
        return SORTS[self.sort].account

    @property
    def locked(self) -> bool:
        """Whether it cannot be had before its day: a deposit for a term. Gilts and funds can be sold."""
        return self.sort == DEPOSIT and self.matures_on is not None

    @property
    def calendar(self) -> Coupons | None:
        """The periods between its coupons, where it has some."""
        if not self.coupons or self.matures_on is None:
            return None
        return Coupons(self.coupons, self.placed_on, self.matures_on, self.day_count)

    def years(self, since: date, until: date) -> Fraction:
        """The part of a year's interest that is earned from one day to another."""
        calendar = self.calendar
        return self.day_count.fraction(since, until) if calendar is None else calendar.years(since, until)


@dataclass(frozen=True, slots=True)
class Gone:
    """A part of a placement that was turned into cash on a day."""

    on: date
    nominal: Money
    cost: Money


def sound_bounds(bounds: Bounds) -> Bounds:
    """Bounds that can be meant: some years, and a price of par between the two."""
    if not 1 <= bounds.longest_years <= _LONGEST_YEARS:
        raise BadTerms(f"A short gilt ends within 1 to {_LONGEST_YEARS} years, not {bounds.longest_years}")
    for price, low, high in ((bounds.least_price, 0, 100), (bounds.most_price, 100, _MOST_PRICE)):
        if not price.is_finite() or not low <= price <= high or price != round(price, _PRICE_DECIMALS):
            raise BadTerms(f"{str(price)[:40]} bounds no price per 100: that bound lies between {low} and {high}")
    return bounds


def sound_terms(terms: Terms, bounds: Bounds = USUAL_BOUNDS) -> Terms:
    """The terms as they will stand; refuses what no placement of the sort can be by the bounds of its day."""
    if terms.sort not in SORTS:
        raise BadTerms(f"There is no placement of the sort {terms.sort!r:.40}: it is one of {', '.join(SORTS)}")
    sort = SORTS[terms.sort]
    positive(terms.cost, "What is placed")
    positive(terms.nominal, "The nominal")
    if terms.interest_bought < NOTHING:
        _sound_rebate(terms)
    if terms.sort != GILT and (terms.nominal != terms.cost or terms.interest_bought):
        raise BadTerms("Only a gilt has a nominal beside its price, and interest that is bought with it")
    if sort.accrues != (terms.rate is not None):
        raise BadTerms(
            f"{sort.title}: {'give its yearly rate' if sort.accrues else 'its income is told when it comes'}"
        )
    if terms.rate is not None:
        fraction(terms.rate, "The rate")
    _sound_measure(terms)
    if terms.matures_on is None:
        if sort.must_end:
            raise BadTerms(f"{sort.title}: give the day on which it is redeemed")
    elif within_calendar(terms.matures_on) <= terms.placed_on:
        raise BadTerms(f"It cannot end on {terms.matures_on}, when it begins on {terms.placed_on}")
    elif terms.sort == GILT:
        _refuse_long(terms.placed_on, terms.matures_on, bounds.longest_years)
    return terms


def _sound_rebate(terms: Terms) -> None:
    """Pass when a gilt may have been bought without its next coupon, and no more than that coupon was taken off."""
    calendar = terms.calendar
    if calendar is None:
        raise BadTerms("Only a gilt with its coupons told is bought without its next one")
    coupon = _next_coupon(calendar, terms.placed_on)
    if workdays_on(terms.placed_on, EX_DIVIDEND_DAYS) < coupon:
        raise BadTerms(
            f"On {terms.placed_on} this gilt is sold with its coupon of {coupon}: it is sold without it within "
            f"{EX_DIVIDEND_DAYS} business days of it",
            coupon=str(coupon),
        )
    whole = terms.nominal.times(Fraction(terms.rate or 0) / terms.coupons)
    if -terms.interest_bought > whole:
        raise BadTerms(f"{-terms.interest_bought} taken off is more than the coupon of {whole} that does not come")


def _next_coupon(calendar: Coupons, after: date) -> date:
    return next(day for day in calendar.days if day > after)


def _refuse_long(placed_on: date, matures_on: date, years: int) -> None:
    if matures_on > (last := due_dates(placed_on, 12 * years, 2)[-1]):
        raise BadTerms(f"A gilt redeemed on {matures_on} is no short gilt, which ends within {years} years: by {last}")


def placing_book(code: str) -> str:
    """What a book that places its cash is called; refuses any other book."""
    if code not in BOOKS:
        raise BadTerms(f"The book {code!r:.60} places no cash: {' and '.join(BOOKS)} do")
    return BOOKS[code]


def measured_as(sort: str, told: str | None) -> str:
    """How a placement is measured: of a gilt it is told, for it may cost more or less than it brings; else at cost.

    What is held to be collected, and pays principal and interest alone, is measured at amortised cost (IFRS 9, 4.1.2).
    """
    if told is None and sort == GILT:
        raise BadTerms(f"A gilt: say how it is measured, {' or '.join(MEASURES)}")
    return AT_COST if told is None else told


def _sound_measure(terms: Terms) -> None:
    if terms.measured not in MEASURES:
        raise BadTerms(f"A placement is measured at {' or '.join(MEASURES)}, not {terms.measured!r:.40}")
    if terms.sort != GILT and (terms.coupons or terms.measured == AMORTISED):
        raise BadTerms("Only a gilt has coupons, and a price that is amortised: a deposit stands at its nominal")
    if terms.coupons not in A_YEAR:
        raise BadTerms(f"Coupons come {', '.join(map(str, A_YEAR[1:]))} times a year, or none do; not {terms.coupons}")
    if terms.measured == AMORTISED and terms.rate and not terms.coupons:
        raise BadTerms("Say how many coupons a year it pays: its effective rate rests on when they come")


def earned(terms: Terms, gone: Iterable[Gone], until: date) -> Money:
    """The interest a placement has earned from the day it was made to a day, by what was left of it on each day.

    Counted from the whole, so that no penny is lost or gained over many accruals; nothing after it ends, and nothing
    where it has no rate.
    """
    if terms.rate is None:
        return NOTHING
    last = until if terms.matures_on is None else min(until, terms.matures_on)
    since, nominal, pence = terms.placed_on, terms.nominal, Fraction(0)
    for part in (*sorted(gone, key=lambda one: one.on), Gone(last, NOTHING, NOTHING)):
        day = min(part.on, last)
        if day > since:
            pence += nominal.pence * Fraction(terms.rate) * terms.years(since, day)
            since = day
        nominal -= part.nominal
    return Money(1).times(pence)


def left_of(terms: Terms, gone: Iterable[Gone]) -> tuple[Money, Money]:
    """What is left of a placement: nominal and cost."""
    parts = list(gone)
    return (
        terms.nominal - Money.total(part.nominal for part in parts),
        terms.cost - Money.total(part.cost for part in parts),
    )


def cost_of(part: Money, nominal: Money, cost: Money) -> Money:
    """What a part of the nominal that is left has cost, in proportion; the last part takes what is left of the cost."""
    positive(part, "What is turned into cash")
    if part > nominal:
        raise BeyondPlacement(f"{part} is more than the {nominal} that is left of this placement", left=str(nominal))
    return cost if part == nominal else cost.times(Fraction(part.pence, nominal.pence))


def refuse_unlikely_interest(terms: Terms, left: Money, due: Money, received: Money, on: date) -> None:
    """Pass when what is received can have been earned: no more than is accrued and one more coupon, or year, brings.

    Of a gilt bought without its next coupon nothing more comes by that coupon's day. Else what is paid may differ from
    what was accrued, by another count of days or a coupon that was bought with the gilt; not by more. A fund tells its
    income when it comes, so nothing bounds it.
    """
    if terms.rate is None:
        return
    calendar, accrued = terms.calendar, max(due, NOTHING)
    without = calendar is not None and terms.interest_bought < NOTHING and on <= _next_coupon(calendar, terms.placed_on)
    more = NOTHING if without else left.times(Fraction(terms.rate) / (terms.coupons or 1))
    if received > accrued + more:
        raise BeyondPlacement(
            f"{received} is more interest than this placement can have earned: {accrued} is accrued, and one more "
            f"{'coupon' if terms.coupons else 'year'} would bring {more}",
            most=str(accrued + more),
        )


def refuse_unlikely_proceeds(terms: Terms, part: Money, proceeds: Money, bounds: Bounds = USUAL_BOUNDS) -> None:
    """Pass when a deposit brings back no more than was placed, and a price per 100 is within the bounds of the day."""
    if terms.sort == DEPOSIT:
        if proceeds > part:
            raise BeyondPlacement(
                f"{proceeds} is more than the {part} of this deposit: what came beside it is told as its interest",
                most=str(part),
            )
        return
    price = Fraction(proceeds.pence * 100, part.pence)
    told = Money(100).times(price)
    if price > Fraction(bounds.most_price) or (terms.sort == GILT and price < Fraction(bounds.least_price)):
        raise BeyondPlacement(
            f"{proceeds} for {part} is {told} per 100, which is no price between {bounds.least_price} and "
            f"{bounds.most_price}: check both figures",
            per_hundred=str(told),
        )


def interest_had(bought: Money, rebated: Money) -> Money:
    """The interest that comes with a gilt: what was bought on top of its price, or below nothing what was taken off."""
    not_negative(bought, "The interest bought with it")
    not_negative(rebated, "The interest taken off its price")
    if bought and rebated:
        raise BadTerms("Interest is bought with a gilt, or taken off where its next coupon does not come: not both")
    return bought - rebated


def interest_met(received: Money, accrued: Money) -> tuple[Money, Money]:
    """How interest received is told: what was accrued first, and what goes beyond it is income of the day."""
    met = min(received, max(accrued, NOTHING))
    return met, received - met
