"""How the rows of returns and breaks become what is shown of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from intermediaries.loans.model import LoanTape
from intermediaries.returns.breaks.kinds import STANDING, sentence
from intermediaries.returns.breaks.rules import Age, Named
from intermediaries.returns.deadlines import days_late, due_on, punctuality
from intermediaries.returns.findings import Answered
from intermediaries.returns.model import (
    Return,
    ReturnBreak,
    ReturnBreakEvent,
    ReturnBreakOwner,
    ReturnEvent,
    ReturnRun,
)
from intermediaries.returns.views import (
    BreakEventLine,
    BreakOwnerLine,
    BreakView,
    EventLine,
    FindingView,
    Lateness,
    ReturnView,
)
from ledger.dates import Quarter
from ledger.money import NOTHING, Money
from ledger.queries import Known


def return_view(
    row: Return,
    events: Sequence[ReturnEvent],
    run: ReturnRun | None,
    *,
    answered: int,
    findings: Iterable[Answered] = (),
    brief: bool = False,
) -> ReturnView:
    """A return with its events, oldest first; `brief` leaves out of what is shown whatever is long."""
    carried = tuple(run.carried) if run is not None else ()
    last = {event.state: event for event in events}
    attested, accepted, gone = last.get("attested"), last.get("accepted"), last.get("superseded")
    due = due_on(row.quarter)
    return ReturnView(
        id=row.id,
        facility=row.facility,
        intermediary=row.intermediary,
        quarter=row.quarter,
        version=row.version,
        supersedes=row.supersedes,
        superseded_by=gone.by_return if gone else None,
        state=events[-1].state,
        format=row.format,
        filename=row.filename,
        size=row.size,
        original_sha256=row.original_sha256,
        content_sha256=row.content_sha256,
        cash_held=row.cash_held,
        manner=run.manner if run is not None else "whole",
        loans=row.loans,
        sent=row.loans - len(carried),
        carried=() if brief else carried,
        rules_version=run.rules_version if run is not None else None,
        rules=() if brief or run is None else tuple(run.rules),
        errors=row.errors,
        questions=row.questions,
        answered=answered,
        unanswered=row.questions - answered,
        totals={name: Money.parse(amount) for name, amount in row.totals.items()},
        findings=tuple(FindingView.model_validate(found.as_json()) for found in findings),
        received_at=row.received_at,
        submitted_by=row.submitted_by,
        submitted_by_name=row.submitted_by_name,
        attested_at=attested.recorded_at if attested else None,
        attested_by=attested.name if attested else None,
        attested_role=attested.role if attested else None,
        accepted_at=accepted.recorded_at if accepted else None,
        accepted_by=accepted.actor_name if accepted else None,
        explanation=accepted.reason if accepted else "",
        effective_on=accepted.effective_on if accepted else None,
        due_on=due,
        days_late=days_late(due, row.received_at.date()),
        events=() if brief else tuple(_line(event) for event in events),
    )


def _line(event: ReturnEvent) -> EventLine:
    return EventLine.model_validate({name: getattr(event, name) for name in EventLine.model_fields})


def named(row: ReturnBreak, events: Sequence[ReturnBreakEvent], *, counts: bool) -> Named:
    """A break as far as its age goes."""
    explained = Money.total(event.amount for event in events if event.event == "explained")
    settled = Money.total(event.amount for event in events if event.entry_seq is not None or event.category in STANDING)
    cleared = [event for event in events if event.event == "cleared"]
    gone = Money.total(event.amount for event in cleared)
    return Named(
        id=row.id,
        facility=row.facility,
        kind=row.kind,
        quarter=row.quarter,
        counts=counts,
        opened_at=row.opened_at,
        lacking=row.amount - settled - gone,
        cleared_at=cleared[-1].recorded_at if cleared else None,
        answered_at=events[-1].recorded_at if explained == row.amount else None,
    )


def break_view(
    row: ReturnBreak, events: Sequence[ReturnBreakEvent], age: Age, owners: Sequence[ReturnBreakOwner]
) -> BreakView:
    """A break with its age, whoever was named to clear it or one it goes on from, and what became of it."""
    explained = Money.total(event.amount for event in events if event.event == "explained")
    cleared = any(event.event == "cleared" for event in events)
    remaining = NOTHING if cleared else row.amount - explained
    return BreakView(
        id=row.id,
        return_id=row.return_id,
        facility=row.facility,
        intermediary=row.intermediary,
        quarter=row.quarter,
        kind=row.kind,
        amount=row.amount,
        explained=explained,
        remaining=remaining,
        state="cleared" if cleared else "open" if remaining else "explained",
        sentence=sentence(row.kind, row.amount),
        opened_at=row.opened_at,
        root=age.root,
        first_seen=age.quarter,
        first_seen_at=age.seen_at,
        quarters=age.quarters,
        days=age.days,
        owner=owners[-1].owner if owners else None,
        owner_name=owners[-1].owner_name if owners else "",
        clear_by=owners[-1].clear_by if owners else None,
        owners=tuple(
            BreakOwnerLine.model_validate({name: getattr(one, name) for name in BreakOwnerLine.model_fields})
            for one in owners
        ),
        events=tuple(
            BreakEventLine.model_validate({name: getattr(event, name) for name in BreakEventLine.model_fields})
            for event in events
        ),
    )


def lateness_view(
    facility: str,
    holder: str,
    quarter: Quarter,
    due: date,
    tape: LoanTape | None,
    filings: Sequence[Return],
    then: Known,
) -> Lateness:
    """How punctual a facility's return was: filed when the first version came that was attested."""
    filed_on = min((row.received_at.date() for row in filings), default=None)
    today = then.instant.date()
    counted = next((row for row in filings if tape is not None and row.id == tape.return_id), None)
    return Lateness(
        facility=facility,
        intermediary=holder,
        quarter=quarter,
        due_on=due,
        filed_on=filed_on,
        accepted_on=tape.recorded_at.date() if tape is not None else None,
        days_late=days_late(due, filed_on or today),
        status=punctuality(due, filed_on, today),
        loans=counted.loans if counted is not None else 0,
        return_id=counted.id if counted is not None else None,
    )
