"""How allowances are measured: of one facility or of all of them, from facts that are read together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from bank.allocations.accruing import accrue_all_to, put_all_right_after
from bank.allocations.allowing import allowance_entries, allowed, may_be_drawn, parted
from bank.allocations.beginning import Raise, write_raises
from bank.allocations.credit.expecting import Assumed, exposed, loss_expected, shortfall
from bank.allocations.credit.queries import LossAssumptionView, assumptions_in_force, stages_of_all
from bank.allocations.credit.rules import NoSuchAssumption, refuse_over_exposed, stage_at
from bank.allocations.facts import ALLOWANCES, GROSS, PROVISION, Facts, facts_of_all
from bank.allocations.life.queries import ends_of
from bank.allocations.model import Facility
from bank.allocations.recording import Event, Happening, open_all_own, write_all_down
from bank.allocations.rules import IMPAIRMENT
from ledger.impairment import Stage
from ledger.money import NOTHING, Money
from ledger.store.work import Work


class _Told(NamedTuple):
    """What is known of facilities beside their money: their stages, and their last days to draw and to repay."""

    stages: Mapping[str, Sequence[tuple[date, Stage]]]
    ends: Mapping[str, tuple[date, date]]

    def stage(self, row: Facility, on: date) -> Stage:
        return stage_at(self.stages.get(row.id, ()), on)


def measure(work: Work, rows: Sequence[Facility], on: date, amount: Money | None = None, reason: str = "") -> None:
    """Bring what is kept for each facility's loss to what is expected at a day, or to an amount that was assessed.

    What was measured on later days stands: each is put right there in the same act.
    """
    facts = _up_to(work, rows, on, accrue_all_to(work, rows, on))
    told = _Told(
        stages=stages_of_all(work.session, [row.id for row in rows]),
        ends=ends_of(work.session, rows, on),
    )
    assumed = assumptions_in_force(work.session, on) if amount is None else {}
    made: list[tuple[Facility, Happening]] = []
    more: list[tuple[Facility, Raise]] = []
    for row in rows:
        stage = told.stage(row, on)
        target = _expected(assumed, stage, row, facts[row.id], told.ends[row.id], on) if amount is None else amount
        if target < NOTHING:
            more.append((row, Raise(on, -target, "More is expected of it than when it began")))
            target = NOTHING
        undrawn = may_be_drawn(row, facts[row.id], on, told.ends[row.id][0])
        refuse_over_exposed(target, max(facts[row.id].balance(GROSS, on), NOTHING), undrawn)
        made.append((row, Happening(work.new_id("evt"), IMPAIRMENT, on, target, note=reason or f"Stage {stage:d}")))
    write_raises(work, more)
    _bring(work, made, told, facts)
    put_all_right_after(work, rows, on)


def _up_to(work: Work, rows: Sequence[Facility], on: date, facts: Mapping[str, Facts]) -> dict[str, Facts]:
    """The facts dated up to a day: those that are, where nothing is dated after it, and otherwise read as at it."""
    later = [row for row in rows if facts[row.id].last_on > on]
    return {row.id: facts[row.id] for row in rows} | facts_of_all(work.session, later, as_at=on, since=on)


def _bring(work: Work, made: Sequence[tuple[Facility, Happening]], told: _Told, facts: Mapping[str, Facts]) -> None:
    """Bring what is kept for each facility's loss to what was measured on the event's day."""
    events, opened = [], []
    for row, happening in made:
        known, on = facts[row.id], happening.on
        undrawn = may_be_drawn(row, known, on, told.ends[row.id][0])
        target, held = parted(happening.amount, known.balance(GROSS, on), undrawn), allowed(known, on)
        stage = Stage.IMPAIRED if known.course.began_impaired_by(on) else told.stage(row, on)
        events.append(Event(row, happening, allowance_entries(row, happening, held, stage, target)))
        provided = target.commitment or held[PROVISION]
        opened += [(row, f"{root}:") for root in (*ALLOWANCES, *((PROVISION,) if provided else ()), "5000")]
    open_all_own(work, opened)
    write_all_down(work, events)


def _expected(
    assumed: Mapping[int, LossAssumptionView],
    stage: Stage,
    row: Facility,
    facts: Facts,
    ends: tuple[date, date],
    on: date,
) -> Money:
    gross = facts.balance(GROSS, on)
    foretold, begun = facts.course.foretold_on(on), facts.course.began_impaired_by(on)
    if foretold is not None and begun is not None:
        return shortfall(facts.course, gross, foretold, on)
    if foretold is not None and stage is Stage.IMPAIRED and facts.course.principal:
        return max(shortfall(facts.course, gross, foretold, on), NOTHING)
    until, matures_on = ends
    undrawn = may_be_drawn(row, facts, on, until)
    if gross <= NOTHING and not undrawn:
        return NOTHING
    if stage not in assumed:
        raise NoSuchAssumption(f"No assumption of loss for stage {stage:d} is approved for {on}: propose one")
    told = Assumed(assumed[stage].by_year, assumed[stage].loss_given_default, assumed[stage].conversion)
    return loss_expected(stage, told, exposed(facts.course, gross, on, matures_on, undrawn), on)
