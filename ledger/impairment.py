"""Credit losses expected on a loan, stage by stage, and the interest that each stage earns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from enum import IntEnum
from typing import Final

from dateutil.relativedelta import relativedelta

from ledger.faults import Fault, Faulty
from ledger.money import NOTHING, Money
from ledger.present_values import discount, present_value

_DIGITS: Final = 50


class BadEstimate(Faulty):
    """Estimates from which no expected loss follows."""

    slug = "bad-estimate"


class Stage(IntEnum):
    """How far a loan's credit has fallen since it was made (IFRS 9, section 5.5)."""

    PERFORMING = 1
    """Losses of the next twelve months are expected; interest is earned on the gross amount."""
    UNDERPERFORMING = 2
    """The risk has risen significantly: losses of the whole life; interest still on the gross amount."""
    IMPAIRED = 3
    """Losses of the whole life, and interest on what is left once the allowance is taken off."""


@dataclass(frozen=True, slots=True)
class Backstops:
    """More days past due than these move a loan on, unless rebutted with evidence (IFRS 9, 5.5.11 and B5.5.37)."""

    risen: int = 30
    defaulted: int = 90


USUAL_BACKSTOPS: Final = Backstops()


def stage_of(
    days_past_due: int,
    *,
    risk_has_risen: bool = False,
    is_impaired: bool = False,
    backstops: Backstops = USUAL_BACKSTOPS,
) -> Stage:
    """The stage that judgement and the days past due put a loan in; a back-stop is passed, not met, by its own day."""
    if is_impaired or days_past_due > backstops.defaulted:
        return Stage.IMPAIRED
    if risk_has_risen or days_past_due > backstops.risen:
        return Stage.UNDERPERFORMING
    return Stage.PERFORMING


@dataclass(frozen=True, slots=True)
class PossibleDefault:
    """A stretch of time in which the loan may fail: with what probability, how much is owed then, what part is lost."""

    on: date
    """The day that a failure in this stretch is taken to happen on: the last one, or a middle one."""
    probability: Decimal
    """Of failing in this stretch and not before; the stretches' probabilities add up to one at most."""
    exposure: Money
    loss_given_default: Decimal


@dataclass(frozen=True, slots=True)
class ExpectedLoss:
    """An expected loss in pence, unrounded, and the parts it is the sum of; it is rounded once, where it is used."""

    parts: tuple[Decimal, ...]

    @property
    def exact(self) -> Decimal:
        """The sum of the parts."""
        with localcontext() as context:
            context.prec = _DIGITS
            return sum(self.parts, Decimal(0))

    @property
    def amount(self) -> Money:
        """The sum in whole pence: never the sum of rounded parts."""
        return Money.round_half_up(self.exact)

    @classmethod
    def total(cls, losses: Iterable[ExpectedLoss]) -> ExpectedLoss:
        """Several loans' losses as one, still unrounded."""
        return cls(tuple(part for loss in losses for part in loss.parts))


def expected_loss(
    stage: Stage, defaults: Sequence[PossibleDefault], effective_rate: Decimal, as_at: date
) -> ExpectedLoss:
    """Probability x exposure x loss given default, discounted at the effective rate to the day of reporting.

    At stage 1 the failures of the twelve months after that day count, and for the whole of their loss; from stage 2 on
    all of them (IFRS 9, 5.5.3, 5.5.5 and B5.5.44). Refuses probabilities and losses outside 0 to 1, probabilities that
    add up to more than one, an exposure below nothing, and a failure before the day of reporting.
    """
    wrong = _faults(defaults, as_at)
    if wrong:
        raise BadEstimate(wrong)
    last = as_at + relativedelta(months=12)
    with localcontext() as context:
        context.prec = _DIGITS
        return ExpectedLoss(
            tuple(
                each.exposure.pence
                * each.probability
                * each.loss_given_default
                * discount(effective_rate, as_at, each.on)
                for each in defaults
                if stage > Stage.PERFORMING or each.on <= last
            )
        )


