"""How far the bank's cash reaches, what a payment between two books is made of, and which days money can move on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from ledger.dates import within_calendar
from ledger.entries import Entry, Posting
from ledger.money import NOTHING, Money
from ledger.refusals import Malformed, Refusal

_DECIMALS: Final = 12

LIQUID: Final = ("1000", "1100", "1110", "1120")
"""Cash at bank and what is placed, in the bank's book and the reclaim fund's. The collection account is others'."""
PLACED: Final = LIQUID[1:]
"""What is placed alone."""
PROMISED: Final = ("9100", "9120", "9130")
"""The memoranda of what the bank may yet have to pay: undrawn, guaranteed, uncalled."""


class BadTerms(Malformed):
    """An amount, a rate or a day that cannot be meant."""

    slug = "bad-terms"


class NotEnoughHeadroom(Refusal):
    """The bank's cash does not reach so far."""

    slug = "not-enough-headroom"
    status = 409


class NotEnoughCash(Refusal):
    """The book has not got the cash."""

    slug = "not-enough-cash"
    status = 409


@dataclass(frozen=True, slots=True)
class Parts:
    """What headroom is made of. Commitments are counted to their full undrawn amounts.

    What treasury has placed may be promised, for it comes home; only cash can be paid out.
    """

    cash: Money
    paid_in_capital: Money
    reserve_fraction: Decimal | None
    undrawn: Money
    in_principle: Money
    treasury: Money = NOTHING

    @property
    def reserve(self) -> Money:
        """What is kept back: the approved fraction of paid-in capital, and nothing while no policy is approved."""
        return NOTHING if self.reserve_fraction is None else self.paid_in_capital.times(self.reserve_fraction)

    @property
    def headroom(self) -> Money:
        """What there is less the reserve less what is signed and undrawn; below nothing, promises outrun the money."""
        return self.cash + self.treasury - self.reserve - self.undrawn

    @property
    def payable(self) -> Money:
        """What may be paid out: no more than the headroom, and no more than is there in cash."""
        return min(self.headroom, self.cash)

    @property
    def free_to_approve(self) -> Money:
        """Headroom less what is approved and still to be signed."""
        return self.headroom - self.in_principle


@dataclass(frozen=True, slots=True)
class Side:
    """One book's half of a payment: the account debited and the account credited."""

    book: str
    debit: str
    credit: str


def refuse_over_headroom(amount: Money, free: Money, parts: Parts, act: str) -> None:
    """Pass when an amount is within what is free; otherwise say what the figure is made of."""
    if amount > free:
        raise NotEnoughHeadroom(
            f"{act} {amount} goes beyond the headroom: {max(free, NOTHING)} is free, of {parts.cash} in cash "
            f"and {parts.treasury} in treasury less {parts.reserve} kept in reserve, {parts.undrawn} signed and "
            f"undrawn and {parts.in_principle} approved in principle. It takes more capital, repayments, "
            "money brought home from treasury, or a smaller amount",
            amount=str(amount),
            free=str(free),
            cash=str(parts.cash),
            treasury=str(parts.treasury),
            reserve=str(parts.reserve),
            undrawn=str(parts.undrawn),
            in_principle=str(parts.in_principle),
        )


def refuse_over_cash(amount: Money, there: Money, whose: str) -> None:
    """Pass when the cash is there."""
    if amount > there:
        raise NotEnoughCash(f"{whose} has {there} to pay {amount} from", amount=str(amount), there=str(there))


def positive(amount: Money, what: str) -> Money:
    """The amount, or a refusal when it is nothing or less."""
    if amount <= NOTHING:
        raise BadTerms(f"{what} must be more than nothing, not {amount}", found=str(amount))
    return amount


def not_negative(amount: Money, what: str) -> Money:
    """The amount, or a refusal when it is less than nothing."""
    if amount < NOTHING:
        raise BadTerms(f"{what} cannot be less than nothing: {amount}", found=str(amount))
    return amount


def fraction(value: Decimal, what: str) -> Decimal:
    """A rate or share between 0 and 1, both included, with at most twelve decimals."""
    if not value.is_finite() or not 0 <= value <= 1 or value != round(value, _DECIMALS):
        raise BadTerms(
            f"{what} is a fraction between 0 and 1 with at most twelve decimals, such as 0.4 for forty per cent, "
            f"not {str(value)[:40]}",
            found=str(value)[:40],
        )
    return value


def happened_by(day: date, today: date, what: str) -> date:
    """The day, or a refusal when it lies outside the calendar or ahead of us: money that moves has moved."""
    within_calendar(day)
    if day > today:
        raise BadTerms(
            f"{what} cannot be dated {day}: today is {today}, and money that has moved has a past", day=str(day)
        )
    return day


def lowest(start: Money, movements: Iterable[Money]) -> Money:
    """The lowest that a balance comes to as movements follow one another, its start included."""
    balance = least = start
    for movement in movements:
        balance += movement
        least = min(least, balance)
    return least


def entry_of(side: Side, amount: Money, *, key: str, on: date, description: str, kind: str, pair: str = "") -> Entry:
    """One balanced entry that moves an amount between two accounts of a book."""
    return Entry(
        key=key,
        book=side.book,
        effective_on=on,
        description=description,
        postings=(Posting(side.debit, amount), Posting(side.credit, -amount)),
        kind=kind,
        pair=pair,
    )


def linked_pair(
    sides: Sequence[Side], amount: Money, *, key: str, on: date, description: str, kind: str
) -> list[Entry]:
    """The same payment in the books on both its sides, under one label, so that their mirror accounts must agree."""
    return [entry_of(side, amount, key=key, on=on, description=description, kind=kind, pair=key) for side in sides]
