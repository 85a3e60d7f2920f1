"""Looks at base rates: their steps, and the history that the approved ones make."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from bank.rates.model import BaseRate, BaseRateApproval
from bank.rates.rules import history_of
from ledger.queries import Known, known
from ledger.rates import RateHistory
from ledger.refusals import NotFound
from ledger.store.database import ReadSession
from ledger.store.outcomes import ProposalOutcome
from ledger.store.proposals import TurnedDown, outcome_of, proposals
from ledger.store.work import View


class BaseRateView(View):
    """One step of a base rate, with its source, and its approval if it has one."""

    id: str
    base: str
    rate: Decimal
    from_on: date
    source: str
    proposed_by: str
    proposed_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    state: str
    turned_down: TurnedDown | None


class NoSuchBase(NotFound):
    """No base rate of this name has an approved step."""

    slug = "no-such-base-rate"


def base_rates(session: ReadSession, base: str | None = None, *, at: Known | None = None) -> list[BaseRateView]:
    """Every step proposed by then, of one base rate or of all, in the order of its day."""
    then = at or known(session)
    link = BaseRateApproval.rate_id
    of, only = (None, ()) if base is None else (BaseRate.base, (base,))
    told = proposals(session, BaseRate, BaseRateApproval, link, then.instant, of=of, listed_in=only)
    return [_shown(*each) for each in sorted(told, key=lambda each: (each[0].base, each[0].from_on))]


def history(session: ReadSession, base: str, *, at: Known | None = None) -> RateHistory:
    """What the approved steps of a base rate come to; refuses a name that has none."""
    found = history_of(
        (step.from_on, step.approved_at, step.rate)
        for step in base_rates(session, base, at=at)
        if step.approved_at is not None
    )
    if found is None:
        raise NoSuchBase(f"No step of a base rate {base!r:.60} is approved: propose one and have it approved")
    return found


def _shown(row: BaseRate, agreed: BaseRateApproval | None, ended: ProposalOutcome | None) -> BaseRateView:
    return BaseRateView(
        id=row.id,
        base=row.base,
        rate=row.rate,
        from_on=row.from_on,
        source=row.source,
        **outcome_of(row, agreed, ended),
    )
