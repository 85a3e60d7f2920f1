"""Interest rates that change: dated histories, what margins, floors and caps make of them, and interest over them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final, Self

from ledger.counting import Counting
from ledger.daycounts import YEAR_PARTS, DayCount
from ledger.faults import Fault, Faulty
from ledger.money import Money
from ledger.refusals import Refusal

BEGINNING: Final = date(1900, 1, 1)
"""Since when a fixed rate holds: before anything that is lent."""


class BadRates(Faulty):
    """Rates that make no history."""

    slug = "bad-rates"


class RateNotKnown(Refusal):
    """A rate asked for on a day before the history begins: nothing is guessed."""

    slug = "rate-not-known"


@dataclass(frozen=True, slots=True)
class RateHistory:
    """A yearly rate, as a fraction, that stands from each of its days until the next; the last stands for good."""

    days: tuple[date, ...]
    rates: tuple[Decimal, ...]
    _scale: int = field(init=False, repr=False, compare=False)
    _scaled: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        exact = [Fraction(rate) for rate in self.rates]
        scale = max((rate.denominator for rate in exact), default=1)
        while any(scale % rate.denominator for rate in exact):
            scale *= 10
        object.__setattr__(self, "_scale", scale)
        object.__setattr__(self, "_scaled", tuple(int(rate * scale) for rate in exact))

    @classmethod
    def of(cls, steps: Iterable[tuple[date, Decimal]]) -> Self:
        """The history of dated steps, in whatever order they are told.

        Refuses none at all, a rate that is no number, and two different rates from one day.
        """
        told = sorted(set(steps))
        wrong = [
            Fault(f"/{place}/rate", str(rate), "a yearly fraction", "write 7.5% as 0.075")
            for place, (_, rate) in enumerate(told)
            if not rate.is_finite()
        ]
        wrong += [
            Fault(f"/{place}/since", str(day), "one rate from one day", "say which of the two holds")
            for place, (day, _) in enumerate(told)
            if place and told[place - 1][0] == day
        ]
        if not told:
            wrong = [Fault("", "no rates", "at least one dated rate", "say what the rate was and since when")]
        if wrong:
            raise BadRates(wrong)
        return cls(tuple(day for day, _ in told), tuple(rate for _, rate in told))

    @classmethod
    def fixed(cls, rate: Decimal) -> Self:
        """One rate, always."""
        return cls.of([(BEGINNING, rate)])

    def on(self, day: date) -> Decimal:
        """The rate for a day; a change counts from its own day on. Refuses a day before the history begins."""
        return self.rates[self._place(day)]

    def with_margin(
        self,
        margin: Decimal = Decimal(0),
        *,
        base_floor: Decimal | None = None,
        floor: Decimal | None = None,
        cap: Decimal | None = None,
    ) -> RateHistory:
        """What is charged over this base: margin added, the base never below its floor, the whole within its bounds.

        `base_floor` holds the base alone ("if the base rate is below zero, it is taken as zero"); `floor` and `cap`
        hold base and margin together. Refuses a floor above its cap.
        """
        if floor is not None and cap is not None and floor > cap:
            raise BadRates([Fault("/floor", str(floor), f"no more than the cap of {cap}", "turn the two round")])

        def charged(base: Decimal) -> Decimal:
            whole = margin + (base if base_floor is None else max(base, base_floor))
            whole = whole if floor is None else max(whole, floor)
            return whole if cap is None else min(whole, cap)

        return RateHistory(self.days, tuple(charged(rate) for rate in self.rates))

    def reset_on(self, days: Iterable[date]) -> RateHistory:
        """This rate as read on some days only, each reading standing until the next one.

        For a facility whose rate is set at the start of each interest period. Refuses days before the history begins.
        """
        return RateHistory.of((day, self.on(day)) for day in days)

    def growth(self, start: date, end: date, day_count: Counting) -> Fraction:
        """What a pound earns, simply and exactly, from `start` (which counts) to `end` (which does not).

        Each stretch of one rate counts for what it adds to the count from `start`, so that the stretches make up the
        whole under the 30/360 counts too, and a step to the same rate changes nothing.
        """
        return Fraction(self._grown(start, end, day_count), self._scale * YEAR_PARTS)

    def _grown(self, start: date, end: date, day_count: Counting) -> int | Fraction:
        place = self._place(start)
        grown: int | Fraction = 0
        counted: int | Fraction = 0
        for following in range(place + 1, len(self.days) + 1):
            until = self.days[following] if following < len(self.days) else end
            here = day_count.parts(start, min(until, end))
            grown += self._scaled[following - 1] * (here - counted)
            counted = here
            if until >= end:
                break
        return grown

    def _place(self, day: date) -> int:
        place = bisect_right(self.days, day) - 1
        if place < 0:
            raise RateNotKnown(
                f"The rate on {day} is not known: this history begins on {self.days[0]}. Record what it was before",
                on=str(day),
                begins=str(self.days[0]),
            )
        return place

    def accrued(self, principal: Money, start: date, end: date, day_count: Counting = DayCount.ACT_365F) -> Fraction:
        """The exact simple interest, in pence, on a principal from `start` (which counts) to `end` (which does not)."""
        return principal.pence * self.growth(start, end, day_count)

    def accrued_on_movements(
        self,
        movements: Iterable[tuple[date, Money]],
        since: date,
        until: date,
        day_count: Counting = DayCount.ACT_365F,
    ) -> Fraction:
        """The exact simple interest, in pence, from `since` to `until` on the balance that dated movements build up.

        As `ledger.interest.accrued_on_movements`, at rates that change: money lent on a day earns for that day, money
        repaid on a day does not, and the order in which movements and rates are told does not matter. Movements of one
        day are counted together.
        """
        nets: dict[date, int] = {}
        for moved_on, amount in movements:
            day = max(moved_on, since)
            if day < until:
                nets[day] = nets.get(day, 0) + amount.pence
        pence = sum(net * self._grown(day, until, day_count) for day, net in nets.items() if net)
        return Fraction(pence, self._scale * YEAR_PARTS)
