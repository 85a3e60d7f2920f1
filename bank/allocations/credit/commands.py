"""Losses are assumed by one and approved by another; stages are moved, back-stops rebutted and allowances measured."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import partial

from bank.allocations.accruing import accrue_to, set_right_after
from bank.allocations.credit.measuring import measure
from bank.allocations.credit.model import BackstopRebuttal, LossAssumption, LossAssumptionApproval, StageMove
from bank.allocations.credit.queries import (
    LossAssumptionView,
    RebuttalView,
    StageMoveView,
    assumptions,
    rebuttals,
    stage_moves,
)
from bank.allocations.credit.rules import (
    NoSuchAssumption,
    NothingToRebut,
    passed,
    sound_assumption,
    sound_stage,
    stage_at,
)
from bank.allocations.facts import facts_of
from bank.allocations.life.gates import may_allow, may_move_stage, may_rebut
from bank.allocations.model import Facility
from bank.allocations.products.rules import product_of
from bank.allocations.queries import FacilityView, all_facilities
from bank.allocations.queries import facility as facility_now
from bank.allocations.recording import take, take_all
from bank.allocations.rules import DRAWING, LAPSED, REPAID, SIGNED, WRITTEN_OFF, refuse_unless
from bank.approvals.rules import ASSUME_LOSS
from bank.approvals.seconding import seconded
from bank.people.rules import FUND_MANAGER
from bank.treasury.rules import BadTerms, happened_by, not_negative
from ledger import trail
from ledger.dates import within_calendar
from ledger.impairment import Stage
from ledger.money import Money
from ledger.queries import watermark
from ledger.store.work import View, Work, command


class MeasuringRun(View):
    """Allowances measured on every facility that owes something."""

    on: date
    facilities: tuple[FacilityView, ...]
    allowance: Money
    provision: Money
    """For what of loans is promised and not drawn."""


@command
def assume_loss(
    work: Work,
    *,
    stage: int,
    loss_given_default: Decimal,
    from_on: date,
    basis: str,
    key: str,
    probability: Decimal | None = None,
    by_year: tuple[Decimal, ...] = (),
    conversion: Decimal = Decimal(0),
) -> LossAssumptionView:
    """Propose how probable default is at a stage and what part is then lost, from a day on, and what that rests on.

    `by_year` is the probability of default in each year ahead, as told today; a year beyond the last has none. A
    `probability` in its place is one year's. `conversion` is the part of an undrawn commitment that will have been
    drawn by then. Nothing is in force until another fund manager approves it.
    """
    work.actor.require(FUND_MANAGER)
    del key
    if (probability is None) == (not by_year):
        raise BadTerms("Tell the probability of default once: of one year, or of each year ahead")
    years = by_year or (probability or Decimal(0),)
    sound_assumption(stage, years, loss_given_default, conversion, basis)
    together = sum(years, Decimal(0))
    row = LossAssumption(
        id=work.new_id("ecl"),
        stage=stage,
        probability=together,
        by_year=[str(each) for each in years],
        loss_given_default=loss_given_default,
        conversion=conversion,
        from_on=within_calendar(from_on),
        basis=basis.strip(),
        proposed_by=work.actor.id,
        recorded_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    trail.record(
        work,
        action="allocation.assume-loss",
        subject=row.id,
        reason=row.basis,
        stage=stage,
        by_year=years,
        loss_given_default=loss_given_default,
        conversion=conversion,
        from_on=from_on,
    )
    return _assumption(work, row.id)


@command
def approve_assumption(work: Work, *, id: str, key: str) -> LossAssumptionView:  # noqa: A002 -- what it is known by
    """Approve an assumption of loss that somebody else proposed; it is in force from its day."""
    del key
    approval = partial(LossAssumptionApproval, assumption_id=id)
    told = _assumption(work, id)
    seconded(work, told, "assumption of loss", approval, act=ASSUME_LOSS, action="allocation.approve-assumption")
    return _assumption(work, id)


@command
def move_stage(work: Work, *, facility: str, stage: int, on: date, reason: str, key: str) -> StageMoveView:
    """Put a facility in a stage of impairment from a day on, or confirm it there, for a reason that is kept.

    A promise to lend has a stage from its signature on (IFRS 9, 5.5.3 and 5.5.6).

    In stage 3 interest is earned on the net amount from that day. On the day a loan leaves it, what the contract
    claimed beyond that is taken up as a reversal of impairment. What was accrued on open days is put right; the
    allowance follows when it is next measured.
    """
    work.actor.require(FUND_MANAGER)
    del key
    happened_by(on, work.today, "A move of stage")
    wanted = sound_stage(stage)
    if not reason.strip():
        raise BadTerms("Say why the stage changes: days past due, a breach, news of the intermediary, a cure")
    row, life = take(work, facility)
    refuse_unless(life.state, (SIGNED, DRAWING, WRITTEN_OFF), "moved to another stage")
    may_move_stage(work, row, stage)
    there = _stage(work, row, on)
    move = StageMove(
        id=work.new_id("stg"),
        facility_id=row.id,
        stage=int(wanted),
        effective_on=on,
        reason=reason.strip(),
        actor=work.actor.id,
        recorded_at=work.now,
    )
    work.session.add(move)
    work.session.flush()
    trail.record(
        work, action="allocation.move-stage", subject=row.id, reason=move.reason, on=on, stage=stage, was=int(there)
    )
    closed_to = watermark(work.session)
    if there is Stage.IMPAIRED and wanted < there and (closed_to is None or on > closed_to):
        accrue_to(work, row, on)
    set_right_after(work, row, on)
    return next(view for view in stage_moves(work.session, row.id) if view.id == move.id)


@command
def allow_for_loss(
    work: Work, *, facility: str, on: date, key: str, amount: Money | None = None, reason: str = ""
) -> FacilityView:
    """Measure the expected loss at a day, by the approved assumption of the facility's stage, and keep it from then on.

    With an amount, that is the loss, by an assessment of its own, for a reason. It is the loan's allowance as far as
    the loan is carried at as much; beyond that it is a provision for what is undrawn (IFRS 7, B8E). What other stages
    hold is moved over as it stands first. Refuses more than the loan is carried at and may yet be drawn.
    """
    work.actor.require(FUND_MANAGER)
    del key
    happened_by(on, work.today, "An allowance for loss")
    row, life = take(work, facility)
    refuse_unless(life.state, (SIGNED, DRAWING, REPAID, WRITTEN_OFF, LAPSED), "allowed for")
    if amount is not None and not reason.strip():
        raise BadTerms("Say what an allowance of its own rests on: an assessment, an offer, a valuation")
    own = None if amount is None else not_negative(amount, "An allowance for loss")
    if own is not None:
        held = facility_now(work.session, row.id, as_at=on).figures
        may_allow(work, row, own, held.loss_allowance + held.commitment_provision)
    measure(work, [row], on, own, reason.strip())
    return facility_now(work.session, row.id)


@command
def allow_for_all(work: Work, *, on: date, key: str) -> MeasuringRun:
    """Measure the loss at a day on every facility that owes something, may draw a loan, or still keeps for a loss."""
    work.actor.require(FUND_MANAGER)
    del key
    happened_by(on, work.today, "An allowance for loss")
    found = [
        each
        for each in all_facilities(work.session, as_at=on)
        if each.figures.outstanding
        or each.figures.loss_allowance
        or each.figures.commitment_provision
        or (product_of(each.product).lent and each.figures.undrawn)
    ]
    measure(work, take_all(work, [each.id for each in found]), on)
    ids = {each.id for each in found}
    after = tuple(each for each in all_facilities(work.session) if each.id in ids) if ids else ()
    allowance = Money.total(each.figures.loss_allowance for each in after)
    provision = Money.total(each.figures.commitment_provision for each in after)
    trail.record(
        work,
        action="allocation.allow-for-all",
        subject=str(on),
        facilities=len(after),
        allowance=allowance,
        provision=provision,
    )
    return MeasuringRun(on=on, facilities=after, allowance=allowance, provision=provision)


@command
def rebut_backstop(work: Work, *, facility: str, stage: int, on: date, reason: str, key: str) -> RebuttalView:
    """Say why arrears do not mean what a back-stop takes them to mean; it holds for as long as the same due day waits.

    Refuses where the back-stop of that stage is not passed on the day.
    """
    work.actor.require(FUND_MANAGER)
    del key
    happened_by(on, work.today, "A rebuttal")
    wanted = sound_stage(stage)
    if not reason.strip():
        raise BadTerms("Give the evidence: a payment on its way, an error of the bank's, a dispute over the amount")
    row, _ = take(work, facility)
    late = facts_of(work.session, row, as_at=on).course.late(on)
    if late.since is None or wanted not in passed(late.days(on), _stage(work, row, on)):
        raise NothingToRebut(f"{row.name} has not passed the back-stop of stage {stage} on {on}")
    may_rebut(work, row, stage)
    made = BackstopRebuttal(
        id=work.new_id("reb"),
        facility_id=row.id,
        stage=stage,
        overdue_since=late.since,
        reason=reason.strip(),
        actor=work.actor.id,
        recorded_at=work.now,
    )
    work.session.add(made)
    work.session.flush()
    trail.record(
        work,
        action="allocation.rebut-backstop",
        subject=row.id,
        reason=made.reason,
        on=on,
        stage=stage,
        overdue_since=late.since,
    )
    return next(view for view in rebuttals(work.session, row.id) if view.id == made.id)


def _stage(work: Work, row: Facility, on: date) -> Stage:
    return stage_at(((move.effective_on, Stage(move.stage)) for move in stage_moves(work.session, row.id)), on)


def _assumption(work: Work, wanted: str) -> LossAssumptionView:
    for each in assumptions(work.session):
        if each.id == wanted:
            return each
    raise NoSuchAssumption(f"There is no assumption of loss {wanted!r:.60}")
