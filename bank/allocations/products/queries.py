"""Looks at a facility by its product: terms, value and what it rests on, figures, and the events of its life."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import Select, bindparam, func, select

from bank.allocations.forecasts.queries import ForecastView, in_force
from bank.allocations.life.queries import ended
from bank.allocations.many.queries import by_then_as_told, then_told
from bank.allocations.model import FacilityEvent
from bank.allocations.products.fields import Told, read
from bank.allocations.products.guarantee import PAY_CLAIM
from bank.allocations.products.model import ProductEvent, ProductTerms
from bank.allocations.products.registry import accounts_of
from bank.allocations.products.rules import Basis, against, product_of, valued
from bank.allocations.products.shape import GUARANTEED, LET_GO, Happened, Line, Product
from bank.allocations.queries import events, facility
from bank.limits.outside.queries import kept_inside
from bank.limits.outside.rules import told_outside
from ledger.dates import CALENDAR_ENDS
from ledger.money import NOTHING, Money
from ledger.queries import Known, balance_at, entry, known, net_by_deed
from ledger.store.database import ReadSession
from ledger.store.work import View

_NOTHING_HELD: Final = {"value_is": "nothing-held", "valued_on": None, "value_source": ""}


class PositionFigure(View):
    """One figure of a product, from its own accounts in the bank's book."""

    code: str
    title: str
    amount: Money


class ProductEventView(View):
    """One event of a product's life. `on` is the day it was true, `entered_on` the day its entries took effect."""

    id: str
    verb: str
    on: date
    entered_on: date
    told: dict[str, str]
    value: Money | None
    recorded_at: datetime
    actor: str
    seqs: tuple[int, ...]
    note: str


class PositionView(View):
    """A facility as its product has it.

    `carrying_amount` is what the books carry, with interest due and less what is allowed for its loss. `value` is the
    same of a loan (`amortised-cost`). Of anything else it is what `value_is` says, before either: the value told for a
    day (`told`), that value with calls and returns of capital since (`rolled`), one older than a quarter (`stale`),
    what is to come by the forecast in force (`forecast`), or cost alone (`at-cost`). Where nothing of it is out,
    nothing of it is worth anything (`nothing-held`).
    """

    facility: str
    name: str
    intermediary: str
    product: str
    product_title: str
    measurement: str
    state: str
    as_at: date
    known_at: datetime
    known_seq: int
    terms: dict[str, str]
    figures: tuple[PositionFigure, ...]
    carrying_amount: Money
    value: Money
    value_is: str
    valued_on: date | None
    value_source: str
    events: tuple[ProductEventView, ...]


class JournalLine(View):
    """One line of a facility's journal: what happened, and the account debited and the one credited in which book."""

    seq: int
    on: date
    what: str
    book: str
    debit: str
    credit: str
    amount: Money
    description: str


def position(
    session: ReadSession,
    id: str,  # noqa: A002 -- what a facility is known by
    *,
    as_at: date | None = None,
    at: Known | None = None,
    intermediary: str | None = None,
) -> PositionView:
    """One facility by its product, as at a day and as known then; refuses one that the reader may not know of."""
    then, day = at or known(session), as_at or session.now.date()
    view = facility(session, id, as_at=day, at=then, intermediary=intermediary)
    product = product_of(view.product)
    told = _events(session, id, day, then)
    inside = frozenset[str]() if intermediary is None else kept_inside(session, id, then)
    last, basis = valued([_happened(event) for event, _ in told], day)
    expected = in_force(session, id, day, then) if product.amortised else None
    value = view.figures.carrying_amount if product.lent else _carried(session, product, id, day, then)
    held = value or view.figures.outstanding
    return PositionView(
        facility=view.id,
        name=view.name,
        intermediary=view.intermediary,
        product=product.code,
        product_title=product.title,
        measurement=product.measurement if expected is None else "amortised-cost",
        state=view.state,
        as_at=day,
        known_at=then.instant,
        known_seq=then.seq,
        terms=terms_told(session, id),
        figures=tuple(_figures(session, product, id, day, then)),
        carrying_amount=view.figures.carrying_amount,
        value=value,
        **(_rests_on(product, last, basis, expected) if held else _NOTHING_HELD),
        events=tuple(_view(event, row, inside) for event, row in told),
    )


def _rests_on(product: Product, last: Happened | None, basis: Basis, expected: ForecastView | None) -> dict[str, Any]:
    """What the value rests on: a forecast, a value told for a day and its source, or cost."""
    if expected is not None:
        return {"value_is": "forecast", "valued_on": expected.from_on, "value_source": expected.basis}
    at_cost = product.measurement if product.lent else "at-cost"
    return {
        "value_is": basis if product.unrealised else at_cost,
        "valued_on": None if last is None else last.on,
        "value_source": "" if last is None else last.told.get("source", ""),
    }


