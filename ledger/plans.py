"""Repayment plans made to measure: any due days and amounts, rates that change, interest that is added on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from ledger.daycounts import DayCount
from ledger.faults import Fault, Faulty
from ledger.money import NOTHING, Money, split
from ledger.rates import RateHistory

Movement = tuple[date, Money]


class BadPlan(Faulty):
    """Terms under which no plan can be drawn up."""

    slug = "bad-plan"


@dataclass(frozen=True, slots=True)
class Due:
    """A day on which interest falls due, with the principal that does; with the last due day comes what is left."""

    on: date
    principal: Money = NOTHING
    adds_interest: bool = False
    """Whether the interest is not paid but added to what is owed, and bears interest from that day."""


class Prepaid(StrEnum):
    """Which instalments money paid early takes the place of."""

    LAST_FIRST = "last-first"
    """From the end: the loan gets shorter. Usual where a facility letter is silent."""
    NEXT_FIRST = "next-first"
    """From the next on."""
    PRO_RATA = "pro-rata"
    """Each still to come by its part, to the penny by the largest remainder."""


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One due day; `balance` is what is owed at its close, drawdowns and early payments of that day included."""

    number: int
    due_on: date
    principal: Money
    interest: Money
    """What is to be paid."""
    added: Money
    """What is added to what is owed instead."""
    balance: Money

    @property
    def payment(self) -> Money:
        """Principal and interest together."""
        return self.principal + self.interest


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a plan depends on."""

    drawdowns: Sequence[Movement]
    rates: RateHistory
    dues: Sequence[Due]
    day_count: DayCount = DayCount.ACT_365F
    early_payments: Sequence[Movement] = ()
    prepaid: Prepaid = Prepaid.LAST_FIRST


def faults(plan: Plan) -> list[Fault]:
    """Everything that keeps a plan from being drawn up, all at once."""
    if not plan.drawdowns or not plan.dues:
        found = "no drawdown" if not plan.drawdowns else "no due day"
        return [Fault("", found, "at least one of both", "say when money is lent and when it falls due")]
    days = [due.on for due in plan.dues]
    first, last = min(on for on, _ in plan.drawdowns), days[-1]
    wrong = [
        Fault(f"/dues/{place}/on", str(day), f"a day after {before}", "put the due days in order, after the money")
        for place, (before, day) in enumerate(zip([first, *days], days, strict=False))
        if day <= before
    ]
    wrong += [
        Fault(f"/dues/{place}/principal", str(due.principal), "nothing or more", "a drawdown is not an instalment")
        for place, due in enumerate(plan.dues)
        if due.principal < NOTHING
    ]
    if plan.dues[-1].principal or plan.dues[-1].adds_interest:
        expected = "neither an amount nor interest added"
        wrong.append(Fault(f"/dues/{len(days) - 1}", str(plan.dues[-1].principal), expected, "it takes what is left"))
    for name, moves in (("drawdowns", plan.drawdowns), ("early_payments", plan.early_payments)):
        wrong += [
            Fault(f"/{name}/{place}/amount", str(amount), "a positive amount", "leave it out")
            for place, (_, amount) in enumerate(moves)
            if amount <= NOTHING
        ]
        wrong += [
            Fault(f"/{name}/{place}/on", str(on), f"a day from {first} and before {last}", "move or drop it")
            for place, (on, _) in enumerate(moves)
            if not first <= on < last
        ]
    return wrong


def drawn_up(plan: Plan) -> list[PlanLine]:
    """The lines of a plan. Refuses one with faults, and an early payment of more than is then owed.

    Interest is counted on each day's balance, at each day's rate, and rounded half up once a line. An instalment is
    never more than what is owed; a drawdown or an early payment on a due day comes after its instalment.
    """
    found = faults(plan)
    if found:
        raise BadPlan(found)
    walk = _Walk(plan)
    return [walk.next_line() for _ in plan.dues]


def after_early_payment(instalments: Sequence[Money], paid: Money, prepaid: Prepaid) -> list[Money]:
    """The instalments still to come once something is paid early; together they fall by exactly that.

    Refuses a payment below nothing, or of more than they come to.
    """
    total = Money.total(instalments)
    if not NOTHING <= paid <= total:
        expected = f"from 0.00 to the {total} still to come"
        raise BadPlan([Fault("/early_payments", str(paid), expected, "what goes beyond is owed back")])
    if prepaid is Prepaid.PRO_RATA:
        shares = split(paid, [amount.pence for amount in instalments]) if total else [NOTHING] * len(instalments)
        return [amount - share for amount, share in zip(instalments, shares, strict=True)]
    order = range(len(instalments)) if prepaid is Prepaid.NEXT_FIRST else reversed(range(len(instalments)))
    left, reduced = paid, list(instalments)
    for place in order:
        taken = min(left, reduced[place])
        reduced[place] -= taken
        left -= taken
    return reduced


@dataclass(slots=True)
class _Walk:
    """The loan as it goes from one due day to the next."""

    plan: Plan
    place: int = 0
    balance: Money = NOTHING
    moves: list[Movement] = field(default_factory=list)
    coming: list[Money] = field(init=False)
    drawdowns: list[Movement] = field(init=False)
    early: list[Movement] = field(init=False)

    def __post_init__(self) -> None:
        self.coming = [due.principal for due in self.plan.dues[:-1]]
        self.drawdowns = _by_day(self.plan.drawdowns)
        self.early = _by_day(self.plan.early_payments)

    def next_line(self) -> PlanLine:
        due = self.plan.dues[self.place]
        self._move_before(due.on)
        accrued = self._interest(due.on)
        added = accrued if due.adds_interest else NOTHING
        self._move(due.on, added)
        is_last = self.place == len(self.plan.dues) - 1
        principal = self.balance if is_last else min(self.balance, self.coming.pop(0))
        self._move(due.on, -principal)
        self.place += 1
        self._move_before(due.on, itself=True)
        return PlanLine(self.place, due.on, principal, accrued - added, added, self.balance)

    def _interest(self, due_on: date) -> Money:
        since = self.plan.dues[self.place - 1].on if self.place else self.moves[0][0]
        exact = self.plan.rates.accrued_on_movements(self.moves, since, due_on, self.plan.day_count)
        # What has moved is one sum from here on, so that a long plan costs no more a line than a short one.
        self.moves = [(due_on, self.balance)]
        return Money.round_half_up(exact)

    def _move_before(self, day: date, *, itself: bool = False) -> None:
        """Take the drawdowns and early payments before a day, or up to it; of one day, what is lent comes first."""

        def is_next(moves: Sequence[Movement], until: date) -> bool:
            return bool(moves) and (moves[0][0] < until or (itself and moves[0][0] == until))

        while is_next(self.drawdowns, day) or is_next(self.early, day):
            if is_next(self.drawdowns, day) and (not self.early or self.drawdowns[0][0] <= self.early[0][0]):
                self._move(*self.drawdowns.pop(0))
            else:
                self._pay_early(*self.early.pop(0))

    def _pay_early(self, on: date, paid: Money) -> None:
        if paid > self.balance:
            expected = f"at most the {self.balance} owed on {on}"
            raise BadPlan([Fault("/early_payments", str(paid), expected, "what goes beyond is owed back")])
        named = Money.total(self.coming)
        last = max(self.balance - named, NOTHING)
        reduced = after_early_payment([*self.coming, last], min(paid, named + last), self.plan.prepaid)
        self.coming = reduced[:-1]
        self._move(on, -paid)

    def _move(self, on: date, amount: Money) -> None:
        if amount:
            self.balance += amount
            self.moves.append((on, amount))


def _by_day(moves: Iterable[Movement]) -> list[Movement]:
    return sorted(moves, key=lambda move: move[0])
