"""What loss is expected at a stage, which back-stops arrears have passed, and what an assumption may say."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Final

from bank.treasury.rules import BadTerms, fraction
from ledger.impairment import USUAL_BACKSTOPS, PossibleDefault, Stage, expected_loss
from ledger.money import NOTHING, Money
from ledger.refusals import NotFound, Refusal

BACKSTOPS: Final = {Stage.UNDERPERFORMING: USUAL_BACKSTOPS.risen, Stage.IMPAIRED: USUAL_BACKSTOPS.defaulted}
"""More days past due than these put a loan in the stage, unless that is rebutted (IFRS 9, 5.5.11 and B5.5.37)."""


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


def sound_assumption(stage: int, probability: Decimal, loss_given_default: Decimal, basis: str) -> Stage:
    """The stage that an assumption is of; refuses fractions that are none, and one that rests on nothing."""
    fraction(probability, "The probability of default")
    fraction(loss_given_default, "The loss given default")
    if not basis.strip():
        raise BadTerms("Say what the assumption rests on: loss history, a rating, a committee's minute")
    return sound_stage(stage)


def loss_expected(stage: Stage, gross: Money, probability: Decimal, loss_given_default: Decimal, on: date) -> Money:
    """Probability x what is owed x the part lost, rounded half up once; not discounted, and never beyond the loan."""
    owed = max(gross, NOTHING)
    default = PossibleDefault(on, probability, owed, loss_given_default)
    return min(expected_loss(stage, [default], Decimal(0), on).amount, owed)


def refuse_over_gross(amount: Money, gross: Money) -> None:
    """Pass when no more is allowed for than is owed."""
    if amount > gross:
        raise BeyondGross(
            f"{amount} cannot be allowed for: the loan is carried at {max(gross, NOTHING)}, and no more can be lost",
            amount=str(amount),
            gross=str(gross),
        )


def passed(days: int, stage: Stage) -> list[Stage]:
    """The stages whose back-stop the days past due have passed while the loan is in a better one."""
    return [each for each, most in BACKSTOPS.items() if days > most and stage < each]
