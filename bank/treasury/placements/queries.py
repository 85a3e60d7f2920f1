"""Looks at placements: what each cost, stands at, has earned and paid, and how much is placed with whom."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from functools import cache

from sqlalchemy import Select, bindparam, select

from bank.treasury.placements.effective import a_year
from bank.treasury.placements.model import Placement, PlacementEvent, PlacementRebate
from bank.treasury.placements.rules import ACCRUAL, INCOME, REALISATION, SORTS, Gone, Terms, left_of
from ledger.daycounts import DayCount
from ledger.money import NOTHING, Money
from ledger.queries import Known, balances_under, known
from ledger.refusals import NotFound
from ledger.store.database import ReadSession
from ledger.store.work import View


class PlacementView(View):
    """A placement at a day, as known then: what is left of it, and what it has earned, paid and gained.

    `carried` is what it stands at in its book: its cost, with what of a premium or discount is `amortised`, less what
    is gone of it. `effective_rate` is that of the day it was made, for a year. `interest_bought` is below nothing for
    a gilt that was bought without its next coupon.
    """

    id: str
    book: str
    sort: str
    title: str
    counterparty: str
    cost: Money
    nominal: Money
    interest_bought: Money
    rate: Decimal | None
    day_count: str
    measured: str
    coupons: int
    effective_rate: Decimal | None
    placed_on: date
    matures_on: date | None
    nominal_left: Money
    carried: Money
    amortised: Money
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
        return terms_of(self)


class NoSuchPlacement(NotFound):
    """No placement of this id."""

    slug = "no-such-placement"


def placements(
    session: ReadSession,
    *,
    book: str | None = None,
    as_at: date | None = None,
    at: Known | None = None,
    open_only: bool = False,
) -> list[PlacementView]:
    """Every placement made by a day, as known then, in the order recorded; of one book, or only those still open."""
    then, day = at or known(session), as_at or session.now.date()
    cuts = {"place": then.seq, "day": day}
    rows = session.scalars(_made(of_one=book is not None), cuts if book is None else cuts | {"book": book}).all()
    if not rows:
        return []
    told: dict[str, list[PlacementEvent]] = {row.id: [] for row in rows}
    for event in session.scalars(_came(), cuts):
        if event.placement_id in told:
            told[event.placement_id].append(event)
    due = {each: balances_under(session, each, "1150", day, then) for each in {row.book for row in rows}}
    rebates = {row.placement_id: row.amount for row in session.scalars(select(PlacementRebate))}
    found = [
        _shown(row, told[row.id], due[row.book].get(f"1150:{row.id}", NOTHING), rebates.get(row.id, NOTHING))
        for row in rows
    ]
    return [each for each in found if each.nominal_left or not open_only]


@cache
def _made(*, of_one: bool) -> Select[Placement]:
    query = select(Placement).where(Placement.seq <= bindparam("place"), Placement.placed_on <= bindparam("day"))
    query = query.where(Placement.book == bindparam("book")) if of_one else query
    return query.order_by(Placement.seq)


@cache
def _came() -> Select[PlacementEvent]:
    query = select(PlacementEvent).where(PlacementEvent.seq <= bindparam("place"))
    return query.where(PlacementEvent.effective_on <= bindparam("day")).order_by(PlacementEvent.seq)


def placement(session: ReadSession, id: str, *, as_at: date | None = None) -> PlacementView:  # noqa: A002 -- its name
    """One placement; refuses an unknown one."""
    for each in placements(session, as_at=as_at):
        if each.id == id:
            return each
    raise NoSuchPlacement(f"There is no placement {id!r:.60}: list them with `bank treasury placements`")


def placed_with(session: ReadSession, book: str) -> dict[str, Money]:
    """What a book has placed with each counterparty now, as it stands there."""
    found: dict[str, Money] = {}
    for each in placements(session, book=book, as_at=date.max, open_only=True):
        found[each.counterparty] = found.get(each.counterparty, NOTHING) + each.carried
    return found


def events_of(session: ReadSession, placement_id: str) -> list[PlacementEvent]:
    """What came of a placement, in the order recorded."""
    return list(
        session.scalars(
            select(PlacementEvent).where(PlacementEvent.placement_id == placement_id).order_by(PlacementEvent.number)
        )
    )


def gone(events: Iterable[PlacementEvent]) -> list[Gone]:
    """The parts that were turned into cash."""
    return [Gone(one.effective_on, one.nominal, one.cost) for one in events if one.kind == REALISATION]


def rebated_on(session: ReadSession, placement_id: str) -> Money:
    """What was taken off its price because its next coupon did not come; nothing for most."""
    row = session.get(PlacementRebate, placement_id)
    return NOTHING if row is None else row.amount


def terms_of(told: Placement | PlacementView, rebated: Money = NOTHING) -> Terms:
    """What the rules take of a placement; of a row, with what was taken off its price."""
    return Terms(
        told.sort,
        told.cost,
        told.nominal,
        told.interest_bought - rebated,
        told.rate,
        DayCount(told.day_count),
        told.placed_on,
        told.matures_on,
        told.measured,
        told.coupons,
    )


def _shown(row: Placement, events: list[PlacementEvent], due: Money, rebated: Money) -> PlacementView:
    nominal_left, cost_left = left_of(terms_of(row), gone(events))
    bought = row.interest_bought - rebated
    amortised = Money.total(one.amortised for one in events)
    received = Money.total(one.interest for one in events if one.kind in {INCOME, REALISATION})
    return PlacementView(
        id=row.id,
        book=row.book,
        sort=row.sort,
        title=SORTS[row.sort].title,
        counterparty=row.counterparty,
        cost=row.cost,
        nominal=row.nominal,
        interest_bought=bought,
        rate=row.rate,
        day_count=row.day_count,
        measured=row.measured,
        coupons=row.coupons,
        effective_rate=None if row.effective_rate is None else a_year(row.effective_rate, row.coupons),
        placed_on=row.placed_on,
        matures_on=row.matures_on,
        nominal_left=nominal_left,
        carried=cost_left + amortised,
        amortised=amortised,
        earned=due + received - bought,
        received=received,
        interest_due=due,
        gain=Money.total(one.amount - one.interest - one.cost for one in events if one.kind == REALISATION),
        accrued_to=max((one.effective_on for one in events if one.kind == ACCRUAL), default=None),
        note=row.note,
        recorded_at=row.recorded_at,
        seqs=tuple(row.seqs),
    )
