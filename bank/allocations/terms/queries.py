"""Looks at the interest terms of facilities: as proposed, and as agreed and in force."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select

from bank.allocations.many.queries import in_parts
from bank.allocations.terms.model import LoanTerms, LoanTermsApproval
from bank.allocations.terms.rules import Agreed, Plan, Repaying
from ledger.money import Money
from ledger.queries import Known, known
from ledger.store.database import ReadSession
from ledger.store.work import View
from ledger.workdays import Nation, Roll


class LoanTermsView(View):
    """Interest terms from a day on: as proposed and, once another fund manager agreed, approved."""

    id: str
    facility: str
    from_on: date
    base: str | None
    rate: Decimal
    floor: Decimal | None
    cap: Decimal | None
    default_margin: Decimal
    commitment_fee: Decimal
    arrangement_fee: Money
    fee_withheld: bool
    repayment: str
    first_due_on: date
    every_months: int
    instalments: int
    capital_holiday: int
    bespoke: tuple[str, ...]
    nation: str
    roll: str
    waterfall: tuple[str, ...]
    reason: str
    proposed_by: str
    proposed_at: datetime
    approved_by: str | None
    approved_at: datetime | None


def terms_of(session: ReadSession, facility: str, *, at: Known | None = None) -> list[LoanTermsView]:
    """Every terms proposed for a facility by then, in the order of their day."""
    then = at or known(session)
    rows = session.execute(
        select(LoanTerms, LoanTermsApproval)
        .outerjoin(LoanTermsApproval, LoanTermsApproval.terms_id == LoanTerms.id)
        .where(LoanTerms.facility_id == facility, LoanTerms.recorded_at <= then.instant)
        .order_by(LoanTerms.from_on, LoanTerms.recorded_at, LoanTerms.id)
    )
    return [_shown(row.LoanTerms, row.LoanTermsApproval, then.instant) for row in rows]


def agreed_terms(session: ReadSession, facility: str, *, at: Known | None = None) -> tuple[Agreed, ...]:
    """The approved terms of a facility in the order of their day; of two from one day the later approved."""
    return agreed_terms_of(session, [facility], at=at).get(facility, ())


def agreed_terms_of(
    session: ReadSession, facilities: Iterable[str], *, at: Known | None = None
) -> dict[str, tuple[Agreed, ...]]:
    """The approved terms of each of many facilities that has any."""
    then = at or known(session)
    latest: defaultdict[str, dict[date, tuple[datetime, LoanTerms]]] = defaultdict(dict)
    for part in in_parts(facilities):
        rows = session.execute(
            select(LoanTerms, LoanTermsApproval.recorded_at.label("approved_at"))
            .join(LoanTermsApproval, LoanTermsApproval.terms_id == LoanTerms.id)
            .where(
                LoanTerms.facility_id.in_(part),
                LoanTerms.recorded_at <= then.instant,
                LoanTermsApproval.recorded_at <= then.instant,
            )
            .order_by(LoanTerms.from_on, LoanTerms.recorded_at, LoanTerms.id)
        )
        for row, approved_at in rows:
            there = latest[row.facility_id]
            if approved_at >= there.get(row.from_on, (approved_at,))[0]:
                there[row.from_on] = (approved_at, row)
    return {facility: tuple(agreed_of(there[day][1]) for day in sorted(there)) for facility, there in latest.items()}


def agreed_of(view: LoanTermsView | LoanTerms) -> Agreed:
    """The terms, as they are shown or as they are kept, the way the rules take them."""
    return Agreed(
        from_on=view.from_on,
        base=view.base,
        rate=view.rate,
        floor=view.floor,
        cap=view.cap,
        default_margin=view.default_margin,
        commitment_fee=view.commitment_fee,
        arrangement_fee=view.arrangement_fee,
        fee_withheld=view.fee_withheld,
        waterfall=tuple(view.waterfall),
        plan=Plan(
            repaying=Repaying(view.repayment),
            first_due_on=view.first_due_on,
            every_months=view.every_months,
            instalments=view.instalments,
            capital_holiday=view.capital_holiday,
            bespoke=tuple(Money.parse(amount) for amount in view.bespoke),
            nation=Nation(view.nation),
            roll=Roll(view.roll),
        ),
    )


def _shown(row: LoanTerms, approval: LoanTermsApproval | None, instant: datetime) -> LoanTermsView:
    agreed = approval if approval is not None and approval.recorded_at <= instant else None
    return LoanTermsView(
        id=row.id,
        facility=row.facility_id,
        from_on=row.from_on,
        base=row.base,
        rate=row.rate,
        floor=row.floor,
        cap=row.cap,
        default_margin=row.default_margin,
        commitment_fee=row.commitment_fee,
        arrangement_fee=row.arrangement_fee,
        fee_withheld=row.fee_withheld,
        repayment=row.repayment,
        first_due_on=row.first_due_on,
        every_months=row.every_months,
        instalments=row.instalments,
        capital_holiday=row.capital_holiday,
        bespoke=tuple(row.bespoke),
        nation=row.nation,
        roll=row.roll,
        waterfall=tuple(row.waterfall),
        reason=row.reason,
        proposed_by=row.proposed_by,
        proposed_at=row.recorded_at,
        approved_by=None if agreed is None else agreed.approved_by,
        approved_at=None if agreed is None else agreed.recorded_at,
    )