def loss_by_rates(rows: Iterable[tuple[Money, Decimal]]) -> ExpectedLoss:
    """The loss that rates for groups of loans make: the provision matrix (IFRS 9, B5.5.35)."""
    with localcontext() as context:
        context.prec = _DIGITS
        return ExpectedLoss(tuple(gross.pence * rate for gross, rate in rows))


def loss_by_flows(
    gross: Money, expected_flows: Iterable[tuple[date, Money]], effective_rate: Decimal, as_at: date
) -> ExpectedLoss:
    """What an impaired loan is short of: its gross amount less the present value of what is still expected (B5.5.33).

    Never below nothing. Refuses as `present_value` does.
    """
    with localcontext() as context:
        context.prec = _DIGITS
        short = gross.pence - present_value(expected_flows, effective_rate, as_at)
    return ExpectedLoss((max(short, Decimal(0)),))


def earning(stage: Stage, gross: Money, allowance: Money) -> Money:
    """What effective interest is counted on: the gross amount, at stage 3 the net (IFRS 9, 5.4.1).

    Refuses an allowance below nothing or beyond the gross amount.
    """
    if not NOTHING <= allowance <= gross:
        expected = f"from 0.00 to the gross amount of {gross}"
        raise BadEstimate([Fault("/allowance", str(allowance), expected, "no more can be lost than is owed")])
    return gross - allowance if stage is Stage.IMPAIRED else gross


def earning_movements(
    gross: Iterable[tuple[date, Money]], allowance: Iterable[tuple[date, Money]], stages: Iterable[tuple[date, Stage]]
) -> list[tuple[date, Money]]:
    """The movements of the amount that earns, from those of the gross amount and the allowance and the dated stages.

    A loan is at stage 1 until its first stage is told. Interest on the result is interest on the gross amount but for
    the days at stage 3, which earn on the net. The order in which facts are told does not matter; of two stages of one
    day the worse counts. Refuses a day that would close with more allowed for than is owed.
    """
    grosses, allowed, staged = list(gross), list(allowance), sorted(stages)
    moves, before, gross_now, allowed_now, stage = [], NOTHING, NOTHING, NOTHING, Stage.PERFORMING
    for day in sorted({on for on, _ in (*grosses, *allowed, *staged)}):
        gross_now += Money.total(amount for on, amount in grosses if on == day)
        allowed_now += Money.total(amount for on, amount in allowed if on == day)
        stage = max((told for on, told in staged if on == day), default=stage)
        now = earning(stage, gross_now, allowed_now)
        if now != before:
            moves.append((day, now - before))
        before = now
    return moves


def _faults(defaults: Sequence[PossibleDefault], as_at: date) -> list[Fault]:
    wrong = []
    for place, each in enumerate(defaults):
        if not 0 <= each.probability <= 1:
            wrong.append(_fault(place, "probability", each.probability, "from 0 to 1", "write 5% as 0.05"))
        if not 0 <= each.loss_given_default <= 1:
            found = each.loss_given_default
            wrong.append(_fault(place, "loss_given_default", found, "from 0 to 1", "write 45% as 0.45"))
        if each.exposure < NOTHING:
            wrong.append(_fault(place, "exposure", each.exposure, "nothing or more", "name what would be owed"))
        if each.on < as_at:
            wrong.append(_fault(place, "on", each.on, f"no day before {as_at}", "a failure expected is to come"))
    total = sum((each.probability for each in defaults), Decimal(0))
    if not wrong and total > 1:
        wrong.append(Fault("/defaults", f"probabilities of {total}", "at most 1 together", "a loan fails only once"))
    return wrong


def _fault(place: int, member: str, found: object, expected: str, remedy: str) -> Fault:
    return Fault(f"/defaults/{place}/{member}", str(found), expected, remedy)
