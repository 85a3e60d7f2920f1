"""What was judged of changed terms when they were approved, beside what would be judged by what is known now."""

from __future__ import annotations

from decimal import Decimal

from bank.allocations.changing import differences_now
from bank.allocations.facts import facts_of
from bank.allocations.queries import facility as facility_then
from bank.allocations.terms.queries import LoanTermsView, terms_of, threshold_on
from ledger.queries import Known, known
from ledger.store.database import ReadSession


def terms_judged(session: ReadSession, facility: str, *, at: Known | None = None) -> list[LoanTermsView]:
    """Every terms proposed for a facility by then; approved changes with how they would be judged by what is known.

    A payment, a drawing or a step of the base that is told late may bring a change near a tenth over it, or back. The
    judgment stays that of the approval; here whoever answers for it sees that it would be another.
    """
    then = at or known(session)
    told = terms_of(session, facility, at=then)
    if sum(view.approved_at is not None for view in told) <= 1:
        return told
    row = facility_then(session, facility, at=then)
    now = differences_now(session, row, facts_of(session, row, at=then).course, then)
    return [_beside(session, view, now.get(view.from_on), then) if view.difference else view for view in told]


def _beside(session: ReadSession, view: LoanTermsView, part: Decimal | None, then: Known) -> LoanTermsView:
    if part is None or view.approved_at is None:
        return view
    threshold = threshold_on(session, view.from_on, at=then).part
    return view.model_copy(update={"difference_now": part, "replaces_now": part >= threshold})
