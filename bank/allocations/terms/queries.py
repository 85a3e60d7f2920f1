"""Looks at the interest terms of facilities: as proposed, and as agreed and in force."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from functools import cache

from sqlalchemy import Select, bindparam, select

from bank.allocations.many.queries import in_parts
from bank.allocations.terms.model import (
    LoanTerms,
    LoanTermsApproval,
    ModificationThreshold,
    ModificationThresholdApproval,
)
from bank.allocations.terms.rules import BY_THE_STANDARD, Agreed, Plan, Repaying, Threshold
from ledger.daycounts import DayCount
from ledger.in_force import in_force
from ledger.money import Money
from ledger.queries import Known, known
from ledger.store.database import ReadSession
from ledger.store.listed import Form, is_listed, listed
from ledger.store.outcomes import ProposalOutcome
from ledger.store.proposals import TurnedDown, outcome_of, proposals
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
    fee_day_count: str | None
    """How the days of the commitment fee are counted; as the facility's interest where none is told."""
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
    market_rate: Decimal | None
    reschedules: bool
    """Whether what of principal is overdue on their first day falls due anew by their schedule."""
    difference: Decimal | None
    """By what part they differ from the terms before, at the original effective rate; none where nothing was lent."""
    replaces: bool
    """Whether that is so much that the loan was taken to end and another to begin: judged when they were approved."""
    difference_now: Decimal | None = None
    """The same comparison by all that came to be known since, where it was asked for."""
    replaces_now: bool | None = None
    """What would be judged by that now; what was approved stays, and two people may agree to other terms."""
    reason: str
    proposed_by: str
    proposed_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    state: str
    turned_down: TurnedDown | None


class ThresholdView(View):
    """A threshold as proposed and, once another fund manager agreed, approved."""

    id: str
    part: Decimal
    from_on: date
    source: str
    proposed_by: str
    proposed_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    state: str
    turned_down: TurnedDown | None


def terms_of(session: ReadSession, facility: str, *, at: Known | None = None) -> list[LoanTermsView]:
    """Every terms proposed for a facility by then, in the order of their day."""
    then = at or known(session)
    told = proposals(
        session,
        LoanTerms,
        LoanTermsApproval,
        LoanTermsApproval.terms_id,
        then.instant,
        of=LoanTerms.facility_id,
        listed_in=[facility],
    )
    return [_shown(*each) for each in sorted(told, key=lambda each: each[0].from_on)]


def agreed_terms(session: ReadSession, facility: str, *, at: Known | None = None) -> tuple[Agreed, ...]:
    """The approved terms of a facility in the order of their day; of two from one day the later approved."""
    return agreed_terms_of(session, [facility], at=at).get(facility, ())


def agreed_terms_of(
    session: ReadSession, facilities: Iterable[str], *, at: Known | None = None
) -> dict[str, tuple[Agreed, ...]]:
    """The approved terms of each of many facilities that has any."""
    then = at or known(session)
    latest: defaultdict[str, dict[date, tuple[datetime, LoanTerms, bool]]] = defaultdict(dict)
    for part in in_parts(facilities):
        told = listed(session, part)
        rows = session.execute(_agreed_listed(told.form), {"facilities": told.value, "instant": then.instant})
        for row, approved_at, replaces in rows:
            there = latest[row.facility_id]
            if approved_at >= there.get(row.from_on, (approved_at,))[0]:
                there[row.from_on] = (approved_at, row, bool(replaces))
    return {
        facility: tuple(agreed_of(there[day][1], replaces=there[day][2]) for day in sorted(there))
        for facility, there in latest.items()
    }


@cache
def _agreed_listed(form: Form) -> Select[LoanTerms, datetime, bool | None]:
    return (
        select(LoanTerms, LoanTermsApproval.recorded_at.label("approved_at"), LoanTermsApproval.replaces)
        .join(LoanTermsApproval, LoanTermsApproval.terms_id == LoanTerms.id)
        .where(
            is_listed(LoanTerms.facility_id, form, "facilities"),
            LoanTerms.recorded_at <= bindparam("instant"),
            LoanTermsApproval.recorded_at <= bindparam("instant"),
        )
        .order_by(LoanTerms.from_on, LoanTerms.recorded_at, LoanTerms.id)
    )


def thresholds(session: ReadSession, *, at: Known | None = None) -> list[ThresholdView]:
    """Every threshold proposed by then, in the order of its day."""
    then = at or known(session)
    link = ModificationThresholdApproval.threshold_id
    told = proposals(session, ModificationThreshold, ModificationThresholdApproval, link, then.instant)
    return [_threshold(*each) for each in sorted(told, key=lambda each: each[0].from_on)]


def threshold_on(session: ReadSession, day: date, *, at: Known | None = None) -> Threshold:
    """The approved threshold of a day, of two from one day the later approved; the standard's where there is none."""
    last = in_force(thresholds(session, at=at), day)
    return BY_THE_STANDARD if last is None else Threshold(last.part, last.from_on, last.source)


def agreed_of(view: LoanTermsView | LoanTerms, *, replaces: bool = False) -> Agreed:
    """The terms, as they are shown or as they are kept, the way the rules take them."""
    return Agreed(
        from_on=view.from_on,
        base=view.base,
        rate=view.rate,
        floor=view.floor,
        cap=view.cap,
        default_margin=view.default_margin,
        commitment_fee=view.commitment_fee,
        fee_count=None if view.fee_day_count is None else DayCount(view.fee_day_count),
        arrangement_fee=view.arrangement_fee,
        fee_withheld=view.fee_withheld,
        waterfall=tuple(view.waterfall),
        market_rate=view.market_rate,
        replaces=replaces,
        reschedules=bool(view.reschedules),
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


def _shown(row: LoanTerms, agreed: LoanTermsApproval | None, ended: ProposalOutcome | None) -> LoanTermsView:
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
        fee_day_count=row.fee_day_count,
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
        market_rate=row.market_rate,
        reschedules=bool(row.reschedules),
        difference=None if agreed is None else agreed.difference,
        replaces=agreed is not None and bool(agreed.replaces),
        reason=row.reason,
        **outcome_of(row, agreed, ended),
    )


def _threshold(
    row: ModificationThreshold, agreed: ModificationThresholdApproval | None, ended: ProposalOutcome | None
) -> ThresholdView:
    return ThresholdView(
        id=row.id,
        part=row.part,
        from_on=row.from_on,
        source=row.source,
        **outcome_of(row, agreed, ended),
    )
