"""What a gilt at amortised cost stands at on a day: its coming flows at the effective rate it was bought at.

IFRS 9, 5.4.1 and appendix A: the rate that makes all that it will pay worth what was paid for it, found once, on the
day it is bought, and held to its end. So a price above or below the nominal comes to the nominal by its redemption.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal, localcontext
from fractions import Fraction
from math import lcm
from typing import Final

from bank.treasury.placements.rules import AMORTISED, Gone, Terms, left_of
from bank.treasury.rules import BadTerms
from ledger.money import Money
from ledger.yields import rate_over_parts

_DIGITS: Final = 50
_KEPT: Final = Decimal("1e-30")
_FINER: Final = 1_000_000
"""Flows are told in millionths of a penny where the rate is sought, for coupons are no whole pence until they come."""


def effective_rate(terms: Terms) -> Decimal | None:
    """The rate a period at which all that a placement will pay is worth what was paid for it, its interest included.

    A period is that between two coupons; where none comes before the end, a year. None where it is not asked for.
    """
    if terms.measured != AMORTISED:
        return None
    flows = _flows(terms)
    parts = lcm(*(at.denominator for at, _ in flows))
    paid = terms.cost + terms.interest_bought
    coming = [(int(at * parts), Money(_FINER).times(pence)) for at, pence in flows]
    found = rate_over_parts([(0, Money(-paid.pence * _FINER)), *coming], parts)
    if found.rate is None:
        raise BadTerms(f"No effective rate makes what it will pay worth {paid}: {found.reason}")
    with localcontext() as context:
        context.prec = _DIGITS
        return found.rate.quantize(_KEPT)


def a_year(rate: Decimal, coupons: int) -> Decimal:
    """A rate a period as one a year, compounded, with twelve decimals."""
    with localcontext() as context:
        context.prec = _DIGITS
        return ((1 + rate) ** (coupons or 1) - 1).quantize(Decimal("1e-12"))


def carried(terms: Terms, rate: Decimal | None, gone: Iterable[Gone], on: date) -> Money:
    """What a placement stands at on a day, beside the interest it has earned, by what is left of it then.

    At amortised cost it is worked out of the whole anew, so that no penny is lost or gained over many accruals, and
    at its end it is the nominal.
    """
    parts = [part for part in gone if part.on <= on]
    nominal, cost = left_of(terms, parts)
    if rate is None:
        return cost
    return Money(1).times(_worth(terms, rate, on) * Fraction(nominal.pence, terms.nominal.pence))


def _worth(terms: Terms, rate: Decimal, on: date) -> Fraction:
    """What the whole of it would stand at, in pence: the coming flows at the rate, less the interest earned by then."""
    if terms.matures_on is not None and on >= terms.matures_on:
        return Fraction(terms.nominal.pence)
    now = _time(terms, on)
    with localcontext() as context:
        context.prec = _DIGITS
        growth = 1 + rate
        to_come = sum(
            (_decimal(pence) * growth ** -_decimal(at - now) for at, pence in _flows(terms) if at > now), Decimal(0)
        )
    return Fraction(to_come) - _unpaid(terms, on)


def _flows(terms: Terms) -> list[tuple[Fraction, Fraction]]:
    """What it pays, in pence, and when, in periods from the day it was made: coupons, and the nominal at the end."""
    if terms.matures_on is None:
        raise BadTerms("Without a day on which it is redeemed there is nothing to amortise towards")
    days = _pays_on(terms)
    pays = [(_time(terms, day), _unpaid(terms, day, that_day_too=True)) for day in days]
    (last, interest) = pays[-1]
    return [*pays[:-1], (last, interest + terms.nominal.pence)]


def _pays_on(terms: Terms) -> list[date]:
    calendar = terms.calendar
    days = calendar.days if calendar is not None else (terms.placed_on, terms.matures_on)
    return [day for day in days if day is not None and day > terms.placed_on]


def _time(terms: Terms, on: date) -> Fraction:
    calendar = terms.calendar
    if calendar is None:
        return terms.day_count.fraction(terms.placed_on, on)
    return calendar.at(on) - calendar.at(terms.placed_on)


def _unpaid(terms: Terms, on: date, *, that_day_too: bool = False) -> Fraction:
    """The interest that has been earned by a day since the last coupon, what was bought with it included, in pence."""
    paid = [day for day in _pays_on(terms) if day < on or (day == on and not that_day_too)]
    since = max(paid, default=terms.placed_on)
    bought = Fraction(0) if paid else Fraction(terms.interest_bought.pence)
    return bought + terms.nominal.pence * Fraction(terms.rate or 0) * terms.years(since, on)


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)