def journal(
    session: ReadSession,
    id: str,  # noqa: A002 -- what a facility is known by
    *,
    as_at: date | None = None,
    at: Known | None = None,
    intermediary: str | None = None,
) -> list[JournalLine]:
    """Everything that was posted for a facility by a day, as known then, in the order of the journal."""
    then, day = at or known(session), as_at or session.now.date()
    view = facility(session, id, as_at=day, at=then, intermediary=intermediary)
    verbs = {event.id: event.verb for event, _ in _events(session, id, day, then)}
    what: dict[int, str] = {}
    for event in events(session, id, as_at=day, at=then):
        for seq in event.seqs:
            what.setdefault(seq, verbs.get(event.id, event.kind))
    return [line for seq in sorted(what) for line in _lines(session, view.intermediary, seq, what[seq])]


def _lines(session: ReadSession, partner: str, seq: int, what: str) -> list[JournalLine]:
    """An entry as lines, each one account against one other: a drawdown net of its fee credits cash, then the fee."""
    found = entry(session, seq).entry
    return [
        JournalLine(
            seq=seq,
            on=found.effective_on,
            what=what,
            book="theirs" if found.book == partner else found.book,
            debit=debit.partition(":")[0],
            credit=credit.partition(":")[0],
            amount=amount,
            description=found.description,
        )
        for debit, credit, amount in against(found.postings)
    ]


def terms_told(session: ReadSession, facility: str) -> dict[str, str]:
    """The terms that only a facility's product has, as they were told; none of a facility older than its product's."""
    row = session.get(ProductTerms, facility)
    return {} if row is None else dict(row.told)


def terms_of_all(session: ReadSession) -> dict[str, dict[str, str]]:
    """The same of every facility that has any."""
    return {row.facility_id: dict(row.told) for row in session.scalars(select(ProductTerms))}


def terms_of(session: ReadSession, facility: str, product: Product) -> Told:
    """The same, read."""
    told = terms_told(session, facility)
    return read([field for field in product.terms if field.name in told], told, product.title)


def past_of(session: ReadSession, facility: str) -> tuple[Happened, ...]:
    """Everything that has happened to a facility by its product, in the order in which it was recorded."""
    return tuple(_happened(event) for event, _ in _events(session, facility, CALENDAR_ENDS, known(session)))


def claims_paid(session: ReadSession, day: date, then: Known) -> dict[str, int]:
    """How many claims were paid under each guarantee by a day, as known then; one without any is not named."""
    return dict(session.execute(_claims_by_then(), then_told(day, then)).all())


@cache
def _claims_by_then() -> Select[str, int]:
    return (
        select(ProductEvent.facility_id, func.count())
        .join(FacilityEvent, FacilityEvent.id == ProductEvent.id)
        .where(ProductEvent.verb == PAY_CLAIM.name, *by_then_as_told())
        .group_by(ProductEvent.facility_id)
    )


def _events(session: ReadSession, facility: str, day: date, then: Known) -> list[tuple[ProductEvent, FacilityEvent]]:
    rows = session.execute(_events_by_then(), {"facility": facility, **then_told(day, then)})
    return [(event, row) for event, row in rows]


@cache
def _events_by_then() -> Select[ProductEvent, FacilityEvent]:
    return (
        select(ProductEvent, FacilityEvent)
        .join(FacilityEvent, FacilityEvent.id == ProductEvent.id)
        .where(ProductEvent.facility_id == bindparam("facility"), *by_then_as_told())
        .order_by(FacilityEvent.number)
    )


def _happened(row: ProductEvent) -> Happened:
    return Happened(row.verb, row.happened_on, row.told, row.value, row.cost, row.unrealised)


def _carried(session: ReadSession, product: Product, facility: str, day: date, then: Known) -> Money:
    roots = [root for root in (product.principal, product.unrealised, product.amortised) if root]
    return Money.total(balance_at(session, "bank", f"{root}:{facility}", day, then) for root in roots)


def _figures(session: ReadSession, product: Product, facility: str, day: date, then: Known) -> list[PositionFigure]:
    codes = [f"{root}:{facility}" for root in accounts_of(product)]
    tally: dict[tuple[str, str], Money] = defaultdict(lambda: NOTHING)
    for (account, kind), net in net_by_deed(session, "bank", codes, day, then).items():
        tally[account.partition(":")[0], kind] += net
    for each in ended(session, day, then) if product.contingent else ():
        if each.facility == facility:
            tally[GUARANTEED.rstrip(":"), LET_GO] -= each.guaranteed
    return [PositionFigure(code=line.code, title=line.title, amount=_sum(line, tally)) for line in product.figures]


def _sum(line: Line, tally: Mapping[tuple[str, str], Money]) -> Money:
    whole = Money.total(
        net for (root, kind), net in tally.items() if root in line.accounts and (not line.only or kind in line.only)
    )
    return whole if line.sign > 0 else -whole


def _view(event: ProductEvent, row: FacilityEvent, inside: frozenset[str]) -> ProductEventView:
    return ProductEventView(
        id=event.id,
        verb=event.verb,
        on=event.happened_on,
        entered_on=row.effective_on,
        told=dict(event.told),
        value=event.value,
        recorded_at=row.recorded_at,
        actor=row.actor,
        seqs=tuple(row.seqs),
        note=told_outside(row.note, inside),
    )
