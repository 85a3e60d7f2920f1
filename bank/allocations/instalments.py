"""Looks at what a facility has to pay: its schedule, and what of it is overdue."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from bank.allocations.course import Course
from bank.allocations.facts import SUSPENDED, Facts, facts_of
from bank.allocations.queries import facility as facility_then
from bank.allocations.terms.schedule import settled_dues
from ledger.instalments import Billing, ahead
from ledger.money import NOTHING, Money
from ledger.queries import Known, known
from ledger.store.database import ReadSession
from ledger.store.work import View


class InstalmentView(View):
    """One instalment; `balance` is the principal that is to fall due after it.

    `principal` is what falls due with it for good, so that all of them add up to what is lent. What fell due with it,
    was not paid and falls due anew since terms rescheduled it is told beside it, as `rescheduled`.
    """

    number: int
    due_on: date
    principal: Money
    rescheduled: Money
    interest: Money
    payment: Money
    balance: Money


class ScheduleView(View):
    """A facility's instalments, past ones as they fell due and later ones as they are expected at today's rate."""

    facility: str
    as_at: date
    known_at: str
    rate: Decimal
    effective_rate: Decimal | None
    instalments: tuple[InstalmentView, ...]


class ArrearsView(View):
    """What a facility owes at the close of a day and what of it is overdue, since when, and at what rate."""

    facility: str
    as_at: date
    overdue_principal: Money
    overdue_interest: Money
    overdue_since: date | None
    days_past_due: int
    default_interest_due: Money
    fees_due: Money
    unapplied: Money


def schedule(
    session: ReadSession,
    facility: str,
    *,
    as_at: date | None = None,
    at: Known | None = None,
    intermediary: str | None = None,
) -> ScheduleView:
    """The schedule of a facility by the facts dated up to a day; empty where no terms of repayment are agreed."""
    then, day = at or known(session), as_at or session.now.date()
    view = facility_then(session, facility, as_at=day, at=then, intermediary=intermediary)
    course = facts_of(session, view, as_at=day, at=then).course
    begun = course.began_impaired_by(day)
    effective = course.value.at(day)[1] if begun is None else begun.rate
    return ScheduleView(
        facility=facility,
        as_at=day,
        known_at=then.instant.isoformat(),
        rate=course.rates.on(day),
        effective_rate=None if effective is None else round(effective, 12),
        instalments=tuple(_instalments(course, day)),
    )


def arrears(
    session: ReadSession,
    facility: str,
    *,
    as_at: date | None = None,
    at: Known | None = None,
    intermediary: str | None = None,
) -> ArrearsView:
    """What of a facility is overdue at the close of a day; an instalment due that day counts, with no days yet."""
    then, day = at or known(session), as_at or session.now.date()
    view = facility_then(session, facility, as_at=day, at=then, intermediary=intermediary)
    return arrears_of(facility, facts_of(session, view, as_at=day, at=then), day, view.figures.unapplied)


def arrears_of(facility: str, facts: Facts, day: date, unapplied: Money = NOTHING) -> ArrearsView:
    """What facts say is overdue at the close of a day."""
    late = facts.course.late(day)
    return ArrearsView(
        facility=facility,
        as_at=day,
        overdue_principal=late.principal,
        overdue_interest=late.interest,
        overdue_since=late.since,
        days_past_due=late.days(day),
        default_interest_due=facts.balance(["1220", SUSPENDED[1]], day),
        fees_due=facts.balance(["1500"], day),
        unapplied=unapplied,
    )


def _instalments(course: Course, day: date) -> list[InstalmentView]:
    falling = course.falling
    expected = ahead(falling.dues, course.principal, day)
    bills = Billing([due.on for due in falling.dues], expected, course.rates, falling.counting).bills
    told = zip(settled_dues(falling.dues, falling.rescheduled), bills, strict=True)
    return [
        InstalmentView(
            number=number,
            due_on=due.on,
            principal=due.principal - again,
            rescheduled=again,
            interest=interest,
            payment=due.principal - again + interest,
            balance=due.left + after,
        )
        for number, ((due, again, after), (_, interest)) in enumerate(told, start=1)
    ]
