"""The rate at which flows of money balance, when there is exactly one: internal rates of return and effective interest.

The flows balance at every zero of their present value as a function of the rate. How many zeros there are is settled
first, by enclosing the function over ever smaller intervals, so that a rate is never given where none exists or where
several do. The rate itself comes from pyxirr and is accepted only when the present value, computed anew in decimals,
changes its sign around it; otherwise decimal bisection finds it.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from itertools import pairwise
from typing import Final

import pyxirr

from ledger.money import NOTHING, Money

DAYS_A_YEAR: Final = 365
"""Dated flows are discounted Actual/365 from the first of them, as every spreadsheet's XIRR does."""

_DIGITS: Final = 50
_MOST_DRIFT: Final = 100
"""A pound, in pence."""
_PLACES: Final = 12
_LEFT_SHOWN: Final = 3
"""Of what is left of each pound after a year, as many digits are shown beside the first."""
_OUTERMOST: Final = math.log(1e9)
"""Where there may be several, rates are sought from -0.999999999 to 1,000,000,000: zeros beyond are artefacts of
discounting."""
_FURTHEST: Final = math.log(1e30)
"""Where there can be one at most it is sought much further: nearly all was lost, and the rate says so exactly, where a
spreadsheet's numbers can tell it from a loss of all no more."""
_FLOAT_STEP: Final = 2.0**-52
_NARROWEST: Final = 1e-10
_MOST_SHOWN: Final = 4
_MOST_TERMS: Final = 4_000_000
_NEWTONS_LAST: Final = 1000
"""By how much Newton's last step falls below its aim: each has twice the digits of the one before."""
_BESIDE_NOTHING: Final = 0.013
"""Where the two sides meet: beside a force of exactly nothing, never at it, for that is the commonest zero of all."""


@dataclass(frozen=True, slots=True)
class Flow:
    """Money at a time counted in whole days or periods; money received is positive, money paid out negative."""

    at: int
    amount: Money


@dataclass(frozen=True, slots=True)
class Yield:
    """The one rate at which flows balance, to more digits than it is shown with; or none, and the reason why."""

    rate: Decimal | None
    reason: str = ""

    @property
    def text(self) -> str | None:
        """The rate with twelve decimals, more where it would read as a loss of all; a rate of nothing has no sign."""
        if self.rate is None:
            return None
        shown = f"{self.rate:.{max(_PLACES, _LEFT_SHOWN - (1 + self.rate).adjusted())}f}"
        return shown if Decimal(shown) else shown.removeprefix("-")


@dataclass(frozen=True, slots=True)
class Period:
    """One line of an amortised cost table; `on` is set where the flows are dated."""

    number: int
    opening: Money
    interest: Money
    cash: Money
    on: date | None = None

    @property
    def closing(self) -> Money:
        """What is carried on: the opening amount, its interest, less the cash received."""
        return self.opening + self.interest - self.cash


@dataclass(frozen=True, slots=True)
class EffectiveInterest:
    """An effective interest rate with the table that it makes."""

    found: Yield
    periods: tuple[Period, ...]


def xirr(flows: Iterable[tuple[date, Money]]) -> Yield:
    """The yearly rate at which dated flows balance, Actual/365 from the first; none where there is no such rate.

    A rate is also withheld where several would balance the flows: none of them is then the return.
    """
    dated = list(flows)
    first = min((on for on, _ in dated), default=None)
    if first is None:
        return Yield(None, "there are no flows")
    return _yield([Flow((on - first).days, amount) for on, amount in dated], DAYS_A_YEAR)


def rate_over_parts(flows: Iterable[tuple[int, Money]], parts: int) -> Yield:
    """The rate a period at which flows balance whose times are counted in equal parts of a period, `parts` to each.

    So flows may stand between whole periods: what is bought within one pays at the ends of this and of later ones.
    """
    return _yield([Flow(at, amount) for at, amount in flows], parts)


def effective_interest_by_period(flows: Iterable[tuple[int, Money]]) -> EffectiveInterest:
    """The rate a period at which flows at whole periods balance, with a line for every period after the first.

    The first flow is what was paid, so it is negative for a lender, and the table opens with what it bought. Interest
    is rounded half up in each line and the last line absorbs the pennies.
    """
    net = _net(Flow(at, amount) for at, amount in flows)
    found = _yield([Flow(at, amount) for at, amount in net.items()], 1)
    if found.rate is None:
        return EffectiveInterest(found, ())
    times = range(min(net), max(net) + 1)
    return EffectiveInterest(found, _table(found.rate, times, net, 1))


