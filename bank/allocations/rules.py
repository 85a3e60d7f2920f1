"""What a facility may be, what may happen to it and when, and what its events come to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from bank.allocations.products import registry
from bank.allocations.products.shape import RESTORED, SPENT
from bank.treasury.rules import BadTerms, fraction, not_negative, positive
from ledger.dates import within_calendar
from ledger.daycounts import DayCount
from ledger.money import NOTHING, Money
from ledger.refusals import Refusal

PRODUCTS: Final[Mapping[str, str]] = {code: product.title for code, product in registry.PRODUCTS.items()}

PROPOSED: Final = "proposed"
APPROVED: Final = "approved"
REJECTED: Final = "rejected"
SIGNED: Final = "signed"
DRAWDOWN: Final = "drawdown"
ACCRUAL: Final = "accrual"
REPAYMENT: Final = "repayment"
INTEREST_PAID: Final = "interest"
"""The kind of the entries by which interest and fees are paid; a repayment's own settle principal."""
PAYMENT_BACK: Final = "payment-back"
"""What a payment put under a head beyond what was ever owed there, turned back once that comes to be known."""
PAYMENT_AGAIN: Final = "payment-again"
"""What was turned back of a payment divided by hand, under its head again: it was owed there after all."""
CAPITALISED_BACK: Final = "capitalised-back"
LOSS_BACK: Final = "loss-back"
WRITE_OFF: Final = "write-off"
RECOVERY: Final = "recovery"
LAPSE: Final = "lapse"
FEE: Final = "fee"
CAPITALISATION: Final = "capitalisation"
MODIFICATION: Final = "modification"
REPLACEMENT: Final = "replacement"
IMPAIRMENT: Final = "impairment"
RELEASE: Final = "release"
RECLASSIFIED: Final = "reclassified"
RAISED: Final = "raised"
RECURRING: Final = (ACCRUAL, IMPAIRMENT, RELEASE, RECLASSIFIED)
"""What comes of the days gone by, quarter after quarter, and is no act of the intermediary's or with it."""
REFUND: Final = "refund"
ADJUSTMENT: Final = "adjustment"
"""What a soft-closed quarter still takes: what is measured when the quarter is over."""
TAKEN_UP: Final = "taken-up"
EARNED: Final = (ACCRUAL, ADJUSTMENT, TAKEN_UP)
"""Entries on the account of interest by which more of it is owed; all others settle it."""
CO_COMMITMENT: Final = "co-commitment"
CO_DRAWING: Final = "co-drawing"

DRAWING: Final = "drawing"
REPAID: Final = "repaid"
WRITTEN_OFF: Final = "written-off"
LAPSED: Final = "lapsed"
STATES: Final = (PROPOSED, APPROVED, REJECTED, SIGNED, DRAWING, REPAID, WRITTEN_OFF, LAPSED)

_LONGEST_TEXT: Final = 4_000


class WrongState(Refusal):
    """The facility is not where this can happen to it."""

    slug = "wrong-state"
    status = 409


class NotInGoodStanding(Refusal):
    """The intermediary is suspended or has failed."""

    slug = "not-in-good-standing"
    status = 409


class OutsideAvailability(Refusal):
    """Money is drawn within the availability period only."""

    slug = "outside-availability"
    status = 409


class BeyondCommitment(Refusal):
    """More than is left to draw."""

    slug = "beyond-commitment"
    status = 409


class BeyondOutstanding(Refusal):
    """More than is owed."""

    slug = "beyond-outstanding"
    status = 409


class BeyondWriteOff(Refusal):
    """More recovered than was written off."""

    slug = "beyond-write-off"
    status = 409


@dataclass(frozen=True, slots=True)
class Terms:
    """What is proposed: the bank's own commitment, what co-investors mean to add, and the days that matter."""

    product: str
    amount: Money
    co_investor_amount: Money
    annual_rate: Decimal
    day_count: DayCount
    available_from: date
    available_until: date
    matures_on: date
    purpose: str
    additionality: str


@dataclass(frozen=True, slots=True)
class Fact:
    """One event of a facility as the rules see it."""

    kind: str
    effective_on: date
    amount: Money = NOTHING
    interest: Money = NOTHING
    co_investor_amount: Money = NOTHING


