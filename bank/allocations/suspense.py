"""Interest in suspense: what the contract claims and stage 3 does not recognise, and what becomes of it.

The contract bears on what is owed and on how a payment is divided; the stage only on what of it is income (IFRS 9,
5.4.1(b)). What is left out of income is claimed all the same, so it can never come to more than what is claimed and not
settled. Whatever settles it takes it up. Paid, or owed again after a cure, it reverses impairment (5.5.8, as the
Interpretations Committee read it in March 2019); given up, it makes the loss no greater; made principal, it is allowed
for as it stood; and of a loan that ends and begins impaired anew, it is in what that one is worth.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from ledger.instalments import Movement
from ledger.money import NOTHING, Money

_ONE_DAY: Final = timedelta(days=1)

By = Callable[[date], Money]
"""What something comes to by a day, which itself does not earn yet."""
Beyond = Callable[[date, Money, tuple[Movement, ...]], By]
"""What is left out from a day on, by what was recognised and unpaid then, and by what was made principal since."""


@dataclass(frozen=True, slots=True)
class Span:
    """A time in stage 3 with money out; `end` is the last day there is where no other stage came."""

    start: date
    end: date
    cured: bool
    """Whether at its end it is owed again, and so recognised, what was left out."""
    replaced: bool
    """Whether at its end another loan began impaired in the place of this one."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What the contract claims under one head, and what settled it: each positive, on its true day.

    `given_up` and `made_principal` are among what is `settled`; the rest was paid.
    """

    by: By
    settled: tuple[Movement, ...]
    given_up: tuple[Movement, ...] = ()
    made_principal: tuple[Movement, ...] = ()

    def unpaid(self, day: date) -> Money:
        """What is claimed and not settled at the close of a day, never below nothing."""
        return max(self.by(day) - by(self.settled, day), NOTHING)


@dataclass(slots=True)
class Suspense:
    """What was left out in each time in stage 3, and what of it was taken up since, by what took it."""

    claim: Claim
    spells: list[tuple[date, date, By]] = field(default_factory=list)
    paid: list[Movement] = field(default_factory=list)
    given_up: list[Movement] = field(default_factory=list)
    made_principal: list[Movement] = field(default_factory=list)
    cured: list[Movement] = field(default_factory=list)
    brought_over: list[Movement] = field(default_factory=list)

    def left_out(self, until: date) -> Money:
        """All that was ever left out by a day."""
        return self.standing(until) + self.taken_up(until) if self.spells else NOTHING

    def taken_up(self, until: date) -> Money:
        """What of it was taken up since, by whatever took it."""
        told = (self.paid, self.given_up, self.made_principal, self.cured, self.brought_over)
        return Money.total(by(each, until) for each in told)

    def standing(self, day: date) -> Money:
        """What is in suspense at the close of a day: no more than is unpaid, however the pennies of either fell."""
        return min(self.beyond(day), self.claim.unpaid(day)) if self.spells else NOTHING

    def beyond(self, day: date) -> Money:
        """What was left out and not taken up, as it was counted."""
        left_out = Money.total(left(min(day, end)) for start, end, left in self.spells if start < day)
        return left_out - self.taken_up(day)


def suspense(spans: Iterable[Span], claim: Claim, beyond: Beyond) -> Suspense:
    """What is in suspense under one head, by the times in stage 3, in their order, and by all that settled the head.

    What was recognised is settled before what is in suspense; of what a day settled, what was paid before what was made
    principal, and that before what was given up. Refuses nothing: facts are what they are.
    """
    walk = _Walk(claim)
    for span in spans:
        walk.settle(span.start)
        walk.enter(span, beyond)
        walk.settle(span.end - _ONE_DAY)
        walk.leave(span)
    if walk.found.spells:
        walk.settle(date.max)
    return walk.found


class _Walk:
    """From settlement to settlement, and from one time in stage 3 to the next."""

    def __init__(self, claim: Claim) -> None:
        self.claim = claim
        self.found = Suspense(claim)
        self._to_come = sorted({day for day, _ in claim.settled}, reverse=True)
        self._again: Callable[[], None] = lambda: None

    def enter(self, span: Span, beyond: Beyond) -> None:
        """Begin to leave out, from what is recognised and unpaid by now."""
        recognised = max(self.claim.unpaid(span.start) - self.found.standing(span.start), NOTHING)
        before = len(self.found.made_principal)

        def left() -> By:
            return beyond(span.start, recognised, tuple(self.found.made_principal[before:]))

        def again() -> None:
            self.found.spells[-1] = (span.start, span.end, left())

        self.found.spells.append((span.start, span.end, left()))
        self._again = again

    def settle(self, until: date) -> None:
        """Take up what each day's settlements to a day leave in suspense beyond what is unpaid."""
        while self._to_come and self._to_come[-1] <= until:
            day = self._to_come.pop()
            taken = self.found.beyond(day) - self.claim.unpaid(day)
            for settled, found in (
                (self.claim.given_up, self.found.given_up),
                (self.claim.made_principal, self.found.made_principal),
            ):
                part = min(taken, Money.total(amount for on, amount in settled if on == day))
                if part > NOTHING:
                    found.append((day, part))
                    taken -= part
            if taken > NOTHING:
                self.found.paid.append((day, taken))
            if self.found.made_principal and self.found.made_principal[-1][0] == day:
                self._again()

    def leave(self, span: Span) -> None:
        """Keep what was left out in all, and take it up where a cure or another loan's beginning does."""
        if span.end == date.max:
            return
        start, end, left = self.found.spells[-1]
        there = self.found.standing(end)
        whole = left(end) - (self.found.beyond(end) - there)
        self.found.spells[-1] = (start, end, lambda day: whole if day >= end else left(day))
        self._again = lambda: None
        if there > NOTHING and (span.cured or span.replaced):
            (self.found.cured if span.cured else self.found.brought_over).append((end, there))


def by(moved: Iterable[Movement], day: date) -> Money:
    """What movements come to by the close of a day."""
    return Money.total(amount for on, amount in moved if on <= day)
