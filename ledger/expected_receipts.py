"""What an asset is carried at when what it will bring in is an estimate that is revised: at its original rate.

Money is put into something whose receipts nobody fixed, such as a share of somebody's income. A forecast says what is
expected. The rate at which the first forecast is worth what was put in is the original effective rate, and stays
(IFRS 9, Appendix A; FRS 102, 11.16 to 11.18). Income accrues at it on what is carried, and receipts take from that. A
later forecast makes the carrying amount what it is worth at the same rate, and the difference counts on its day
(IFRS 9, B5.4.6; FRS 102, 11.20).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, localcontext
from functools import lru_cache
from typing import Final

from ledger.money import NOTHING, Money
from ledger.present_values import discount, present_value
from ledger.yields import Yield, xirr

_DIGITS: Final = 50
_NO_PENCE: Final = Decimal(0)

Flows = tuple[tuple[date, Money], ...]


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is expected, as thought at the end of a day: money to come in later, and less than nothing to be paid."""

    on: date
    flows: Flows

    def after(self, day: date) -> Flows:
        """What is expected after a day."""
        return tuple((on, amount) for on, amount in self.flows if on > day)

    @property
    def ends_on(self) -> date:
        """The last day on which anything is expected."""
        return max((on for on, _ in self.flows), default=self.on)


@dataclass(frozen=True, slots=True)
class Move:
    """What happened to the asset on a day: money put into it is positive; money it brought in, and loss, negative."""

    on: date
    amount: Money
    at_cost: Money
    """What it did to the amount carried while no forecast told a rate."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the asset stands at the close of a day. Sums are in pence and unrounded, and count from the beginning."""

    carried: Decimal = _NO_PENCE
    earned: Decimal = _NO_PENCE
    """Income at the original effective rate, with what came in once nothing was carried any more."""
    caught_up: Decimal = _NO_PENCE
    """What revisions of the forecast made of the carrying amount, gains less losses."""
    rate: Decimal | None = None
    """The original effective rate; none until there is one."""
    since: date | None = None
    """The day at whose close it was found."""
    forecast: Forecast | None = None
    """The forecast in force."""

    @property
    def posted(self) -> tuple[Money, Money]:
        """Income and revisions in whole pence: their sum is rounded once, half up, so that nothing is left over."""
        earned = Money.round_half_up(self.earned)
        return earned, Money.round_half_up(self.earned + self.caught_up) - earned


@dataclass(frozen=True, slots=True)
class Expectations:
    """All that happened to an asset, and every forecast of it: of two for one day the later in the list counts.

    Facts may be told in any order. Where receipts differ from what was forecast, and no new forecast says what
    becomes of the rest, the difference stays in what is carried. After the last day on which anything is expected
    nothing more is earned: what is late then earns nothing until a forecast says when it will come. What comes in
    beyond the amount carried is income when it comes.
    """

    moves: tuple[Move, ...]
    forecasts: tuple[Forecast, ...]

    def at(self, day: date) -> Standing:
        """How it stands at the close of a day."""
        return self.on_days([day])[day]

    def on_days(self, days: Iterable[date]) -> dict[date, Standing]:
        """The same of many days, in one pass."""
        wanted = sorted(set(days))
        if not wanted:
            return {}
        moves, told = self._moves_by_day(), {each.on: each for each in self.forecasts}
        found: dict[date, Standing] = {}
        now, before = Standing(), wanted[0]
        for day in sorted({*wanted, *(on for on in (*moves, *told) if on <= wanted[-1])}):
            now = _moved(_grown(now, before, day), moves.get(day, ()))
            now = _told(now, day, told.get(day))
            found[day], before = now, day
        return {day: found[day] for day in wanted}

    def _moves_by_day(self) -> Mapping[date, Sequence[Move]]:
        by_day: defaultdict[date, list[Move]] = defaultdict(list)
        for move in self.moves:
            by_day[move.on].append(move)
        return by_day


@lru_cache(maxsize=4096)
def original_rate(carried: Money, flows: Flows, on: date) -> Yield:
    """The yearly rate at which money to come is worth what is carried on a day, Actual/365; or why there is none."""
    if carried <= NOTHING:
        return Yield(None, "nothing is carried on that day")
    return xirr([(on, -carried), *flows])


def _grown(now: Standing, before: date, day: date) -> Standing:
    """Income of the days up to one, as far as anything is still expected."""
    if now.rate is None or now.forecast is None:
        return now
    until = min(day, now.forecast.ends_on)
    if until <= before:
        return now
    with localcontext() as context:
        context.prec = _DIGITS
        income = now.carried * (discount(now.rate, until, before) - 1)
        return replace(now, carried=now.carried + income, earned=now.earned + income)


def _moved(now: Standing, moves: Sequence[Move]) -> Standing:
    """After what happened on a day; nothing is carried below nothing."""
    with localcontext() as context:
        context.prec = _DIGITS
        if now.rate is None:
            carried = now.carried + sum(move.at_cost.pence for move in moves)
            return replace(now, carried=max(carried, _NO_PENCE))
        carried = now.carried + sum(move.amount.pence for move in moves)
        beyond = max(-carried, _NO_PENCE)
        return replace(now, carried=carried + beyond, earned=now.earned + beyond)


def _told(now: Standing, day: date, forecast: Forecast | None) -> Standing:
    """After a forecast of the day, if there is one: the first that can finds the rate, every other is held to it."""
    known = forecast or now.forecast
    if known is None:
        return now
    coming = known.after(day)
    if now.rate is None:
        carried = Money.round_half_up(now.carried)
        found = original_rate(carried, coming, day).rate if coming and carried > NOTHING else None
        return replace(now, forecast=known, rate=found, since=None if found is None else day)
    if forecast is None:
        return now
    with localcontext() as context:
        context.prec = _DIGITS
        worth = max(present_value(coming, now.rate, day), _NO_PENCE)
        caught_up = now.caught_up + worth - now.carried
    return replace(now, forecast=known, carried=worth, caught_up=caught_up)
