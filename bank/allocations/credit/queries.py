"""Looks at credit: assumptions of loss, the stages of a facility, and the back-stops that were rebutted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from functools import cache

from sqlalchemy import Select, bindparam, select

from bank.allocations.credit.model import (
    BackstopRebuttal,
    LossAssumption,
    LossAssumptionApproval,
    ReceiptsForetold,
    ReceiptsForetoldApproval,
    StageMove,
)
from bank.allocations.impaired import Foretold
from bank.allocations.many.queries import in_parts
from ledger.impairment import Stage
from ledger.in_force import each_in_force
from ledger.money import Money
from ledger.queries import Known, known
from ledger.store.database import ReadSession
from ledger.store.listed import Form, is_listed, listed
from ledger.store.outcomes import ProposalOutcome
from ledger.store.proposals import TurnedDown, outcome_of, proposals
from ledger.store.work import View


class LossAssumptionView(View):
    """An assumption of loss for a stage, as proposed and, once another fund manager agreed, approved.

    `by_year` is the probability of default in each year ahead, `probability` all of them together.
    """

    id: str
    stage: int
    probability: Decimal
    by_year: tuple[Decimal, ...]
    loss_given_default: Decimal
    conversion: Decimal
    from_on: date
    basis: str
    proposed_by: str
    proposed_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    state: str
    turned_down: TurnedDown | None


class StageMoveView(View):
    """A facility put in a stage from a day on, by whom and why."""

    id: str
    facility: str
    stage: int
    effective_on: date
    reason: str
    actor: str
    recorded_at: datetime


class ReceiptView(View):
    """One receipt that is expected."""

    on: date
    amount: Money


class ForetoldView(View):
    """What is expected of an impaired loan from a day on, as proposed and, once another agreed, approved."""

    id: str
    facility: str
    from_on: date
    receipts: tuple[ReceiptView, ...]
    market_rate: Decimal | None
    basis: str
    proposed_by: str
    proposed_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    state: str
    turned_down: TurnedDown | None


class RebuttalView(View):
    """Why arrears since a day do not mean what a back-stop takes them to mean."""

    id: str
    facility: str
    stage: int
    overdue_since: date
    reason: str
    actor: str
    recorded_at: datetime


def assumptions(session: ReadSession, *, at: Known | None = None) -> list[LossAssumptionView]:
    """Every assumption of loss proposed by then, in the order of its day."""
    then = at or known(session)
    told = proposals(
        session,
        LossAssumption,
        LossAssumptionApproval,
        LossAssumptionApproval.assumption_id,
        then.instant,
    )
    return [_assumption(*each) for each in sorted(told, key=lambda each: (each[0].from_on, each[0].stage))]


def assumptions_in_force(session: ReadSession, day: date, *, at: Known | None = None) -> dict[int, LossAssumptionView]:
    """The approved assumption of each stage that has one for a day; of two from one day the later approved."""
    return each_in_force(assumptions(session, at=at), day, lambda each: each.stage)


def stage_moves(session: ReadSession, facility: str, *, at: Known | None = None) -> list[StageMoveView]:
    """Every move of a facility from stage to stage, in the order of its day."""
    then = at or known(session)
    rows = session.scalars(
        select(StageMove)
        .where(StageMove.facility_id == facility, StageMove.recorded_at <= then.instant)
        .order_by(StageMove.effective_on, StageMove.recorded_at, StageMove.id)
    )
    return [
        StageMoveView(
            id=row.id,
            facility=row.facility_id,
            stage=row.stage,
            effective_on=row.effective_on,
            reason=row.reason,
            actor=row.actor,
            recorded_at=row.recorded_at,
        )
        for row in rows
    ]


def stages_of(session: ReadSession, facility: str, *, at: Known | None = None) -> list[tuple[date, Stage]]:
    """The days on which a facility was put in a stage, and the stages."""
    return stages_of_all(session, [facility], at=at).get(facility, [])


def stages_of_all(
    session: ReadSession, facilities: Iterable[str], *, at: Known | None = None
) -> dict[str, list[tuple[date, Stage]]]:
    """The same for each of many facilities that was ever put in one."""
    then = at or known(session)
    found: defaultdict[str, list[tuple[date, Stage]]] = defaultdict(list)
    for part in in_parts(facilities):
        told = listed(session, part)
        rows = session.execute(_moves_listed(told.form), {"facilities": told.value, "instant": then.instant})
        for facility, day, stage in rows:
            found[facility].append((day, Stage(stage)))
    return found


@cache
def _moves_listed(form: Form) -> Select[str, date, int]:
    return (
        select(StageMove.facility_id, StageMove.effective_on, StageMove.stage)
        .where(is_listed(StageMove.facility_id, form, "facilities"), StageMove.recorded_at <= bindparam("instant"))
        .order_by(StageMove.effective_on, StageMove.recorded_at, StageMove.id)
    )


def receipts_foretold(session: ReadSession, facility: str, *, at: Known | None = None) -> list[ForetoldView]:
    """Everything that was proposed to be expected of a facility, in the order of its day."""
    then = at or known(session)
    told = proposals(
        session,
        ReceiptsForetold,
        ReceiptsForetoldApproval,
        ReceiptsForetoldApproval.foretold_id,
        then.instant,
        of=ReceiptsForetold.facility_id,
        listed_in=[facility],
    )
    return [_foretold(*each) for each in sorted(told, key=lambda each: each[0].from_on)]


def agreed_receipts_of(
    session: ReadSession, facilities: Iterable[str], *, at: Known | None = None
) -> dict[str, tuple[Foretold, ...]]:
    """What is expected, as approved, of each of many facilities of which anything is; of one day the later approved."""
    then = at or known(session)
    latest: defaultdict[str, dict[date, Foretold]] = defaultdict(dict)
    for part in in_parts(facilities):
        told = listed(session, part)
        rows = session.scalars(_foretold_listed(told.form), {"facilities": told.value, "instant": then.instant})
        for row in rows:
            latest[row.facility_id][row.from_on] = Foretold(row.from_on, _receipts(row), row.market_rate)
    return {facility: tuple(there[day] for day in sorted(there)) for facility, there in latest.items()}


@cache
def _foretold_listed(form: Form) -> Select[ReceiptsForetold]:
    return (
        select(ReceiptsForetold)
        .join(ReceiptsForetoldApproval, ReceiptsForetoldApproval.foretold_id == ReceiptsForetold.id)
        .where(
            is_listed(ReceiptsForetold.facility_id, form, "facilities"),
            ReceiptsForetoldApproval.recorded_at <= bindparam("instant"),
        )
        .order_by(ReceiptsForetoldApproval.recorded_at, ReceiptsForetold.id)
    )


def rebuttals(session: ReadSession, facility: str, *, at: Known | None = None) -> list[RebuttalView]:
    """Every back-stop of a facility that was rebutted, in the order recorded."""
    then = at or known(session)
    rows = session.scalars(
        select(BackstopRebuttal)
        .where(BackstopRebuttal.facility_id == facility, BackstopRebuttal.recorded_at <= then.instant)
        .order_by(BackstopRebuttal.recorded_at, BackstopRebuttal.id)
    )
    return [
        RebuttalView(
            id=row.id,
            facility=row.facility_id,
            stage=row.stage,
            overdue_since=row.overdue_since,
            reason=row.reason,
            actor=row.actor,
            recorded_at=row.recorded_at,
        )
        for row in rows
    ]


def _receipts(row: ReceiptsForetold) -> tuple[tuple[date, Money], ...]:
    return tuple((date.fromisoformat(day), Money.parse(amount)) for day, amount in row.receipts)


def _foretold(
    row: ReceiptsForetold, agreed: ReceiptsForetoldApproval | None, ended: ProposalOutcome | None
) -> ForetoldView:
    return ForetoldView(
        id=row.id,
        facility=row.facility_id,
        from_on=row.from_on,
        receipts=tuple(ReceiptView(on=day, amount=amount) for day, amount in _receipts(row)),
        market_rate=row.market_rate,
        basis=row.basis,
        **outcome_of(row, agreed, ended),
    )


def _assumption(
    row: LossAssumption, agreed: LossAssumptionApproval | None, ended: ProposalOutcome | None
) -> LossAssumptionView:
    return LossAssumptionView(
        id=row.id,
        stage=row.stage,
        probability=row.probability,
        by_year=(row.probability,) if row.by_year is None else tuple(map(Decimal, row.by_year)),
        loss_given_default=row.loss_given_default,
        conversion=row.conversion or Decimal(0),
        from_on=row.from_on,
        basis=row.basis,
        **outcome_of(row, agreed, ended),
    )
