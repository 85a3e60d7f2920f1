"""The whole course of a facility: every step from enquiry to now, and what stands open beside its money."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from bank.allocations.life.queries import (
    AmendmentView,
    ConditionView,
    CovenantView,
    StepView,
    amendments,
    conditions,
    covenants,
    enquiries,
    enquiry_of,
    steps,
)
from bank.allocations.life.rules import CONDITIONS_SATISFIED, ENQUIRY, IN_PRINCIPLE, STAGES
from bank.allocations.queries import FacilityEventView, FacilityView, events, facility
from bank.allocations.rules import ACCRUAL, CO_COMMITMENT, CO_DRAWING, DRAWDOWN, REPAYMENT, SIGNED
from bank.approvals.queries import RequestView, requests
from bank.limits.queries import EvaluationView, evaluations
from ledger.money import NOTHING, Money
from ledger.queries import Known, known
from ledger.store.database import ReadSession
from ledger.store.work import View

_RANK: Final = {step: place for place, step in enumerate(STAGES)} | {DRAWDOWN: 9, CO_DRAWING: 9, REPAYMENT: 10}
"""Steps of one day are told in the order of a life."""


class CoInvestorView(View):
    """What one co-investor committed and paid beside us; those who were not named stand together."""

    investor: str
    committed: Money
    drawn: Money


class CourseView(View):
    """A facility's life as at a day and as known then."""

    facility: str
    name: str
    stage: str
    enquiry: str
    steps: tuple[StepView, ...]
    conditions: tuple[ConditionView, ...]
    covenants: tuple[CovenantView, ...]
    amendments: tuple[AmendmentView, ...]
    co_investors: tuple[CoInvestorView, ...]
    requests: tuple[RequestView, ...]
    evaluations: tuple[EvaluationView, ...]
    pending: tuple[str, ...]
    as_at: date
    known_at: datetime
    known_seq: int


def course(
    session: ReadSession,
    id: str,  # noqa: A002 -- what a facility is known by
    *,
    as_at: date | None = None,
    at: Known | None = None,
    intermediary: str | None = None,
) -> CourseView:
    """The life of one facility: each step with its day, evidence, reason and person, and all that stands beside it."""
    then, day = at or known(session), as_at or session.now.date()
    view = facility(session, id, as_at=day, at=then, intermediary=intermediary)
    listed = conditions(session, id, day, then)
    told = events(session, id, as_at=day, at=then)
    return CourseView(
        facility=id,
        name=view.name,
        stage=view.stage,
        enquiry=enquiry_of(session, id) or "",
        steps=tuple(_steps(session, view, told, listed, day, then)),
        conditions=tuple(listed),
        covenants=tuple(covenants(session, id, day, then)),
        amendments=tuple(amendments(session, id, then)),
        co_investors=tuple(_co_investors(told)),
        requests=tuple(requests(session, subjects=[id], at=then)),
        evaluations=tuple(evaluations(session, id, then)),
        pending=view.pending,
        as_at=day,
        known_at=then.instant,
        known_seq=then.seq,
    )


def _steps(
    session: ReadSession,
    view: FacilityView,
    told: list[FacilityEventView],
    listed: list[ConditionView],
    day: date,
    then: Known,
) -> list[StepView]:
    found = [*_of_the_enquiry(session, view.id, day, then), *steps(session, view.id, day, then)]
    found += [_of_an_event(event) for event in told if event.kind != ACCRUAL]
    settled = [each for each in listed if each.settled_on is not None]
    if listed and len(settled) == len(listed):
        last = max(settled, key=lambda each: (each.settled_on or date.min, each.id))
        found.append(
            StepView(
                step=CONDITIONS_SATISFIED,
                on=last.settled_on or day,
                reason="The last condition precedent was settled",
                evidence=last.evidence,
                by=last.by,
                recorded_at=then.instant,
            )
        )
    return sorted(found, key=lambda step: (step.on, _RANK.get(step.step, len(_RANK)), step.recorded_at))


def _of_the_enquiry(session: ReadSession, facility: str, day: date, then: Known) -> list[StepView]:
    wanted = enquiry_of(session, facility)
    for one in enquiries(session, as_at=day, at=then):
        if one.id == wanted:
            first = StepView(
                step=ENQUIRY, on=one.received_on, reason=one.summary, evidence="", by=one.name, recorded_at=then.instant
            )
            return [first, *one.steps]
    return []


def _of_an_event(event: FacilityEventView) -> StepView:
    named = {"approved": IN_PRINCIPLE, "rejected": "declined"}
    return StepView(
        step=named.get(event.kind, event.kind),
        on=event.effective_on,
        reason=event.note,
        evidence=f"entries {', '.join(map(str, event.seqs))}" if event.seqs else "",
        by=event.actor,
        recorded_at=event.recorded_at,
    )


def _co_investors(told: list[FacilityEventView]) -> list[CoInvestorView]:
    sums: dict[str, list[Money]] = {}
    for event in told:
        if event.co_investor_amount:
            if event.kind in {SIGNED, DRAWDOWN}:
                name = "not named"
            elif event.kind in {CO_COMMITMENT, CO_DRAWING}:
                name = event.note
            else:
                continue
            sums.setdefault(name, [NOTHING, NOTHING])[event.kind in {DRAWDOWN, CO_DRAWING}] += event.co_investor_amount
    return [CoInvestorView(investor=name, committed=pair[0], drawn=pair[1]) for name, pair in sums.items()]