@dataclass(frozen=True, slots=True)
class Life:
    """What a facility's events come to: each figure a sum of its own, never one taken for another."""

    kinds: frozenset[str]
    approved: Money
    signed: Money
    drawn: Money
    lapsed: Money
    repaid: Money
    written_off: Money
    interest_accrued: Money
    interest_received: Money
    interest_written_off: Money
    capitalised: Money
    recovered: Money
    co_investor_signed: Money
    co_investor_drawn: Money

    @property
    def undrawn(self) -> Money:
        """Signed, and neither drawn nor lapsed."""
        return self.signed - self.drawn - self.lapsed if SIGNED in self.kinds else NOTHING

    @property
    def outstanding(self) -> Money:
        """Drawn or capitalised, and neither repaid nor written off."""
        return self.drawn + self.capitalised - self.repaid - self.written_off

    @property
    def interest_due(self) -> Money:
        """Accrued, and neither received, written off nor made principal."""
        return self.interest_accrued - self.interest_received - self.interest_written_off - self.capitalised

    @property
    def state(self) -> str:
        """Where the facility is in its life, by what has happened and nothing else."""
        if REJECTED in self.kinds:
            return REJECTED
        if SIGNED not in self.kinds:
            return LAPSED if LAPSE in self.kinds else APPROVED if APPROVED in self.kinds else PROPOSED
        if not self.drawn:
            return SIGNED if self.undrawn else LAPSED
        if self.outstanding or self.undrawn:
            return DRAWING
        return WRITTEN_OFF if self.written_off else REPAID


def life_of(facts: Iterable[Fact]) -> Life:
    """Fold events into what they come to; their order does not matter."""
    pence: dict[str, tuple[int, int, int]] = {}
    for fact in facts:
        amount, interest, other = pence.get(fact.kind, (0, 0, 0))
        pence[fact.kind] = (
            amount + fact.amount.pence,
            interest + fact.interest.pence,
            other + fact.co_investor_amount.pence,
        )

    def amounts(kind: str) -> Money:
        return Money(pence[kind][0]) if kind in pence else NOTHING

    def interests(kind: str) -> Money:
        return Money(pence[kind][1]) if kind in pence else NOTHING

    def others(kind: str) -> Money:
        return Money(pence[kind][2]) if kind in pence else NOTHING

    return Life(
        kinds=frozenset(pence),
        approved=amounts(APPROVED),
        signed=amounts(SIGNED),
        drawn=amounts(DRAWDOWN),
        lapsed=amounts(LAPSE) + amounts(SPENT) - amounts(RESTORED) if SIGNED in pence else NOTHING,
        repaid=amounts(REPAYMENT) + amounts(PAYMENT_AGAIN) - amounts(PAYMENT_BACK),
        written_off=amounts(WRITE_OFF),
        interest_accrued=interests(ACCRUAL) + interests(TAKEN_UP),
        interest_received=interests(REPAYMENT) + interests(PAYMENT_AGAIN) - interests(PAYMENT_BACK),
        interest_written_off=interests(WRITE_OFF) - interests(LOSS_BACK),
        capitalised=amounts(CAPITALISATION) - amounts(CAPITALISED_BACK),
        recovered=amounts(RECOVERY),
        co_investor_signed=others(SIGNED) + others(CO_COMMITMENT),
        co_investor_drawn=others(DRAWDOWN) + others(CO_DRAWING),
    )


def lives_from(facts: Iterable[Fact], day: date) -> Iterator[Life]:
    """What events had come to at the close of a day, and of each later day on which anything happened."""
    told = tuple(facts)
    for then in sorted({day, *(fact.effective_on for fact in told if fact.effective_on > day)}):
        yield life_of(fact for fact in told if fact.effective_on <= then)


def sound_terms(
    *,
    product: str,
    amount: Money,
    co_investor_amount: Money,
    annual_rate: Decimal,
    day_count: str,
    available_from: date,
    available_until: date,
    matures_on: date,
    purpose: str,
    additionality: str,
) -> Terms:
    """The terms as they will stand; refuses what cannot be meant. The rate is a yearly fraction."""
    if product not in PRODUCTS:
        raise BadTerms(
            f"There is no product {product!r:.60}: the products are {', '.join(PRODUCTS)}", found=product[:60]
        )
    conventions = [each.value for each in DayCount]
    if day_count not in conventions:
        raise BadTerms(f"There is no day count {day_count!r:.40}: it is one of {', '.join(conventions)}")
    if not within_calendar(available_from) <= within_calendar(available_until) <= within_calendar(matures_on):
        raise BadTerms(
            f"The days are out of order: available from {available_from} until {available_until}, maturing on "
            f"{matures_on}. Money must be available before the facility matures"
        )
    return Terms(
        product=product,
        amount=positive(amount, "A facility"),
        co_investor_amount=not_negative(co_investor_amount, "Co-investors' money"),
        annual_rate=fraction(annual_rate, "The yearly rate"),
        day_count=DayCount(day_count),
        available_from=available_from,
        available_until=available_until,
        matures_on=matures_on,
        purpose=_said(purpose, "what the money is for"),
        additionality=_said(additionality, "why this would not happen without the bank's money"),
    )


