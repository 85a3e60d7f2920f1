"""What a facility has earned by a day, from its facts alone: interest, default interest, fees, and fees amortised.

Everything is counted afresh from the first fact, so the order in which facts came to be known cannot matter, and a
fact dated back simply has counted from its day. What is posted is the difference from what was posted before.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from functools import cache, cached_property
from itertools import pairwise
from typing import Final

from bank.allocations.effective import Value
from bank.allocations.impaired import Begun, Foretold, began
from bank.allocations.impaired import in_force as foretold_in_force
from bank.allocations.suspense import By, Claim, Span, Suspense, suspense
from bank.allocations.suspense import by as _by
from bank.allocations.terms.rules import Agreed, chapters, stepped
from bank.allocations.terms.schedule import Late, billing, falling_due, late
from ledger.charges import default_interest
from ledger.daycounts import DayCount
from ledger.impairment import Stage
from ledger.instalments import Billing, Due, FallingDue, Movement
from ledger.money import NOTHING, Money
from ledger.rates import RateHistory

STREAMS: Final = (
    "interest",
    "default_interest",
    "commitment_fee",
    "amortised",
    "taken_up",
    "taken_up_default",
    "given_up",
    "made_principal",
    "brought_over",
    "suspended",
    "suspended_default",
)


@dataclass(frozen=True, slots=True)
class Earned:
    """What has been earned to date, each rounded half up once; `amortised` is of fees and adjustments to the value.

    `taken_up` is interest and `taken_up_default` default interest that stage 3 had left out and that was settled, or
    owed again, since. Of both, `given_up` is what makes a loss smaller, `made_principal` what is allowed for and
    `brought_over` what another loan begins with; `suspended` and `suspended_default` are what is left out still.
    """

    interest: Money
    default_interest: Money
    commitment_fee: Money
    amortised: Money
    taken_up: Money = NOTHING
    taken_up_default: Money = NOTHING
    given_up: Money = NOTHING
    made_principal: Money = NOTHING
    brought_over: Money = NOTHING
    suspended: Money = NOTHING
    suspended_default: Money = NOTHING

    def of(self, stream: str) -> Money:
        """One of the streams."""
        amount: Money = getattr(self, stream)
        return amount


@dataclass(frozen=True)
class Course:
    """The facts of one facility, as far as they bear on what it earns.

    `principal`: drawn, capitalised (positive), repaid, written off (negative). `settled`: interest received, written
    off or capitalised (negative). `undrawn`: of the commitment. `fees`: arrangement fees taken (positive). `allowed`:
    the allowance for loss, positive as it grows, but for what made interest in suspense principal. `adjusted`:
    modification losses (positive) and gains. `arrears_settled`: default interest received or written off (negative).
    `given_up`, `made_principal` and `arrears_given_up`: what of the settled was, positive. `foretold`: what is expected
    of a loan that began impaired, or has become so.
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
    arrears_settled: tuple[Movement, ...] = ()
    given_up: tuple[Movement, ...] = ()
    made_principal: tuple[Movement, ...] = ()
    arrears_given_up: tuple[Movement, ...] = ()
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
        return None if max(self.interest_owed(last), self.default_owed(last)) > NOTHING else last

    @cached_property
    def spans(self) -> list[Span]:
        """The times in stage 3 with money out, until the loan began impaired: on what that one earns no stage bears."""
        last = date.max if self.begun is None else self.begun.on
        found = []
        for start, end in self.impaired:
            first, until = max(start, self._since(end)), min(end, last)
            if first < until:
                anew = self.begun is not None and until == last
                cured = not anew and _by(self.principal, until) > NOTHING
                found.append(Span(first, until, cured=cured, replaced=anew))
        return found

    @cached_property
    def suspense(self) -> Suspense:
        """Interest in suspense."""
        settled = tuple((day, -amount) for day, amount in self.settled)
        claim = Claim(self.claimed, settled, self.given_up, self.made_principal)
        return suspense(self.spans, claim, self._beyond_net)

    @cached_property
    def default_suspense(self) -> Suspense:
        """Default interest in suspense: in stage 3 none is recognised."""
        settled = tuple((day, -amount) for day, amount in self.arrears_settled)

        def beyond(start: date, _: Money, __: tuple[Movement, ...]) -> By:
            return lambda day: self._defaulted(start, day)

        return suspense(self.spans, Claim(self.default_claimed, settled, self.arrears_given_up), beyond)

    def earned(self, until: date) -> Earned:
        """All that has been earned by a day, which itself does not earn yet."""
        interest, default = self.interest(until), self.default_interest(until)
        fee, amortised = self.commitment_fee(until), self.amortised(until)
        if not self.spans:
            return Earned(interest, default, fee, amortised)
        both = (self.suspense, self.default_suspense)
        return Earned(
            interest,
            default,
            fee,
            amortised,
            self.suspense.taken_up(until),
            self.default_suspense.taken_up(until),
            Money.total(_by(each.given_up, until) for each in both),
            _by(self.suspense.made_principal, until),
            Money.total(_by(each.brought_over, until) for each in both),
            self.suspended(until),
            self.default_suspense.standing(until),
        )

    def interest(self, until: date) -> Money:
        """Interest recognised: by the contract on the gross amount, but in stage 3 on the net amount."""
        return self.claimed(until) - self.suspense.left_out(until)

    def suspended(self, day: date) -> Money:
        """Interest that the contract claims on a day beyond what was recognised, and that is not settled."""
        return self.suspense.standing(day)

    def claimed(self, until: date) -> Money:
        """Interest by the contract, whatever of it is recognised."""
        return self.billing.by(until)

    def default_claimed(self, until: date) -> Money:
        """Interest at the default margin on what is overdue, principal and interest, by the contract."""
        return self._defaulted(self._since(until), until)

    def interest_owed(self, day: date) -> Money:
        """Interest that the contract claims at the close of a day; below nothing where more was settled."""
        return self.claimed(day) + _by(self.settled, day)

    def default_owed(self, day: date) -> Money:
        """Default interest that the contract claims at the close of a day; below nothing where more was settled."""
        return self.default_claimed(day) + _by(self.arrears_settled, day)

    def unpaid(self, day: date) -> Money:
        """Interest and default interest that the contract claims at the close of a day, whatever is recognised."""
        return self.interest_owed(day) + self.default_owed(day)

    def default_interest(self, until: date) -> Money:
        """Default interest recognised: what the contract claims, but none of the time in stage 3."""
        return self.default_claimed(until) - self.default_suspense.left_out(until)

    def _defaulted(self, start: date, end: date) -> Money:
        rate = stepped(self.terms, "default_margin")
        if start >= end or not any(rate.rates) or not self.principal:
            return NOTHING
        return Money.round_half_up(
            sum(
                (default_interest(due, paid, rate, start, end, self.day_count) for due, paid in self._owed_and_paid),
                Fraction(0),
            )
        )

    def commitment_fee(self, until: date) -> Money:
        """The fee on what was signed and not drawn, day by day, counted as its terms say or else as interest is."""
        rate = stepped(self.terms, "commitment_fee")
        since = min((day for day, _ in self.undrawn), default=until)
        if not any(rate.rates) or since >= until:
            return NOTHING
        if all(each.fee_count in {None, self.day_count} for each in self.terms):
            return Money.round_half_up(rate.accrued_on_movements(self.undrawn, since, until, self.day_count))
        spans = ((max(now.from_on, since), min(end, until), now.fee_count) for now, end in chapters(self.terms))
        return Money.round_half_up(
            sum(
                (
                    rate.accrued_on_movements(self.undrawn, start, end, count or self.day_count)
                    for start, end, count in spans
                    if start < end
                ),
                Fraction(0),
            )
        )

    def amortised(self, until: date) -> Money:
        """Fees taken and adjustments made, less what of them is still to be earned by the effective rate.

        Of a loan that began impaired, what it earns at its credit-adjusted rate beyond what its contract claims.
        """
        begun = self.began_impaired_by(until)
        if begun is not None:
            claimed = self._recognised(until) - self._recognised(begun.on)
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

    def _recognised(self, until: date) -> Money:
        return self.interest(until) + self.default_interest(until)

    def late(self, as_at: date) -> Late:
        """What is due and unpaid at the close of a day."""
        (due, paid), (interest_due, interest_paid) = self._owed_and_paid
        return late(due, _by(paid, as_at), interest_due, _by(interest_paid, as_at), as_at)

    def principal_due(self, day: date) -> Money:
        """Principal that has fallen due by a day and is unpaid on it.

        What terms of the day take into their schedule at its close is due on it still.
        """
        (due, repaid), _ = self._owed_and_paid
        taken_in = Money.total(amount for on, amount in self.falling.rescheduled if on == day)
        return max(_by(due, day) + taken_in - _by(repaid, day), NOTHING)

    @cached_property
    def _owed_and_paid(self) -> tuple[tuple[list[Movement], list[Movement]], tuple[list[Movement], list[Movement]]]:
        repaid = [(day, -amount) for day, amount in self.principal if amount < NOTHING]
        settled = [(day, -amount) for day, amount in self.settled]
        due = [(due.on, due.principal) for due in self.dues]
        due += self.falling.ahead
        due += [(day, -amount) for day, amount in self.falling.rescheduled]
        return (due, repaid), (self.billing.bills, settled)

    def _since(self, otherwise: date) -> date:
        """The day of the first money; another one where none is out."""
        return min((day for day, _ in self.principal), default=otherwise)

    def _beyond_net(self, start: date, recognised: Money, made_principal: tuple[Movement, ...]) -> By:
        """What the contract claims from a day on beyond interest on the net amount."""
        net = self._net(start, recognised, made_principal)
        counting = self.billing.count

        @cache
        def beyond(day: date) -> Money:
            if day <= start:
                return NOTHING
            claimed = self.rates.accrued_on_movements(self.principal, start, day, counting)
            return Money.round_half_up(claimed - self.rates.accrued_on_movements(net, start, day, counting))

        return beyond

    def _net(self, start: date, recognised: Money, made_principal: tuple[Movement, ...]) -> list[Movement]:
        """The net amount from the start of a span in stage 3: principal and interest unpaid then, less allowance.

        Interest that was recognised and unpaid at the start is settled first; interest counted since bears none. What
        was in suspense and was made principal is allowed for. Never more than the principal, on which the contract
        counts: an impaired loan earns no more than a sound one.
        """
        settled = [(day, -amount) for day, amount in self.settled if day > start]
        allowed = [*self.allowed, *made_principal]
        days = sorted({max(day, start) for day, _ in (*self.principal, *settled, *allowed)})
        balances = []
        for on in days:
            principal = Money.total(amount for day, amount in self.principal if max(day, start) <= on)
            beside = max(recognised - _by(settled, on), NOTHING) - _by(allowed, on)
            balances.append(max(principal + min(beside, NOTHING), NOTHING))
        return [(day, now - before) for day, before, now in zip(days, [NOTHING, *balances], balances, strict=False)]