def effective_interest_by_date(flows: Iterable[tuple[date, Money]]) -> EffectiveInterest:
    """The yearly rate at which dated flows balance, Actual/365, with a line for every later date.

    Interest is rounded half up in each line and the last line absorbs the pennies.
    """
    dated = list(flows)
    found = xirr(dated)
    if found.rate is None:
        return EffectiveInterest(found, ())
    net = _net(Flow(on.toordinal(), amount) for on, amount in dated)
    return EffectiveInterest(found, _table(found.rate, sorted(net), net, DAYS_A_YEAR, dated=True))


def _table(
    rate: Decimal, times: Sequence[int], net: dict[int, Money], per_rate: int, *, dated: bool = False
) -> tuple[Period, ...]:
    """A line for each time after the first, its interest counted on the rounded amount that the line before closed at.

    What is rounded away grows from line to line, and the last line absorbs it. Where that comes to more than a pound,
    as it can over hundreds of lines or at absurd rates, a line closes at the exact amount, rounded, instead.
    """
    cash = [net.get(at, NOTHING) for at in times]
    growth = _growth(rate, [now - before for before, now in pairwise(times)], per_rate)
    exact = _carried(cash, growth)
    lines = []
    opening = -cash[0]
    for number, now in enumerate(times[1:], start=1):
        closing = _closing(opening, cash[number], growth[number - 1], exact[number]) if now != times[-1] else NOTHING
        on = date.fromordinal(now) if dated else None
        lines.append(Period(number, opening, closing - opening + cash[number], cash[number], on))
        opening = closing
    return tuple(lines)


def _closing(opening: Money, cash: Money, growth: Decimal, exact: Decimal) -> Money:
    """What a line closes at: grown from its opening, or the exact amount where the two are more than a pound apart."""
    with localcontext() as context:
        context.prec = _DIGITS
        earned = opening.pence * (growth - 1)
        drift = opening.pence + earned - cash.pence - exact
    return Money.round_half_up(exact) if abs(drift) > _MOST_DRIFT else opening + Money.round_half_up(earned) - cash


def _carried(cash: Sequence[Money], growth: Sequence[Decimal]) -> list[Decimal]:
    """The exact amount carried after the flow of each time, in pence.

    Counted from the end where money grows and from the beginning where it shrinks, so that no power swells the error
    in the rate.
    """
    carried = [Decimal(0)] * len(cash)
    with localcontext() as context:
        context.prec = _DIGITS
        if growth[0] > 1:
            for at in range(len(cash) - 2, -1, -1):
                carried[at] = (carried[at + 1] + cash[at + 1].pence) / growth[at]
        else:
            carried[0] = Decimal(-cash[0].pence)
            for at, factor in enumerate(growth, start=1):
                carried[at] = carried[at - 1] * factor - cash[at].pence
    return carried


def _growth(rate: Decimal, steps: Iterable[int], per_rate: int) -> list[Decimal]:
    """What a penny grows to over each number of steps; whole powers of one step's growth are quick and lose nothing."""
    with localcontext() as context:
        context.prec = _DIGITS
        one = (1 + rate) ** (Decimal(1) / per_rate)
        return [one**step for step in steps]


def _net(flows: Iterable[Flow]) -> dict[int, Money]:
    """One amount for each time, in the order of time, without the times at which nothing moves."""
    sums: defaultdict[int, Money] = defaultdict(lambda: NOTHING)
    for flow in flows:
        sums[flow.at] += flow.amount
    return {at: sums[at] for at in sorted(sums) if sums[at]}


def _yield(flows: Sequence[Flow], per_rate: int) -> Yield:
    net = _net(flows)
    if not net:
        return Yield(None, "nothing is left of the flows once those of each day are added up")
    if len({amount > NOTHING for amount in net.values()}) == 1:
        return Yield(None, "all the money moves one way, and no rate balances that")
    balance = _PresentValue([at / per_rate for at in net], [amount.pence for amount in net.values()])
    brackets = balance.brackets()
    if brackets is None:
        return Yield(None, "it could not be settled how many rates balance these flows")
    reason = _reason_for_none(balance, brackets)
    return Yield(None, reason) if reason else _checked(_engine(net, per_rate), net, per_rate, brackets[0])


def _reason_for_none(balance: _PresentValue, brackets: Sequence[tuple[float, float]]) -> str:
    if not brackets:
        return f"no rate between {balance.bounds} balances these flows"
    if len(brackets) > 1:
        return f"more than one rate balances these flows ({_about(balance, brackets)}), so none of them is the return"
    if not balance.crosses(*brackets[0]):
        return f"the value touches nothing ({_about(balance, brackets)}) without crossing it, so no rate is the return"
    return ""


