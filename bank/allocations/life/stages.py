"""The stages that a facility came to, one after another, each with the fact that brought it there.

Nothing of this is kept: it is told afresh from the facts, so that one dated back takes its place among the others.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Final, NamedTuple

from bank.allocations.life.rules import CONDITIONS_SATISFIED, DRAWING, SIGNED, Course, latest, stage_of
from bank.allocations.rules import (
    APPROVED,
    LAPSE,
    PROPOSED,
    REJECTED,
    REPAYMENT,
    Fact,
    lapsed_in_fact,
    life_of,
)
from bank.allocations.rules import SIGNED as SIGNATURE
from ledger.money import NOTHING, Money

_SETTLED: Final = "Every condition precedent is satisfied or waived"
_EARLIER: Final = {PROPOSED: 0, APPROVED: 1, SIGNATURE: 3}
"""What follows from what, where several facts bear one day and one instant; conditions and heads stand between."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that bears on a facility's stage: its day, when and by whom it was told, why and on what evidence.

    `facts` are its events, and what they moved by the books stands beside them. `listed` counts conditions precedent
    that it lists, `settled` names the one that it settles. `until` and `matures_on` are days that it puts off.
    A day that merely comes is `timely`, and goes before everything that happens on it.
    """

    on: date
    recorded_at: datetime
    by: str
    reason: str
    evidence: str = ""
    facts: tuple[Fact, ...] = ()
    undrawn: Money = NOTHING
    outstanding: Money = NOTHING
    drawn: Money = NOTHING
    heads: bool = False
    listed: int = 0
    settled: str = ""
    withdrawn: bool = False
    until: date | None = None
    matures_on: date | None = None
    timely: bool = False

    @property
    def rank(self) -> int:
        """Its place among what is told of one day at one instant."""
        if self.heads or self.listed:
            return 2
        return min((_EARLIER.get(fact.kind, 5) for fact in self.facts), default=4)


class Reached(NamedTuple):
    """A stage, and what brought the facility to it."""

    stage: str
    moment: Moment


@dataclass(frozen=True, slots=True)
class _So:
    """How a facility stands after some moments."""

    course: Course
    facts: tuple[Fact, ...] = ()
    settled: tuple[Moment, ...] = ()
    """What settled each condition since they were last all settled."""
    stage: str = ""


def reached(available: tuple[date, date], matures_on: date, moments: Iterable[Moment], day: date) -> list[Reached]:
    """Every stage that a facility came to by a day, in the order it did, by what bears on it.

    `available` are the first and the last day to draw as proposed, `matures_on` the last day of all.
    """
    told = sorted(moments, key=lambda each: (each.on, each.recorded_at, each.rank))
    so = _So(_unproposed(*available, matures_on))
    found: list[Reached] = []
    for moment in sorted([*told, *_days_that_come(available, told)], key=lambda each: (each.on, not each.timely)):
        if moment.on <= day:
            after = _after(so, moment)
            found += [Reached(stage, _grounds(stage, moment, after)) for stage in _ways(so, after, moment)]
            so = after
    return found


def _unproposed(available_from: date, until: date, matures_on: date) -> Course:
    return Course(
        state="",
        day=date.min,
        available_from=available_from,
        available_until=until,
        matures_on=matures_on,
        undrawn=NOTHING,
        outstanding=NOTHING,
        drawn=NOTHING,
        heads=False,
        open_conditions=0,
        conditions=0,
        withdrawn=False,
        let_go_on=None,
        ended_on=None,
    )


def _days_that_come(available: tuple[date, date], told: Iterable[Moment]) -> list[Moment]:
    """The days on which something begins or ends by what was agreed, told by whoever agreed to it last before."""
    found: list[Moment] = []
    for moment in told:
        until = moment.until
        kinds = {fact.kind for fact in moment.facts}
        if SIGNATURE in kinds:
            found += _comes(moment, available[0], f"Its availability began on {available[0]}, as it was signed")
        if kinds & {APPROVED, SIGNATURE}:
            until = available[1]
        if until is not None and until < date.max:
            found += _comes(moment, until + timedelta(days=1), f"Its availability ended on {until}")
    entered = {each.on for each in told if any(fact.kind == LAPSE for fact in each.facts)}
    return [each for each in found if each.on not in entered]


def _comes(agreed: Moment, on: date, reason: str) -> list[Moment]:
    """A day that comes after something was agreed; one that had come by then brings nothing of its own."""
    told = Moment(on, agreed.recorded_at, agreed.by, reason, agreed.evidence, timely=True)
    return [told] if on > agreed.on else []


def _after(so: _So, moment: Moment) -> _So:
    """How it stands once something more has been told."""
    was, facts = so.course, (*so.facts, *moment.facts)
    days = {kind: latest(fact.effective_on for fact in facts if fact.kind == kind) for kind in (LAPSE, REPAYMENT)}
    course = replace(
        was,
        state=life_of(facts).state,
        day=moment.on,
        available_until=moment.until or was.available_until,
        matures_on=moment.matures_on or was.matures_on,
        undrawn=was.undrawn + moment.undrawn,
        outstanding=was.outstanding + moment.outstanding,
        drawn=was.drawn + moment.drawn,
        heads=was.heads or moment.heads,
        conditions=was.conditions + moment.listed,
        open_conditions=was.open_conditions + moment.listed - bool(moment.settled),
        withdrawn=was.withdrawn or moment.withdrawn,
        let_go_on=days[LAPSE],
        ended_on=days[REPAYMENT],
    )
    settled = () if moment.listed and not was.open_conditions else so.settled
    return _So(course, facts, (*settled, moment) if moment.settled else settled, _stage(course, facts))


def _stage(course: Course, facts: tuple[Fact, ...]) -> str:
    """The stage by what has happened, and by what has lapsed in fact."""
    if not facts:
        return ""
    life = life_of(facts)
    left = life.approved if life.state == APPROVED else course.undrawn
    gone = lapsed_in_fact(life, left, course.available_until, course.day)
    if gone is not None:
        let_go_on = latest((course.let_go_on, gone.effective_on))
        course = replace(course, state=life_of((*facts, gone)).state, undrawn=NOTHING, let_go_on=let_go_on)
    return stage_of(course)


def _ways(so: _So, after: _So, moment: Moment) -> list[str]:
    """The stages that a moment leads through, for signing or drawing may lead past the one that it is named for."""
    signed = any(fact.kind == SIGNATURE for fact in moment.facts)
    way = [SIGNED] if signed else []
    there = {fact.kind for fact in after.facts}
    clear = after.course.conditions and not after.course.open_conditions
    if clear and SIGNATURE in there and REJECTED not in there and (signed or so.course.open_conditions):
        way.append(CONDITIONS_SATISFIED)
    if after.course.drawn > NOTHING and so.course.drawn <= NOTHING:
        way.append(DRAWING)
    return [stage for before, stage in pairwise([so.stage, *way, after.stage]) if stage != before]


def _grounds(stage: str, moment: Moment, after: _So) -> Moment:
    """What is said of a stage: of conditions precedent what settled each, and who told of the last; else the moment."""
    if stage != CONDITIONS_SATISFIED:
        return moment
    shown = "; ".join(f"{each.settled}: {each.evidence}" for each in after.settled)
    last = max((*after.settled, moment), key=lambda each: each.recorded_at)
    return replace(moment, by=last.by, recorded_at=last.recorded_at, reason=_SETTLED, evidence=shown)
