"""The looks at the bounds of short gilts: all that were proposed, and those in force on a day."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from bank.treasury.placements.model import PlacementBounds, PlacementBoundsApproval
from bank.treasury.placements.rules import USUAL_BOUNDS, Bounds
from ledger.in_force import in_force
from ledger.queries import Known, known
from ledger.refusals import NotFound
from ledger.store.database import ReadSession
from ledger.store.outcomes import ProposalOutcome
from ledger.store.proposals import TurnedDown, outcome_of, proposals
from ledger.store.work import View


class BoundsView(View):
    """Bounds as proposed and, once another fund manager agreed, approved. Prices are per 100 of the nominal."""

    id: str
    longest_years: int
    least_price: Decimal
    most_price: Decimal
    from_on: date
    basis: str
    proposed_by: str
    proposed_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    state: str
    turned_down: TurnedDown | None


class NoSuchBounds(NotFound):
    """No bounds of this id."""

    slug = "no-such-bounds"


def bounds_table(session: ReadSession, *, at: Known | None = None) -> list[BoundsView]:
    """All bounds proposed, with their approval if they have one, in the order proposed."""
    then = at or known(session)
    told = proposals(
        session,
        PlacementBounds,
        PlacementBoundsApproval,
        PlacementBoundsApproval.bounds_id,
        then.instant,
    )
    return [_shown(*each) for each in told]


def bounds_on(session: ReadSession, day: date, at: Known | None = None) -> Bounds:
    """The bounds in force on a day: the approved that start last by then; of two from one day, the later approved."""
    last = in_force(bounds_table(session, at=at), day)
    if last is None:
        return USUAL_BOUNDS
    return Bounds(last.longest_years, last.least_price, last.most_price)


def bounds(session: ReadSession, wanted: str) -> BoundsView:
    """Bounds by their id; refuses an unknown one."""
    for one in bounds_table(session):
        if one.id == wanted:
            return one
    raise NoSuchBounds(f"There are no bounds {wanted!r:.60}: list them with `bank treasury bounds`")


def _shown(row: PlacementBounds, agreed: PlacementBoundsApproval | None, ended: ProposalOutcome | None) -> BoundsView:
    return BoundsView(
        id=row.id,
        longest_years=row.longest_years,
        least_price=row.least_price,
        most_price=row.most_price,
        from_on=row.from_on,
        basis=row.basis,
        **outcome_of(row, agreed, ended),
    )
