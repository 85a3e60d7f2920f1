"""What a facility has earned by a day, from its facts alone: interest, default interest, fees, and fees amortised.

Everything is counted afresh from the first fact, so the order in which facts came to be known cannot matter, and a
fact dated back simply has counted from its day. What is posted is the difference from what was posted before.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import Final

from bank.allocations.effective import Value
from bank.allocations.impaired import Begun, Foretold, began
from bank.allocations.impaired import in_force as foretold_in_force
from bank.allocations.terms.rules import Agreed, stepped
from bank.allocations.terms.schedule import Late, billing, falling_due, late
from ledger.charges import default_interest
from ledger.daycounts import DayCount
from ledger.impairment import Stage
from ledger.instalments import Billing, Due, FallingDue, Movement
from ledger.money import NOTHING, Money
from ledger.rates import RateHistory

STREAMS: Final = ("interest", "default_interest", "commitment_fee", "amortised", "cured", "cured_default")


@dataclass(frozen=True, slots=True)
class Earned:
    """What has been earned to date, each rounded half up once; `amortised` is of fees and adjustments to the value.

    `cured` is interest and `cured_default` default interest of times in stage 3 that are over, taken up since.
    """

    interest: Money
    default_interest: Money
    commitment_fee: Money
    amortised: Money
    cured: Money
    cured_default: Money

    def of(self, stream: str) -> Money:
        """One of the streams."""
        amount: Money = getattr(self, stream)
        return amount


@dataclass(frozen=True, slots=True)
class Spell:
    """A time in stage 3: what interest is counted on in it, and what the contract claims beyond that once it is over.

    `end` is the day of the cure, the last day there is where none came.
    """

    start: date
    end: date
    net: tuple[Movement, ...]
    left_out: Money


@dataclass(frozen=True)
class Course:
    """The facts of one facility, as far as they bear on what it earns.

    `principal`: drawn, capitalised (positive), repaid, written off (negative). `settled`: interest received, written
    off or capitalised (negative). `undrawn`: of the commitment. `fees`: arrangement fees taken (positive). `allowed`:
    the allowance for loss, positive as it grows. `adjusted`: modification losses (positive) and gains. `taken`:
    interest that stage 3 had left out and that was paid all the same. `arrears_settled`: default interest received or
    written off (negative). `foretold`: what is expected of a loan that began impaired, or has become so.
    """

    rates: RateHistory
    day_count: DayCount
    terms: tuple[Agreed, ...] = ()
    principal: tuple[Movement, ...] = ()
    settled: tuple[Movement, ...] = ()
    undrawn: tuple[Movement, ...] = ()
    fees: tuple[Movement, ...] = ()
    adjusted: tuple[Movement, ...] = ()
    allowed: tuple[Movement, ...] = ()
    stages: tuple[tuple[date, Stage], ...] = ()
    taken: tuple[Movement, ...] = ()
    arrears_settled: tuple[Movement, ...] = ()
    foretold: tuple[Foretold, ...] = ()

    @cached_property
    def falling(self) -> FallingDue:
        """The principal that falls due, by all that is known."""
        return falling_due(self.terms, self.principal, self.rates, self.day_count)

    @property
    def dues(self) -> list[Due]:
        """The same, day by day."""
        return self.falling.dues

    @cached_property
    def billing(self) -> Billing:
        """The interest that the contract claims, billed with the principal that falls due."""
        return billing(self.terms, self.principal, self.rates, self.day_count)

    @cached_property
    def value(self) -> Value:
        """The loan by its effective rate."""
        return Value(self.rates, self.day_count, self.terms, self.principal, self.fees)

    @cached_property
    def impaired(self) -> list[tuple[date, date]]:
        """The spans of days spent in stage 3; the last may have no end yet. Confirmed in it, a span goes on."""
        worst: dict[date, Stage] = {}
        for day, stage in self.stages:
            worst[day] = max(stage, worst.get(day, Stage.PERFORMING))
        steps = [*sorted(worst.items()), (date.max, Stage.PERFORMING)]
        spans: list[tuple[date, date]] = []
        for (start, stage), (end, _) in pairwise(steps):
            if stage is Stage.IMPAIRED:
                goes_on = spans and spans[-1][1] == start
                spans[-1:] = [(spans[-1][0], end)] if goes_on else [*spans[-1:], (start, end)]
        return spans

    @cached_property
    def begun(self) -> Begun | None:
        """How the loan began impaired, where it did; of several beginnings the last."""
        if not self.foretold or not self.principal:
            return None
        found = began(self.foretold, self.terms, self._since(date.max), self.impaired)
        told = None if found is None else foretold_in_force(self.foretold, found[0])
        if found is None or told is None:
            return None
        on, anew = found
        lent = NOTHING if anew else self.lent_on(on)
        rate = told.rate(lent, on)
        return None if rate is None else Begun(on, rate, told.fair(lent, on), self._moved_since(on, anew=anew), anew)

    def lent_on(self, day: date) -> Money:
        """What was lent on a day, less a fee withheld from it."""
        out = Money.total(amount for on, amount in self.principal if on == day and amount > NOTHING)
        return out - Money.total(amount for on, amount in self.fees if on == day and amount > NOTHING)

    def _moved_since(self, on: date, *, anew: bool) -> tuple[Movement, ...]:
        """All that moves the amortised cost of a loan that began on a day, but its beginning and its interest."""
        less = (*self.fees, *self.adjusted, *self.allowed)
        moved = [*self.principal, *self.settled, *self.arrears_settled, *((day, -amount) for day, amount in less)]
        kept = [] if anew else [(on, -amount) for day, amount in self.allowed if day <= on]
        kept += (
            [] if anew else [each for each in (*self.principal, *self.settled) if each[0] == on and each[1] < NOTHING]
        )
        return (*kept, *(each for each in moved if each[0] > on))

    def foretold_on(self, day: date) -> Foretold | None:
        """What is expected of the loan as at a day, where that was told."""
        return foretold_in_force(self.foretold, day)

    def began_impaired_by(self, day: date) -> Begun | None:
        """How the loan began impaired, if it had by a day."""
        return self.begun if self.begun is not None and self.begun.on <= day else None

    @cached_property
    def settled_on(self) -> date | None:
        """The day since which nothing is lent and the contract claims nothing: the last payment's, or write-off's."""
        moved = (*self.principal, *self.settled, *self.arrears_settled)
        if not moved or _by(self.principal, date.max):
            return None
        last = max(day for day, _ in moved)
        interest = self.interest(last) + self.taken_up(last) + _by(self.settled, last)
        arrears = self.default_interest(last) + self.cured_default(last) + _by(self.arrears_settled, last)
        return None if max(interest, arrears) > NOTHING else last

    @cached_property
    def spells(self) -> list[Spell]:
        """The times in stage 3 with money out, each counted on what the ones before it left."""
        found: list[Spell] = []
        for start, end in self._contract_spans(self.impaired):
            first = max(start, self._since(end))
            if first < end:
                net = tuple(self._net(first, found))
                left = NOTHING if end == date.max else Money.round_half_up(self._beyond(net, first, end))
                found.append(Spell(first, end, net, left))
        return found

    def earned(self, until: date) -> Earned:
        """All that has been earned by a day, which itself does not earn yet."""
        return Earned(
            self.interest(until),
            self.default_interest(until),
            self.commitment_fee(until),
            self.amortised(until),
            self.cured(until),
            self.cured_default(until),
        )

    def interest(self, until: date) -> Money:
        """Interest recognised: by the contract on the gross amount, but in stage 3 on the net amount."""
        return self._interest(until, self.spells)

    def cured(self, until: date) -> Money:
        """What stage 3 left out of the contract's interest, from the day of the cure on, of what is still owed then.

        It reverses impairment and is no interest of the day (IFRS 9, 5.4.1 and 5.5.8, as the Interpretations Committee
        read them in March 2019). What was paid while still in the stage was taken up with the payment.
        """
        return Money.total(self._cured(spell) for spell in self.spells if spell.end <= until and self._by_cure(spell))

    def taken_up(self, until: date) -> Money:
        """All that stage 3 had left out and that has been taken up since, by a cure or by being paid."""
        return self.cured(until) + _by(self.taken, until)

    def unrecognised(self, day: date) -> Money:
        """What the contract claims on a day in stage 3 beyond what is recognised, and was not paid by then or since."""
        now = next((spell for spell in self.spells if spell.start < day < spell.end), None)
        if now is None:
            return NOTHING
        claimed = Money.round_half_up(self._beyond(now.net, now.start, day))
        return max(claimed - self._taken_in(now), NOTHING)

    def claimed(self, until: date) -> Money:
        """Interest by the contract, whatever of it is recognised."""
        return self.billing.by(until)

    def unpaid(self, day: date) -> Money:
        """Interest and default interest that the contract claims at the close of a day, whatever is recognised."""
        since = self._since(day)
        claimed = self.claimed(day) + (self._defaulted([(since, day)]) if since < day else NOTHING)
        return claimed + _by(self.settled, day) + _by(self.arrears_settled, day)

    def default_interest(self, until: date) -> Money:
        """Interest at the default margin on what is overdue, principal and interest; none is recognised in stage 3."""
        return self._defaulted(self._contract_spans(self._unimpaired(until)))

    def default_left_out(self, day: date) -> Money:
        """Default interest that the contract claims on a day in stage 3 and that is not recognised."""
        now = next((spell for spell in self.spells if spell.start < day < spell.end), None)
        return NOTHING if now is None else self._defaulted([(now.start, day)])

    def cured_default(self, until: date) -> Money:
        """Default interest of the times in stage 3, taken up like other interest of them when the loan is cured."""
        done = [spell for spell in self.spells if spell.end <= until and self._by_cure(spell)]
        over = [(spell.start, spell.end) for spell in done if self._owed(spell.end)]
        return Money.total(self._defaulted([span]) for span in over)

    def _defaulted(self, spans: list[tuple[date, date]]) -> Money:
        rate = stepped(self.terms, "default_margin")
        if not any(rate.rates) or not self.principal:
            return NOTHING
        return Money.round_half_up(
            sum(
                (
                    default_interest(due, paid, rate, start, end, self.day_count)
                    for due, paid in self._owed_and_paid()
                    for start, end in spans
                ),
                Fraction(0),
            )
        )

    def commitment_fee(self, until: date) -> Money:
        """The fee on what was signed and not drawn, day by day."""
        rate = stepped(self.terms, "commitment_fee")
        since = min((day for day, _ in self.undrawn), default=until)
        if not any(rate.rates) or since >= until:
            return NOTHING
        return Money.round_half_up(rate.accrued_on_movements(self.undrawn, since, until, self.day_count))

    def amortised(self, until: date) -> Money:
        """Fees taken and adjustments made, less what of them is still to be earned by the effective rate.

        Of a loan that began impaired, what it earns at its credit-adjusted rate beyond what its contract claims.
        """
        begun = self.began_impaired_by(until)
        if begun is not None:
            claimed = self.interest(until) - self.interest(begun.on)
            earning = until if self.settled_on is None else min(until, self.settled_on)
            return self._amortised_before(begun) + begun.income(earning) - claimed
        taken = [*self.fees, *self.adjusted]
        if not any(day <= until for day, _ in taken):
            return NOTHING
        return Money.total(amount for day, amount in taken if day <= until) - self.value.unamortised(until)

    def _amortised_before(self, begun: Begun) -> Money:
        """What was amortised of the loan whose place was taken, as it stood by then."""
        if not begun.anew:
            return NOTHING
        there = tuple(each for each in self.terms if each.from_on < begun.on)
        adjusted = tuple(each for each in self.adjusted if each[0] < begun.on)
        foretold = tuple(each for each in self.foretold if each.from_on < begun.on)
        return replace(self, terms=there, adjusted=adjusted, foretold=foretold).amortised(begun.on)

    def _contract_spans(self, spans: Iterable[tuple[date, date]]) -> list[tuple[date, date]]:
        """The parts of spans of days before the loan began impaired: from then on no stage bears on what it earns."""
        last = date.max if self.begun is None else self.begun.on
        return [(start, min(end, last)) for start, end in spans if start < last]

    def _by_cure(self, spell: Spell) -> bool:
        """Whether a time in stage 3 ended with a cure, and not with the loan."""
        return self.begun is None or spell.end != self.begun.on

    def late(self, as_at: date) -> Late:
        """What is due and unpaid at the close of a day."""
        (due, paid), (interest_due, interest_paid) = self._owed_and_paid()
        return late(due, _by(paid, as_at), interest_due, _by(interest_paid, as_at), as_at)

    def _owed_and_paid(self) -> tuple[tuple[list[Movement], list[Movement]], tuple[list[Movement], list[Movement]]]:
        repaid = [(day, -amount) for day, amount in self.principal if amount < NOTHING]
        settled = [(day, -amount) for day, amount in self.settled]
        due = [(due.on, due.principal) for due in self.dues]
        due += self.falling.ahead
        due += [(day, -amount) for day, amount in self.falling.rescheduled]
        return (due, repaid), (self.billing.bills, settled)

    def _unimpaired(self, until: date) -> list[tuple[date, date]]:
        """The spans up to a day that were not spent in stage 3."""
        edges = [min((day for day, _ in self.principal), default=until)]
        for start, end in self.impaired:
            edges += [start, end]
        spans = zip(edges[::2], [*edges[1::2], until], strict=True)
        return [(start, min(end, until)) for start, end in spans if start < min(end, until)]

    def _since(self, otherwise: date) -> date:
        """The day of the first money; another one where none is out."""
        return min((day for day, _ in self.principal), default=otherwise)

    def _interest(self, until: date, spells: list[Spell]) -> Money:
        exact = self.billing.exact(until)
        for spell in spells:
            over = spell.end <= until
            exact -= spell.left_out.pence if over else self._beyond(spell.net, spell.start, until)
        return Money.round_half_up(exact)

    def _beyond(self, net: tuple[Movement, ...], start: date, until: date) -> Fraction:
        """What the contract claims from a day to another beyond interest on the net amount."""
        if start >= until:
            return Fraction(0)
        counting = self.billing.count
        claimed = self.rates.accrued_on_movements(self.principal, start, until, counting)
        return claimed - self.rates.accrued_on_movements(net, start, until, counting)

    def _cured(self, spell: Spell) -> Money:
        return max(spell.left_out - self._taken_in(spell), NOTHING) if self._owed(spell.end) else NOTHING

    def _taken_in(self, spell: Spell) -> Money:
        return Money.total(amount for day, amount in self.taken if spell.start < day <= spell.end)

    def _owed(self, day: date) -> bool:
        return _by(self.principal, day) > NOTHING

    def _net(self, start: date, before: list[Spell]) -> list[Movement]:
        """The net amount from the start of a span in stage 3: principal and interest unpaid then, less allowance.

        Never more than the principal, on which the contract counts: an impaired loan earns no more than a sound one.
        """
        paid = [*self.settled, *self.taken]
        carried = self._interest(start, before) + Money.total(map(self._cured, before)) + _by(paid, start)
        moved = [(start, carried), *((day, amount) for day, amount in paid if day > start)]
        moved += [(day, -amount) for day, amount in self.allowed]
        days = sorted({max(day, start) for day, _ in (*self.principal, *moved)})
        balances = []
        for on in days:
            principal = Money.total(amount for day, amount in self.principal if max(day, start) <= on)
            beside = Money.total(amount for day, amount in moved if max(day, start) <= on)
            balances.append(max(principal + min(beside, NOTHING), NOTHING))
        return [(day, now - before) for day, before, now in zip(days, [NOTHING, *balances], balances, strict=False)]


def _by(moved: Iterable[Movement], day: date) -> Money:
    return Money.total(amount for on, amount in moved if on <= day)