def refuse_unless(state: str, allowed: tuple[str, ...], act: str) -> None:
    """Pass when the facility is in one of the states in which the act can happen."""
    if state not in allowed:
        raise WrongState(
            f"A facility that is {state} cannot be {act}: it would have to be {' or '.join(allowed)}",
            state=state,
            allowed=list(allowed),
        )


def refuse_unless_active(standing: str, intermediary: str, day: date) -> None:
    """Pass when the intermediary stands well enough for new money to be promised or paid to it."""
    if standing != "active":
        raise NotInGoodStanding(
            f"The intermediary {intermediary} is {standing} on {day}: nothing new is promised or paid to it",
            intermediary=intermediary,
            standing=standing,
        )


def refuse_before(day: date, earliest: date, what: str) -> None:
    """Pass when one event does not come before the one it follows from."""
    if day < earliest:
        raise BadTerms(f"{day} is too early: {what} on {earliest}", on=str(day), earliest=str(earliest))


def refuse_outside_availability(day: date, first: date, last: date) -> None:
    """Pass when money may be drawn on the day; both ends of the availability period are in it."""
    if not first <= day <= last:
        raise OutsideAvailability(
            f"{day} is outside the availability period, which runs from {first} to {last}",
            on=str(day),
            available_from=str(first),
            available_until=str(last),
        )


def refuse_after_availability(day: date, last: date, done: str) -> None:
    """Pass while there are days left on which money may be drawn: what was promised lapses with the last of them."""
    if day > last:
        raise OutsideAvailability(
            f"The availability ended on {last}, and what was not drawn has lapsed: nothing of it is {done} on {day}. "
            f"Propose another facility",
            on=str(day),
            available_until=str(last),
        )


def lapsed_in_fact(life: Life, left: Money, until: date, day: date) -> Fact | None:
    """What fell away with the availability by a day, whether or not anybody has entered it; none where nothing did.

    `left` is what is still promised, or approved in principle, by the books.
    """
    if day <= until or life.state not in (APPROVED, SIGNED, DRAWING) or left <= NOTHING:
        return None
    return Fact(LAPSE, until + timedelta(days=1), left)


def refuse_over_undrawn(amount: Money, undrawn: Money) -> None:
    """Pass when the signed commitment still reaches."""
    if amount > undrawn:
        raise BeyondCommitment(
            f"{amount} cannot be drawn: {undrawn} of the signed commitment is left undrawn",
            amount=str(amount),
            undrawn=str(undrawn),
        )


def refuse_over_owed(amount: Money, owed: Money, what: str, on: date, instead: str = "") -> None:
    """Pass when no more is paid or written off than is owed, on the day and since."""
    if amount > owed:
        raise BeyondOutstanding(
            f"{amount} of {what} is more than the {max(owed, NOTHING)} owed from {on} on: nothing was recorded"
            f"{instead and '. '}{instead}",
            amount=str(amount),
            owed=str(owed),
            on=str(on),
        )


def refuse_over_written_off(amount: Money, life: Life) -> None:
    """Pass when recoveries together stay within what was written off, principal and interest."""
    lost = life.written_off + life.interest_written_off
    left = lost - life.recovered
    if not lost:
        raise WrongState("Nothing of this facility is written off, so nothing can be recovered: record a repayment")
    if amount > left:
        raise BeyondWriteOff(
            f"{amount} cannot be recovered: {lost} was written off and {life.recovered} of it recovered, which leaves "
            f"{left}. Record what goes beyond as what it is",
            amount=str(amount),
            left=str(left),
        )


def accruals_wanting(due: Mapping[date, Money], posted: Iterable[tuple[date, Money]]) -> dict[date, Money]:
    """What must be posted on each day, so that by each of them exactly what was due by then is posted.

    `due` is what should have accrued by each day, `posted` what was posted on which day. A day on which nothing is
    wanting is given as nothing.
    """
    there = tuple(posted)
    wanting: dict[date, Money] = {}
    made = NOTHING
    for day in sorted(due):
        before = Money.total(amount for posted_on, amount in there if posted_on <= day)
        wanting[day] = due[day] - before - made
        made += wanting[day]
    return wanting


def _said(text: str, what: str) -> str:
    tidy = text.strip()
    if not 1 <= len(tidy) <= _LONGEST_TEXT:
        raise BadTerms(f"Say {what}, in at most {_LONGEST_TEXT} characters")
    return tidy