def _about(balance: _PresentValue, brackets: Sequence[tuple[float, float]]) -> str:
    """The rates in some brackets, from the lowest, as a sentence can name them."""
    named = " and ".join(
        f"{math.expm1(-balance.centred(*bracket)):.4f}".replace("-0.0000", "0.0000")
        for bracket in brackets[: -_MOST_SHOWN - 1 : -1]
    )
    return f"about {named}" + (" and others" if len(brackets) > _MOST_SHOWN else "")


def _engine(net: dict[int, Money], per_rate: int) -> float | None:
    """What pyxirr makes of the flows: a candidate to be checked, never an answer."""
    if per_rate == 1:
        first, last = min(net), max(net)
        return pyxirr.irr([float(net.get(at, NOTHING).pounds) for at in range(first, last + 1)], silent=True)
    first = min(net)
    days = [date.fromordinal(at - first + 1) for at in net]
    return pyxirr.xirr(days, [float(amount.pounds) for amount in net.values()], silent=True)


def _checked(candidate: float | None, net: dict[int, Money], per_rate: int, bracket: tuple[float, float]) -> Yield:
    """The candidate polished and proved by a change of sign around it, or failing that the middle of a bisection."""
    with localcontext() as context:
        context.prec = _DIGITS
        exact = _ExactPresentValue(net, per_rate)
        low, high = Decimal(bracket[0]), Decimal(bracket[1])
        if candidate is not None and candidate > -1 and math.isfinite(candidate):
            low, high = exact.narrowed(low, high, -(1 + Decimal(candidate)).ln())
        return Yield((-exact.bisected(low, high)).exp() - 1)


class _ExactPresentValue:
    """The flows' present value in decimals; a flow counts for amount x exp(time x force).

    Exponentials of fifty digits are slow, so there is one for each force, that of a single step, and its whole powers.
    """

    def __init__(self, net: dict[int, Money], per_rate: int) -> None:
        first, last = min(net), max(net)
        self._from_the_first = [(at - first, amount.pence) for at, amount in net.items()]
        self._from_the_last = [(at - last, amount.pence) for at, amount in net.items()]
        self._per_rate = per_rate

    def _sums(self, force: Decimal) -> tuple[Decimal, Decimal]:
        """The present value and its slope, both scaled so that no power overflows."""
        step = (force / self._per_rate).exp()
        value = slope = Decimal(0)
        for steps, pence in self._from_the_last if force > 0 else self._from_the_first:
            term = pence * step**steps
            value += term
            slope += steps * term
        return value, slope / self._per_rate

    def _is_above(self, force: Decimal) -> bool:
        return self._sums(force)[0] > 0

    def narrowed(self, low: Decimal, high: Decimal, start: Decimal) -> tuple[Decimal, Decimal]:
        """A bracket around the candidate after Newton's steps, if the sign changes across it; else the old bracket."""
        force = start
        for _ in range(4):
            if not low <= force <= high:
                return low, high
            value, slope = self._sums(force)
            if not slope:
                return low, high
            force -= value / slope
            reach = max(abs(force), Decimal(1)) * Decimal("1e-24")
            if abs(value / slope) * _NEWTONS_LAST < reach:
                break
        near = max(low, force - reach), min(high, force + reach)
        return near if near[0] < near[1] and self._is_above(near[0]) != self._is_above(near[1]) else (low, high)

    def bisected(self, low: Decimal, high: Decimal) -> Decimal:
        """The zero between two forces of opposite sign, to about twenty-four digits."""
        rising = self._is_above(high)
        while high - low > max(abs(low), abs(high), Decimal(1)) * Decimal("4e-24"):
            middle = (low + high) / 2
            if self._is_above(middle) == rising:
                high = middle
            else:
                low = middle
        return (low + high) / 2


