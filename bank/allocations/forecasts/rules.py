"""What may be forecast of a facility, and what its forecasts make of what has been posted for it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from bank.allocations.products.quasi_equity import TAKE_SHARE
from bank.allocations.products.shape import BeyondTerms, Happened, Product
from bank.allocations.rules import ADJUSTMENT, accruals_wanting
from bank.treasury.rules import BadTerms, positive
from ledger.dates import within_calendar
from ledger.expected_receipts import Expectations, Flows, Forecast, Move
from ledger.money import NOTHING, Money

CATCH_UP: Final = "catch-up"
"""A revision of what is expected, taken up on its day."""
_MOST: Final = 400
"""More days than a century of quarters has."""

Days = Sequence[tuple[date, Money]]


@dataclass(frozen=True, slots=True)
class Told:
    """An event of a facility as the forecasts see it: the day it was true, and the day it was entered."""

    happened: Happened
    entered_on: date


class Posted(NamedTuple):
    """A posting to the account of a facility's income: its day, its kind of entry, and the sum, a credit positive."""

    on: date
    kind: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Wanting:
    """What the books lack on a day, or have too much: income, and what a revision made of the carrying amount."""

    on: date
    income: Money
    caught_up: Money


@dataclass(frozen=True, slots=True)
class Course:
    """A facility's events, its approved forecasts, and what was posted to the account of its income."""

    told: tuple[Told, ...]
    forecasts: tuple[Forecast, ...]
    posted: tuple[Posted, ...]

    @property
    def expectations(self) -> Expectations:
        """The same as the arithmetic takes it."""
        return Expectations(tuple(move_of(one.happened) for one in self.told), self.forecasts)

    @property
    def days(self) -> set[date]:
        """The days on which something happened, was forecast or was posted."""
        happened = {day for one in self.told for day in (one.happened.on, one.entered_on)}
        return {*happened, *(each.on for each in self.forecasts), *(line.on for line in self.posted)}

    def wanting(self, days: Collection[date]) -> list[Wanting]:
        """What must be posted on each of the days, in their order, so that by each just what was due by then is.

        While no rate was found, what a receipt brought beyond its principal part was income as the contract splits it,
        and stays: it is due as it was posted. From then on it is the forecasts that say what is income.
        """
        standings = self.expectations.on_days(days)
        due: dict[date, Money] = {}
        revised: dict[date, Money] = {}
        for day, standing in standings.items():
            earned, caught_up = standing.posted
            due[day] = earned + self._by_the_contract(day, standing.since)
            revised[day] = caught_up
        income = [(line.on, line.amount) for line in self.posted if line.kind != ADJUSTMENT]
        changes = [(line.on, line.amount) for line in self.posted if line.kind == ADJUSTMENT]
        wanted, changed = accruals_wanting(due, income), accruals_wanting(revised, changes)
        return [Wanting(day, wanted[day], changed[day]) for day in sorted(due) if wanted[day] or changed[day]]

    def _by_the_contract(self, day: date, since: date | None) -> Money:
        """What receipts up to the day on which the rate was found brought as income by the contract's split."""
        split = (one for one in self.told if since is None or one.happened.on <= since)
        return Money.total(direct_income(one.happened) for one in split if one.entered_on <= day)


def move_of(one: Happened) -> Move:
    """What an event did to what is carried: a receipt all that came, any other what it did to cost and beyond it."""
    return Move(one.on, -_received(one) if _is_receipt(one) else one.cost + one.unrealised, one.cost)


def direct_income(one: Happened) -> Money:
    """What a receipt brought as income when it was recorded: all that took from nothing that was carried."""
    return _received(one) + one.cost + one.unrealised if _is_receipt(one) else NOTHING


def _received(one: Happened) -> Money:
    return Money.parse(one.told["amount"])


def _is_receipt(one: Happened) -> bool:
    return one.verb == TAKE_SHARE.name


def sound_flows(from_on: date, receive: Days, pay: Days) -> Flows:
    """What is expected, day by day and in order; of one day one sum. Refuses a day that is not after the forecast's."""
    sums: dict[date, Money] = {}
    for days, sign in ((receive, 1), (pay, -1)):
        for day, amount in days:
            within_calendar(day)
            if day <= from_on:
                raise BadTerms(f"A forecast of {from_on} tells what comes later, not on {day}", day=str(day))
            whole = positive(amount, "What is expected")
            sums[day] = sums.get(day, NOTHING) + (whole if sign > 0 else -whole)
    if len(sums) > _MOST:
        raise BadTerms(f"A forecast tells at most {_MOST} days, not {len(sums)}")
    return tuple((day, sums[day]) for day in sorted(sums) if sums[day])


def refuse_unless_forecast(product: Product) -> None:
    """Pass when a product's receipts are forecast."""
    if not product.amortised:
        raise BadTerms(f"{product.code}: what it pays is agreed or valued, so there is nothing to forecast")


def refuse_beyond(flows: Flows, received: Money, cap: Money, undrawn: Money) -> None:
    """Pass when what is expected lies within the contract's cap, and what is to be paid within the commitment."""
    coming = Money.total(amount for _, amount in flows if amount > NOTHING)
    if coming + received > cap:
        raise BeyondTerms(
            f"{coming} is expected after {received} received, and the contract pays {cap} at most: expect no more "
            f"than {max(cap - received, NOTHING)}",
            expected=str(coming),
            received=str(received),
            cap=str(cap),
        )
    going = -Money.total(amount for _, amount in flows if amount < NOTHING)
    if going > undrawn:
        raise BeyondTerms(f"{going} is expected to be paid, and {undrawn} of the commitment is left", to_pay=str(going))


def received_by(told: Iterable[Happened], day: date) -> Money:
    """What came in of a contract by a day."""
    return Money.total(_received(one) for one in told if one.on <= day and _is_receipt(one))


def put_in_by(told: Iterable[Happened], day: date) -> Money:
    """What was paid under a contract by a day."""
    return Money.total(one.cost for one in told if one.on <= day and one.cost > NOTHING)
