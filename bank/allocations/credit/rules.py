"""Which stage a day is in, which back-stops arrears have passed, and what an assumption may say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from bank.treasury.rules import BadTerms, fraction, positive
from ledger.dates import within_calendar
from ledger.impairment import USUAL_BACKSTOPS, Stage
from ledger.money import NOTHING, Money
from ledger.refusals import NotFound, Refusal

BACKSTOPS: Final = {Stage.UNDERPERFORMING: USUAL_BACKSTOPS.risen, Stage.IMPAIRED: USUAL_BACKSTOPS.defaulted}
"""More days past due than these put a loan in the stage, unless that is rebutted (IFRS 9, 5.5.11 and B5.5.37)."""

MOST_YEARS: Final = 40
"""As far ahead as an assumption may look."""


MOST_RECEIPTS: Final = 480
"""As many as forty years of months have."""


class NoSuchAssumption(NotFound):
    """No assumption of this id, or none in force."""

    slug = "no-such-assumption"


class BeyondGross(Refusal):
    """More allowed for than is owed."""

    slug = "beyond-gross"
    status = 409


class NothingToRebut(Refusal):
    """No back-stop was passed."""

    slug = "nothing-to-rebut"
    status = 409


def stage_at(moves: Iterable[tuple[date, Stage]], day: date) -> Stage:
    """The stage of a day: that of the latest move by then, the worse of two of one day; the first until one moves."""
    return max((move for move in moves if move[0] <= day), default=(day, Stage.PERFORMING))[1]


def sound_stage(number: int) -> Stage:
    """One of the three stages."""
    try:
        return Stage(number)
    except ValueError:
        raise BadTerms(f"There is no stage {number}: a loan is in stage 1, 2 or 3") from None


def sound_assumption(stage: int, by_year: Sequence[Decimal], lost: Decimal, conversion: Decimal, basis: str) -> Stage:
    """The stage that an assumption is of; refuses fractions that are none, and one that rests on nothing.

    Stage 1 looks twelve months ahead, and stage 3 has defaulted: each takes one probability.
    """
    for each in by_year:
        fraction(each, "The probability of default")
    fraction(lost, "The loss given default")
    fraction(conversion, "The part of an undrawn commitment that is drawn before a default")
    if not 1 <= len(by_year) <= MOST_YEARS or sum(by_year) > 1:
        raise BadTerms(
            f"Tell the probability of default in each of 1 to {MOST_YEARS} years ahead, 1 together at the most: a loan "
            f"fails only once"
        )
    found = sound_stage(stage)
    if len(by_year) > 1 and found is not Stage.UNDERPERFORMING:
        raise BadTerms(f"Stage {stage} takes one probability: only stage 2 looks beyond the twelve months to come")
    if not basis.strip():
        raise BadTerms("Say what the assumption rests on: loss history, a rating, a committee's minute")
    return found


def sound_receipts(
    from_on: date, receipts: Sequence[tuple[date, Money]], market_rate: Decimal | None, basis: str
) -> list[tuple[date, Money]]:
    """What is expected of a loan in the order of its days; refuses none, one that is not to come, and no basis."""
    within_calendar(from_on)
    if market_rate is not None:
        fraction(market_rate, "The market's rate")
    for day, amount in receipts:
        positive(amount, "A receipt that is expected")
        if within_calendar(day) <= from_on:
            raise BadTerms(f"A receipt expected on {day} is not to come after {from_on}: leave it out")
    if not 1 <= len(receipts) <= MOST_RECEIPTS:
        raise BadTerms(f"Tell from 1 to {MOST_RECEIPTS} receipts that are expected, each with its day")
    if not basis.strip():
        raise BadTerms("Say what it rests on: an offer, a valuation, the administrators' report")
    return sorted(receipts)


def refuse_over_exposed(amount: Money, gross: Money, undrawn: Money) -> None:
    """Pass when no more is allowed and provided for than is owed and may yet be drawn."""
    if amount > gross + undrawn:
        drawn = f" and {undrawn} may yet be drawn" if undrawn else ""
        raise BeyondGross(
            f"{amount} cannot be allowed for: the loan is carried at {max(gross, NOTHING)}{drawn}, and no more can be "
            f"lost",
            amount=str(amount),
            gross=str(gross),
            undrawn=str(undrawn),
        )


def passed(days: int, stage: Stage) -> list[Stage]:
    """The stages whose back-stop the days past due have passed while the loan is in a better one."""
    return [each for each, most in BACKSTOPS.items() if days > most and stage < each]