class _PresentValue:
    """The flows' present value over the force of interest, with sound bounds on every interval.

    With force s the growth a period is exp(-s), so a flow counts for amount x exp(time x s), and every rate above -1 is
    one force. On each side of nothing the exponents are shifted so that no term exceeds its amount; that changes no
    zero.
    """

    def __init__(self, times: Sequence[float], amounts: Sequence[int]) -> None:
        self._from_the_first = [(time - times[0], float(amount)) for time, amount in zip(times, amounts, strict=True)]
        self._from_the_last = [(time - times[-1], float(amount)) for time, amount in zip(times, amounts, strict=True)]
        self._turns = sum((one < 0) != (other < 0) for one, other in pairwise(amounts))
        self._outermost = _FURTHEST if self._turns == 1 else _OUTERMOST

    @property
    def bounds(self) -> str:
        """Between which rates zeros are sought, in words."""
        return "-0.999999999 and 1,000,000,000" if self._outermost == _OUTERMOST else "-1 + 1e-30 and 1e30"

    def brackets(self) -> list[tuple[float, float]] | None:
        """Intervals that hold every zero: one for each, or one for several too close together to be told apart.

        Flows that turn once from paid to received, or back, have one zero at most (Descartes' rule of signs), and where
        the signs at the two ends are sure they settle whether it is there. None where the flows are so many and so
        tangled that their zeros cannot be counted within bounded work.
        """
        ends = self._sign(-self._outermost, right=False), self._sign(self._outermost, right=True)
        if self._turns == 1 and all(ends):
            return [(-self._outermost, self._outermost)] if ends[0] != ends[1] else []
        left = self._within(-self._outermost, _BESIDE_NOTHING, right=False)
        right = self._within(_BESIDE_NOTHING, self._outermost, right=True)
        return None if left is None or right is None else self._merged(left + right)

    def crosses(self, low: float, high: float) -> bool:
        """Whether the value surely has opposite signs at the two ends."""
        return self._sign(low, right=low > 0) * self._sign(high, right=high > 0) < 0

    def centred(self, low: float, high: float) -> float:
        """The force near which the value changes its sign between the two ends, for naming it."""
        above = self._sign(high, right=high > 0)
        for _ in range(40):
            middle = (low + high) / 2
            low, high = (low, middle) if self._sign(middle, right=middle > 0) == above else (middle, high)
        return (low + high) / 2

    def _shifted(self, *, right: bool) -> list[tuple[float, float]]:
        return self._from_the_last if right else self._from_the_first

    def _value(self, force: float, *, right: bool) -> tuple[float, float]:
        """The value and the most by which floating point can have falsified it."""
        value = doubt = 0.0
        for time, amount in self._shifted(right=right):
            power = time * force
            term = amount * math.exp(power)
            value += term
            doubt += abs(term) * self._doubt(power)
        return value, doubt

    def _doubt(self, *powers: float) -> float:
        """The relative error that exponentials of these powers, and a sum of all terms, can carry."""
        return (len(self._from_the_first) + 8 + 2 * max(map(abs, powers))) * _FLOAT_STEP

    def _sign(self, force: float, *, right: bool) -> int:
        value, doubt = self._value(force, right=right)
        return 0 if abs(value) <= doubt else 1 if value > 0 else -1

    def _slopes(self, low: float, high: float, *, right: bool) -> tuple[float, float]:
        """Bounds on the slope over an interval: each term's part of it is monotone, so its extremes are at the ends."""
        least = greatest = doubt = 0.0
        for time, amount in self._shifted(right=right):
            one, other = (time * amount * math.exp(time * end) for end in (low, high))
            least += min(one, other)
            greatest += max(one, other)
            doubt += (abs(one) + abs(other)) * self._doubt(time * low, time * high)
        return least - doubt, greatest + doubt

    def _within(self, low: float, high: float, *, right: bool) -> list[tuple[float, float]] | None:
        found: list[tuple[float, float]] = []
        waiting = [(low, high)]
        for _ in range(_MOST_TERMS // len(self._from_the_first)):
            if not waiting:
                return found
            start, end = waiting.pop()
            least, greatest = self._slopes(start, end, right=right)
            if least > 0 or greatest < 0:
                if self._sign(start, right=right) * self._sign(end, right=right) <= 0:
                    found.append((start, end))
                continue
            centre = (start + end) / 2
            value, doubt = self._value(centre, right=right)
            if abs(value) - doubt > max(abs(least), abs(greatest)) * (end - start) / 2:
                continue
            if end - start <= _NARROWEST * max(1.0, abs(centre)):
                found.append((start, end))
                continue
            # Off centre, so that a zero at a round place does not fall on the split.
            split = start + 0.4871 * (end - start)
            waiting += [(start, split), (split, end)]
        return None

    def _merged(self, found: list[tuple[float, float]]) -> list[tuple[float, float]]:
        """The intervals in order; two are one where they touch at what may be the zero of both."""
        merged: list[tuple[float, float]] = []
        for start, end in sorted(found):
            if merged and start == merged[-1][1] and self._sign(start, right=start > 0) == 0:
                merged[-1] = merged[-1][0], end
            else:
                merged.append((start, end))
        return merged
