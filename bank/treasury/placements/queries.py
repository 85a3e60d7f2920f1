"""Looks at placements: what each cost, has earned and paid, and how much is placed with whom."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select

from bank.treasury.placements.model import Placement, PlacementEvent
from bank.treasury.placements.rules import ACCRUAL, INCOME, REALISATION, SORTS, Gone, Terms, left_of
from ledger.daycounts import DayCount
from ledger.money import NOTHING, Money
from ledger.queries import Known, balances_under, known
from ledger.refusals import NotFound
from ledger.store.database import ReadSession
from ledger.store.work import View


class PlacementView(View):
    """A placement at a day, as known then: what is left of it, and what it has earned, paid and gained."""

    id: str
    sort: str
    title: str
    counterparty: str
    cost: Money
    nominal: Money
    interest_bought: Money
    rate: Decimal | None
    day_count: str
    placed_on: date
    matures_on: date | None
    nominal_left: Money
    cost_left: Money
    earned: Money
    received: Money
    interest_due: Money
    gain: Money
    accrued_to: date | None
    note: str
    recorded_at: datetime
    seqs: tuple[int, ...]

    @property
    def terms(self) -> Terms:
        """What the rules take of it."""
        return Terms(
            self.sort,
            self.cost,
            self.nominal,
            self.interest_bought,
            self.rate,
            DayCount(self.day_count),
            self.placed_on,
            self.matures_on,
        )


class NoSuchPlacement(NotFound):
    """No placement of this id."""

    slug = "no-such-placement"


def placements(
    session: ReadSession, *, as_at: date | None = None, at: Known | None = None, open_only: bool = False
) -> list[PlacementView]:
    """Every placement made by a day, as known then, in the order recorded; or only those of which something is left."""
    then, day = at or known(session), as_at or session.now.date()
    rows = session.scalars(
        select(Placement).where(Placement.seq <= then.seq, Placement.placed_on <= day).order_by(Placement.seq)
    ).all()
    if not rows:
        return []
    told: dict[str, list[PlacementEvent]] = {row.id: [] for row in rows}
    for event in session.scalars(
        select(PlacementEvent)
        .where(PlacementEvent.seq <= then.seq, PlacementEvent.effective_on <= day)
        .order_by(PlacementEvent.seq)
    ):
        told[event.placement_id].append(event)
    due = balances_under(session, "bank", "1150", day, then)
    found = [_shown(row, told[row.id], due.get(f"1150:{row.id}", NOTHING)) for row in rows]
    return [each for each in found if each.cost_left or not open_only]


def placement(session: ReadSession, id: str, *, as_at: date | None = None) -> PlacementView:  # noqa: A002 -- its name
    """One placement; refuses an unknown one."""
    for each in placements(session, as_at=as_at):
        if each.id == id:
            return each
    raise NoSuchPlacement(f"There is no placement {id!r:.60}: list them with `bank treasury placements`")


def placed_with(session: ReadSession) -> dict[str, Money]:
    """What is placed with each counterparty now, at cost."""
    found: dict[str, Money] = {}
    for each in placements(session, as_at=date.max, open_only=True):
        found[each.counterparty] = found.get(each.counterparty, NOTHING) + each.cost_left
    return found


def events_of(session: ReadSession, placement_id: str) -> list[PlacementEvent]:
    """What came of a placement, in the order recorded."""
    return list(
        session.scalars(
            select(PlacementEvent).where(PlacementEvent.placement_id == placement_id).order_by(PlacementEvent.number)
        )
    )


def gone(events: list[PlacementEvent]) -> list[Gone]:
    """The parts that were turned into cash."""
    return [Gone(one.effective_on, one.nominal, one.cost) for one in events if one.kind == REALISATION]


def _shown(row: Placement, events: list[PlacementEvent], due: Money) -> PlacementView:
    parts = gone(events)
    terms = Terms(
        row.sort,
        row.cost,
        row.nominal,
        row.interest_bought,
        row.rate,
        DayCount(row.day_count),
        row.placed_on,
        row.matures_on,
    )
    nominal_left, cost_left = left_of(terms, parts)
    received = Money.total(one.interest for one in events if one.kind in {INCOME, REALISATION})
    return PlacementView(
        id=row.id,
        sort=row.sort,
        title=SORTS[row.sort].title,
        counterparty=row.counterparty,
        cost=row.cost,
        nominal=row.nominal,
        interest_bought=row.interest_bought,
        rate=row.rate,
        day_count=row.day_count,
        placed_on=row.placed_on,
        matures_on=row.matures_on,
        nominal_left=nominal_left,
        cost_left=cost_left,
        earned=due + received - row.interest_bought,
        received=received,
        interest_due=due,
        gain=Money.total(one.amount - one.interest - one.cost for one in events if one.kind == REALISATION),
        accrued_to=max((one.effective_on for one in events if one.kind == ACCRUAL), default=None),
        note=row.note,
        recorded_at=row.recorded_at,
        seqs=tuple(row.seqs),
    )
