"""Looks at the credit of facilities: stage, arrears, allowance, and the back-stops passed and not rebutted."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Final

from bank.allocations.credit.queries import agreed_receipts_of, rebuttals, stages_of, stages_of_all
from bank.allocations.credit.rules import BACKSTOPS, passed, stage_at
from bank.allocations.facts import ALLOWANCES, GROSS, PROVISION, facts_of, facts_of_all
from bank.allocations.instalments import ArrearsView, arrears_of
from bank.allocations.queries import FacilityView, all_facilities
from bank.allocations.queries import facility as facility_then
from ledger.impairment import Stage
from ledger.money import Money
from ledger.queries import Known, known
from ledger.store.database import ReadSession
from ledger.store.work import View

_PLACES: Final = 12
_MOVE: Final = ("move it to", "it began impaired, so what is allowed for stays as it is, but put it on record in")


class BackstopView(View):
    """A back-stop that arrears have passed while the facility stands in a better stage, and nobody has rebutted."""

    facility: str
    stage: int
    days_past_due: int
    overdue_since: date
    sentence: str


class CreditView(View):
    """How a facility's credit stands on a day: its stage, what it is carried at, what is allowed for, what is late.

    A loan that began impaired stands in stage 3 for all its life, whatever stage it was put in (IFRS 9, 5.5.13): there
    is what is allowed for its loss.
    """

    facility: str
    as_at: date
    stage: int
    gross: Money
    stage_1_allowance: Money
    stage_2_allowance: Money
    stage_3_allowance: Money
    net: Money
    undrawn: Money
    provision: Money
    """For losses on what is undrawn, beyond what the allowance takes: a liability, and not in the net amount."""
    began_impaired_on: date | None
    credit_adjusted_rate: Decimal | None
    """The yearly rate that a loan which began impaired earns for all its life."""
    still_expected: Money | None
    """What is still expected to be received, where that was told."""
    interest_not_recognised: Money
    """Interest in suspense: what the contract claims beyond what stage 3 recognises, until it is paid or owed again."""
    default_interest_not_recognised: Money
    """The same of default interest."""
    arrears: ArrearsView
    backstops: tuple[BackstopView, ...]


def credit(
    session: ReadSession,
    facility: str,
    *,
    as_at: date | None = None,
    at: Known | None = None,
    intermediary: str | None = None,
) -> CreditView:
    """How one facility's credit stands, by the facts dated up to a day and as known then."""
    then, day = at or known(session), as_at or session.now.date()
    return _credit(session, facility_then(session, facility, as_at=day, at=then, intermediary=intermediary), day, then)


def backstops(session: ReadSession, *, as_at: date | None = None, at: Known | None = None) -> list[BackstopView]:
    """Every back-stop passed and not rebutted, over all facilities that owe something."""
    then, day = at or known(session), as_at or session.now.date()
    owing = [each for each in all_facilities(session, as_at=day, at=then) if each.figures.outstanding]
    facts = facts_of_all(session, owing, as_at=day, at=then)
    stages = stages_of_all(session, facts, at=then)
    found = []
    for each in owing:
        late = arrears_of(each.id, facts[each.id], day, each.figures.unapplied)
        begun = facts[each.id].course.began_impaired_by(day) is not None
        found += _passed(session, each, late, stage_at(stages.get(each.id, ()), day), then, begun=begun)
    return found


def began_impaired(
    session: ReadSession, views: Iterable[FacilityView], *, as_at: date, at: Known | None = None
) -> frozenset[str]:
    """Which of many facilities are loans that began impaired by a day, and so stand in stage 3 for all their life.

    None does of which nobody told what is to be expected: so only of the others anything is read.
    """
    given = {view.id: view for view in views}
    told = agreed_receipts_of(session, given, at=at)
    facts = facts_of_all(session, [given[each] for each in told], as_at=as_at, at=at)
    return frozenset(each for each, there in facts.items() if there.course.began_impaired_by(as_at) is not None)


def _credit(session: ReadSession, view: FacilityView, day: date, then: Known) -> CreditView:
    facts = facts_of(session, view, as_at=day, at=then)
    gross = facts.balance(GROSS, day)
    first, second, third = (-facts.balance([root], day) for root in ALLOWANCES)
    put_in = stage_at(stages_of(session, view.id, at=then), day)
    begun, told = facts.course.began_impaired_by(day), facts.course.foretold_on(day)
    late = arrears_of(view.id, facts, day, view.figures.unapplied)
    return CreditView(
        facility=view.id,
        as_at=day,
        stage=int(put_in if begun is None else Stage.IMPAIRED),
        gross=gross,
        stage_1_allowance=first,
        stage_2_allowance=second,
        stage_3_allowance=third,
        net=gross - first - second - third,
        undrawn=facts.balance(["9100"], day),
        provision=-facts.balance([PROVISION], day),
        began_impaired_on=None if begun is None else begun.on,
        credit_adjusted_rate=None if begun is None else round(begun.rate, _PLACES),
        still_expected=None if told is None else Money.total(amount for _, amount in told.after(day)),
        interest_not_recognised=facts.course.suspended(day),
        default_interest_not_recognised=facts.course.default_suspense.standing(day),
        arrears=late,
        backstops=tuple(_passed(session, view, late, put_in, then, begun=begun is not None)),
    )


def _passed(
    session: ReadSession, view: FacilityView, late: ArrearsView, stage: Stage, then: Known, *, begun: bool
) -> list[BackstopView]:
    """The back-stops passed; of a loan that `begun` impaired only the last, whose record statements tell it by."""
    if late.overdue_since is None or not passed(late.days_past_due, stage):
        return []
    rebutted = {each.stage for each in rebuttals(session, view.id, at=then) if each.overdue_since == late.overdue_since}
    return [
        BackstopView(
            facility=view.id,
            stage=int(each),
            days_past_due=late.days_past_due,
            overdue_since=late.overdue_since,
            sentence=f"{view.name} is {late.days_past_due} days past due, more than {BACKSTOPS[each]}: {_MOVE[begun]} "
            f"stage {each:d}, or rebut that with evidence",
        )
        for each in passed(late.days_past_due, stage)
        if each not in rebutted and (each is Stage.IMPAIRED or not begun)
    ]
